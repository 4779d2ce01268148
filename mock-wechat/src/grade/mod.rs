//! A receiver's examination: what WeChat does to it on good and bad days, and what attackers do.
//!
//! | file | holds |
//! |---|---|
//! | `card.rs` | the report card: a finding per check, the grade |
//! | `bench.rs` | where a receiver is examined: account, clock, HTTP, people |
//! | `letter.rs` | one push on its way, sealed as WeChat does and then spoiled as an attacker would |
//! | `trickle.rs` | a body that comes a byte at a time |
//! | `reaction.rs` | what the receiver did with it, and what to think of that |
//! | `verification.rs` | checks: the URL verification |
//! | `signatures.rs` | checks: signatures, their age, their malleability |
//! | `envelopes.rs` | checks: safe and compatible mode |
//! | `kinds.rs`, `catalogue.rs`, `kind.rs` | checks: every kind of message and event |
//! | `lesser.rs` | kinds that are pushed on request only |
//! | `rare.rs` | likewise, and hardly any account gets them |
//! | `registered.rs` | what third-party platforms are told on request |
//! | `repeats.rs` | checks: retries and duplicates |
//! | `hostile.rs` | checks: XML and JSON that was made to hurt |
//! | `crowd.rs` | checks: many at once, slow senders, time |
//!
//! To add a check: an `async fn(&Bench) -> Finding` in the file where it belongs and a line in that file's `CHECKS`.
//! A finding that is not a pass says what to do about it.

mod bench;
mod card;
pub(crate) mod catalogue;
mod crowd;
mod envelopes;
mod hostile;
pub(crate) mod kind;
mod kinds;
mod lesser;
mod letter;
mod rare;
mod reaction;
mod registered;
mod repeats;
mod signatures;
mod trickle;
mod verification;

pub use card::{Finding, Grade, Line, Mark, ReportCard};

use std::time::Instant;

use futures::future::BoxFuture;

use self::bench::Bench;
use crate::world::account::{Account, Format, Mode};

/// Why a receiver could not be examined.
#[derive(Debug, thiserror::Error)]
pub enum GradeError {
    /// The account is out of shape, or has no callback.
    #[error("{0}")]
    Account(String),
    /// Nobody answers at the callback.
    #[error("{0}")]
    Unreachable(String),
}

/// What is looked at.
struct Check {
    /// Stable, for programs: `sign.other-body`.
    id: &'static str,
    /// In a few words: what is done.
    title: &'static str,
    applies: fn(&Account) -> bool,
    run: for<'a> fn(&'a Bench) -> BoxFuture<'a, Finding>,
}

/// Examines the receiver at the account's callback, about a hundred and fifty requests. `watch` hears of every check
/// before it begins (a line without finding) and when it is done.
///
/// # Errors
/// The account is out of shape, has no callback, or nobody answers there.
pub async fn grade(account: &Account, mut watch: impl FnMut(Progress<'_>)) -> Result<ReportCard, GradeError> {
    let bench = Bench::new(account)?;
    bench.reach().await.map_err(GradeError::Unreachable)?;
    let checks: Vec<&Check> = all().filter(|check| (check.applies)(account)).collect();
    let mut lines = Vec::with_capacity(checks.len());
    for (done, check) in checks.iter().enumerate() {
        watch(Progress::Begins { title: check.title, done, of: checks.len() });
        let started = Instant::now();
        let finding = (check.run)(&bench).await;
        let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let line = Line { id: check.id, title: check.title, finding, ms };
        watch(Progress::Done(&line));
        lines.push(line);
    }
    Ok(ReportCard::new(account, lines))
}

/// How far an examination is.
#[derive(Debug)]
pub enum Progress<'a> {
    /// A check begins.
    Begins {
        /// Its title.
        title: &'static str,
        /// Checks behind it.
        done: usize,
        /// Checks in all.
        of: usize,
    },
    /// A check is done.
    Done(&'a Line),
}

/// Every check in the order of the report. The hostile ones come late: they may break what they find.
fn all() -> impl Iterator<Item = &'static Check> {
    [
        verification::CHECKS,
        kinds::CHECKS,
        repeats::CHECKS,
        signatures::CHECKS,
        envelopes::CHECKS,
        hostile::CHECKS,
        crowd::CHECKS,
    ]
    .into_iter()
    .flatten()
}

fn always(_: &Account) -> bool {
    true
}

fn in_clear(account: &Account) -> bool {
    account.mode == Mode::Plain
}

fn encrypted(account: &Account) -> bool {
    account.mode != Mode::Plain
}

fn xml(account: &Account) -> bool {
    account.format == Format::Xml
}

fn json(account: &Account) -> bool {
    account.format == Format::Json
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_check_has_a_name_of_its_own() {
        let ids: Vec<&str> = all().map(|check| check.id).collect();
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len(), "{ids:?}");
    }
}
