//! `cap = [{ per = "day", times = 3 }, { per = "year", points = 2000 }]`.
//!
//! A cap keeps what was *asked* of it, not what it let through, and lets through the part of the sum that is within the
//! limit. So its total is the same in whatever order the events arrive, and a refund gives back exactly what it made
//! room for.

use smol_str::{SmolStr, format_smolstr};

use super::source::{Item, LoadError};
use crate::ledger::calendar::Day;
use crate::ledger::command::Facts;
use crate::ledger::state::hex;

/// One limit.
#[derive(Clone, Copy, Debug)]
pub(in crate::ledger) struct Cap {
    pub(in crate::ledger) per: Per,
    pub(in crate::ledger) times: Option<u32>,
    pub(in crate::ledger) points: Option<i64>,
}

/// What a limit is counted in; the narrower first, which is the order in which an event passes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::ledger) enum Per {
    Ref,
    Campaign,
    Day,
    Year,
    Ever,
}

impl Per {
    const ALL: [(&'static str, Self); 5] = [
        ("ref", Self::Ref),
        ("campaign", Self::Campaign),
        ("day", Self::Day),
        ("year", Self::Year),
        ("ever", Self::Ever),
    ];

    /// The reason in the verdict of an event that it stopped.
    pub(in crate::ledger) fn reason(self) -> &'static str {
        match self {
            Self::Ref => "cap.ref",
            Self::Campaign => "cap.campaign",
            Self::Day => "cap.day",
            Self::Year => "cap.year",
            Self::Ever => "cap.ever",
        }
    }
}

impl Cap {
    /// Reads `cap`, a table or a list of them, and puts the narrower first.
    pub(super) fn read(item: Option<Item<'_>>) -> Result<Vec<Self>, LoadError> {
        let Some(item) = item else { return Ok(Vec::new()) };
        let items = if item.is_list() { item.list()? } else { vec![item] };
        let mut caps: Vec<Self> = Vec::new();
        for item in items {
            let mut table = item.table()?;
            table.only(&["per", "times", "points"])?;
            let per = table.need("per")?;
            let name = per.text()?;
            let Some(&(_, sort)) = Per::ALL.iter().find(|(known, _)| *known == name) else {
                return Err(per.error(format!("`per` may be ref, campaign, day, year or ever, not `{name}`")));
            };
            if caps.iter().any(|cap| cap.per == sort) {
                return Err(
                    per.error(format!("there is a cap per {name} already; give it both times and points"))
                );
            }
            let times = table.take("times").map(|item| item.number(1..=1_000_000)).transpose()?;
            let points = table.take("points").map(|item| item.number(1..=1_000_000_000)).transpose()?;
            if times.is_none() && points.is_none() {
                return Err(
                    table.error(format!("the cap per {name} limits nothing: give it `times` or `points`"))
                );
            }
            caps.push(Self { per: sort, times: times.and_then(|n| u32::try_from(n).ok()), points });
        }
        caps.sort_by_key(|cap| cap.per);
        Ok(caps)
    }

    /// Points that pass when so many were ever asked in one window.
    pub(in crate::ledger) fn passes(&self, asked: i64) -> i64 {
        self.points.map_or(asked, |limit| asked.min(limit))
    }
}

/// The name of a rule's window, as [`State::caps`](crate::ledger::State::caps) has it. Events without a `ref` or a
/// `campaign` share one window.
pub(in crate::ledger) fn window(rule: &str, per: Per, day: Day, facts: &Facts) -> SmolStr {
    match per {
        Per::Ever => format_smolstr!("{rule}|ever"),
        Per::Year => format_smolstr!("{rule}|y{}", day.year()),
        Per::Day => format_smolstr!("{rule}|d{}", day.number()),
        Per::Campaign => format_smolstr!("{rule}|c:{}", token(facts.campaign.as_deref().unwrap_or("-"))),
        Per::Ref => format_smolstr!("{rule}|r:{}", token(facts.reference.as_deref().unwrap_or("-"))),
    }
}

/// A name as it is where that is short and plain, else its digest: a state stays small whatever the brand sends.
fn token(name: &str) -> SmolStr {
    if name.len() <= 24 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)) {
        return name.into();
    }
    use sha2::Digest as _;
    let digest = sha2::Sha256::digest(name.as_bytes());
    std::iter::once('#').chain(hex(&digest[..8]).map(char::from)).collect()
}
