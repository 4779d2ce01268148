//! The variables of the words. To add one: a line in [`NAMES`], and its value below; the trial of `load.rs` compares both.

use std::fmt::Write as _;
use std::sync::Arc;

use minijinja::value::{Object, Value};
use smol_str::SmolStr;

use super::finish;
use crate::account::Lang;
use crate::ledger::calendar::Day;
use crate::ledger::state::Life;

/// What a template may name.
pub(super) const NAMES: [&str; 33] = [
    "brand",               // name of the program
    "lang",                // zh or en
    "state",               // visitor, member or erased
    "unit",                // 积分, points
    "points.total",        // everything that is the person's and alive today
    "points.available",    // of it: to be spent
    "points.held",         // of it: not to be spent yet
    "points.unclaimed",    // of it: earned before joining
    "points.pay",          // of it, by group
    "points.mini_program", //
    "points.ad",           //
    "points.event",        //
    "points.wechat",       //
    "points.other",        // every group without a name of its own
    "pay.count",           // payments in the window that the program looks back on
    "pay.amount",          // yuan paid in it, less refunds
    "visits.count",        // mini-program visits in it
    "ad.count",            // ad interactions in it
    "event.count",         // events attended in it
    "wechat.count",        // what the group wechat counts in it
    "since",               // first day that the person is known
    "expires_on",          // first day whose end takes points away; empty when none
    "join_url",            // of the program
    "points_url",          // of the program
    "scene",               // of the QR code
    "store",               // shop of the event
    "follows",             // follows of the account so far
    "reward.best",         // dearest reward that the points buy; empty when none
    "reward.next",         // cheapest that they do not buy yet; empty when none
    "reward.gap",          // points missing for that
    "tier.now",            // empty when none
    "tier.next",           // empty when none
    "tier.gap",            // points missing for that
];

/// What all messages of a program share.
#[derive(Debug, Default)]
pub(in crate::ledger) struct Constants {
    pub(in crate::ledger) brand: [Value; 2],
    pub(in crate::ledger) unit: [Value; 2],
    pub(in crate::ledger) join_url: Value,
    pub(in crate::ledger) points_url: Value,
}

/// The values for one person and one event.
#[derive(Debug, Default)]
pub(in crate::ledger) struct Context {
    pub(in crate::ledger) constants: Arc<Constants>,
    pub(in crate::ledger) lang: Lang,
    pub(in crate::ledger) life: Life,
    pub(in crate::ledger) total: i64,
    pub(in crate::ledger) available: i64,
    pub(in crate::ledger) held: i64,
    pub(in crate::ledger) unclaimed: i64,
    pub(in crate::ledger) groups: Groups<i64>,
    pub(in crate::ledger) counts: Groups<i64>,
    pub(in crate::ledger) pay_fen: i64,
    pub(in crate::ledger) since: Option<Day>,
    pub(in crate::ledger) ends: Option<Day>,
    pub(in crate::ledger) scene: SmolStr,
    pub(in crate::ledger) store: SmolStr,
    pub(in crate::ledger) follows: u32,
    pub(in crate::ledger) reward: Steps,
    pub(in crate::ledger) tier: Steps,
}

/// One value for each group that the words know by name.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::ledger) struct Groups<T> {
    pub(in crate::ledger) pay: T,
    pub(in crate::ledger) mini_program: T,
    pub(in crate::ledger) ad: T,
    pub(in crate::ledger) event: T,
    pub(in crate::ledger) wechat: T,
    pub(in crate::ledger) other: T,
}

/// What is reached, what comes next, and how far that is.
#[derive(Debug, Default)]
pub(in crate::ledger) struct Steps {
    pub(in crate::ledger) now: SmolStr,
    pub(in crate::ledger) next: SmolStr,
    pub(in crate::ledger) gap: i64,
}

impl<T> Groups<T> {
    /// The value of a group.
    pub(in crate::ledger) fn of(&mut self, group: &str) -> &mut T {
        match group {
            "pay" => &mut self.pay,
            "mini_program" => &mut self.mini_program,
            "ad" => &mut self.ad,
            "event" => &mut self.event,
            "wechat" => &mut self.wechat,
            _ => &mut self.other,
        }
    }
}

impl Context {
    /// Language of the words.
    pub(super) fn lang(&self) -> Lang {
        self.lang
    }

    fn date(&self, day: Option<Day>) -> Value {
        let Some(day) = day else { return Value::from("") };
        let (year, month, date) = day.civil();
        match self.lang {
            Lang::Zh => Value::from(format!("{year}年{month}月{date}日")),
            Lang::En => Value::from(day.to_string()),
        }
    }
}

impl Object for Context {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let of_lang = |texts: &[Value; 2]| match self.lang {
            Lang::Zh => texts[0].clone(),
            Lang::En => texts[1].clone(),
        };
        let section = |section| Value::from_object(Section { context: self.clone(), section });
        Some(match key {
            "points" => section(Name::Points),
            "pay" => section(Name::Pay),
            "visits" => section(Name::Visits),
            "ad" => section(Name::Ad),
            "event" => section(Name::Event),
            "wechat" => section(Name::Wechat),
            "reward" => section(Name::Reward),
            "tier" => section(Name::Tier),
            "brand" => of_lang(&self.constants.brand),
            "unit" => of_lang(&self.constants.unit),
            "join_url" => self.constants.join_url.clone(),
            "points_url" => self.constants.points_url.clone(),
            "lang" => Value::from(crate::ledger::program::lang(self.lang)),
            "state" => Value::from(match self.life {
                Life::Visitor => "visitor",
                Life::Member => "member",
                Life::Erased => "erased",
            }),
            "since" => self.date(self.since),
            "expires_on" => self.date(self.ends),
            "scene" => Value::from(finish::quoted(&self.scene)),
            "store" => Value::from(finish::quoted(&self.store)),
            "follows" => Value::from(self.follows),
            _ => return None,
        })
    }
}

/// `points`, `pay`, ...: what stands before the dot.
#[derive(Debug)]
struct Section {
    context: Arc<Context>,
    section: Name,
}

#[derive(Clone, Copy, Debug)]
enum Name {
    Points,
    Pay,
    Visits,
    Ad,
    Event,
    Wechat,
    Reward,
    Tier,
}

impl Object for Section {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let context = &self.context;
        let counts = &context.counts;
        Some(match (self.section, key) {
            (Name::Points, "total") => context.total.into(),
            (Name::Points, "available") => context.available.into(),
            (Name::Points, "held") => context.held.into(),
            (Name::Points, "unclaimed") => context.unclaimed.into(),
            (Name::Points, "pay") => context.groups.pay.into(),
            (Name::Points, "mini_program") => context.groups.mini_program.into(),
            (Name::Points, "ad") => context.groups.ad.into(),
            (Name::Points, "event") => context.groups.event.into(),
            (Name::Points, "wechat") => context.groups.wechat.into(),
            (Name::Points, "other") => context.groups.other.into(),
            (Name::Pay, "count") => counts.pay.into(),
            (Name::Pay, "amount") => Value::from(yuan(context.pay_fen)),
            (Name::Visits, "count") => counts.mini_program.into(),
            (Name::Ad, "count") => counts.ad.into(),
            (Name::Event, "count") => counts.event.into(),
            (Name::Wechat, "count") => counts.wechat.into(),
            (Name::Reward, "best") => Value::from(&*context.reward.now),
            (Name::Reward, "next") => Value::from(&*context.reward.next),
            (Name::Reward, "gap") => context.reward.gap.into(),
            (Name::Tier, "now") => Value::from(&*context.tier.now),
            (Name::Tier, "next") => Value::from(&*context.tier.next),
            (Name::Tier, "gap") => context.tier.gap.into(),
            _ => return None,
        })
    }
}

/// `1,234` or `1,234.50`
fn yuan(fen: i64) -> String {
    let mut text = String::new();
    // Writing to a String does not fail.
    let _ = finish::grouped(fen / 100, &mut text);
    if fen % 100 != 0 {
        let _ = write!(text, ".{:02}", fen.unsigned_abs() % 100);
    }
    text
}
