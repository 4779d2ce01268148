//! What is remembered, and for how long, without a server.

use super::*;
use crate::ids::{AppId, OpenId};
use crate::store::batch::PersonWrite;

fn link(name: usize) -> Link {
    Link::of(&AppId::parse("wx1").unwrap(), &OpenId::parse(&format!("oLin{name:04}")).unwrap())
}

/// One person, number 1.
fn row(version: i64) -> Remembered {
    Remembered { version, ..Remembered::test(1) }
}

fn known(known: &Known, name: usize) -> Option<i64> {
    known.lock().find(&link(name)).map(|person| person.row.version)
}

fn write(version: i64) -> PersonWrite {
    let Remembered { no, id, union, merged_into, links, .. } = row(version);
    PersonWrite { no, id, union, merged_into, links, version, last_event: 1, state: vec![1] }
}

fn changed(version: i64) -> Writes {
    Writes { persons_changed: vec![write(version)], ..Writes::default() }
}

#[test]
fn a_name_is_remembered_with_the_version_at_which_it_was_read() {
    let memory = Known::default();
    memory.read(&link(1), row(5));
    memory.read(&link(2), row(5));
    assert_eq!([1, 2].map(|name| known(&memory, name)), [Some(5), Some(5)]);

    memory.committed(&changed(6));
    assert_eq!([1, 2].map(|name| known(&memory, name)), [Some(6), Some(6)]);

    // Another gateway has changed the person since, and may have taken the first name away.
    memory.read(&link(2), row(9));
    assert_eq!([1, 2].map(|name| known(&memory, name)), [None, Some(9)]);
}

#[test]
fn what_was_read_before_another_task_committed_is_too_late() {
    let memory = Known::default();
    memory.read(&link(1), row(5));
    memory.committed(&changed(6));

    memory.read(&link(1), row(5));
    assert_eq!(known(&memory, 1), Some(6));

    memory.committed(&changed(8));
    assert_eq!(known(&memory, 1), None, "somebody else wrote version 7");
}

#[test]
fn whoever_loses_a_name_or_gets_another_is_read_again() {
    let lost: [fn() -> Writes; 4] = [
        || Writes { links_gone: vec![link(1)], ..Writes::default() },
        || Writes { links_moved: vec![(link(1), 2)], ..Writes::default() },
        || Writes { unions_let_go: vec![1], ..Writes::default() },
        || Writes { persons_renamed: vec![write(6)], ..Writes::default() },
    ];
    for writes in lost {
        let memory = Known::default();
        memory.read(&link(1), row(5));

        memory.committed(&writes());

        assert_eq!(known(&memory, 1), None);
    }
}

#[test]
fn a_state_that_has_become_too_long_is_not_remembered() {
    let memory = Known::default();
    memory.read(&link(1), row(5));
    let long = PersonWrite { state: vec![0; LENGTH + 1], ..write(6) };

    memory.committed(&Writes { persons_changed: vec![long], ..Writes::default() });

    assert_eq!(known(&memory, 1), None);
}

#[test]
fn a_name_that_is_lost_is_forgotten_though_nothing_tells_where_it_led() {
    let memory = Known::default();
    memory.read(&link(1), row(5));
    memory.lock().links.forget_all();

    memory.committed(&Writes { links_gone: vec![link(1)], ..changed(6) });

    memory.lock().links.remember(&link(1), 1);
    assert_eq!(known(&memory, 1), None);
}

#[test]
fn whoever_connects_again_knows_nobody() {
    let memory = Known::default();
    memory.read(&link(1), row(5));
    memory.put_by([256, 512]);

    memory.reconnected();

    assert_eq!((known(&memory, 1), memory.lock().number(0)), (None, None));
}

#[test]
fn a_new_person_is_remembered_and_an_erased_name_is_not() {
    let memory = Known::default();
    let new = Writes { persons_new: vec![write(1)], links_new: vec![(link(1), 1)], ..Writes::default() };
    memory.committed(&new);
    assert_eq!(known(&memory, 1), Some(1));

    let eraser = crate::store::names::Eraser::new(&"a key of this test".into());
    let erased = eraser.link(&link(2));
    memory.read(&erased, row(1));
    assert!(memory.lock().find(&erased).is_none());
}

#[test]
fn a_conflict_forgets_those_concerned_and_many_conflicts_everybody_for_a_while() {
    let memory = Known::default();
    memory.read(&link(1), row(1));
    memory.read(&link(2), Remembered::test(2));

    memory.conflict(&[link(1)], true);
    assert_eq!([1, 2].map(|name| known(&memory, name)), [None, Some(1)]);

    (0..100).for_each(|_| memory.conflict(&[], false));
    assert_eq!(known(&memory, 2), Some(1), "nobody had been recalled");
    (0..100).for_each(|_| memory.conflict(&[], true));
    memory.read(&link(2), Remembered::test(2));
    assert_eq!(known(&memory, 2), None);

    assert!(!memory.lacks_numbers());
    (0..TOO_MANY).for_each(|_| memory.committed(&Writes::default()));
    memory.read(&link(2), Remembered::test(2));
    assert_eq!(known(&memory, 2), Some(1));
}

#[test]
fn numbers_are_used_in_order_above_what_came_before_and_while_they_are_fresh() {
    let memory = Known::default();
    memory.put_by([256, 512, 768]);

    assert_eq!(memory.lock().number(0), Some(256));
    assert_eq!(memory.lock().number(600), Some(768));
    assert_eq!(memory.lock().number(0), None);

    memory.put_by([1_024]);
    assert!(memory.lacks_numbers());
    memory.numbered();
    assert_eq!(memory.lock().number(0), None);
    memory.lock().numbers.push_back((1_280, Instant::now().checked_sub(FRESH).unwrap()));
    assert_eq!(memory.lock().number(0), None);
}
