//! What is still to be done, handed out.

use std::collections::BTreeSet;

use futures::future::join_all;
use wechat_gateway::ids::{AppId, DedupeKey};
use wechat_gateway::ledger::{Action, Command, Errand, Facts, Fate, Resolution, Subject};
use wechat_gateway::store::{PersonRef, Store, Task};

use super::database::NOW;
use super::{APP, Database, settle, touch, touch_union};

/// A follow of somebody whose UnionID is not known yet: the store owes an [`Errand::Resolve`].
pub(super) fn provisional(open_id: &str) -> Command {
    let mut command = touch(open_id, &format!("follow {open_id}"));
    command.kind = "oa.subscribe".into();
    command.action = Action::Follow;
    command.subject.resolution = Resolution::Later;
    command
}

/// The end of an errand, as the outbox settles it.
fn ending(task: &Task, kind: &str, action: Action) -> Command {
    Command {
        key: DedupeKey::of(0, &format!("{kind}:{}", task.errand)),
        request: None,
        subject: Subject {
            person: Some(task.person),
            union_id: None,
            identity: None,
            resolution: Resolution::Never,
        },
        kind: kind.into(),
        occurred_at: NOW + 2_000,
        received_at: NOW + 2_000,
        facts: Facts { app_id: Some(AppId::parse(APP).unwrap()), ..Facts::default() },
        action,
    }
}

async fn due(store: &dyn Store, now: i64) -> Vec<Task> {
    store.claim(now, 100, 15_000).await.unwrap()
}

pub(super) async fn an_errand_is_handed_out_once_and_again_when_its_lease_is_over(database: Database) {
    let store = database.gateway().await;
    let receipt = settle(&*store, provisional("oLin0001")).await;
    assert!(due(&*store, NOW).await.is_empty(), "not due yet");

    let first = due(&*store, NOW + 1_000).await;
    let meanwhile = due(&*store, NOW + 15_999).await;
    let again = due(&*store, NOW + 16_000).await;

    assert!(meanwhile.is_empty());
    let ([first], [again]) = (&first[..], &again[..]) else { panic!("{first:?} {again:?}") };
    assert!(matches!(first.what, Errand::Resolve));
    assert_eq!((first.attempts, first.abandoned), (1, false));
    assert_eq!((again.errand, again.attempts, again.abandoned), (first.errand, 2, true));
    assert_eq!((first.event, &*first.app_id.to_string()), (receipt.event, APP));
    assert_eq!(first.identity.as_ref().unwrap().open_id.as_str(), "oLin0001");
    let person = store.person(PersonRef::No(first.person)).await.unwrap().unwrap();
    assert_eq!(person.id, receipt.person);
    assert_eq!(
        database.number("SELECT count(*) FROM outbox WHERE CAST(link AS text) LIKE '%oLin%'").await,
        0
    );
}

pub(super) async fn an_errand_given_back_is_due_when_it_says(database: Database) {
    let store = database.gateway().await;
    settle(&*store, provisional("oLin0001")).await;
    let task = due(&*store, NOW + 1_000).await.remove(0);

    store.postpone(task.errand, NOW + 3_000).await.unwrap();

    assert!(due(&*store, NOW + 2_999).await.is_empty());
    let again = due(&*store, NOW + 3_000).await.remove(0);
    assert_eq!((again.errand, again.attempts, again.abandoned), (task.errand, 2, false));
}

pub(super) async fn two_gateways_never_hold_the_same_errand(database: Database) {
    let gateways = [database.gateway().await, database.gateway().await];
    join_all((0..60).map(|i| settle_owned(&*gateways[0], provisional(&format!("oLin{i:04}"))))).await;

    let claims = join_all((0..12).map(|i| gateways[i % 2].claim(NOW + 1_000, 5, 15_000))).await;

    let tasks: Vec<Task> = claims.into_iter().flat_map(Result::unwrap).collect();
    let distinct: BTreeSet<i64> = tasks.iter().map(|task| task.errand).collect();
    assert_eq!((tasks.len(), distinct.len()), (60, 60));
}

async fn settle_owned(store: &dyn Store, command: Command) {
    settle(store, command).await;
}

pub(super) async fn an_errand_ends_with_the_command_that_names_it_and_its_heir_knows_the_follower(
    database: Database,
) {
    let store = database.gateway().await;
    // The brand knows her by UnionID already; the follow comes under an OpenID that nobody has seen.
    let mut purchase = touch_union("uLin0001", "purchase");
    purchase.kind = "pay.success".into();
    purchase.facts.amount_fen = Some(12_900);
    let known = settle(&*store, purchase).await;
    let follow = settle(&*store, provisional("oLin0001")).await;
    assert_eq!(follow.outcome.welcome, Some(Fate::Owed));
    let task = due(&*store, NOW + 1_000).await.remove(0);

    let mut found = ending(&task, "person.resolve", Action::Resolve { errand: task.errand });
    found.subject.union_id = touch_union("uLin0001", "").subject.union_id;
    let merged = settle(&*store, found.clone()).await;
    let repeated = settle(&*store, found).await;

    assert!(!repeated.fresh);
    assert!(merged.outcome.merged.is_some());
    let tasks = due(&*store, NOW + 2_000).await;
    let [send] = &tasks[..] else { panic!("{tasks:?}") };
    assert_ne!(send.errand, task.errand);
    assert!(matches!(send.what, Errand::Send { .. }), "{send:?}");
    assert_eq!(send.identity.as_ref().unwrap().open_id.as_str(), "oLin0001");
    let person = store.person(PersonRef::No(send.person)).await.unwrap().unwrap();
    assert_eq!(
        person.state.lots.iter().map(|lot| lot.left).sum::<i64>(),
        229,
        "129 for the purchase, 100 to follow"
    );
    for old in [known.person, follow.person] {
        assert_eq!(store.person(PersonRef::Id(old)).await.unwrap().unwrap().no, person.no);
    }

    let conclude = Action::Conclude { errand: send.errand, event: follow.event, fate: Fate::Sent };
    settle(&*store, ending(send, "welcome.concluded", conclude)).await;
    assert!(due(&*store, NOW + 1_000_000).await.is_empty());
    store.postpone(send.errand, NOW).await.unwrap();
    assert!(due(&*store, NOW + 1_000_000).await.is_empty(), "ended stays ended");
}

pub(super) async fn an_errand_of_whoever_was_erased_names_nobody(database: Database) {
    let store = database.gateway().await;
    settle(&*store, provisional("oLin0001")).await;
    let mut unfollow = provisional("oLin0001");
    unfollow.key = DedupeKey::of(NOW, "unfollow");
    unfollow.kind = "oa.unsubscribe".into();
    unfollow.action = Action::Unfollow;
    unfollow.occurred_at += 1_000;
    settle(&*store, unfollow).await;

    let tasks = due(&*store, NOW + 40 * 86_400_000).await;

    let kinds: Vec<_> = tasks.iter().map(|task| matches!(task.what, Errand::Lapse)).collect();
    assert_eq!(kinds.iter().filter(|lapse| **lapse).count(), 1, "{tasks:?}");
    assert!(tasks.iter().all(|task| task.identity.is_none()), "{tasks:?}");
}

pub(super) async fn an_errand_claimed_while_its_person_is_merged_knows_the_follower(database: Database) {
    let store = database.gateway().await;
    settle(&*store, provisional("oLin0001")).await;
    let known = settle(&*store, touch_union("uLin0001", "k")).await;
    let known = store.person(PersonRef::Id(known.person)).await.unwrap().unwrap().no;
    database.execute("BEGIN; LOCK TABLE identity IN ACCESS EXCLUSIVE MODE").await;

    let claim = async {
        loop {
            // A lock is refused soon, and nothing is handed out then.
            if let Ok(tasks) = store.claim(NOW + 1_000, 100, 15_000).await {
                return tasks;
            }
        }
    };
    let merge = async {
        database.waiting(1).await;
        database.execute(&format!("UPDATE person SET merged_into = {known} WHERE no <> {known}")).await;
        database.execute(&format!("UPDATE identity SET person = {known}; COMMIT")).await;
    };
    let (tasks, ()) = futures::join!(claim, merge);

    assert_eq!(tasks.len(), 1);
    assert_eq!(tasks[0].person, known);
    assert_eq!(tasks[0].identity.as_ref().unwrap().open_id.as_str(), "oLin0001");
}

pub(super) async fn an_errand_that_cannot_be_read_leaves_the_others_alone(database: Database) {
    let store = database.gateway().await;
    for i in 0..4 {
        settle(&*store, provisional(&format!("oLin{i:04}"))).await;
    }
    let bad = database.number("SELECT min(id) FROM outbox").await;
    database.execute(&format!("UPDATE outbox SET errand = '\"nothing we know\"' WHERE id = {bad}")).await;

    let first = due(&*store, NOW + 1_000).await;
    // One at a time: what cannot be read is not what is found first for ever.
    for task in &first {
        store.postpone(task.errand, NOW + 2_000).await.unwrap();
    }
    let next = store.claim(NOW + 2_000, 1, 15_000).await.unwrap();

    assert_eq!(first.len(), 3, "{first:?}");
    assert!(first.iter().all(|task| task.errand != bad), "{first:?}");
    assert_eq!(next.len(), 1);
    assert_eq!(database.number("SELECT count(*) FROM outbox").await, 4, "it is kept");
}
