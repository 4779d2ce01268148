//! The tables `recent` and `person` after any commits, in a file of the test.

use std::os::unix::fs::FileExt as _;

use super::super::super::file::MIGRATIONS;
use super::*;
use crate::ids::PersonId;
use crate::store::batch::PersonWrite;

/// A file with a hundred persons, as their first event left them.
struct World {
    folder: tempfile::TempDir,
    connection: Connection,
    recent: Recent,
    people: People<Remembered>,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let connection = Connection::open(folder.path().join("recent.db")).unwrap();
        MIGRATIONS.iter().for_each(|sql| connection.execute_batch(sql).unwrap());
        connection
            .execute_batch(
                "WITH RECURSIVE n (no) AS (VALUES (1) UNION ALL SELECT no + 1 FROM n WHERE no < 100)
                 INSERT INTO person (no, id, links, version, state) SELECT no, CAST(no AS BLOB), 1, 1, zeroblob(256) FROM n",
            )
            .unwrap();
        Self { folder, connection, recent: Recent::default(), people: People::default() }
    }

    /// What a commit, of whichever process, appends.
    fn appends(&self, event: EventNo, person: PersonNo, place: Place) {
        let (persons, swept) = ([write(event, person)], Swept { told: place, ..Swept::default() });
        self.recent.append(&self.connection, &persons, &swept).unwrap();
    }

    fn sweeps(&mut self, appended: usize) -> Result<Swept, StoreError> {
        self.recent.sweep(&self.connection, &mut self.people, appended, 16)
    }

    /// The writer's commit of one event.
    fn commits(&mut self, event: EventNo, person: PersonNo, due: usize) -> Result<Swept, StoreError> {
        let swept = self.sweeps(due)?;
        let rows = self.recent.append(&self.connection, &[write(event, person)], &swept)?;
        self.recent.committed(&rows, &swept);
        Ok(swept)
    }

    fn left(&self) -> Vec<EventNo> {
        let mut select = self.connection.prepare("SELECT event FROM recent ORDER BY event").unwrap();
        let rows = select.query_map([], |row| row.get(0)).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    }

    fn version(&self, person: PersonNo) -> i64 {
        let select = "SELECT version FROM person WHERE no = ?1";
        self.connection.query_row(select, [person], |row| row.get(0)).unwrap()
    }

    /// Makes the first page of a table unreadable.
    fn breaks(&mut self, table: &str) {
        let select = "SELECT pageno FROM dbstat WHERE name = ?1 AND pagetype = 'leaf' ORDER BY path LIMIT 1";
        let page: u32 = self.connection.query_row(select, [table], |row| row.get(0)).unwrap();
        let path = self.folder.path().join("recent.db");
        let file = std::fs::File::options().write(true).open(&path).unwrap();
        file.write_all_at(&[0xff; 4_096], u64::from(page - 1) * 4_096).unwrap();
        self.connection = Connection::open(path).unwrap();
    }
}

fn write(event: EventNo, person: PersonNo) -> PersonWrite {
    let (id, state) = (PersonId::from_u128(1), vec![7; 256]);
    let (union, merged_into, last_event) = (None, None, event);
    PersonWrite { no: person, id, union, merged_into, links: 1, version: event, last_event, state }
}

#[test]
fn who_reads_may_learn_of_a_commit_before_the_writer_has_noted_it() {
    let mut world = World::new();
    world.appends(10, 7, Place::default());
    world.recent.catch_up(&world.connection).unwrap();
    let swept = world.sweeps(16).unwrap();
    assert_eq!(world.version(7), 10);

    // The writer commits, another process does, and somebody reads.
    world.appends(11, 7, swept.told);
    world.appends(12, 7, Place::default());
    assert_eq!(world.recent.seen_by(&world.connection, 7).unwrap(), Some(12));
    world.recent.committed(&Row::of(&[write(11, 7)]).unwrap(), &swept);

    assert_eq!(world.recent.of(7), Some(12));
}

#[test]
fn who_is_brought_up_to_date_is_forgotten_and_whoever_is_appended_is_remembered() {
    let mut world = World::new();
    world.appends(10, 7, Place::default());
    world.recent.catch_up(&world.connection).unwrap();

    let swept = world.sweeps(16).unwrap();
    assert_eq!(world.recent.of(7), Some(10), "not before the commit");
    world.recent.committed(&Row::of(&[write(11, 8)]).unwrap(), &swept);

    assert_eq!([7, 8].map(|person| world.recent.of(person)), [None, Some(11)]);
}

#[test]
fn a_row_of_a_person_that_is_newer_stays() {
    let mut world = World::new();
    world.appends(10, 7, Place::default());
    world.recent.catch_up(&world.connection).unwrap();
    world.connection.execute("UPDATE person SET version = 11 WHERE no = 7", []).unwrap();

    world.sweeps(16).unwrap();

    assert_eq!(world.version(7), 11);
}

#[test]
fn only_what_was_there_when_a_round_began_is_deleted_when_it_ends() {
    let mut world = World::new();
    (1..=4).for_each(|event| world.appends(event, event, Place::default()));
    world.recent.catch_up(&world.connection).unwrap();

    assert_eq!(world.commits(5, 5, 80).unwrap().place, Place { at: 0, begun: 4, done: 0 });
    assert_eq!(world.left(), [1, 2, 3, 4, 5]);

    assert_eq!(world.commits(6, 6, 80).unwrap().place, Place { at: 0, begun: 5, done: 4 });
    assert_eq!(world.left(), [4, 5, 6], "three for one");
    world.commits(7, 7, 1).unwrap();
    assert_eq!(world.left(), [5, 6, 7]);
}

#[test]
fn of_a_row_with_many_states_each_is_brought_and_no_other() {
    let mut world = World::new();
    let state = |no: PersonNo| [vec![no as u8; 200 + no as usize], vec![0; 56 - no as usize]].concat();
    let appended: Vec<_> = (1..=30)
        .map(|no| PersonWrite { links: no as u32, state: state(no), ..write(100 + no, no) })
        .collect();
    let rows = world.recent.append(&world.connection, &appended, &Swept::default()).unwrap();
    world.recent.catch_up(&world.connection).unwrap();
    assert!(rows.len() > 1);
    for Row { event, persons, .. } in &rows {
        assert!(persons.iter().all(|no| world.recent.of(*no) == Some(*event)));
    }
    assert_eq!(world.recent.of(31), None);

    while world.recent.of(30).is_some() {
        let swept = world.sweeps(16).unwrap();
        world.recent.committed(&[], &swept);
    }

    let select = "SELECT no, links, version, state FROM person WHERE no <= 31";
    let mut select = world.connection.prepare(select).unwrap();
    let persons =
        select.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).unwrap();
    let persons: Vec<(PersonNo, PersonNo, i64, Vec<u8>)> = persons.collect::<Result<_, _>>().unwrap();
    let expected = (1..=30).map(|no| (no, no, 100 + no, state(no))).chain([(31, 1, 1, vec![0; 256])]);
    assert!(persons.iter().cloned().eq(expected), "{persons:?}");
}

#[test]
fn a_row_whose_beginning_was_lost_is_found_again_and_again_and_nobody_in_it_is_known() {
    let world = World::new();
    let rows = world.recent.append(&world.connection, &[write(10, 7), write(11, 8)], &Swept::default());
    let cut = "UPDATE recent SET states = substr(states, 1, 12)";
    assert_eq!(rows.unwrap().len(), world.connection.execute(cut, []).unwrap());

    for _ in 0..2 {
        let refused = world.recent.catch_up(&world.connection);
        assert!(matches!(refused, Err(StoreError::Corrupt { table: "recent", row: 11, .. })), "{refused:?}");
        assert_eq!([7, 8].map(|person| world.recent.of(person)), [None, None]);
    }
}

#[test]
fn a_state_whose_end_was_lost_is_kept_and_the_others_of_its_row_are_brought() {
    let mut world = World::new();
    world.recent.append(&world.connection, &[write(10, 7), write(11, 8)], &Swept::default()).unwrap();
    let cut = "UPDATE recent SET states = substr(states, 1, length(states) - 1)";
    world.connection.execute(cut, []).unwrap();
    world.recent.catch_up(&world.connection).unwrap();

    let refused = world.sweeps(16).unwrap_err();
    assert!(matches!(refused, StoreError::Corrupt { table: "recent", row: 11, .. }), "{refused}");
    for event in 20..30 {
        world.commits(event, 9, 160).unwrap();
    }

    assert_eq!([7, 8].map(|person| world.version(person)), [10, 1]);
    assert_eq!(world.left()[0], 11, "the row that has it stays");
}

#[test]
fn a_row_that_lacks_who_should_be_in_it_is_corrupt_and_one_that_is_gone_is_not() {
    let world = World::new();
    world.appends(10, 7, Place::default());
    let read = |person| read(&world.connection, 10, person).map(|found| found.is_some());

    assert!(read(7).unwrap());
    assert!(matches!(read(8), Err(StoreError::Corrupt { table: "recent", row: 10, .. })));
    world.connection.execute("DELETE FROM recent", []).unwrap();
    assert!(!read(8).unwrap());
}

#[test]
fn what_is_done_is_not_read_at_the_next_start() {
    let world = World::new();
    world.appends(10, 7, Place::default());
    world.appends(11, 8, Place { at: 0, begun: 11, done: 10 });
    world.connection.execute("UPDATE recent SET states = x'' WHERE event = 10", []).unwrap();

    world.recent.catch_up(&world.connection).unwrap();

    assert_eq!([7, 8].map(|person| world.recent.of(person)), [None, Some(11)]);
}

#[test]
fn the_next_start_goes_on_where_the_writer_was() {
    let world = World::new();
    world.appends(10, 7, Place::default());
    let place = Place { at: 6, begun: 9, done: 5 };
    world.appends(11, 3, place);

    world.recent.catch_up(&world.connection).unwrap();

    assert_eq!(world.recent.lock().place, place);
}

#[test]
fn a_damaged_page_of_a_person_is_found_again_by_the_next_start() {
    let mut world = World::new();
    (1..=100).for_each(|event| world.appends(event, event, Place::default()));
    world.recent.catch_up(&world.connection).unwrap();
    world.breaks("person");

    while world.sweeps(16).is_err() {}
    let swept = world.sweeps(16).unwrap();
    assert!(world.recent.damages() > 0 && swept.place.at > 0);
    assert_eq!(swept.told.at, 0);

    for _ in 0..2 {
        let swept = world.sweeps(160).unwrap();
        world.recent.committed(&[], &swept);
        assert_eq!((swept.told.at, swept.place.done), (0, 0));
    }
}

#[test]
fn a_damaged_page_of_the_newest_states_is_left_alone() {
    let mut world = World::new();
    (1..=100).for_each(|event| world.appends(event, 7, Place { at: 0, begun: 0, done: 90 }));
    world.recent.catch_up(&world.connection).unwrap();
    world.breaks("recent");

    let refused = world.commits(101, 8, 1);

    assert!(matches!(refused, Err(StoreError::Corrupt { table: "recent", .. })), "{refused:?}");
    assert_eq!(world.recent.damages(), 1);
    assert!(world.commits(101, 8, 1).is_ok());
}
