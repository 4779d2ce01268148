//! CHANGELOG.md and the version.

use crate::tree;

#[test]
fn the_version_has_a_heading_in_the_changelog() {
    let heading = format!("## [{}]", env!("CARGO_PKG_VERSION"));

    let found = tree::read("CHANGELOG.md").lines().any(|line| line.starts_with(&heading));

    assert!(found, "CHANGELOG.md has no line that starts with {heading}");
}

#[test]
fn both_packages_take_their_version_from_the_workspace() {
    for manifest in ["Cargo.toml", "mock-wechat/Cargo.toml"] {
        let parsed: toml::Table = tree::read(manifest).parse().unwrap();

        assert_eq!(parsed["package"]["version"]["workspace"].as_bool(), Some(true), "{manifest}");
    }
}
