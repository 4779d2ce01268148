//! docs/errors.md lists the codes of `/v1`, all of them and no others.

use std::collections::BTreeSet;

use crate::tree;

const LIST: &str = "docs/errors.md";

#[test]
fn every_code_that_the_api_answers_is_explained() {
    let explained = explained();

    let unexplained =
        literals().into_iter().filter(|code| code.contains('_') && !explained.contains(code)).collect();

    tree::none(
        unexplained,
        "src/http/v1 answers these codes (or writes what looks like one), docs/errors.md lacks them:",
    );
}

#[test]
fn every_code_that_is_explained_can_be_answered() {
    let literals = literals();

    let invented = explained().into_iter().filter(|code| !literals.contains(code)).collect();

    tree::none(invented, "docs/errors.md explains codes that src/http/v1 never answers:");
}

/// What stands in backquotes in the first two cells of a row.
fn explained() -> BTreeSet<String> {
    let text = tree::read(LIST);
    let rows = text.lines().filter(|line| line.starts_with("| "));
    let cells = rows.flat_map(|row| row.split(" | ").take(2));
    cells
        .filter_map(|cell| {
            Some(cell.trim_start_matches("| ").strip_prefix('`')?.strip_suffix('`')?.to_owned())
        })
        .collect()
}

/// The strings in the code of `/v1` that are lower-case words joined by `_`.
fn literals() -> BTreeSet<String> {
    tree::files("src/http/v1", ".rs")
        .iter()
        .flat_map(|file| {
            let text = tree::read(file);
            let code = text.lines().take_while(|line| line.trim() != "#[cfg(test)]");
            code.flat_map(|line| line.split('"').skip(1).step_by(2)).map(str::to_owned).collect::<Vec<_>>()
        })
        .filter(|literal| literal.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'))
        .collect()
}
