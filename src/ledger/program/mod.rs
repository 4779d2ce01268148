//! `program.toml` and `messages.toml`, compiled: who earns what, who hears what, in which words.
//!
//! Tables only, no expressions: a program can be read, compared and refused, and never runs anything. Whatever is not
//! known or cannot work is refused with file, line and column when it is loaded, not when somebody follows.
//!
//! - `source.rs`: a TOML file, and where in it something is wrong
//! - `terms.rs`: `[program]`
//! - `rule.rs`, `cap.rs`, `condition.rs`, `kinds.rs`: `[[rule]]`
//! - `boost.rs`: `[[boost]]`
//! - `reward.rs`: `[[reward]]`, `[[tier]]`
//! - `greeting.rs`: `[[welcome]]`, `[[answer]]`
//!
//! To add a table:
//! 1. Write `program/<name>.rs`: a struct, and `read(Table) -> Result<Self, LoadError>` that begins with `table.only`.
//! 2. Take it out of the file in [`Program::load`]; a field of [`Program`] holds it.
//! 3. Annotate it in `config/program.toml`, which is compiled in and tested.

use smol_str::SmolStr;

mod boost;
mod cap;
mod condition;
mod greeting;
mod kinds;
mod reward;
mod rule;
pub(in crate::ledger) mod source;
mod terms;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use minijinja::value::Value;
use sha2::{Digest as _, Sha256};

use self::boost::Boost;
use self::condition::When;
use self::greeting::{Answer, Welcome};
use self::source::{Source, Table};
use self::terms::Reference;
use super::calendar::Day;
use super::message::Message;
use super::state::{Balance, State, hex};
use super::words::{Constants, Line, MessageId, SharedConstants, Words};
use crate::account::Lang;
use crate::clock::UnixMs;

pub(super) use self::cap::{Cap, Per, window};
pub(super) use self::condition::{PersonSight, Sight, lang};
pub(super) use self::reward::{Reward, Tier};
pub(super) use self::rule::{Rule, Worth};
pub use self::source::{LoadError, LoadErrors};
pub(super) use self::terms::{Claim, Terms};

/// The compiled program. Immutable; a change is a new one with another [`Program::ruleset`].
#[derive(Debug)]
pub struct Program {
    ruleset: SmolStr,
    pub(super) terms: Terms,
    pub(super) rules: Vec<Rule>,
    pub(super) boosts: Vec<Boost>,
    /// Cheapest first.
    pub(super) rewards: Vec<Reward>,
    /// Lowest first.
    pub(super) tiers: Vec<Tier>,
    welcomes: Vec<(When, MessageId)>,
    answers: Vec<(SmolStr, When, MessageId)>,
    generic_welcome: Option<MessageId>,
    generic_answer: Option<MessageId>,
    words: Words,
    constants: SharedConstants,
}

impl Program {
    /// The rules that come with the gateway.
    pub const STOCK_RULES: &str = include_str!("../../../config/program.toml");
    /// The words that come with the gateway.
    pub const STOCK_MESSAGES: &str = include_str!("../../../config/messages.toml");

    /// The program that comes with the gateway.
    #[must_use]
    #[expect(clippy::expect_used, reason = "both files are compiled in, and a test loads them")]
    pub fn stock() -> Self {
        Self::load(("config/program.toml", Self::STOCK_RULES), ("config/messages.toml", Self::STOCK_MESSAGES))
            .expect("the stock program loads")
    }

    /// Compiles both files. Each is given as the name under which errors mention it, and its text.
    ///
    /// # Errors
    /// Everything that is wrong with either, each with file, line, column and what to do.
    pub fn load(program: (&str, &str), messages: (&str, &str)) -> Result<Self, LoadErrors> {
        let mut errors = Vec::new();
        let ruleset = ruleset(program.1, messages.1);
        let source = Source { file: program.0, text: program.1 };
        let parts = Parts::read(source, &mut errors);
        let words = Words::load(Source { file: messages.0, text: messages.1 }, &mut errors);

        let mut find = |says: &Reference| {
            let found = words.find(&says.message);
            if found.is_none() {
                let message = format!("there is no message `{}` in {}", says.message, messages.0);
                errors.push(source.error(says.at, message));
            }
            found
        };
        let generic_welcome = parts.terms.generic_welcome.as_ref().and_then(&mut find);
        let generic_answer = parts.terms.generic_answer.as_ref().and_then(&mut find);
        let welcomes = parts.welcomes.into_iter().filter_map(|w| Some((w.when, find(&w.says)?))).collect();
        let answers =
            parts.answers.into_iter().filter_map(|a| Some((a.on, a.when, find(&a.says)?))).collect();
        if !errors.is_empty() {
            errors.sort_by_key(|error| (error.file != program.0, error.line, error.column));
            return Err(LoadErrors(errors));
        }
        let constants = Arc::new(constants(&parts.terms));
        Ok(Self {
            ruleset,
            terms: parts.terms,
            rules: parts.rules,
            boosts: parts.boosts,
            rewards: parts.rewards,
            tiers: parts.tiers,
            welcomes,
            answers,
            generic_welcome,
            generic_answer,
            words,
            constants,
        })
    }

    /// First 8 hex digits of the hash over both files: every event names the rules that judged it.
    #[must_use]
    pub fn ruleset(&self) -> &str {
        &self.ruleset
    }

    /// What a person has at a moment (unix ms): without what has expired by then, whether or not that is booked already.
    #[must_use]
    pub fn balance<'a>(&self, state: &'a State, now: UnixMs) -> Balance<'a> {
        state.balance(self.day(now).number())
    }

    /// The local day of a moment.
    pub(super) fn day(&self, at: UnixMs) -> Day {
        self.terms.zone.day(at)
    }

    /// What the boosts multiply the points of a rule by. Where several apply, the highest does.
    pub(super) fn factor(&self, rule: &str, at: UnixMs) -> i64 {
        self.boosts.iter().map(|boost| boost.factor(rule, at)).max().unwrap_or(1)
    }

    /// The words for a follow: the first welcome that matches.
    pub(super) fn welcome(&self, sight: &Sight<'_>) -> Option<MessageId> {
        self.welcomes.iter().find(|(when, _)| when.fails(sight).is_none()).map(|(_, message)| *message)
    }

    /// The words for another callback: the first answer that matches.
    pub(super) fn answer(&self, kind: &str, sight: &Sight<'_>) -> Option<MessageId> {
        self.answers
            .iter()
            .find(|(on, when, _)| **on == *kind && when.fails(sight).is_none())
            .map(|(_, _, message)| *message)
    }

    /// True when something is configured to be said to events of that kind.
    pub(super) fn answers(&self, kind: &str) -> bool {
        self.answers.iter().any(|(on, _, _)| **on == *kind)
    }

    /// The words for a follow that name no figures.
    pub(super) fn generic_welcome(&self) -> Option<MessageId> {
        self.generic_welcome
    }

    /// The words for a question that name no figures.
    pub(super) fn generic_answer(&self) -> Option<MessageId> {
        self.generic_answer
    }

    /// What all messages share.
    pub(super) fn constants(&self) -> SharedConstants {
        self.constants.clone()
    }

    /// A message as the person reads it.
    pub(super) fn say(&self, line: Line) -> Option<Message> {
        self.words.render(line)
    }
}

impl Default for Program {
    /// [`Program::stock`].
    fn default() -> Self {
        Self::stock()
    }
}

/// What stands in `program.toml`.
#[derive(Default)]
struct Parts {
    terms: Terms,
    rules: Vec<Rule>,
    boosts: Vec<Boost>,
    rewards: Vec<Reward>,
    tiers: Vec<Tier>,
    welcomes: Vec<Welcome>,
    answers: Vec<Answer>,
}

impl Parts {
    fn read(source: Source<'_>, errors: &mut Vec<LoadError>) -> Self {
        let mut parts = Self::default();
        let mut root = match source.parse() {
            Ok(root) => root,
            Err(error) => {
                errors.push(error);
                return parts;
            }
        };
        if let Err(error) =
            root.only(&["program", "rule", "boost", "tier", "reward", "welcome", "answer", "journey"])
        {
            errors.push(error);
        }
        if let Some(journey) = root.take("journey") {
            errors.push(journey.error("[[journey]] is not supported yet; remove it"));
        }
        match root.need("program").and_then(|item| Terms::read(item.table()?)) {
            Ok(terms) => parts.terms = terms,
            Err(error) => errors.push(error),
        }
        let mut ids = BTreeSet::new();
        parts.rules = each(&mut root, "rule", errors, Rule::read);
        for rule in &parts.rules {
            unique(&mut ids, "rule", &rule.id, source, errors);
        }
        parts.boosts = each(&mut root, "boost", errors, |table| Boost::read(table, &parts.rules));
        for boost in &parts.boosts {
            unique(&mut ids, "boost", &boost.id, source, errors);
        }
        parts.rewards = each(&mut root, "reward", errors, Reward::read);
        for reward in &parts.rewards {
            unique(&mut ids, "reward", &reward.id, source, errors);
        }
        parts.tiers = each(&mut root, "tier", errors, Tier::read);
        for tier in &parts.tiers {
            unique(&mut ids, "tier", &tier.id, source, errors);
        }
        parts.rewards.sort_by_key(|reward| reward.cost);
        parts.tiers.sort_by_key(|tier| tier.earned);
        parts.welcomes = each(&mut root, "welcome", errors, Welcome::read);
        parts.answers = each(&mut root, "answer", errors, Answer::read);
        reachable(&parts, source, errors);
        parts
    }
}

fn each<'a, T>(
    root: &mut Table<'a>,
    key: &str,
    errors: &mut Vec<LoadError>,
    read: impl Fn(Table<'a>) -> Result<T, LoadError>,
) -> Vec<T> {
    let tables = root.take_tables(key).unwrap_or_else(|error| {
        errors.push(error);
        Vec::new()
    });
    let mut read_all = Vec::with_capacity(tables.len());
    for table in tables {
        match read(table) {
            Ok(one) => read_all.push(one),
            Err(error) => errors.push(error),
        }
    }
    read_all
}

fn unique(ids: &mut BTreeSet<String>, sort: &str, id: &str, source: Source<'_>, errors: &mut Vec<LoadError>) {
    if !ids.insert(format!("{sort} {id}")) {
        // The second of the two, where it is written.
        let at = source.text.match_indices(&format!("\"{id}\"")).nth(1).map_or(0, |(at, _)| at);
        errors.push(
            source.error(
                at,
                format!("there is a [[{sort}]] with id `{id}` already; ids name caps and verdicts"),
            ),
        );
    }
}

/// Refuses words that could never be spoken, because something before them always is.
fn reachable(parts: &Parts, source: Source<'_>, errors: &mut Vec<LoadError>) {
    let welcomes = &parts.welcomes;
    if let Some(always) = welcomes.iter().position(|welcome| welcome.when.is_always())
        && let Some(never) = welcomes.get(always + 1)
    {
        errors.push(
            source.error(
                never.at,
                "this [[welcome]] never speaks: the one before it has no `when`; reorder them",
            ),
        );
    }
    for (index, answer) in parts.answers.iter().enumerate() {
        if parts.answers[..index].iter().any(|before| before.on == answer.on && before.when.is_always()) {
            let message = format!(
                "this [[answer]] never speaks: one before it answers every {}; reorder them",
                answer.on
            );
            errors.push(source.error(answer.at, message));
        }
    }
}

fn constants(terms: &Terms) -> Constants {
    let both = |text: &terms::Text| [Value::from(text.of(Lang::Zh)), Value::from(text.of(Lang::En))];
    Constants {
        brand: both(&terms.name),
        unit: both(&terms.unit),
        join_url: Value::from(&*terms.join_url),
        points_url: Value::from(&*terms.points_url),
    }
}

fn ruleset(program: &str, messages: &str) -> SmolStr {
    let mut sha = Sha256::new();
    sha.update(program.len().to_be_bytes());
    sha.update(program);
    sha.update(messages);
    hex(&sha.finalize()[..4]).map(char::from).collect()
}
