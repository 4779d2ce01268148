//! A file from its first key to its last: accounts, people, faults.

use jiff::Timestamp;
use toml::Spanned;

use super::{
    Following, Inhabitant, Scenario, ScenarioError,
    account::Reading,
    locate::Text,
    shape::{File, Follows, Person},
};
use crate::{
    faults::Faults,
    world::{World, account::Kind},
};

/// Reads a whole file.
pub(super) fn scenario(toml: &str) -> Result<Scenario, ScenarioError> {
    let text = Text(toml);
    let file: File = toml::from_str(toml).map_err(|error| {
        let remedy = "examples/scenario.toml of mock-wechat shows every key; keys of the file are seed, clock, accounts, \
                      people and faults";
        text.error(error.span().unwrap_or_default(), error.message(), remedy)
    })?;
    // What is read is put into a world at once: some mistakes are between two accounts.
    let mut world = World::empty();
    let mut accounts = Vec::new();
    for table in &file.accounts {
        accounts.push(Reading { text, table }.account(&mut world)?);
    }
    for (furnished, table) in accounts.iter_mut().zip(&file.accounts) {
        Reading { text, table }.furnish(furnished, &world)?;
    }
    let mut people: Vec<Inhabitant> = Vec::new();
    for person in file.people {
        if person.name.get_ref().trim().is_empty() {
            return Err(text.error(
                person.name.span(),
                "a person has no name",
                "give them one: name = \"lin\"",
            ));
        }
        if people.iter().any(|other| other.name == *person.name.get_ref()) {
            let what = format!("there is a {} already", person.name.get_ref());
            return Err(text.error(person.name.span(), what, "give every person a name of their own"));
        }
        people.push(inhabitant(text, &world, person)?);
    }
    for fault in &file.faults {
        let checked = Faults::default().add(fault.get_ref().clone());
        checked
            .map_err(|error| text.error(fault.span(), error, "see the README of mock-wechat on faults"))?;
    }
    let faults = file.faults.into_iter().map(Spanned::into_inner).collect();
    Ok(Scenario { seed: file.seed, clock: clock(text, file.clock)?, accounts, people, faults })
}

fn clock(text: Text<'_>, clock: Option<Spanned<String>>) -> Result<Option<Timestamp>, ScenarioError> {
    let Some(clock) = clock else { return Ok(None) };
    let time = clock.get_ref().parse::<Timestamp>();
    let time = time.map_err(|error| {
        text.error(clock.span(), format!("clock: {error}"), "write a time such as \"2030-01-02T03:00:00Z\"")
    })?;
    Ok(Some(time))
}

fn inhabitant(text: Text<'_>, world: &World, person: Person) -> Result<Inhabitant, ScenarioError> {
    let name = person.name.into_inner();
    let mut follows = Vec::new();
    for followed in person.follows {
        let at = followed.span();
        let (account, scene) = match followed.into_inner() {
            Follows::Account(account) => (account, None),
            Follows::By(by) => (by.account, by.scene.map(|made| made.0)),
        };
        let official = world.account(&account).filter(|a| a.account.kind == Kind::OfficialAccount);
        let app_id = official.map(|a| a.account.app_id.clone()).ok_or_else(|| {
            let known = world.accounts().filter(|a| a.account.kind == Kind::OfficialAccount);
            let known: Vec<&str> = known.map(|a| a.account.name.as_str()).collect();
            let what = format!("{name} follows {account:?}, which is no Official Account of the scenario");
            let remedy = match known.as_slice() {
                [] => "describe an Official Account under [[accounts]]".to_owned(),
                known => format!("name one of: {}", known.join(", ")),
            };
            text.error(at, what, remedy)
        })?;
        follows.push(Following { app_id, scene });
    }
    Ok(Inhabitant { name, language: person.language, follows })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_told_with_their_place_and_what_to_do() {
        let tea = "[[accounts]]\nname = \"tea\"\n";
        for (toml, place, what, remedy) in [
            ("accounts = 7".to_owned(), (1, 12), "expected a sequence", "every key"),
            ("[[acounts]]\n".to_owned(), (1, 3), "acounts", "accounts"),
            ("seed = 1\nx".to_owned(), (2, 2), "", "every key"),
            ("\n[[accounts]]\nkind = \"mini_program\"".to_owned(), (2, 1), "no name", "name ="),
            (format!("{tea}calback = \"x\"\n"), (3, 1), "no key \"calback\"", "write callback"),
            (format!("{tea}colour = \"x\"\n"), (3, 1), "no key \"colour\"", "encoding_aes_key"),
            (format!("{tea}kind = \"shop\"\n"), (3, 8), "kind: unknown variant", "README"),
            (format!("{tea}mode = \"plain\"\nformat = \"yaml\"\n"), (4, 10), "yaml", "README"),
            (format!("{tea}push = {{ delivery = 1 }}\n"), (3, 8), "delivery", "README"),
            (format!("{tea}push = {{ deliveries = 0 }}\n"), (3, 8), "push.deliveries must be", "1 to 20"),
            (format!("{tea}token = \"!\"\n"), (3, 9), "tea: token must be", "3 to 32"),
            (format!("{tea}encoding_aes_key = \"short\"\n"), (3, 20), "encoding_aes_key", "43 letters"),
            (format!("{tea}{tea}app_id = \"wx00000000000000cc\"\n"), (4, 8), "already", "another name"),
            (format!("{tea}menu = [{{ name = \"a\" }}]\n"), (3, 8), "40017", "menu/create"),
            (format!("{tea}authorized = [\"tea\"]\n"), (3, 14), "no third-party platform", "component"),
            (format!("{tea}qr_codes = [-1]\n"), (3, 12), "must be a scene", "README"),
            (format!("{tea}qr_codes = [\"\"]\n"), (3, 12), "1 to 64 characters", "README"),
            (format!("{tea}qr_codes = [0]\n"), (3, 12), "from 1 to", "README"),
            (format!("{tea}{tea}"), (4, 8), "is there already", "once"),
            (
                format!("{tea}app_id = \"wx00000000000000cc\"\n{tea}app_id = \"wx00000000000000cc\"\n"),
                (6, 10),
                "wx00000000000000cc is there already",
                "of its own",
            ),
            ("[[people]]\nname = \" \"\n".to_owned(), (2, 8), "no name", "name ="),
            (
                format!("{tea}[[people]]\nname = \"mei\"\nfollows = [{{ account = \"tae\" }}]\n"),
                (5, 12),
                "mei follows \"tae\"",
                "tea",
            ),
            (
                format!("{tea}[[people]]\nname = \"mei\"\nfollows = [\"tae\"]\n"),
                (5, 12),
                "mei follows \"tae\"",
                "tea",
            ),
            (
                "[[people]]\nname = \"mei\"\n[[people]]\nname = \"mei\"\n".to_owned(),
                (4, 8),
                "a mei already",
                "own",
            ),
            ("[[people]]\nfollows = []\n".to_owned(), (1, 1), "missing field `name`", "every key"),
            ("[[faults]]\non = \"x\"\ndo = \"hang\"\n".to_owned(), (1, 1), "\"push\"", "faults"),
            ("clock = \"noon\"\n".to_owned(), (1, 9), "clock", "2030"),
        ] {
            let error = scenario(&toml).unwrap_err();
            assert_eq!((error.line, error.column), place, "{toml}\n{error}");
            assert!(error.what.contains(what) && error.remedy.contains(remedy), "{toml}\n{error}");
        }
    }
}
