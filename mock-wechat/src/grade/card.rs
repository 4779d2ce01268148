//! The report card.

use serde::Serialize;

use crate::world::account::{Account, Mode};

/// What an examination found.
#[derive(Debug, Clone, Serialize)]
pub struct ReportCard {
    /// The callback.
    pub url: String,
    /// How its pushes were sealed.
    pub mode: Mode,
    /// All in one letter.
    pub grade: Grade,
    /// Checks that passed.
    pub passed: usize,
    /// Checks with a warning.
    pub warnings: usize,
    /// Checks that failed.
    pub failed: usize,
    /// Checks that could not be made.
    pub skipped: usize,
    /// Every check, in order.
    pub checks: Vec<Line>,
}

/// A letter: A all is well, B warnings alone, C one or two failures, D three to five, F more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Grade {
    /// Nothing to say.
    A,
    /// Warnings alone.
    B,
    /// One or two failures.
    C,
    /// Three to five failures.
    D,
    /// More.
    F,
}

/// One check and what it found.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    /// Stable, for programs: `sign.other-body`.
    pub id: &'static str,
    /// What was done.
    pub title: &'static str,
    /// What was found.
    #[serde(flatten)]
    pub finding: Finding,
    /// How long it took.
    pub ms: u64,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub mark: Mark,
    /// What happened, in one sentence.
    pub reason: String,
    /// What to do about it; always there for a warning or a failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mark {
    /// Well done.
    Pass,
    /// No harm yet, or not for certain.
    Warn,
    /// Somebody loses: a message, money, or the account's good name.
    Fail,
    /// It could not be looked at.
    Skip,
}

impl ReportCard {
    pub(super) fn new(account: &Account, checks: Vec<Line>) -> Self {
        let count = |mark| checks.iter().filter(|line| line.finding.mark == mark).count();
        let (warnings, failed) = (count(Mark::Warn), count(Mark::Fail));
        Self {
            url: account.callback.clone().unwrap_or_default(),
            mode: account.mode,
            grade: Grade::of(warnings, failed),
            passed: count(Mark::Pass),
            warnings,
            failed,
            skipped: count(Mark::Skip),
            checks,
        }
    }

    /// The check of that id, where it was made.
    pub fn check(&self, id: &str) -> Option<&Line> {
        self.checks.iter().find(|line| line.id == id)
    }

    /// The lines that are not a pass, one below the other, for the message of a failed assertion.
    pub fn complaints(&self) -> String {
        let complaints = self.checks.iter().filter(|line| line.finding.mark != Mark::Pass);
        complaints
            .map(|line| format!("{:?} {}: {}\n", line.finding.mark, line.id, line.finding.reason))
            .collect()
    }
}

impl Grade {
    fn of(warnings: usize, failed: usize) -> Self {
        match (failed, warnings) {
            (0, 0) => Self::A,
            (0, _) => Self::B,
            (1..=2, _) => Self::C,
            (3..=5, _) => Self::D,
            _ => Self::F,
        }
    }
}

impl Finding {
    pub(super) fn pass(reason: impl Into<String>) -> Self {
        Self { mark: Mark::Pass, reason: reason.into(), remedy: None }
    }

    pub(super) fn warn(reason: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { mark: Mark::Warn, reason: reason.into(), remedy: Some(remedy.into()) }
    }

    pub(super) fn fail(reason: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { mark: Mark::Fail, reason: reason.into(), remedy: Some(remedy.into()) }
    }

    pub(super) fn skip(reason: impl Into<String>) -> Self {
        Self { mark: Mark::Skip, reason: reason.into(), remedy: None }
    }

    pub(super) fn passed(&self) -> bool {
        self.mark == Mark::Pass
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grade_counts_failures_before_warnings() {
        for (warnings, failed, grade) in
            [(0, 0, Grade::A), (3, 0, Grade::B), (9, 1, Grade::C), (0, 5, Grade::D), (0, 6, Grade::F)]
        {
            assert_eq!(Grade::of(warnings, failed), grade);
        }
    }
}
