//! The log folded again: what was changed past the store is found, and nothing else is.

use std::cell::Cell;
use std::sync::Arc;

use futures::future::{join, join_all};
use wechat_gateway::ids::PersonId;
use wechat_gateway::ledger::Action;
use wechat_gateway::store::{PersonRef, Report, Store, verify};

use super::database::NOW;
use super::{Database, settle, touch, touch_union, with_union};

/// Two persons of three events each, and one merged of two.
async fn furnish(store: &dyn Store) -> [PersonId; 3] {
    let mut ids = Vec::new();
    for open_id in ["oLin0001", "oWang001"] {
        for i in 0..3 {
            ids.push(settle(store, touch(open_id, &format!("{open_id} {i}"))).await.person);
        }
    }
    settle(store, touch("oMei0001", "mei open")).await;
    settle(store, touch_union("uMei0001", "mei union")).await;
    let merged = settle(store, with_union(touch("oMei0001", "mei both"), "uMei0001")).await;
    [ids[0], ids[3], merged.person]
}

async fn look(store: &dyn Store) -> Report {
    verify(store, &|_, _| {}).await.unwrap()
}

pub(super) async fn an_untouched_store_agrees_with_its_log(database: Database) {
    let store = database.gateway().await;
    furnish(&*store).await;
    let (calls, last) = (Cell::new(0), Cell::new((0, 1)));

    let report = verify(&*store, &|done, total| {
        calls.set(calls.get() + 1);
        last.set((done, total));
    })
    .await
    .unwrap();

    assert_eq!(report, Report { events: 9, persons: 4, differences: vec![] });
    assert!(calls.get() > 0);
    assert_eq!(last.get().0, last.get().1, "the bar ends at its end");
}

pub(super) async fn a_state_edited_by_hand_is_found(database: Database) {
    let store = database.gateway().await;
    let [lin, ..] = furnish(&*store).await;
    let no = store.person(PersonRef::Id(lin)).await.unwrap().unwrap().no;

    let (from, to) = (postcard::to_stdvec(&NOW).unwrap(), postcard::to_stdvec(&(NOW + 1)).unwrap());
    database
        .edit_state(no, |state| {
            // `first_at` and `last_at` are the same here, and come last but for the event and the hash.
            let at = state.windows(from.len()).rposition(|bytes| bytes == from).unwrap();
            state.splice(at..at + from.len(), to);
        })
        .await;
    let report = look(&*store).await;

    assert_eq!(report.differences.len(), 1, "{report:?}");
    assert_eq!(report.differences[0].person, Some(lin));
    assert!(report.differences[0].what.contains("`last_at` is 1700000000001"), "{report:?}");
}

pub(super) async fn a_broken_chain_is_found(database: Database) {
    let store = database.gateway().await;
    let [_, wang, _] = furnish(&*store).await;
    let person = store.person(PersonRef::Id(wang)).await.unwrap().unwrap();

    database
        .execute(&format!("UPDATE event SET prev = prev - 1 WHERE id = {}", person.state.last_event))
        .await;
    let report = look(&*store).await;

    assert_eq!(report.differences.len(), 1, "{report:?}");
    assert_eq!(report.differences[0].person, Some(wang));
}

pub(super) async fn a_missing_event_is_found(database: Database) {
    let store = database.gateway().await;
    let [lin, _, mei] = furnish(&*store).await;
    let first_of_lin = store.log(0, 1).await.unwrap()[0].event;
    let last_of_mei = store.person(PersonRef::Id(mei)).await.unwrap().unwrap().state.last_event;

    database.execute(&format!("DELETE FROM event WHERE id IN ({first_of_lin}, {last_of_mei})")).await;
    let report = look(&*store).await;

    let mut found: Vec<_> = report.differences.iter().filter_map(|difference| difference.person).collect();
    found.dedup();
    assert!(found.contains(&lin) && found.contains(&mei), "{report:?}");
}

pub(super) async fn a_row_that_cannot_be_read_is_found(database: Database) {
    let store = database.gateway().await;
    let [lin, wang, _] = furnish(&*store).await;
    let no = store.person(PersonRef::Id(lin)).await.unwrap().unwrap().no;
    let event = store.person(PersonRef::Id(wang)).await.unwrap().unwrap().state.last_event;

    database.edit_state(no, |state| state.truncate(20)).await;
    database.edit("event", "command", "\"touch\"", "\"nothing we know\"", &format!("id = {event}")).await;
    let report = look(&*store).await;

    assert_eq!(report.events, 8);
    let whats: Vec<_> = report.differences.iter().map(ToString::to_string).collect();
    assert!(
        whats.iter().any(|what| what.contains(&wang.to_string()) && what.contains("column command")),
        "{whats:?}"
    );
    assert_eq!(report.differences.len(), 2, "{whats:?}");
}

pub(super) async fn a_store_in_use_agrees(database: Database) {
    let gateways: [Arc<dyn Store>; 2] = [database.gateway().await, database.gateway().await];
    furnish(&*gateways[0]).await;

    let using = join_all((0..400).map(|i| {
        let gateway = &gateways[i % 2];
        async move {
            let open_id = format!("oLin{:04}", i % 7);
            let union_id = format!("uLin{:04}", i % 7);
            let mut command = match i % 3 {
                0 => touch(&open_id, &format!("u{i}")),
                1 => touch_union(&union_id, &format!("u{i}")),
                _ => with_union(touch(&open_id, &format!("u{i}")), &union_id),
            };
            command.kind =
                ["pay.success", "mp.visit", "ad.click", "pay.refund", "oa.subscribe"][i % 5].into();
            if i % 5 == 4 {
                command.action = Action::Follow;
            }
            command.facts.amount_fen = Some(10_000);
            command.facts.reference = Some(format!("order-{}", i / 10).into());
            command.facts.source = Some("moments".into());
            settle(&**gateway, command).await
        }
    }));
    let (settled, while_in_use) = join(using, look(&*gateways[0])).await;
    let afterwards = look(&*gateways[1]).await;

    assert!(while_in_use.differences.is_empty(), "{while_in_use:?}");
    assert!(afterwards.differences.is_empty(), "{afterwards:?}");
    assert_eq!(afterwards.events, 409);
    let merges = settled.iter().filter(|receipt| receipt.outcome.merged.is_some()).count();
    let earned = settled.iter().filter(|receipt| !receipt.outcome.entries.is_empty()).count();
    assert!(merges > 0 && earned > 100, "{merges} merges, {earned} events that moved points");
}
