//! What was answered is never lost and never counted twice.

use futures::future::join_all;
use wechat_gateway::ledger::Request;
use wechat_gateway::store::{PersonRef, Settled, StoreError};

use super::{Database, settle, touch};

pub(super) async fn a_repeated_command_gets_what_was_stored(database: Database) {
    let store = database.gateway().await;
    let first = settle(&*store, touch("oLin0001", "k1")).await;
    let mut late = touch("oLin0001", "k1");
    late.received_at += 5_000;

    let again = settle(&*store, late).await;

    assert!(first.fresh && !again.fresh && !again.replayed);
    assert_eq!(
        (again.event, again.person, again.received_at),
        (first.event, first.person, first.received_at)
    );
    assert_eq!(again.reply, first.reply);
    assert_eq!(
        serde_json::to_string(&*again.outcome).unwrap(),
        serde_json::to_string(&*first.outcome).unwrap()
    );
    assert_eq!(store.log(0, 10).await.unwrap().len(), 1);
}

pub(super) async fn a_repeat_within_one_commit_is_settled_once(database: Database) {
    let store = database.gateway().await;

    // Sixty-four at once share commits, whichever way they fall.
    let settled = join_all((0..64).map(|i| settle(&*store, touch("oLin0001", &format!("k{}", i % 4))))).await;

    assert_eq!(settled.iter().filter(|receipt| receipt.fresh).count(), 4);
    assert_eq!(store.log(0, 100).await.unwrap().len(), 4);
}

pub(super) async fn concurrent_repeats_over_two_gateways_are_settled_once(database: Database) {
    let gateways = [database.gateway().await, database.gateway().await];
    let commands =
        (0..200).map(|i| (i % 2, touch(&format!("oLin{:04}", i / 2 % 10), &format!("k{}", i / 2))));

    let settled = join_all(commands.map(|(gateway, command)| settle(&*gateways[gateway], command))).await;

    assert_eq!(settled.iter().filter(|receipt| receipt.fresh).count(), 100);
    for pair in settled.chunks(2) {
        assert_eq!((pair[0].event, pair[0].person), (pair[1].event, pair[1].person));
    }
    assert_eq!(gateways[0].log(0, 1_000).await.unwrap().len(), 100);
}

pub(super) async fn a_repeat_is_found_however_long_ago_it_was_and_by_whichever_gateway(database: Database) {
    const EVENTS: usize = 9_000;
    let command = |i: usize| {
        let mut command = touch(&format!("oLin{:04}", i % 50), &format!("k{i}"));
        // Some keys have no time in them.
        if i.is_multiple_of(3) {
            command.key.at = 0;
        }
        command
    };
    let gateways = [database.gateway().await, database.gateway().await];
    for start in (0..EVENTS).step_by(500) {
        let gateway = &*gateways[start / 500 % 2];
        let settled = join_all((start..start + 500).map(|i| settle(gateway, command(i)))).await;
        assert!(settled.iter().all(|receipt| receipt.fresh));
    }
    let restarted = database.gateway().await;

    for i in (0..EVENTS).step_by(97) {
        for gateway in [&gateways[0], &gateways[1], &restarted] {
            assert!(!settle(&**gateway, command(i)).await.fresh, "{i}");
        }
    }

    assert_eq!(database.number("SELECT count(*) FROM event").await, EVENTS as i64);
}

pub(super) async fn the_same_request_again_is_replayed_and_another_one_is_a_duplicate(database: Database) {
    let store = database.gateway().await;
    let under = |key: u8| {
        let mut command = touch("oLin0001", "k1");
        command.request = Some(Request { key: [key; 16], body: [7; 16] });
        command
    };
    let first = settle(&*store, under(1)).await;

    let same = settle(&*store, under(1)).await;
    let other = settle(&*store, under(2)).await;

    assert!(first.fresh && !first.replayed);
    assert!(!same.fresh && same.replayed);
    assert!(!other.fresh && !other.replayed);
}

pub(super) async fn an_idempotency_key_with_another_body_is_refused(database: Database) {
    let store = database.gateway().await;
    let with_body = |body: u8, key: &str| {
        let mut command = touch("oLin0001", key);
        command.request = Some(Request { key: [1; 16], body: [body; 16] });
        command
    };
    settle(&*store, with_body(7, "k1")).await;

    let refused = store.settle(with_body(8, "k2")).await;

    assert!(matches!(refused, Err(StoreError::KeyReused)), "{refused:?}");
    assert_eq!(store.log(0, 10).await.unwrap().len(), 1);
    settle(&*store, with_body(7, "k2")).await;
}

pub(super) async fn a_restart_knows_everything(database: Database) {
    let store = database.gateway().await;
    let before = settle(&*store, touch("oLin0001", "k1")).await;
    drop(store);

    let store = database.gateway().await;
    let again = settle(&*store, touch("oLin0001", "k1")).await;
    let next = store.settle(touch("oLin0001", "k2")).await.unwrap();

    assert_eq!((again.fresh, again.event, again.person), (false, before.event, before.person));
    let Settled::Done(next) = next else { panic!("known") };
    assert_eq!((next.fresh, next.person), (true, before.person));
    assert!(next.event > before.event);
    let person = store.person(PersonRef::Id(before.person)).await.unwrap().unwrap();
    assert_eq!(person.state.last_event, next.event);
}
