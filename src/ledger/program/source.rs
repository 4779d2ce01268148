//! A TOML file and where in it something is wrong.

use std::fmt;
use std::ops::Range;

use smol_str::SmolStr;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// One thing that is wrong in `program.toml` or `messages.toml`, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {message}")]
pub struct LoadError {
    /// The file, as it was named by whoever loaded it.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong, and what to do.
    pub message: String,
}

/// Everything that is wrong, in the order of the files; at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadErrors(pub Vec<LoadError>);

impl fmt::Display for LoadErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            error.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for LoadErrors {}

/// One file while it is compiled.
#[derive(Clone, Copy, Debug)]
pub(in crate::ledger) struct Source<'a> {
    pub(in crate::ledger) file: &'a str,
    pub(in crate::ledger) text: &'a str,
}

impl<'a> Source<'a> {
    /// The file as TOML.
    pub(in crate::ledger) fn parse(self) -> Result<Table<'a>, LoadError> {
        let root = DeTable::parse(self.text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            self.error(at, format!("this is not TOML: {}", error.message()))
        })?;
        let span = root.span();
        Ok(Table { source: self, name: "the file".to_owned(), span, table: root.into_inner() })
    }

    /// An error at an octet of the file.
    pub(in crate::ledger) fn error(self, at: usize, message: impl Into<String>) -> LoadError {
        let mut at = at.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        let before = &self.text[..at];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        LoadError {
            file: self.file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            message: message.into(),
        }
    }
}

/// One table of a file.
#[derive(Debug)]
pub(in crate::ledger) struct Table<'a> {
    pub(in crate::ledger) source: Source<'a>,
    /// How messages call it: `[[rule]]`.
    name: String,
    span: Range<usize>,
    table: DeTable<'a>,
}

/// One value of a file.
#[derive(Debug)]
pub(in crate::ledger) struct Item<'a> {
    pub(in crate::ledger) source: Source<'a>,
    /// How messages call it: `points`.
    pub(in crate::ledger) name: String,
    pub(in crate::ledger) span: Range<usize>,
    value: DeValue<'a>,
}

impl<'a> Table<'a> {
    /// Refuses every key that is not known here.
    pub(in crate::ledger) fn only(&self, known: &[&str]) -> Result<(), LoadError> {
        let mut unknown: Vec<_> =
            self.table.keys().filter(|key| !known.contains(&key.get_ref().as_ref())).collect();
        unknown.sort_by_key(|key| key.span().start);
        match unknown.first() {
            None => Ok(()),
            Some(key) => Err(self.source.error(
                key.span().start,
                format!(
                    "`{}` is not a key of {}; it may have {}",
                    key.get_ref(),
                    self.name,
                    known.join(", ")
                ),
            )),
        }
    }

    /// Takes the value out.
    pub(in crate::ledger) fn take(&mut self, key: &str) -> Option<Item<'a>> {
        let value = self.table.remove(key)?;
        Some(Item::new(self.source, key.to_owned(), value))
    }

    /// Takes the value out.
    pub(in crate::ledger) fn need(&mut self, key: &str) -> Result<Item<'a>, LoadError> {
        self.take(key).ok_or_else(|| self.error(format!("{} needs `{key}`", self.name)))
    }

    /// True while it has that key.
    pub(in crate::ledger) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Where it begins.
    pub(in crate::ledger) fn start(&self) -> usize {
        self.span.start
    }

    /// Takes all tables of an array of tables out.
    pub(in crate::ledger) fn take_tables(&mut self, key: &str) -> Result<Vec<Table<'a>>, LoadError> {
        let Some(item) = self.take(key) else { return Ok(Vec::new()) };
        let (source, span) = (item.source, item.span.clone());
        let wrong = || source.error(span.start, format!("`{key}` is a list of tables: write [[{key}]]"));
        let DeValue::Array(array) = item.value else { return Err(wrong()) };
        array
            .into_iter()
            .map(|value| Item::new(source, format!("[[{key}]]"), value).table().map_err(|_| wrong()))
            .collect()
    }

    /// What is left, in the order of the file.
    pub(in crate::ledger) fn into_items(self) -> Vec<Item<'a>> {
        let source = self.source;
        let mut items: Vec<_> = self
            .table
            .into_iter()
            .map(|(key, value)| (key.span().start, Item::new(source, key.into_inner().into_owned(), value)))
            .collect();
        items.sort_by_key(|(at, _)| *at);
        items.into_iter().map(|(_, item)| item).collect()
    }

    /// An error about the whole table.
    pub(in crate::ledger) fn error(&self, message: impl Into<String>) -> LoadError {
        self.source.error(self.span.start, message)
    }
}

impl<'a> Item<'a> {
    fn new(source: Source<'a>, name: String, value: Spanned<DeValue<'a>>) -> Self {
        Self { source, name, span: value.span(), value: value.into_inner() }
    }

    /// An error about this value.
    pub(in crate::ledger) fn error(&self, message: impl Into<String>) -> LoadError {
        self.source.error(self.span.start, message)
    }

    fn expected(&self, what: &str) -> LoadError {
        self.error(format!("`{}` must be {what}, not {}", self.name, self.value.type_str()))
    }

    pub(in crate::ledger) fn text(&self) -> Result<&str, LoadError> {
        self.value.as_str().ok_or_else(|| self.expected("a text"))
    }

    /// A text that is not empty.
    pub(in crate::ledger) fn word(&self) -> Result<SmolStr, LoadError> {
        match self.text()? {
            "" => Err(self.error(format!("`{}` must not be empty", self.name))),
            text => Ok(text.into()),
        }
    }

    pub(in crate::ledger) fn is_text(&self) -> bool {
        self.value.is_str()
    }

    pub(in crate::ledger) fn is_list(&self) -> bool {
        self.value.is_array()
    }

    /// A whole number within bounds.
    pub(in crate::ledger) fn number(&self, within: std::ops::RangeInclusive<i64>) -> Result<i64, LoadError> {
        let number = self.value.as_integer().ok_or_else(|| self.expected("a whole number"))?;
        let digits = number.as_str().replace('_', "");
        i64::from_str_radix(&digits, number.radix()).ok().filter(|n| within.contains(n)).ok_or_else(|| {
            self.error(format!("`{}` must be between {} and {}", self.name, within.start(), within.end()))
        })
    }

    /// A date and time with its offset, as unix milliseconds.
    pub(in crate::ledger) fn moment(&self) -> Result<crate::clock::UnixMs, LoadError> {
        let what = "a date and time with offset, for example 2026-11-01T00:00:00+08:00";
        let datetime = self.value.as_datetime().ok_or_else(|| self.expected(what))?;
        datetime
            .to_string()
            .parse::<jiff::Timestamp>()
            .map(jiff::Timestamp::as_millisecond)
            .map_err(|_| self.expected(what))
    }

    pub(in crate::ledger) fn list(self) -> Result<Vec<Item<'a>>, LoadError> {
        let wrong = self.expected("a list");
        let DeValue::Array(array) = self.value else { return Err(wrong) };
        Ok(array.into_iter().map(|value| Item::new(self.source, self.name.clone(), value)).collect())
    }

    pub(in crate::ledger) fn table(self) -> Result<Table<'a>, LoadError> {
        let wrong = self.expected("a table");
        let DeValue::Table(table) = self.value else { return Err(wrong) };
        Ok(Table { source: self.source, name: self.name, span: self.span, table })
    }
}
