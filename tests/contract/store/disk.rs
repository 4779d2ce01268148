//! What only a file can do: fill up, and be damaged.

use std::os::unix::fs::FileExt as _;

use futures::future::join_all;
use wechat_gateway::store::{PersonRef, StoreError, verify};

use super::{Database, settle, touch};

#[tokio::test]
async fn a_full_disk_refuses_what_it_cannot_keep_and_recovers_when_there_is_room() {
    let database = Database::sqlite();
    drop(database.gateway().await);
    database
        .execute("CREATE TABLE filler (bytes BLOB); INSERT INTO filler VALUES (randomblob(400000))")
        .await;
    let pages = database.number("PRAGMA page_count").await;
    let store = database.gateway_with(&format!("?max_page_count={}", pages + 20)).await;

    let mut kept = Vec::new();
    let refused = loop {
        match store.settle(touch(&format!("oLin{:04}", kept.len()), &format!("k{}", kept.len()))).await {
            Ok(settled) => kept.push(settled),
            Err(error) => break error,
        }
        assert!(kept.len() < 5_000, "the disk never fills up");
    };

    assert!(matches!(&refused, StoreError::Unavailable(why) if why.contains("disk is full")), "{refused}");
    assert!(!kept.is_empty());
    assert!(matches!(store.ready().await, Err(StoreError::Unavailable(why)) if why.contains("disk is full")));
    // Reading goes on, and nothing is half written.
    assert_eq!(store.log(0, 10_000).await.unwrap().len(), kept.len());
    assert!(store.person(PersonRef::No(1)).await.unwrap().is_some());
    let report = verify(&*store, &|_, _| {}).await.unwrap();
    assert!(report.differences.is_empty(), "{report:?}");

    database.execute("DROP TABLE filler").await;
    assert!(store.ready().await.is_ok());
    let next = kept.len();
    assert!(settle(&*store, touch(&format!("oLin{next:04}"), &format!("k{next}"))).await.fresh);
}

#[tokio::test]
async fn a_database_in_memory_keeps_the_same_promises() {
    let store = Database::in_memory().await;

    let first = settle(&*store, touch("oLin0001", "k1")).await;
    let again = settle(&*store, touch("oLin0001", "k1")).await;

    assert_eq!((first.fresh, again.fresh, first.event), (true, false, again.event));
    let person = store.person(PersonRef::Id(first.person)).await.unwrap().unwrap();
    assert_eq!(store.history(person.no, None, 10).await.unwrap().len(), 1);
    assert!(verify(&*store, &|_, _| {}).await.unwrap().differences.is_empty());
}

/// Settles something for everybody, and says who was refused because their row cannot be read.
async fn unreadable(database: &Database, people: usize) -> Vec<usize> {
    let store = database.gateway().await;
    let asked = (0..people).map(|i| store.settle(touch(&format!("oLin{i:04}"), &format!("again {i}"))));
    let settled = join_all(asked).await;
    settled
        .iter()
        .enumerate()
        .filter_map(|(i, settled)| match settled {
            Ok(_) => None,
            Err(StoreError::Corrupt { table: "person" | "identity or person", .. }) => Some(i),
            Err(error) => panic!("{i}: {error}"),
        })
        .collect()
}

#[tokio::test]
async fn an_id_that_is_none_leaves_the_others_alone() {
    let database = Database::sqlite();
    let store = database.gateway().await;
    for i in 0..20 {
        settle(&*store, touch(&format!("oLin{i:04}"), &format!("k{i}"))).await;
    }

    database.execute("UPDATE person SET id = x'00' WHERE no = 8").await;

    assert_eq!(unreadable(&database, 20).await, [7]);
    assert!(matches!(store.person(PersonRef::No(8)).await, Err(StoreError::Corrupt { row: 8, .. })));
}

#[tokio::test]
async fn a_damaged_page_leaves_the_others_alone() {
    let database = Database::sqlite();
    let store = database.gateway().await;
    for i in 0..60 {
        settle(&*store, touch(&format!("oLin{i:04}"), &format!("k{i}"))).await;
    }
    drop(store);

    // The first of the pages with persons; the last has the newest number, which every commit needs.
    let pages = "FROM dbstat WHERE name = 'person' AND pagetype = 'leaf' ORDER BY path";
    let page = database.number(&format!("SELECT pageno {pages} LIMIT 1")).await;
    let rows = database.number(&format!("SELECT ncell {pages} LIMIT 1")).await;
    let file = std::fs::File::options().write(true).open(database.path()).unwrap();
    file.write_all_at(&[0xff; 4_096], (page.unsigned_abs() - 1) * 4_096).unwrap();

    assert!((1..60).contains(&rows));
    assert_eq!(unreadable(&database, 60).await, (0..rows as usize).collect::<Vec<_>>());
}
