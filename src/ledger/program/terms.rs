//! `[program]`: what holds for everybody.

use smol_str::SmolStr;

use super::rule::days;
use super::source::{Item, LoadError, Table};
use crate::account::Lang;
use crate::clock::{DAY, UnixMs};
use crate::ledger::calendar::{Lifetime, Zone};

/// The terms of the program.
#[derive(Debug)]
pub(in crate::ledger) struct Terms {
    pub(in crate::ledger) name: Text,
    pub(in crate::ledger) unit: Text,
    pub(in crate::ledger) zone: Zone,
    pub(in crate::ledger) claim: Claim,
    /// Of a visitor's points; `None` for ever.
    pub(in crate::ledger) unclaimed_ttl: Option<Lifetime>,
    /// Of a member's points; `None` for ever.
    pub(in crate::ledger) member_ttl: Option<Lifetime>,
    /// Days that the counts of the words look back.
    pub(in crate::ledger) look_back: i32,
    /// How long a visitor who left and is known by nothing else keeps their points.
    pub(in crate::ledger) grace: UnixMs,
    pub(in crate::ledger) join_url: SmolStr,
    pub(in crate::ledger) points_url: SmolStr,
    /// Words for a follow that must not or cannot name figures.
    pub(super) generic_welcome: Option<Reference>,
    /// Words for a question that must not or cannot be answered with figures.
    pub(super) generic_answer: Option<Reference>,
}

/// The name of a message, and where it stands.
#[derive(Debug)]
pub(super) struct Reference {
    pub(super) message: SmolStr,
    pub(super) at: usize,
}

/// What becomes of a visitor's points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ledger) enum Claim {
    /// They wait, unclaimed, until the visitor joins.
    OnJoin,
    /// They can be spent at once.
    Immediate,
    /// Visitors earn nothing.
    Never,
}

/// A text in both languages.
#[derive(Clone, Debug, Default)]
pub(in crate::ledger) struct Text {
    zh: SmolStr,
    en: SmolStr,
}

impl Text {
    pub(in crate::ledger) fn of(&self, lang: Lang) -> &str {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }

    /// `"积分"`, or `{ zh = "积分", en = "points" }`.
    pub(super) fn read(item: Item<'_>) -> Result<Self, LoadError> {
        if item.is_text() {
            let text = item.word()?;
            return Ok(Self { zh: text.clone(), en: text });
        }
        let mut table = item.table()?;
        table.only(&["zh", "en"])?;
        Self::of_table(&mut table)
    }

    /// The same in both.
    pub(super) fn plain(text: &str) -> Self {
        Self { zh: text.into(), en: text.into() }
    }

    /// The `zh` and `en` of a table; `en` may be left out.
    pub(super) fn of_table(table: &mut Table<'_>) -> Result<Self, LoadError> {
        let zh = table.need("zh")?.word()?;
        let en = table.take("en").map(|item| item.word()).transpose()?;
        Ok(Self { en: en.unwrap_or_else(|| zh.clone()), zh })
    }
}

impl Terms {
    pub(super) fn read(mut table: Table<'_>) -> Result<Self, LoadError> {
        table.only(&[
            "name",
            "unit",
            "timezone",
            "claim",
            "unclaimed_ttl",
            "member_ttl",
            "look_back",
            "grace",
            "join_url",
            "points_url",
            "generic_welcome",
            "generic_answer",
        ])?;
        let terms = Self::default();
        Ok(Self {
            name: table.need("name").and_then(Text::read)?,
            unit: table.take("unit").map(Text::read).transpose()?.unwrap_or(terms.unit),
            zone: table.take("timezone").map(|item| zone(&item)).transpose()?.unwrap_or(terms.zone),
            claim: table.take("claim").map(|item| claim(&item)).transpose()?.unwrap_or(terms.claim),
            unclaimed_ttl: table.take("unclaimed_ttl").map(|item| lifetime(&item)).transpose()?.flatten(),
            member_ttl: table.take("member_ttl").map(|item| lifetime(&item)).transpose()?.flatten(),
            look_back: table
                .take("look_back")
                .map(|item| look_back(&item))
                .transpose()?
                .unwrap_or(terms.look_back),
            grace: table
                .take("grace")
                .map(|item| days(&item).map(|days| i64::from(days) * DAY))
                .transpose()?
                .unwrap_or(terms.grace),
            join_url: table.take("join_url").map(|item| url(&item)).transpose()?.unwrap_or_default(),
            points_url: table.take("points_url").map(|item| url(&item)).transpose()?.unwrap_or_default(),
            generic_welcome: table.take("generic_welcome").map(|item| Reference::read(&item)).transpose()?,
            generic_answer: table.take("generic_answer").map(|item| Reference::read(&item)).transpose()?,
        })
    }
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            name: Text::default(),
            unit: Text { zh: "积分".into(), en: "points".into() },
            zone: Zone::default(),
            claim: Claim::OnJoin,
            unclaimed_ttl: None,
            member_ttl: None,
            look_back: 365,
            grace: 30 * DAY,
            join_url: SmolStr::default(),
            points_url: SmolStr::default(),
            generic_welcome: None,
            generic_answer: None,
        }
    }
}

impl Reference {
    pub(super) fn read(item: &Item<'_>) -> Result<Self, LoadError> {
        Ok(Self { message: item.word()?, at: item.span.start })
    }
}

fn zone(item: &Item<'_>) -> Result<Zone, LoadError> {
    let name = item.text()?;
    Zone::parse(name).ok_or_else(|| {
        item.error(format!(
            "`{name}` is no time zone that this machine knows; use an IANA name such as Asia/Shanghai, or install tzdata"
        ))
    })
}

fn claim(item: &Item<'_>) -> Result<Claim, LoadError> {
    match item.text()? {
        "on_join" => Ok(Claim::OnJoin),
        "immediate" => Ok(Claim::Immediate),
        "never" => Ok(Claim::Never),
        other => Err(item.error(format!("`claim` may be on_join, immediate or never, not `{other}`"))),
    }
}

/// `365d`, `24M`, `24M_U`; `never` for no end.
fn lifetime(item: &Item<'_>) -> Result<Option<Lifetime>, LoadError> {
    let text = item.text()?;
    if text == "never" {
        return Ok(None);
    }
    let months = |text: &str, to_end| {
        let months = text.strip_suffix('M')?.parse().ok().filter(|n| (1..=1200).contains(n))?;
        Some(Lifetime::Months { months, to_end })
    };
    let days =
        || text.strip_suffix('d')?.parse().ok().filter(|n| (1..=36_500).contains(n)).map(Lifetime::Days);
    let life = match text.strip_suffix("_U") {
        Some(text) => months(text, true),
        None => months(text, false).or_else(days),
    };
    life.map(Some).ok_or_else(|| {
        item.error(format!(
            "`{}` must be a time such as \"365d\", \"24M\", \"24M_U\" (to the end of the month), or \"never\"",
            item.name
        ))
    })
}

fn look_back(item: &Item<'_>) -> Result<i32, LoadError> {
    let days = days(item)?;
    if (1..=365).contains(&days) {
        return Ok(days);
    }
    Err(item.error("`look_back` must be between \"1d\" and \"365d\": counts are kept for thirteen months"))
}

fn url(item: &Item<'_>) -> Result<SmolStr, LoadError> {
    let url = item.text()?;
    let plain = url.bytes().all(|b| b.is_ascii_graphic() && !b"\"'<>\\^`{|}".contains(&b));
    if plain && (url.starts_with("https://") || url.starts_with("http://")) && url.len() <= 512 {
        return Ok(url.into());
    }
    Err(item.error(format!("`{}` must be an http(s) address without spaces and quotes", item.name)))
}
