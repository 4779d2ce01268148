//! `[[rule]]`: who earns what.

use smol_str::SmolStr;

use super::cap::{Cap, Per};
use super::condition::{Audience, When};
use super::kinds;
use super::source::{Item, LoadError, Table};

/// One way to earn.
#[derive(Debug)]
pub(in crate::ledger) struct Rule {
    pub(in crate::ledger) id: SmolStr,
    /// Touchpoint it listens on.
    pub(in crate::ledger) on: SmolStr,
    pub(in crate::ledger) when: When,
    pub(in crate::ledger) worth: Worth,
    /// Narrow before wide.
    pub(in crate::ledger) caps: Vec<Cap>,
    /// Source, as the welcome groups it.
    pub(in crate::ledger) group: SmolStr,
    /// Days that a member waits until the points can be spent.
    pub(in crate::ledger) hold: Option<i32>,
    /// Touchpoint that takes back what the same `ref` has earned.
    pub(in crate::ledger) reverse_on: Option<SmolStr>,
}

/// What one event earns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ledger) enum Worth {
    /// `points = 10`
    Fixed(i64),
    /// `per = { fen = 100, points = 1 }`, rounded down.
    Per { fen: i64, points: i64 },
}

impl Rule {
    pub(super) fn read(mut table: Table<'_>) -> Result<Self, LoadError> {
        table.only(&["id", "on", "when", "points", "per", "cap", "group", "hold", "reverse_on"])?;
        let id = name(&table.need("id")?)?;
        let on = table.need("on")?;
        let kind = kinds::kind(&on)?;
        let worth = Worth::read(&mut table)?;
        let cap_item = table.take("cap");
        let cap_at = cap_item.as_ref().map(|item| item.span.start);
        let caps = Cap::read(cap_item)?;
        let reverse_on = table.take("reverse_on");
        if let Some(reverse_on) = &reverse_on {
            let refused = |message: &str| {
                Err(reverse_on.source.error(cap_at.unwrap_or(reverse_on.span.start), message))
            };
            if kinds::kind(reverse_on)? == kind {
                return Err(reverse_on.error(format!("`{kind}` cannot both earn and reverse")));
            }
            // What a refund makes room for must not depend on which of two purchases came first.
            if caps.iter().any(|cap| cap.times.is_some() && cap.per != Per::Ref) {
                return refused(
                    "a rule with `reverse_on` cannot be capped in times, except per ref; cap it in points",
                );
            }
            if caps.iter().any(|cap| cap.per == Per::Campaign) {
                return refused(
                    "a rule with `reverse_on` cannot be capped per campaign: a refund does not name one",
                );
            }
        }
        Ok(Self {
            when: When::read(table.take("when"), Audience::Rules)?,
            group: table.take("group").map_or_else(|| Ok("other".into()), |item| name(&item))?,
            hold: table.take("hold").map(|item| days(&item)).transpose()?,
            reverse_on: reverse_on.map(|item| item.word()).transpose()?,
            id,
            on: kind,
            worth,
            caps,
        })
    }

    /// True when it says something about events of that kind.
    pub(in crate::ledger) fn listens_on(&self, kind: &str) -> bool {
        *self.on == *kind || self.reverses_on(kind)
    }

    /// True when it takes back on events of that kind.
    pub(in crate::ledger) fn reverses_on(&self, kind: &str) -> bool {
        self.reverse_on.as_deref() == Some(kind)
    }
}

impl Worth {
    fn read(table: &mut Table<'_>) -> Result<Self, LoadError> {
        match (table.take("points"), table.take("per")) {
            (Some(points), None) => points.number(1..=1_000_000_000).map(Self::Fixed),
            (None, Some(per)) => {
                let mut per = per.table()?;
                per.only(&["fen", "points"])?;
                let fen = per.need("fen")?.number(1..=1_000_000_000)?;
                let points = per.need("points")?.number(1..=1_000_000)?;
                Ok(Self::Per { fen, points })
            }
            (Some(points), Some(_)) => Err(points.error("give either `points` or `per`, not both")),
            (None, None) => {
                Err(table.error("a [[rule]] needs `points`, or `per = { fen = 100, points = 1 }`"))
            }
        }
    }
}

/// A name of ours: it becomes part of keys and verdicts.
pub(super) fn name(item: &Item<'_>) -> Result<SmolStr, LoadError> {
    let text = item.text()?;
    let plain = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_');
    if text.is_empty() || text.len() > 64 || !plain {
        return Err(item.error(format!("`{}` must have 1 to 64 of a-z, 0-9, - and _", item.name)));
    }
    Ok(text.into())
}

/// `7d`
pub(super) fn days(item: &Item<'_>) -> Result<i32, LoadError> {
    item.text()?
        .strip_suffix('d')
        .and_then(|days| days.parse().ok())
        .filter(|days| (0..=36_500).contains(days))
        .ok_or_else(|| item.error(format!("`{}` must be a number of days, for example \"30d\"", item.name)))
}
