//! `[[boost]]`: a campaign that multiplies what some rules give, by when the event happened.

use smol_str::SmolStr;

use super::rule::{Rule, name};
use super::source::{LoadError, Table};
use crate::clock::UnixMs;

/// One campaign.
#[derive(Debug)]
pub(in crate::ledger) struct Boost {
    pub(super) id: SmolStr,
    rules: Vec<SmolStr>,
    times: i64,
    from: UnixMs,
    until: UnixMs,
}

impl Boost {
    pub(super) fn read(mut table: Table<'_>, known: &[Rule]) -> Result<Self, LoadError> {
        table.only(&["id", "rules", "times", "from", "until", "budget"])?;
        if let Some(budget) = table.take("budget") {
            return Err(budget.error(
                "a budget over all persons is not supported: each event is decided from one person alone; \
                 leave `budget` out and bound the boost by `until` and by the caps of its rules",
            ));
        }
        let id = name(&table.need("id")?)?;
        let mut rules = Vec::new();
        let list = table.need("rules")?;
        let empty = list.error("`rules` names no rule, so the boost could never apply");
        for item in list.list()? {
            let rule = item.word()?;
            if !known.iter().any(|known| known.id == rule) {
                return Err(item.error(format!("there is no [[rule]] with id `{rule}`")));
            }
            rules.push(rule);
        }
        if rules.is_empty() {
            return Err(empty);
        }
        let times = table.need("times")?.number(2..=1000)?;
        let from = table.need("from")?.moment()?;
        let until = table.need("until")?;
        if until.moment()? <= from {
            return Err(until.error("`until` must be later than `from`, or the boost could never apply"));
        }
        Ok(Self { id, rules, times, from, until: until.moment()? })
    }

    /// What it multiplies the points of a rule by, for an event of that time; 1 when it does not apply.
    pub(in crate::ledger) fn factor(&self, rule: &str, at: UnixMs) -> i64 {
        let applies = self.from <= at && at < self.until && self.rules.iter().any(|own| **own == *rule);
        if applies { self.times } else { 1 }
    }
}
