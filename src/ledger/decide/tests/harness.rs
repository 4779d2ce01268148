//! One person, one program, and events in one line each.

use crate::account::Lang;
use crate::clock::UnixMs;
use crate::ids::{AppId, DedupeKey, EventNo, OpenId, UnionId};
use crate::ledger::{
    Action, Command, Decision, Facts, Message, Program, Resolution, Snapshot, State, Step, Subject, decide,
};

/// 2026-11-22 12:00 in Shanghai.
pub(super) const NOON: UnixMs = 1_795_320_000_000;
pub(super) const BRAND: &str = "wx00000000000000aa";

pub(super) fn program(rules: &str) -> Program {
    let rules =
        format!("[program]\nname = \"ABC\"\nunclaimed_ttl = \"365d\"\nmember_ttl = \"24M_U\"\n{rules}");
    Program::load(("program.toml", &rules), ("messages.toml", "")).unwrap_or_else(|errors| panic!("{errors}"))
}

/// An event, to be changed by the test with struct update or the methods below.
pub(super) fn event(kind: &str) -> Command {
    Command {
        key: DedupeKey::of(0, kind),
        request: None,
        subject: Subject {
            person: None,
            union_id: UnionId::parse("union-of-lin").ok(),
            identity: None,
            resolution: Resolution::Never,
        },
        kind: kind.into(),
        occurred_at: NOON,
        received_at: NOON,
        facts: Facts { basis: Some("consent".into()), ..Facts::default() },
        action: Action::Touch,
    }
}

/// A callback of the Official Account `brand`.
pub(super) fn callback(kind: &str, action: Action) -> Command {
    let mut command = event(kind);
    command.facts.app_id = AppId::parse(BRAND).ok();
    command.facts.lang = Some(Lang::Zh);
    command.subject.union_id = None;
    command.subject.identity = Some((AppId::parse(BRAND).unwrap(), OpenId::parse("o-lin-at-brand").unwrap()));
    command.action = action;
    command
}

pub(super) fn follow() -> Command {
    callback("oa.subscribe", Action::Follow)
}

pub(super) fn unfollow() -> Command {
    callback("oa.unsubscribe", Action::Unfollow)
}

pub(super) trait Change: Sized {
    fn at(self, at: UnixMs) -> Self;
    fn fen(self, fen: i64) -> Self;
    fn with(self, change: impl FnOnce(&mut Facts)) -> Self;
}

impl Change for Command {
    fn at(mut self, at: UnixMs) -> Self {
        self.occurred_at = at;
        self.received_at = at;
        self
    }

    fn fen(self, fen: i64) -> Self {
        self.with(|facts| facts.amount_fen = Some(fen))
    }

    fn with(mut self, change: impl FnOnce(&mut Facts)) -> Self {
        change(&mut self.facts);
        self
    }
}

/// A person whose every event is decided and folded, as the store does it.
#[derive(Clone, Debug)]
pub(super) struct Person<'a> {
    pub(super) program: &'a Program,
    pub(super) state: State,
    pub(super) identities: usize,
    pub(super) log: Vec<(Command, Decision)>,
}

impl<'a> Person<'a> {
    pub(super) fn new(program: &'a Program) -> Self {
        Self { program, state: State::default(), identities: 1, log: Vec::new() }
    }

    pub(super) fn settle(&mut self, command: Command) -> Decision {
        self.settle_merging(command, None)
    }

    pub(super) fn settle_merging(&mut self, command: Command, merging: Option<&State>) -> Decision {
        let event = self.log.len() as EventNo + 1;
        let snapshot = Snapshot { state: &self.state, merging, identities: self.identities, event };
        let decision = decide(&snapshot, &command, self.program);
        fold(&mut self.state, event, &command, &decision);
        self.log.push((command, decision.clone()));
        decision
    }

    /// Points of one rule by one event, and the reason.
    pub(super) fn earns(&mut self, command: Command, rule: &str) -> (i64, Option<String>) {
        let decision = self.settle(command);
        let verdict = &decision.outcome.verdicts[rule];
        (verdict.points, verdict.reason.as_ref().map(ToString::to_string))
    }

    pub(super) fn total(&self, at: UnixMs) -> i64 {
        self.program.balance(&self.state, at).total()
    }
}

pub(super) fn fold(state: &mut State, event: EventNo, command: &Command, decision: &Decision) {
    let outcome_json = serde_json::to_string(&decision.outcome).unwrap();
    state.fold(&Step {
        event,
        kind: &command.kind,
        occurred_at: command.occurred_at,
        received_at: command.received_at,
        facts: &command.facts,
        action: &command.action,
        outcome: &decision.outcome,
        outcome_json: &outcome_json,
    });
}

pub(super) fn text(message: Option<Message>) -> String {
    match message {
        Some(Message::Text { content }) => content,
        other => panic!("not a text: {other:?}"),
    }
}
