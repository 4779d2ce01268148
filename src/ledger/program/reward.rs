//! `[[reward]]` and `[[tier]]`: what lets the words say what points are worth and how far the next step is.

use smol_str::SmolStr;

use super::rule::{days, name};
use super::source::{LoadError, Table};
use super::terms::Text;

/// Something that points buy.
#[derive(Debug)]
pub(in crate::ledger) struct Reward {
    pub(super) id: SmolStr,
    pub(in crate::ledger) cost: i64,
    pub(in crate::ledger) text: Text,
}

/// A rank for what was earned lately.
#[derive(Debug)]
pub(in crate::ledger) struct Tier {
    pub(super) id: SmolStr,
    pub(in crate::ledger) earned: i64,
    /// Days.
    pub(in crate::ledger) within: i32,
    pub(in crate::ledger) text: Text,
}

impl Reward {
    pub(super) fn read(mut table: Table<'_>) -> Result<Self, LoadError> {
        table.only(&["id", "cost", "zh", "en"])?;
        Ok(Self {
            id: name(&table.need("id")?)?,
            cost: table.need("cost")?.number(1..=1_000_000_000)?,
            text: Text::of_table(&mut table)?,
        })
    }
}

impl Tier {
    pub(super) fn read(mut table: Table<'_>) -> Result<Self, LoadError> {
        table.only(&["id", "earned", "within", "zh", "en"])?;
        let id = table.need("id")?;
        let within = table.need("within")?;
        let days = days(&within)?;
        if !(1..=365).contains(&days) {
            return Err(within
                .error("`within` must be between \"1d\" and \"365d\": counts are kept for thirteen months"));
        }
        Ok(Self {
            earned: table.need("earned")?.number(1..=1_000_000_000)?,
            within: days,
            text: if table.has("zh") { Text::of_table(&mut table)? } else { Text::plain(&name(&id)?) },
            id: name(&id)?,
        })
    }
}
