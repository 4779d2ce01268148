//! Settings that documents and scripts name exist in config/default.toml, the list of all keys.

use std::collections::BTreeSet;

use crate::tree;

#[test]
fn every_setting_that_is_named_somewhere_exists() {
    let known = known_keys();
    let mut problems = Vec::new();
    let places = ["Dockerfile", "README.md", "README.zh-CN.md", "scripts/dev", "scripts/test"]
        .map(Into::into)
        .into_iter()
        .chain(tree::files("docs", ".md"));
    for place in places {
        for key in named_keys(&tree::read(&place)) {
            if !known.contains(&key) {
                problems.push(format!("{} names GATEWAY_{key}", place.display()));
            }
        }
    }

    tree::none(problems, "config/default.toml has no such key:");
}

/// `HTTP__LISTEN` of `[http] listen = ...`, commented out or not; `ACCOUNTS__*__TOKEN` of `[accounts.brand] token = ...`.
fn known_keys() -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    let mut section = String::new();
    for line in tree::read("config/default.toml").lines() {
        let line = line.trim_start_matches("# ");
        if let Some(header) = line.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            section = header.0.to_uppercase().replace('.', "__");
        } else if let Some((key, _)) = line.split_once(" = ")
            && key.chars().all(|c| c.is_ascii_lowercase() || c == '_')
        {
            let key = key.to_uppercase();
            keys.insert(anonymous(&if section.is_empty() { key } else { format!("{section}__{key}") }));
        }
    }
    keys
}

/// What follows `GATEWAY_` in the names of environment variables.
fn named_keys(text: &str) -> BTreeSet<String> {
    text.split("GATEWAY_")
        .skip(1)
        .map(|rest| {
            rest.chars().take_while(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || *c == '_').collect()
        })
        .map(|key: String| anonymous(&key))
        .filter(|key| !key.is_empty())
        .collect()
}

/// An account's or client's own name stands for any.
fn anonymous(key: &str) -> String {
    let parts: Vec<&str> = key.split("__").collect();
    match parts.as_slice() {
        ["ACCOUNTS", _, key] => format!("ACCOUNTS__*__{key}"),
        ["API", "CLIENTS", _, key] => format!("API__CLIENTS__*__{key}"),
        _ => key.to_owned(),
    }
}
