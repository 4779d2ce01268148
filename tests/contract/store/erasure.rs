//! Who leaves is forgotten by name, and recognised all the same.

use std::time::Duration;

use wechat_gateway::ids::{AppId, OpenId, UnionId};
use wechat_gateway::ledger::{Action, Life};
use wechat_gateway::store::{PersonRef, Settled, Store, verify};

use super::{APP, Database, settle, touch, touch_union, with_union};
use crate::wait::until;

const DAY: i64 = 86_400_000;

pub(super) fn follow(open_id: &str, day: i64) -> wechat_gateway::ledger::Command {
    let mut command = touch(open_id, &format!("follow {open_id} {day}"));
    command.kind = "oa.subscribe".into();
    command.action = Action::Follow;
    command.occurred_at += day * DAY;
    command.received_at += day * DAY;
    command
}

pub(super) fn unfollow(open_id: &str, day: i64) -> wechat_gateway::ledger::Command {
    let mut command = follow(open_id, day);
    command.key = wechat_gateway::ids::DedupeKey::of(0, &format!("unfollow {open_id} {day}"));
    command.kind = "oa.unsubscribe".into();
    command.action = Action::Unfollow;
    command
}

pub(super) fn erase(open_id: &str, day: i64) -> wechat_gateway::ledger::Command {
    let mut command = unfollow(open_id, day);
    command.kind = "oa.privacy".into();
    command.action = Action::Erase;
    command
}

fn open(open_id: &str) -> PersonRef {
    PersonRef::Open(AppId::parse(APP).unwrap(), OpenId::parse(open_id).unwrap())
}

pub(super) async fn names(database: &Database, name: &str) -> i64 {
    let mut found = 0;
    for (table, columns) in [
        ("identity", &["app_id", "open_id"][..]),
        ("person", &["union_id", "state"]),
        ("event", &["kind", "command", "outcome", "reply"]),
        ("outbox", &["app_id", "link", "errand"]),
    ] {
        for column in columns {
            found += database.rows_with(table, column, name).await;
        }
    }
    found
}

/// A busy machine may take longer to connect than a push may wait, so the store is asked until it is ready.
pub(super) async fn agrees(store: &dyn Store) {
    until(Duration::from_secs(10), "the store is ready", || async { store.ready().await.is_ok() }).await;
    let report = verify(store, &|_, _| {}).await.unwrap();
    assert!(report.differences.is_empty(), "{report:?}");
}

pub(super) async fn leaving_and_returning_finds_the_same_caps(database: Database) {
    let store = database.gateway().await;
    let first = settle(&*store, with_union(follow("oLin0001", 0), "uLin0001")).await;
    assert_eq!(first.outcome.verdicts["follow"].points, 100);

    settle(&*store, unfollow("oLin0001", 1)).await;
    assert_eq!(names(&database, "oLin0001").await + names(&database, "uLin0001").await, 0);
    assert!(store.person(open("oLin0001")).await.unwrap().is_none());
    let left = store.person(PersonRef::Id(first.person)).await.unwrap().unwrap();
    assert!(left.identities.is_empty() && left.union_id.is_none());
    let back = settle(&*store, follow("oLin0001", 2)).await;

    assert_eq!(back.person, first.person);
    assert_eq!(back.outcome.verdicts["follow"].points, 0, "{:?}", back.outcome);
    assert_eq!(store.person(open("oLin0001")).await.unwrap().unwrap().id, first.person);
    // The UnionID comes back with whatever brings it.
    assert_eq!(settle(&*store, touch_union("uLin0001", "purchase")).await.person, first.person);
    let union = store.person(PersonRef::Union(UnionId::parse("uLin0001").unwrap())).await.unwrap().unwrap();
    assert_eq!((union.id, union.identities.len()), (first.person, 1));
    agrees(&*store).await;
}

pub(super) async fn who_leaves_through_one_gateway_returns_through_another(database: Database) {
    let gateways = [database.gateway().await, database.gateway().await];
    let first = settle(&*gateways[0], with_union(follow("oLin0001", 0), "uLin0001")).await;

    settle(&*gateways[1], unfollow("oLin0001", 1)).await;
    let late = settle(&*gateways[0], touch("oLin0001", "while away")).await;
    assert_eq!(names(&database, "oLin0001").await, 0);
    let back = settle(&*gateways[0], follow("oLin0001", 2)).await;

    assert_eq!((late.person, back.person), (first.person, first.person));
    for gateway in &gateways {
        assert_eq!(gateway.person(open("oLin0001")).await.unwrap().unwrap().id, first.person);
    }
    agrees(&*gateways[1]).await;
}

pub(super) async fn who_is_known_elsewhere_keeps_the_union_id(database: Database) {
    let store = database.gateway().await;
    let mut purchase = touch_union("uLin0001", "purchase");
    purchase.kind = "pay.success".into();
    purchase.facts.amount_fen = Some(12_900);
    settle(&*store, purchase).await;
    settle(&*store, with_union(follow("oLin0001", 0), "uLin0001")).await;

    settle(&*store, unfollow("oLin0001", 1)).await;

    assert_eq!(names(&database, "oLin0001").await, 0);
    let person = store.person(PersonRef::Union(UnionId::parse("uLin0001").unwrap())).await.unwrap().unwrap();
    assert!(person.identities.is_empty());
    assert_eq!(person.state.lots.iter().map(|lot| lot.left).sum::<i64>(), 229);
    agrees(&*store).await;
}

pub(super) async fn an_event_that_arrives_late_brings_no_name_back(database: Database) {
    let store = database.gateway().await;
    let lin = settle(&*store, follow("oLin0001", 0)).await;
    settle(&*store, unfollow("oLin0001", 2)).await;
    let mut late = touch("oLin0001", "seen on day 1");
    late.occurred_at += DAY;
    late.received_at += 3 * DAY;

    let settled = settle(&*store, late).await;

    assert_eq!(settled.person, lin.person);
    assert_eq!(names(&database, "oLin0001").await, 0);
}

pub(super) async fn who_asked_to_be_forgotten_stays_forgotten(database: Database) {
    let store = database.gateway().await;
    let lin = settle(&*store, with_union(follow("oLin0001", 0), "uLin0001")).await;
    let mut shop = with_union(touch("oShop001", "shop"), "uLin0001");
    shop.subject.identity =
        Some((AppId::parse("wx00000000000000bb").unwrap(), OpenId::parse("oShop001").unwrap()));
    settle(&*store, shop).await;

    settle(&*store, erase("oLin0001", 1)).await;
    let back = settle(&*store, with_union(follow("oLin0001", 2), "uLin0001")).await;

    assert_eq!(back.person, lin.person);
    for name in ["oLin0001", "uLin0001", "oShop001"] {
        assert_eq!(names(&database, name).await, 0, "{name}");
    }
    let person = store.person(PersonRef::Id(lin.person)).await.unwrap().unwrap();
    assert_eq!(person.state.life, Life::Erased);
    assert!(person.identities.is_empty() && person.union_id.is_none() && person.state.lots.is_empty());
    agrees(&*store).await;
}

pub(super) async fn an_unfollow_of_a_stranger_leaves_no_name(database: Database) {
    let store = database.gateway().await;

    let unfollowed = store.settle(unfollow("oLin0001", 1)).await.unwrap();
    let followed_before = settle(&*store, follow("oLin0001", 0)).await;

    let Settled::Done(unfollowed) = unfollowed else { panic!("settled for whoever it is") };
    assert_eq!(unfollowed.person, followed_before.person);
    assert_eq!(names(&database, "oLin0001").await, 0);
}
