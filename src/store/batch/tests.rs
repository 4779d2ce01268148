//! What the commands of one group get, without a database.

use super::*;
use crate::clock::{ManualClock, SystemEntropy};
use crate::ids::OpenId;
use crate::ledger::{Facts, Request, Subject};

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
