//! What the commands of one group get, without a database.

use proptest::prelude::*;

use super::*;
use crate::clock::{ManualClock, SystemEntropy};
use crate::ids::{OpenId, UnionId};
use crate::ledger::{Facts, Fate, Request, Subject};
use crate::store::names::Name;

pub(in crate::store) fn bench() -> Bench {
    Bench {
        program: Arc::new(Program::stock()),
        eraser: Eraser::new(&"a key of this test".into()),
        entropy: Arc::new(SystemEntropy),
        clock: Arc::new(ManualClock::at(1_700_000_000_000)),
    }
}

fn identity(name: &str) -> (AppId, OpenId) {
    (AppId::parse("wx1").unwrap(), OpenId::parse(name).unwrap())
}

pub(in crate::store) fn touch(name: &str, key: &str) -> Command {
    Command {
        key: DedupeKey::of(1_700_000_000_000, key),
        request: None,
        subject: Subject {
            person: None,
            union_id: None,
            identity: Some(identity(name)),
            resolution: Resolution::Never,
        },
        kind: "x.test".into(),
        occurred_at: 1_700_000_000_000,
        received_at: 1_700_000_000_500,
        facts: Facts::default(),
        action: Action::Touch,
    }
}

/// Under an Idempotency-Key.
fn under(key: u8, body: u8, command: Command) -> Command {
    Command { request: Some(Request { key: [key; 16], body: [body; 16] }), ..command }
}

/// Of somebody who may be a stranger.
fn ask(mut command: Command) -> Command {
    command.subject.resolution = Resolution::Ask;
    command
}

fn group<const N: usize>(commands: [Command; N]) -> Vec<Asked> {
    commands.map(|command| Asked::of(command).unwrap()).into()
}

/// Nobody, and numbers for everybody: events from 1 on, persons from `first` on.
fn rows(commands: &[Asked], first: PersonNo) -> Rows {
    let mut rows = Rows::of(commands.len());
    rows.add_events((1..).take(commands.len()));
    rows.add_numbers((first..).take(commands.len()));
    rows
}

/// Fresh, replayed, and which event.
fn told(answer: &Result<Settled, StoreError>) -> Result<Option<(bool, bool, EventNo)>, &'static str> {
    match answer {
        Ok(Settled::Done(receipt)) => Ok(Some((receipt.fresh, receipt.replayed, receipt.event))),
        Ok(Settled::Stranger) => Ok(None),
        Err(StoreError::KeyReused) => Err("key reused"),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_repeat_gets_what_the_first_got_whatever_became_of_those_between() {
    let bench = bench();
    let commands = group([
        ask(touch("oAda0001", "k1")),
        under(1, 7, touch("oLin0001", "k2")),
        under(1, 8, touch("oLin0001", "k3")),
        under(2, 9, touch("oAda0001", "k1")),
        under(1, 7, touch("oLin0001", "k2")),
        under(3, 7, touch("oLin0001", "k2")),
        under(2, 9, touch("oAda0001", "k1")),
        touch("oLin0001", "k3"),
        touch("oLin0001", "k3"),
    ]);
    let mut batch = Batch::new(&bench, &commands, rows(&commands, 1));

    batch.run().unwrap();
    let (writes, answers) = batch.finish().unwrap();

    let expected = [
        Ok(None),
        Ok(Some((true, false, 1))),
        Err("key reused"),
        Ok(Some((true, false, 2))),
        Ok(Some((false, true, 1))),
        Ok(Some((false, false, 1))),
        Ok(Some((false, true, 2))),
        Ok(Some((true, false, 3))),
        Ok(Some((false, false, 3))),
    ];
    assert_eq!(answers.iter().map(told).collect::<Vec<_>>(), expected);
    let receipt = |at: usize| match &answers[at] {
        Ok(Settled::Done(receipt)) => receipt,
        other => panic!("{other:?}"),
    };
    for (first, again) in [(1, 4), (1, 5), (3, 6), (7, 8)].map(|(a, b)| (receipt(a), receipt(b))) {
        assert_eq!((again.person, again.received_at), (first.person, first.received_at));
        assert_eq!((&again.reply, &again.outcome), (&first.reply, &first.outcome));
    }
    assert_eq!(writes.events.iter().map(|event| event.id).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(writes.requests.len(), 3);
}

#[test]
fn a_group_that_stopped_for_a_row_answers_repeats_as_if_it_had_not() {
    let bench = bench();
    let commands = group([
        touch("oAda0001", "k1"),
        touch("oLin0001", "k2"),
        touch("oAda0001", "k1"),
        touch("oLin0001", "k2"),
    ]);
    let (app_id, open_id) = identity("oLin0001");
    let row = |no: u128, merged_into| {
        let id = PersonId::from_u128(no);
        Some(PersonRow::read(id, None, merged_into, 1, 1, State::default()))
    };
    let mut rows = rows(&commands, 3);
    rows.read_link(Link::of(&app_id, &open_id), 1);
    rows.read_person(1, row(1, Some(2)));
    let mut batch = Batch::new(&bench, &commands, rows);

    let needs = batch.run().unwrap_err();
    assert_eq!(needs.persons, [2]);
    batch.rows().read_person(2, row(2, None));
    batch.run().unwrap();
    let (writes, answers) = batch.finish().unwrap();

    let expected = [(true, false, 1), (true, false, 2), (false, false, 1), (false, false, 2)];
    assert_eq!(answers.iter().map(told).collect::<Vec<_>>(), expected.map(|answer| Ok(Some(answer))));
    assert_eq!(writes.events.iter().map(|event| event.person).collect::<Vec<_>>(), [3, 2]);
}

/// Five people whom the store knows, two of them with a UnionID.
const PEOPLE: [(&str, Option<&str>); 5] = [
    ("oAda0001", Some("uAda0001")),
    ("oLin0001", Some("uLin0001")),
    ("oBob0001", None),
    ("oEve0001", None),
    ("oSam0001", None),
];

fn known(commands: &[Asked]) -> Rows {
    let mut rows = rows(commands, 100);
    for ((name, union), no) in PEOPLE.into_iter().zip(1..) {
        let (app_id, open_id) = identity(name);
        let union = union.map(|union| Name::union(&UnionId::parse(union).unwrap()));
        rows.read_link(Link::of(&app_id, &open_id), no);
        let id = PersonId::from_u128(no.unsigned_abs().into());
        rows.read_person(no, Some(PersonRow::read(id, union, None, 1, 1, State::default())));
        rows.read_all_links_of(no);
    }
    rows
}

/// Whoever `batch` has left, as the next commit finds them.
fn left_by(batch: &Batch<'_>, commands: &[Asked]) -> Rows {
    let mut rows = Rows::of(commands.len());
    rows.add_events((100..).take(commands.len()));
    rows.add_numbers((200..).take(commands.len()));
    for (link, row) in &batch.rows.links {
        row.person.into_iter().for_each(|person| rows.read_link(link.clone(), person));
    }
    for (no, row) in &batch.rows.persons {
        let row = row.as_ref().unwrap();
        let PersonRow { id, union, merged_into, links, version, state, .. } = row;
        let read = PersonRow::read(*id, union.clone(), *merged_into, *links, *version, state.clone());
        rows.read_person(*no, Some(read));
        rows.read_all_links_of(*no);
    }
    rows
}

/// One command after the other.
fn one_by_one<'a>(bench: &'a Bench, commands: &'a [Asked], rows: Rows) -> Batch<'a> {
    let mut batch = Batch::new(bench, commands, rows);
    for asked in commands {
        let answer = match batch.settle(asked) {
            Ok(settled) => Ok(settled),
            Err(Stop::Refused(error)) => Err(error),
            Err(Stop::Needs(needs)) => panic!("{needs:?}"),
        };
        batch.answers.push(answer);
    }
    batch
}

fn any_command() -> impl Strategy<Value = Command> {
    let action = prop_oneof![
        6 => Just((Action::Touch, "oa.scan")),
        4 => Just((Action::Speak, "oa.message")),
        3 => Just((Action::Follow, "oa.subscribe")),
        1 => Just((Action::Unfollow, "oa.unsubscribe")),
        1 => Just((Action::Erase, "oa.user_authorization_revoke")),
        1 => Just((Action::Resolve { errand: 7 }, "person.resolve")),
        1 => Just((Action::Conclude { errand: 8, event: 1, fate: Fate::Sent }, "message.sent")),
        1 => Just((Action::Lapse { errand: 9 }, "person.lapse")),
        3 => Just((Action::Touch, "mp.visit")),
    ];
    let union = prop_oneof![6 => Just(None), 1 => Just(Some("uAda0001")), 1 => Just(Some("uNew0001"))];
    let resolution = prop_oneof![Just(Resolution::Never), Just(Resolution::Ask), Just(Resolution::Later)];
    (0..6_usize, 0..40_u8, action, union, resolution, 0..10_u8, 0..3_i64).prop_map(
        |(who, key, (action, kind), union, resolution, request, second)| {
            // The last one is a stranger.
            let name = PEOPLE.get(who).map_or("oNew0001", |(name, _)| name);
            let mut command = touch(name, &format!("k{key}"));
            command.subject.union_id = union.map(|union| UnionId::parse(union).unwrap());
            command.subject.resolution = resolution;
            command.facts.app_id = Some(AppId::parse("wx1").unwrap());
            command.facts.basis = Some("consent".into());
            (command.action, command.kind) = (action, kind.into());
            command.occurred_at += second * 1_000;
            match request {
                0 => return under(1, key % 2, command),
                // As errands name whom they concern.
                1 if who < PEOPLE.len() => command.subject.person = Some(1 + who as PersonNo),
                _ => {}
            }
            command
        },
    )
}

proptest! {
    /// Whatever concerns whom, and whatever they have been through: a group is settled as if each command had come in a commit
    /// of its own.
    #[test]
    fn abreast_they_get_what_they_get_one_by_one(
        earlier in proptest::collection::vec(any_command(), 1..24),
        later in proptest::collection::vec(any_command(), 1..24)
    ) {
        let bench = Bench { entropy: Arc::new(Zeros), ..bench() };
        let asked = |commands: Vec<Command>| -> Vec<Asked> {
            commands.into_iter().map(|command| Asked::of(command).unwrap()).collect()
        };
        let (earlier, later) = (asked(earlier), asked(later));
        let before = one_by_one(&bench, &earlier, known(&earlier));

        let mut batch = Batch::new(&bench, &later, left_by(&before, &later));
        batch.run().unwrap();
        let (writes, answers) = batch.finish().unwrap();

        let expected = one_by_one(&bench, &later, left_by(&before, &later));
        let (expected, told) = expected.finish().unwrap();
        prop_assert_eq!(format!("{answers:#?}"), format!("{told:#?}"));
        prop_assert_eq!(format!("{writes:#?}"), format!("{expected:#?}"));
    }
}

/// Every new person gets the same id.
#[derive(Debug)]
struct Zeros;

impl Entropy for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

#[test]
fn who_is_known_and_comes_once_is_settled_abreast() {
    let bench = bench();
    let settled = |commands: &[Asked]| {
        let mut batch = Batch::new(&bench, commands, known(commands));
        batch.settle_abreast();
        batch.answers.len()
    };
    let all = || PEOPLE.map(|(name, _)| touch(name, name));

    assert_eq!(settled(&group(all())), PEOPLE.len());
    let stops = |third: Command| {
        let mut commands = all();
        commands[2] = third;
        settled(&group(commands))
    };
    assert_eq!(stops(touch("oAda0001", "k1")), 2, "somebody twice");
    assert_eq!(stops(touch("oNew0001", "k1")), 2, "somebody new");
    assert_eq!(stops(touch("oBob0001", "oAda0001")), 2, "a key twice");
    assert_eq!(stops(under(1, 1, touch("oBob0001", "k1"))), 2, "an Idempotency-Key");
    let erase = Command { action: Action::Erase, ..touch("oBob0001", "k1") };
    assert_eq!(stops(erase), 2, "names that are to be forgotten");
}
