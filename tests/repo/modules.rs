//! Files that cargo does not compile: code that nobody checks looks as if it counted.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::tree;

#[test]
fn cargo_compiles_every_rust_file() {
    let mut compiled = BTreeSet::new();
    for crate_root in crate_roots() {
        follow(&crate_root, &mut compiled);
    }

    let orphans = tree::files("", ".rs")
        .into_iter()
        .filter(|file| !compiled.contains(&tree::root().join(file).canonicalize().unwrap()))
        .map(|file| file.display().to_string())
        .collect();

    tree::none(orphans, "No crate reaches these files; add a `mod` line or delete them:");
}

/// What cargo takes as the first file of a library, program, test or benchmark.
fn crate_roots() -> Vec<PathBuf> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--no-deps", "--offline"])
        .current_dir(tree::root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|package| package["targets"].as_array().unwrap())
        .map(|target| Path::new(target["src_path"].as_str().unwrap()).canonicalize().unwrap())
        .collect()
}

/// Adds `file` and every file that its `mod name;` lines, and theirs, lead to.
fn follow(file: &Path, compiled: &mut BTreeSet<PathBuf>) {
    if !compiled.insert(file.to_owned()) {
        return;
    }
    let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let folder = file.parent().unwrap();
    let mut elsewhere = None;
    for line in text.lines() {
        if let Some(path) = line.strip_prefix("#[path = \"").and_then(|rest| rest.strip_suffix("\"]")) {
            elsewhere = Some(folder.join(path));
        }
        let Some(module) = module_of_a_line(line) else { continue };
        let candidates = match elsewhere.take() {
            Some(path) => vec![path],
            None => vec![folder.join(format!("{module}.rs")), folder.join(module).join("mod.rs")],
        };
        let found = candidates.iter().find_map(|candidate| candidate.canonicalize().ok());
        // A module inside the braces of another is not followed; the house has none.
        let found = found.unwrap_or_else(|| panic!("{}: no file for `mod {module};`", file.display()));
        follow(&found, compiled);
    }
}

/// `pub(crate) mod name;` -> `name`
fn module_of_a_line(line: &str) -> Option<&str> {
    let line = line.trim().strip_suffix(';')?;
    let (visibility, name) = line.split_once("mod ")?;
    let declares = visibility.is_empty() || visibility.starts_with("pub");
    (declares && name.chars().all(|c| c.is_alphanumeric() || c == '_')).then_some(name)
}
