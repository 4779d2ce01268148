//! Where a scenario is wrong, what is wrong, and what to do.

use std::ops::Range;

/// Why a scenario cannot be. Its text begins with line and column, so that the file's name can stand before it:
///
/// ```text
/// 7:1: account tea has no key "calback"
///   calback = "http://127.0.0.1:8080/wechat/tea"
///   do: write callback
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {what}\n  {source_line}\n  do: {remedy}")]
pub struct ScenarioError {
    /// Counted from 1.
    pub line: usize,
    /// In characters, counted from 1.
    pub column: usize,
    /// What is wrong, in one sentence.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
    /// The line as it is in the file.
    pub source_line: String,
}

/// A file's text, to tell places in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text<'a>(pub(super) &'a str);

impl Text<'_> {
    /// An error at a place.
    pub(super) fn error(
        self,
        at: Range<usize>,
        what: impl ToString,
        remedy: impl Into<String>,
    ) -> ScenarioError {
        // The end of the file is on its last line that says something.
        let start = at.start.min(self.0.trim_end().len());
        let before = self.0.get(..start).unwrap_or(self.0);
        let begins = before.rfind('\n').map_or(0, |newline| newline + 1);
        ScenarioError {
            line: before.matches('\n').count() + 1,
            column: before[begins..].chars().count() + 1,
            what: what.to_string().trim_end().to_owned(),
            remedy: remedy.into(),
            source_line: self.0[begins..].lines().next().unwrap_or_default().trim_end().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_in_lines_and_characters() {
        let text = Text("a = 1\n名 = \"x\" # y\r\n\n");

        let error = text.error(10..13, "wrong", "write it right");

        assert_eq!((error.line, error.column), (2, 3));
        assert_eq!(error.to_string(), "2:3: wrong\n  名 = \"x\" # y\n  do: write it right");
        assert_eq!(text.error(999..999, "", "").line, 2, "the end is on the last line that says something");
    }
}
