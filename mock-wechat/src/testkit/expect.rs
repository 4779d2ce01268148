//! How often an API is called: said at the beginning of a test, verified at its end.

use std::sync::Arc;

use super::mock::MockWechat;
use crate::journal::CallRecord;

/// An expectation that lacks its number.
#[must_use = "say how often: .exactly(1), .at_least(1), .at_most(1) or .never()"]
#[derive(Debug)]
pub struct Expectation<'a> {
    mock: &'a MockWechat,
    path: String,
}

#[derive(Debug)]
pub(super) struct Counts {
    path: String,
    least: usize,
    most: usize,
}

impl<'a> Expectation<'a> {
    pub(super) fn new(mock: &'a MockWechat, path: &str) -> Self {
        Self { mock, path: path.to_owned() }
    }

    /// That many times.
    pub fn exactly(self, times: usize) {
        self.between(times, times);
    }

    /// That many times or more.
    pub fn at_least(self, times: usize) {
        self.between(times, usize::MAX);
    }

    /// That many times or fewer.
    pub fn at_most(self, times: usize) {
        self.between(0, times);
    }

    /// Not at all.
    pub fn never(self) {
        self.between(0, 0);
    }

    fn between(self, least: usize, most: usize) {
        self.mock.expect(Counts { path: self.path, least, most });
    }
}

impl Counts {
    /// What is wrong with these calls, if anything.
    pub(super) fn failure(&self, calls: &[Arc<CallRecord>]) -> Option<String> {
        let count = calls.iter().filter(|call| call.path == self.path).count();
        if (self.least..=self.most).contains(&count) {
            return None;
        }
        let expected = match (self.least, self.most) {
            (0, 0) => "no call".to_owned(),
            (least, most) if least == most => format!("exactly {least} call(s)"),
            (least, usize::MAX) => format!("at least {least} call(s)"),
            (_, most) => format!("at most {most} call(s)"),
        };
        Some(format!("expected {expected} to {}, there were {count}", self.path))
    }
}
