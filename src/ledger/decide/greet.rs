//! The reply, or what is owed instead.

use super::draft::Draft;
use crate::account::Lang;
use crate::ids::{AppId, EventNo};
use crate::ledger::calendar::Day;
use crate::ledger::command::{Action, Facts};
use crate::ledger::outcome::{Errand, Fate, Owed};
use crate::ledger::program::{PersonSight, Sight};
use crate::ledger::state::{Balance, Follow, Life};
use crate::ledger::words::{Context, Groups, Line, MessageId, Steps};

impl Draft<'_> {
    /// The passive reply, to be worded. `unresolved`: who this is will be known later, and the exact figures with it.
    pub(super) fn greet(&mut self, unresolved: bool) -> Option<Line> {
        let command = self.command;
        match &command.action {
            Action::Follow => {
                let reply = if unresolved { self.generic_welcome() } else { self.welcome(&command.facts, 1) };
                self.outcome.welcome = Some(match reply {
                    _ if unresolved => Fate::Owed,
                    Some(_) => Fate::Passive,
                    None => Fate::Suppressed,
                });
                reply
            }
            Action::Touch | Action::Speak => self.answer(unresolved),
            Action::Resolve { .. } => {
                self.keep_promise();
                None
            }
            Action::Conclude { fate, .. } => {
                self.outcome.welcome = Some(*fate);
                None
            }
            Action::Unfollow | Action::Erase => {
                self.break_promise();
                None
            }
            Action::Lapse { .. } => None,
        }
    }

    /// A follow promised exact figures for when the UnionID is known: owes the message if its window is still open.
    fn keep_promise(&mut self) {
        let now = self.command.received_at;
        let only = self.command.facts.app_id.as_ref();
        let Some((facts, until, slot)) =
            self.state.follows.iter().filter(|(app, _)| only.is_none_or(|only| only == *app)).find_map(
                |(app, follow)| {
                    let (_, until): (EventNo, _) = follow.owes?;
                    let facts = Facts {
                        app_id: Some(app.clone()),
                        scene: follow.scene.clone(),
                        ..self.command.facts.clone()
                    };
                    Some((facts, until, follow.slot(now)))
                },
            )
        else {
            return;
        };
        let nothing_new = self.state.life == Life::Erased
            || self.command.subject.union_id.is_none()
                && self.outcome.merged.is_none()
                && self.balance().total() == 0;
        let fate = if now >= until {
            Fate::Missed
        } else if nothing_new {
            // The generic words have said all there is to say.
            Fate::Suppressed
        } else if slot.is_none() {
            Fate::Missed
        } else if let Some(message) = self.welcome(&facts, 0).and_then(|line| self.program.say(line)) {
            self.outcome.slot = slot;
            self.owed.push(Owed { errand: Errand::Send { message }, due_at: now, deadline: until });
            return;
        } else {
            Fate::Suppressed
        };
        self.outcome.welcome = Some(fate);
    }

    /// Who leaves while a welcome waits for their UnionID is sent nothing any more.
    fn break_promise(&mut self) {
        let leaves = |app: &AppId, follow: &Follow| match self.command.action {
            Action::Erase => true,
            _ => {
                self.command.facts.app_id.as_ref() == Some(app)
                    && self.command.occurred_at > follow.changed_at
            }
        };
        if self.state.follows.iter().any(|(app, follow)| follow.owes.is_some() && leaves(app, follow)) {
            self.outcome.welcome = Some(Fate::Suppressed);
        }
    }

    fn welcome(&self, facts: &Facts, this: u32) -> Option<Line> {
        if self.state.life == Life::Erased {
            return self.generic_welcome();
        }
        let follows = self.follows(facts).saturating_add(this);
        self.say(facts, follows, |sight| self.program.welcome(sight))
    }

    fn generic_welcome(&self) -> Option<Line> {
        let message = self.program.generic_welcome()?;
        self.say(&self.command.facts, 0, |_| Some(message))
    }

    fn answer(&self, unresolved: bool) -> Option<Line> {
        let (kind, facts) = (&*self.command.kind, &self.command.facts);
        if !self.program.answers(kind) {
            return None;
        }
        let impersonal = unresolved || self.state.life == Life::Erased;
        self.say(facts, self.follows(facts), |sight| {
            let message = self.program.answer(kind, sight)?;
            if impersonal { self.program.generic_answer() } else { Some(message) }
        })
    }

    /// Follows of the account of the event so far.
    fn follows(&self, facts: &Facts) -> u32 {
        facts.app_id.as_ref().and_then(|app| self.state.follows.get(app)).map_or(0, |follow| follow.times)
    }

    fn say(
        &self,
        facts: &Facts,
        follows: u32,
        choose: impl Fn(&Sight<'_>) -> Option<MessageId>,
    ) -> Option<Line> {
        let balance = self.balance();
        let lang = self.state.lang.or(facts.lang).unwrap_or_default();
        let person = PersonSight { life: self.state.life, lang, balance: &balance, follows };
        let message = choose(&Sight { facts, person: Some(person) })?;
        Some(Line { message, context: self.context(facts, lang, &balance, follows) })
    }

    fn context(&self, facts: &Facts, lang: Lang, balance: &Balance<'_>, follows: u32) -> Context {
        let mut groups = Groups::default();
        for (group, points) in &balance.by_group {
            *groups.of(group) += points;
        }
        let (counts, pay_fen) = self.counts();
        let first_at = match self.state.first_at {
            0 => self.command.occurred_at,
            at => at.min(self.command.occurred_at),
        };
        Context {
            constants: self.program.constants(),
            lang,
            life: self.state.life,
            total: balance.total(),
            available: balance.available,
            held: balance.held,
            unclaimed: balance.unclaimed,
            groups,
            counts,
            pay_fen,
            since: Some(self.program.day(first_at)),
            ends: balance.ends.map(Day::new),
            scene: facts.scene.clone().unwrap_or_default(),
            store: facts.store.clone().unwrap_or_default(),
            follows,
            reward: self.reward(balance.total(), lang),
            tier: self.tier(lang),
        }
    }

    /// Events of each group in the months that the program looks back on, and fen paid in them, this event included.
    fn counts(&self) -> (Groups<i64>, i64) {
        let from = self.today.plus(-self.program.terms.look_back).month();
        let known = self.state.months.iter().map(|m| (&m.group, m.month, m.count, m.fen));
        let new = self.outcome.tallies.iter().map(|t| (&t.group, t.month, t.count, t.fen));
        let (mut counts, mut pay_fen) = (Groups::default(), 0);
        for (group, _, count, fen) in known.chain(new).filter(|(_, month, ..)| *month >= from) {
            *counts.of(group) += i64::from(count);
            if **group == *"pay" {
                pay_fen += fen;
            }
        }
        (counts, pay_fen)
    }

    fn reward(&self, points: i64, lang: Lang) -> Steps {
        let rewards = &self.program.rewards;
        let reached = rewards.partition_point(|reward| reward.cost <= points);
        let text = |reward: &crate::ledger::program::Reward| reward.text.of(lang).into();
        Steps {
            now: reached.checked_sub(1).map(|last| text(&rewards[last])).unwrap_or_default(),
            next: rewards.get(reached).map(text).unwrap_or_default(),
            gap: rewards.get(reached).map_or(0, |reward| reward.cost - points),
        }
    }

    fn tier(&self, lang: Lang) -> Steps {
        let mut steps = Steps::default();
        for tier in &self.program.tiers {
            let from = self.today.plus(-tier.within).month();
            let known = self.state.months.iter().filter(|m| m.month >= from).map(|m| m.points);
            let new = self.outcome.tallies.iter().filter(|t| t.month >= from).map(|t| t.points);
            let missing = tier.earned - known.chain(new).sum::<i64>();
            if missing > 0 {
                steps.next = tier.text.of(lang).into();
                steps.gap = missing;
                break;
            }
            steps.now = tier.text.of(lang).into();
        }
        steps
    }
}
