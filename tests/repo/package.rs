//! What `cargo package` makes of mock-wechat: whatever it needs to be built, read and tried, and nothing else.

use std::process::Command;

use crate::local_world::said_by;
use crate::tree;

/// The files of the package, by their path in it.
fn packaged() -> Vec<String> {
    let command = ["package", "--package", "mock-wechat", "--list", "--allow-dirty", "--offline"];
    let output = Command::new(env!("CARGO")).args(command).current_dir(tree::root()).output().unwrap();
    said_by(&output, "cargo package --list").lines().map(str::to_owned).collect()
}

#[test]
fn the_package_has_what_its_page_and_its_build_need() {
    let packaged = packaged();

    let mut needed: Vec<String> = ["README.md", "LICENSE", "Cargo.toml"].map(str::to_owned).into();
    for folder in ["mock-wechat/src", "mock-wechat/examples"] {
        let files = tree::files(folder, "").into_iter().filter(|file| !is_junk(&file.to_string_lossy()));
        needed.extend(files.map(|file| file.strip_prefix("mock-wechat").unwrap().display().to_string()));
    }
    let missing = needed.into_iter().filter(|file| !packaged.contains(file)).collect();
    tree::none(missing, "Missing in the package of mock-wechat:");
}

#[test]
fn the_package_holds_no_junk() {
    let known =
        ["Cargo.lock", "Cargo.toml", "Cargo.toml.orig", ".cargo_vcs_info.json", "LICENSE", "README.md"];
    let strangers = packaged()
        .into_iter()
        .filter(|file| !known.contains(&file.as_str()))
        .filter(|file| !file.starts_with("src/") && !file.starts_with("examples/") || is_junk(file))
        .collect();

    tree::none(strangers, "These do not belong in the package of mock-wechat:");
}

/// What running the examples leaves behind.
fn is_junk(file: &str) -> bool {
    ["node_modules/", "__pycache__/", ".pytest_cache/"].iter().any(|junk| file.contains(junk))
}
