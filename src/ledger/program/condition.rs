//! `when = { source = "moments", campaign = ["summer-*"], amount_fen = ">=5000" }`: equals, lists, `*`, and bounds.
//!
//! To add something to look at: a line in [`Field`]'s table, and its value in [`Field::of`].

use smol_str::SmolStr;

use super::source::{Item, LoadError};
use crate::account::Lang;
use crate::ledger::command::Facts;
use crate::ledger::state::{Balance, Life};

/// What conditions look at.
#[derive(Clone, Copy, Debug)]
pub(in crate::ledger) struct Sight<'a> {
    pub(in crate::ledger) facts: &'a Facts,
    /// What only welcomes and answers can see.
    pub(in crate::ledger) person: Option<PersonSight<'a>>,
}

/// The person, as the event leaves them.
#[derive(Clone, Copy, Debug)]
pub(in crate::ledger) struct PersonSight<'a> {
    pub(in crate::ledger) life: Life,
    pub(in crate::ledger) lang: Lang,
    pub(in crate::ledger) balance: &'a Balance<'a>,
    /// Follows of this account so far, this one included.
    pub(in crate::ledger) follows: u32,
}

/// All of these must hold; in the order of the file.
#[derive(Debug, Default)]
pub(in crate::ledger) struct When(Vec<Clause>);

#[derive(Debug)]
struct Clause {
    field: Field,
    /// `when.source`, for verdicts.
    reason: SmolStr,
    any_of: Vec<Test>,
}

#[derive(Debug, PartialEq, Eq)]
enum Test {
    Is(SmolStr),
    Equals(i64),
    /// Parts between the `*`; the first is a prefix, the last a suffix.
    Glob(Vec<SmolStr>),
    AtLeast(i64),
    AtMost(i64),
}

/// Who may look at a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ledger) enum Audience {
    /// `[[rule]]`: only what the event says.
    Rules,
    /// `[[welcome]]` and `[[answer]]`: also the person.
    Words,
}

macro_rules! fields {
    ($($variant:ident $name:literal $sort:ident $audience:ident;)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        enum Field { $($variant),* }

        impl Field {
            const ALL: &[(Self, &str, Sort, Audience)] =
                &[$((Self::$variant, $name, Sort::$sort, Audience::$audience)),*];
        }
    };
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Text,
    Number,
}

fields! {
    Source "source" Text Rules;
    Campaign "campaign" Text Rules;
    Store "store" Text Rules;
    Staff "staff" Text Rules;
    Reference "ref" Text Rules;
    Scene "scene" Text Rules;
    Key "key" Text Rules;
    Basis "basis" Text Rules;
    AppId "app_id" Text Rules;
    Amount "amount_fen" Number Rules;
    State "state" Text Words;
    Language "lang" Text Words;
    Consent "consent" Text Words;
    Total "total" Number Words;
    Unclaimed "unclaimed" Number Words;
    Available "available" Number Words;
    Held "held" Number Words;
    Follows "follows" Number Words;
}

enum Seen<'a> {
    Text(&'a str),
    Number(i64),
    Nothing,
}

impl When {
    /// Reads `when`; absent means always.
    pub(super) fn read(item: Option<Item<'_>>, audience: Audience) -> Result<Self, LoadError> {
        let Some(item) = item else { return Ok(Self::default()) };
        item.table()?
            .into_items()
            .into_iter()
            .map(|item| Clause::read(item, audience))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// The first condition that does not hold, as `when.<field>`.
    pub(in crate::ledger) fn fails(&self, sight: &Sight<'_>) -> Option<&str> {
        self.0.iter().find(|clause| !clause.holds(sight)).map(|clause| &*clause.reason)
    }

    /// True when there is nothing that could fail.
    pub(super) fn is_always(&self) -> bool {
        self.0.is_empty()
    }
}

impl Clause {
    fn read(item: Item<'_>, audience: Audience) -> Result<Self, LoadError> {
        let allowed = |of: Audience| of == Audience::Rules || audience == Audience::Words;
        let Some(&(field, name, sort, _)) =
            Field::ALL.iter().find(|(_, name, _, of)| *name == item.name && allowed(*of))
        else {
            let known: Vec<_> =
                Field::ALL.iter().filter(|(.., of)| allowed(*of)).map(|(_, name, ..)| *name).collect();
            return Err(item.error(format!(
                "`{}` is nothing that a condition here can look at; it may be {}",
                item.name,
                known.join(", ")
            )));
        };
        let any_of = if item.is_list() {
            let empty = item.error(format!("`{name}` lists nothing, so it could never hold"));
            let tests = item
                .list()?
                .iter()
                .map(|item| Test::read(item, field, sort))
                .collect::<Result<Vec<_>, _>>()?;
            if tests.is_empty() {
                return Err(empty);
            }
            tests
        } else {
            vec![Test::read(&item, field, sort)?]
        };
        Ok(Self { field, reason: format!("when.{name}").into(), any_of })
    }

    fn holds(&self, sight: &Sight<'_>) -> bool {
        let seen = self.field.of(sight);
        self.any_of.iter().any(|test| test.holds(&seen))
    }
}

impl Test {
    fn read(item: &Item<'_>, field: Field, sort: Sort) -> Result<Self, LoadError> {
        match sort {
            Sort::Number if item.is_text() => Self::bound(item),
            Sort::Number => item.number(i64::MIN..=i64::MAX).map(Self::Equals),
            Sort::Text => {
                let text = item.word()?;
                if text.starts_with(['<', '>']) {
                    return Err(item.error(format!("`{}` is a text: bounds are for numbers", item.name)));
                }
                let values = match field {
                    Field::State => &["visitor", "member", "erased"][..],
                    Field::Language => &["zh", "en"],
                    Field::Consent => &["welcome"],
                    _ => &[],
                };
                if !values.is_empty() && !values.contains(&&*text) {
                    return Err(item.error(format!("`{}` may be {}", item.name, values.join(", "))));
                }
                if text.contains('*') {
                    return Ok(Self::Glob(text.split('*').map(Into::into).collect()));
                }
                Ok(Self::Is(text))
            }
        }
    }

    fn bound(item: &Item<'_>) -> Result<Self, LoadError> {
        let text = item.text()?;
        let number = |rest: &str| {
            rest.trim().parse::<i64>().map_err(|_| {
                item.error(format!(
                    "`{}` must be a number, or a bound such as \">=100\", \"<=100\", \">0\"",
                    item.name
                ))
            })
        };
        if let Some(rest) = text.strip_prefix(">=") {
            number(rest).map(Self::AtLeast)
        } else if let Some(rest) = text.strip_prefix("<=") {
            number(rest).map(Self::AtMost)
        } else if let Some(rest) = text.strip_prefix('>') {
            number(rest).map(|n| Self::AtLeast(n.saturating_add(1)))
        } else if let Some(rest) = text.strip_prefix('<') {
            number(rest).map(|n| Self::AtMost(n.saturating_sub(1)))
        } else {
            number(text).map(Self::Equals)
        }
    }

    fn holds(&self, seen: &Seen<'_>) -> bool {
        match (self, seen) {
            (Self::Is(text), Seen::Text(seen)) => **text == **seen,
            (Self::Equals(number), Seen::Number(seen)) => number == seen,
            (Self::Glob(parts), Seen::Text(seen)) => glob(parts, seen),
            (Self::AtLeast(bound), Seen::Number(seen)) => seen >= bound,
            (Self::AtMost(bound), Seen::Number(seen)) => seen <= bound,
            _ => false,
        }
    }
}

fn glob(parts: &[SmolStr], text: &str) -> bool {
    let [first, middle @ .., last] = parts else { return false };
    let Some(mut rest) = text.strip_prefix(&**first) else { return false };
    for part in middle {
        match rest.find(&**part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(&**last)
}

impl Field {
    fn of<'a>(self, sight: &Sight<'a>) -> Seen<'a> {
        let facts = sight.facts;
        let text = |text: &'a Option<SmolStr>| text.as_deref().map_or(Seen::Nothing, Seen::Text);
        let person =
            |seen: fn(&PersonSight<'a>) -> Seen<'a>| sight.person.as_ref().map_or(Seen::Nothing, seen);
        match self {
            Self::Source => text(&facts.source),
            Self::Campaign => text(&facts.campaign),
            Self::Store => text(&facts.store),
            Self::Staff => text(&facts.staff),
            Self::Reference => text(&facts.reference),
            Self::Scene => text(&facts.scene),
            Self::Key => text(&facts.key),
            Self::Basis => text(&facts.basis),
            Self::AppId => facts.app_id.as_ref().map_or(Seen::Nothing, |app| Seen::Text(app.as_str())),
            Self::Amount => facts.amount_fen.map_or(Seen::Nothing, Seen::Number),
            Self::State => person(|person| {
                Seen::Text(match person.life {
                    Life::Visitor => "visitor",
                    Life::Member => "member",
                    Life::Erased => "erased",
                })
            }),
            Self::Language => person(|person| Seen::Text(lang(person.lang))),
            // Nobody can object to personal words yet other than by asking to be forgotten.
            Self::Consent => person(|person| match person.life {
                Life::Erased => Seen::Nothing,
                _ => Seen::Text("welcome"),
            }),
            Self::Total => person(|person| Seen::Number(person.balance.total())),
            Self::Unclaimed => person(|person| Seen::Number(person.balance.unclaimed)),
            Self::Available => person(|person| Seen::Number(person.balance.available)),
            Self::Held => person(|person| Seen::Number(person.balance.held)),
            Self::Follows => person(|person| Seen::Number(i64::from(person.follows))),
        }
    }
}

/// `zh` or `en`.
pub(in crate::ledger) fn lang(lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => "zh",
        Lang::En => "en",
    }
}
