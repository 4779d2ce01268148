//! Whom a command concerns.

use crate::ids::{AppId, OpenId, PersonNo};
use crate::ledger::{Action, Command, Resolution, State, Survivor, survivor};

use super::super::StoreError;
use super::super::names::{Eraser, Link, Name};
use super::{Claim, Needs, Rows, Stop};

/// The person of a command, before anything is changed.
#[derive(Debug, Default)]
pub(super) struct Who {
    /// `None` for somebody new.
    pub(super) person: Option<PersonNo>,
    /// Another person that this command proves to be the same one, and that ends with it.
    pub(super) merging: Option<PersonNo>,
    /// Names that the person has from now on.
    pub(super) claims: Vec<Claim>,
    /// Links in clear, with those of `claims` and of `merging`.
    pub(super) identities: usize,
    /// The UnionID of the command belongs to somebody else than its OpenID, and neither gives way.
    pub(super) conflict: bool,
    /// The command happened before the person left the account, and arrives after it.
    pub(super) left_since: bool,
    /// The link was erased, and is known again: so may the UnionID be, which was erased with it.
    pub(super) returns: bool,
}

/// `None` for a stranger of whom nothing is to be written; for somebody who left and returns: their UnionID was
/// forgotten, and has to be asked for again before the brand's events under it can find them; and for somebody without
/// a UnionID who follows: WeChat tells it from now on, and the welcome counts what was earned under it.
///
/// Evidence, strongest first: our own number, then the (AppID, OpenID), then the UnionID. A UnionID that the person
/// does not have yet is theirs from now on, and whoever had it is the same person, unless both have UnionIDs: two
/// different ones never merge.
///
/// # Errors
/// [`Stop`] for a row that nobody could foresee, and for a number that nobody has.
pub(super) fn find(rows: &Rows, command: &Command, eraser: &Eraser) -> Result<Option<Who>, Stop> {
    let subject = &command.subject;
    let mut who = Who::default();
    let known = match (subject.person, &subject.identity) {
        (Some(no), _) => Some(living(rows, no)?),
        (None, Some((app_id, open_id))) => by_link(rows, command, (app_id, open_id), eraser, &mut who)?,
        (None, None) => None,
    };
    let asks = subject.union_id.is_none() && subject.resolution == Resolution::Ask;
    let follows = command.action == Action::Follow && !who.left_since;
    let nameless = known.is_some_and(|no| rows.person(no).union.is_none());
    if asks && (who.returns || follows && nameless) {
        return Ok(None);
    }
    let union = subject.union_id.as_ref().map(Name::union);
    let by_union = match &union {
        Some(clear) => rows.union(clear).or_else(|| rows.union(&eraser.union(clear))),
        None => None,
    };
    let by_union = by_union.map(|no| living(rows, no)).transpose()?;

    if known.is_none() && by_union.is_none() {
        if asks {
            return Ok(None);
        }
        if !rows.has_number() {
            return Err(Box::new(Needs { numbers: true, ..Needs::default() }).into());
        }
    }
    who.person = known.or(by_union);
    if let Some(union) = union {
        who.learn(rows, union, by_union);
    }
    let persons = who.person.into_iter().chain(who.merging);
    who.identities += persons.map(|no| rows.person(no).links as usize).sum::<usize>();
    Ok(Some(who))
}

impl Who {
    /// True for somebody known of whom this command proves nothing new.
    pub(super) fn is_plain(&self) -> bool {
        self.merging.is_none() && self.claims.is_empty() && !self.conflict && !self.left_since
    }

    /// `owner` has the UnionID now.
    fn learn(&mut self, rows: &Rows, union: Name, owner: Option<PersonNo>) {
        let own = self.person.and_then(|no| rows.person(no).union.as_ref());
        match (self.person, owner) {
            (Some(person), Some(owner)) if person == owner => {
                // It may be known by its digest only.
                if own != Some(&union) {
                    self.claims.push(Claim::Union(union));
                }
            }
            _ if own.is_some() => self.conflict = true,
            (Some(person), Some(owner)) => {
                self.claims.push(Claim::Union(union));
                let (survivor, other) = match survivor(&rows.person(person).state, &rows.person(owner).state)
                {
                    Survivor::First => (person, owner),
                    Survivor::Second => (owner, person),
                };
                self.person = Some(survivor);
                self.merging = Some(other);
            }
            _ => self.claims.push(Claim::Union(union)),
        }
    }
}

/// Whoever has the (AppID, OpenID), in clear or erased.
fn by_link(
    rows: &Rows,
    command: &Command,
    (app_id, open_id): (&AppId, &OpenId),
    eraser: &Eraser,
    who: &mut Who,
) -> Result<Option<PersonNo>, Stop> {
    let clear = Link::of(app_id, open_id);
    if let Some(no) = rows.link(&clear) {
        return Ok(Some(living(rows, no)?));
    }
    who.identities = 1;
    let erased = eraser.link(&clear);
    let Some(no) = rows.link(&erased) else {
        who.claims.push(Claim::Link { clear, erased: None });
        return Ok(None);
    };
    let no = living(rows, no)?;
    who.left_since = has_left_since(&rows.person(no).state, app_id, command);
    who.returns = !who.left_since;
    who.claims.push(Claim::Link { clear, erased: Some(erased) });
    Ok(Some(no))
}

fn has_left_since(state: &State, app_id: &AppId, command: &Command) -> bool {
    state.follows.get(app_id).is_some_and(|follow| !follow.on && command.occurred_at <= follow.changed_at)
}

fn living(rows: &Rows, no: PersonNo) -> Result<PersonNo, Stop> {
    rows.living(no)?.ok_or_else(|| {
        let why = "a command, a link or a merge names a person that is not there".into();
        StoreError::Corrupt { table: "person", row: no, column: "no", why }.into()
    })
}
