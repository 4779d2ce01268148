//! The log and a person's part of it.

use wechat_gateway::store::PersonRef;

use super::{Database, settle, touch, touch_union, with_union};

pub(super) async fn a_history_is_paged_newest_first(database: Database) {
    let store = database.gateway().await;
    let mut expected = Vec::new();
    let mut id = None;
    for i in 0..7 {
        let receipt = settle(&*store, touch("oLin0001", &format!("lin {i}"))).await;
        settle(&*store, touch("oWang001", &format!("wang {i}"))).await;
        expected.push(receipt.event);
        id = Some(receipt.person);
    }
    expected.reverse();
    let no = store.person(PersonRef::Id(id.unwrap())).await.unwrap().unwrap().no;

    let mut seen = Vec::new();
    let mut before = None;
    loop {
        let page = store.history(no, before, 3).await.unwrap();
        assert!(page.iter().all(|event| event.person == no));
        seen.extend(page.iter().map(|event| event.event));
        before = seen.last().copied();
        if page.len() < 3 {
            break;
        }
    }

    assert_eq!(seen, expected);
    assert!(store.history(no + 1_000, None, 3).await.unwrap().is_empty());
}

pub(super) async fn a_merged_history_is_both_histories(database: Database) {
    let store = database.gateway().await;
    let mut expected = Vec::new();
    for i in 0..5 {
        expected.push(settle(&*store, touch_union("uLin0001", &format!("u{i}"))).await.event);
        expected.push(settle(&*store, touch("oLin0001", &format!("o{i}"))).await.event);
    }
    let merged = settle(&*store, with_union(touch("oLin0001", "both"), "uLin0001")).await;
    expected.push(merged.event);
    expected.push(settle(&*store, touch("oLin0001", "after")).await.event);
    expected.reverse();
    let no = store.person(PersonRef::Id(merged.person)).await.unwrap().unwrap().no;

    let whole = store.history(no, None, 100).await.unwrap();
    let mut paged = Vec::new();
    while paged.len() < expected.len() {
        let page = store.history(no, paged.last().copied(), 2).await.unwrap();
        assert!(!page.is_empty());
        paged.extend(page.iter().map(|event| event.event));
    }

    assert_eq!(whole.iter().map(|event| event.event).collect::<Vec<_>>(), expected);
    assert_eq!(paged, expected);
}

pub(super) async fn the_log_is_in_append_order(database: Database) {
    let store = database.gateway().await;
    let mut settled = Vec::new();
    for i in 0..5 {
        let mut command = touch(&format!("oLin{:04}", i % 2), &format!("k{i}"));
        command.facts.reference = Some(format!("order-{i}").into());
        settled.push((settle(&*store, command.clone()).await, command));
    }

    let first = store.log(0, 2).await.unwrap();
    let rest = store.log(first[1].event, 10).await.unwrap();

    let log: Vec<_> = first.into_iter().chain(rest).collect();
    assert_eq!(log.len(), settled.len());
    for (row, (receipt, command)) in log.iter().zip(&settled) {
        assert_eq!(row.event, receipt.event);
        assert_eq!(row.kind, command.kind);
        assert_eq!((row.occurred_at, row.received_at), (command.occurred_at, command.received_at));
        assert_eq!((&row.facts, &row.action), (&command.facts, &command.action));
        assert_eq!(&row.outcome, &*receipt.outcome);
        assert_eq!(serde_json::to_string(&row.outcome).unwrap(), *row.outcome_json);
    }
    assert_eq!(log.iter().map(|row| row.prev).collect::<Vec<_>>()[..2], [0, 0]);
    assert_eq!((log[2].prev, log[3].prev), (log[0].event, log[1].event));
}
