//! `[[welcome]]` and `[[answer]]`: who hears what. The first that matches speaks; its words are in `messages.toml`.

use smol_str::SmolStr;

use super::condition::{Audience, When};
use super::kinds;
use super::source::{LoadError, Table};
use super::terms::Reference;

/// Words for a follow.
#[derive(Debug)]
pub(super) struct Welcome {
    pub(super) when: When,
    pub(super) says: Reference,
    pub(super) at: usize,
}

/// Words for another callback that WeChat lets us answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) on: SmolStr,
    pub(super) when: When,
    pub(super) says: Reference,
    pub(super) at: usize,
}

impl Welcome {
    pub(super) fn read(mut table: Table<'_>) -> Result<Self, LoadError> {
        table.only(&["when", "message"])?;
        Ok(Self {
            at: table.start(),
            when: When::read(table.take("when"), Audience::Words)?,
            says: Reference::read(&table.need("message")?)?,
        })
    }
}

impl Answer {
    pub(super) fn read(mut table: Table<'_>) -> Result<Self, LoadError> {
        table.only(&["on", "when", "message"])?;
        let on = table.need("on")?;
        let kind = kinds::kind(&on)?;
        if *kind == *"oa.subscribe" {
            return Err(on.error("a follow is answered by [[welcome]]"));
        }
        if !kind.starts_with("oa.") || *kind == *"oa.unsubscribe" || *kind == *"oa.view" {
            return Err(
                on.error(format!("WeChat shows no reply to `{kind}`; use oa.scan, oa.click or oa.message"))
            );
        }
        Ok(Self {
            at: table.start(),
            when: When::read(table.take("when"), Audience::Words)?,
            says: Reference::read(&table.need("message")?)?,
            on: kind,
        })
    }
}
