//! The rooms of the house: what stands at the top, which room may name which library, how long a file may be.

use std::path::Path;

use crate::tree;

/// The top level; files whose names start with a dot may join it.
const TOP: [&str; 17] = [
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "Dockerfile",
    "LICENSE",
    "README.md",
    "README.zh-CN.md",
    "benches",
    "clippy.toml",
    "config",
    "deny.toml",
    "docs",
    "fuzz",
    "mock-wechat",
    "rustfmt.toml",
    "scripts",
    "src",
];

/// What a library's paths begin with, and the only places of the gateway that may name it.
const ROOMS: [(&str, &[&str]); 9] = [
    ("actix_web::", &["src/http/", "src/app.rs", "src/main.rs"]),
    ("deadpool_redis::", &["src/session/redis"]),
    ("deadpool::", &["src/session/redis"]),
    ("rustls_native_certs::", &["src/tls"]),
    ("rusqlite::", &["src/store/sqlite"]),
    ("tokio_postgres::", &["src/store/postgres"]),
    ("deadpool_postgres::", &["src/store/postgres"]),
    ("reqwest::", &["src/platform/client"]),
    ("std::env::", &["src/config"]),
];

const LONGEST_FILE: usize = 400;

#[test]
fn the_top_level_is_the_one_of_the_design() {
    let strangers = std::fs::read_dir(tree::root())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with('.') && !TOP.contains(&name.as_str()))
        .filter(|name| name != "tests" && name != "target" && !name.contains(".db"))
        .collect();

    tree::none(strangers, "These do not belong at the top level:");
}

#[test]
fn a_library_is_named_only_in_its_room() {
    let mut problems = Vec::new();
    for file in tree::files("src", ".rs") {
        let name = file.to_string_lossy().into_owned();
        let text = tree::read(&file);
        for (library, rooms) in ROOMS {
            let at_home = rooms.iter().any(|room| name.starts_with(room));
            let named = code(&text).any(|line| line.contains(library));
            if named && !at_home {
                problems.push(format!("{name} names {library}, which belongs to {}", rooms.join(" and ")));
            }
        }
    }

    tree::none(problems, "A library outside its room:");
}

#[test]
fn the_mock_and_the_gateway_share_no_code() {
    let strays = tree::files("mock-wechat", ".rs")
        .into_iter()
        .filter(|file| code(&tree::read(file)).any(|line| line.contains("wechat_gateway")))
        .map(|file| file.display().to_string())
        .collect();

    tree::none(strays, "mock-wechat names the gateway in:");
}

#[test]
fn no_file_is_too_long_before_its_tests() {
    let giants = ["src", "mock-wechat/src"]
        .into_iter()
        .flat_map(|folder| tree::files(folder, ".rs"))
        .filter(|file| {
            !file.ends_with("tests.rs") && !file.components().any(|part| part.as_os_str() == "tests")
        })
        .map(|file| (lines_before_tests(&file), file))
        .filter(|(lines, _)| *lines > LONGEST_FILE)
        .map(|(lines, file)| format!("{lines} {}", file.display()))
        .collect();

    tree::none(giants, "More than 400 lines before the tests; is it one thing?");
}

fn lines_before_tests(file: &Path) -> usize {
    tree::read(file).lines().take_while(|line| line.trim() != "#[cfg(test)]").count()
}

/// The lines that are neither comments nor documentation.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.trim_start().starts_with("//"))
}
