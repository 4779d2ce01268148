//! One fixture for every kind in both formats, and what is read of it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::super::kind::Kind;
use super::{Event, brand, parse, shop};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/event")
}

/// Names of all fixtures, without their endings.
fn names() -> BTreeSet<String> {
    let name = |path: PathBuf| Some(path.file_stem()?.to_str()?.to_owned());
    fs::read_dir(folder()).unwrap().filter_map(|entry| name(entry.unwrap().path())).collect()
}

/// A fixture's body, read by the account that it is addressed to.
fn fixture(name: &str, ending: &str) -> Event {
    let path = folder().join(format!("{name}.{ending}"));
    let body = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let account = if body.contains("gh_0000000000bb") { shop() } else { brand() };
    parse(body.as_bytes(), account, 1_760_000_000_123)
        .unwrap_or_else(|error| panic!("{name}.{ending}: {error}"))
}

/// What is kept next to a fixture as `.txt`.
fn summary(event: &Event) -> String {
    let mut facts = serde_json::to_value(event.facts()).unwrap();
    for constant in ["app_id", "basis", "lang"] {
        facts.as_object_mut().unwrap().remove(constant);
    }
    format!(
        "{} {} about {:?}\n{:#?}\n{:?}, facts {facts}\n{}, then {}\n",
        event.kind.label(),
        event.touchpoint(),
        event.open_id.as_ref().map(crate::ids::OpenId::as_str),
        event.kind,
        event.action(),
        if event.expects_reply() { "may be answered" } else { "cannot be answered" },
        event.acknowledgement().split('<').next().filter(|word| !word.is_empty()).unwrap_or("ErrCode"),
    )
}

#[test]
fn every_fixture_is_read_as_written_down_next_to_it() {
    let mut different = String::new();
    for name in names() {
        let event = fixture(&name, "xml");
        assert!(!matches!(event.kind, Kind::Unknown(_)), "{name} is no known kind");
        let (read, path) = (summary(&event), folder().join(format!("{name}.txt")));
        if fs::read_to_string(&path).unwrap_or_default() != read {
            different += &format!("==> {} <==\n{read}", path.display());
        }
    }
    assert!(different.is_empty(), "these were read otherwise than written down:\n{different}==> end <==");
}

#[test]
fn json_says_the_same_as_xml() {
    for name in names() {
        let (xml, json) = (fixture(&name, "xml"), fixture(&name, "json"));
        assert_eq!(json.kind, xml.kind, "{name}");
        assert_eq!((json.open_id, json.occurred_at), (xml.open_id, xml.occurred_at), "{name}");
    }
}

#[test]
fn every_kind_has_a_fixture() {
    let found: BTreeSet<&str> = names().iter().map(|name| fixture(name, "xml").kind.label()).collect();
    let known: BTreeSet<&str> = Kind::LABELS.iter().copied().collect();

    assert_eq!(found, known);
}
