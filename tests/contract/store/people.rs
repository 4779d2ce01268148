//! Whom a command concerns.

use wechat_gateway::ids::{AppId, OpenId, UnionId};
use wechat_gateway::ledger::{Action, Resolution};
use wechat_gateway::store::{PersonRef, Settled};

use super::{APP, Database, settle, touch, touch_union, with_union};

fn open(open_id: &str) -> PersonRef {
    PersonRef::Open(AppId::parse(APP).unwrap(), OpenId::parse(open_id).unwrap())
}

fn union(union_id: &str) -> PersonRef {
    PersonRef::Union(UnionId::parse(union_id).unwrap())
}

pub(super) async fn a_stranger_is_not_written_down(database: Database) {
    let store = database.gateway().await;
    let mut ask = touch("oLin0001", "k1");
    ask.subject.resolution = Resolution::Ask;

    let settled = store.settle(ask.clone()).await.unwrap();

    assert!(matches!(settled, Settled::Stranger));
    assert!(store.log(0, 10).await.unwrap().is_empty());
    assert!(store.person(open("oLin0001")).await.unwrap().is_none());
    // Once known, the same question is settled.
    settle(&*store, touch("oLin0001", "k2")).await;
    assert!(settle(&*store, ask).await.fresh);
}

pub(super) async fn a_provisional_person_who_follows_is_asked_for(database: Database) {
    let store = database.gateway().await;
    let provisional = settle(&*store, touch("oLin0001", "k1")).await;
    let known = settle(&*store, touch_union("uLin0001", "k2")).await;
    let mut follow = touch("oLin0001", "k3");
    follow.action = Action::Follow;
    follow.subject.resolution = Resolution::Ask;

    let asked = store.settle(follow.clone()).await.unwrap();
    let answered = settle(&*store, with_union(follow.clone(), "uLin0001")).await;
    let again = settle(&*store, follow).await;

    assert!(matches!(asked, Settled::Stranger));
    assert!(answered.fresh && [provisional.person, known.person].contains(&answered.person));
    assert_eq!((again.fresh, again.person), (false, answered.person));
    assert_eq!(database.number("SELECT count(*) FROM event").await, 3);
}

pub(super) async fn a_name_that_is_known_leads_to_the_same_person(database: Database) {
    let store = database.gateway().await;
    let by_union = settle(&*store, touch_union("uLin0001", "k1")).await;

    let by_both = settle(&*store, with_union(touch("oLin0001", "k2"), "uLin0001")).await;
    let by_open = settle(&*store, touch("oLin0001", "k3")).await;

    assert_eq!((by_both.person, by_open.person), (by_union.person, by_union.person));
    let person = store.person(union("uLin0001")).await.unwrap().unwrap();
    assert_eq!(person.id, by_union.person);
    assert_eq!(person.identities.len(), 1);
    for name in [open("oLin0001"), PersonRef::Id(person.id), PersonRef::No(person.no)] {
        assert_eq!(store.person(name).await.unwrap().unwrap().no, person.no);
    }
}

pub(super) async fn two_gateways_meeting_the_same_new_follower_know_one_person(database: Database) {
    let gateways = [database.gateway().await, database.gateway().await];

    for round in 0..20 {
        let open_id = format!("oLin{round:04}");
        let (one, other) = futures::join!(
            settle(
                &*gateways[0],
                with_union(touch(&open_id, &format!("a{round}")), &format!("uLin{round:04}"))
            ),
            settle(&*gateways[1], touch(&open_id, &format!("b{round}"))),
        );
        assert_eq!(one.person, other.person, "round {round}");
    }

    assert_eq!(database.number("SELECT count(*) FROM person").await, 20);
    assert_eq!(database.number("SELECT count(*) FROM identity").await, 20);
}

pub(super) async fn a_provisional_person_is_merged_when_the_union_id_is_found(database: Database) {
    let store = database.gateway().await;
    let mut early = touch_union("uLin0001", "k1");
    early.occurred_at -= 1_000;
    let known = settle(&*store, early).await;
    let provisional = settle(&*store, touch("oLin0001", "k2")).await;
    assert_ne!(known.person, provisional.person);

    let no = store.person(PersonRef::Id(provisional.person)).await.unwrap().unwrap().no;
    let mut found = with_union(touch("oLin0001", "k3"), "uLin0001");
    found.subject.identity = None;
    found.subject.person = Some(no);
    found.action = Action::Resolve { errand: 0 };
    let merged = settle(&*store, found).await;

    let person = store.person(open("oLin0001")).await.unwrap().unwrap();
    assert_eq!(person.id, merged.person);
    assert_eq!(person.union_id, Some(UnionId::parse("uLin0001").unwrap()));
    for name in
        [PersonRef::Id(known.person), PersonRef::Id(provisional.person), PersonRef::No(no), union("uLin0001")]
    {
        assert_eq!(store.person(name).await.unwrap().unwrap().id, merged.person);
    }
    // What the outbox still owes names the number that was merged away.
    let mut later = touch("oLin0001", "k4");
    later.subject.identity = None;
    later.subject.person = Some(no);
    assert_eq!(settle(&*store, later).await.person, merged.person);
    assert!(merged.outcome.merged.is_some());
}

pub(super) async fn two_different_union_ids_never_merge(database: Database) {
    let store = database.gateway().await;
    let lin = settle(&*store, with_union(touch("oLin0001", "k1"), "uLin0001")).await;
    let mother = settle(&*store, touch_union("uMother1", "k2")).await;

    let known_other = settle(&*store, with_union(touch("oLin0001", "k3"), "uMother1")).await;
    let unknown_other = settle(&*store, with_union(touch("oLin0001", "k4"), "uNobody1")).await;

    assert_eq!((known_other.person, unknown_other.person), (lin.person, lin.person));
    for receipt in [known_other, unknown_other] {
        assert_eq!(receipt.outcome.verdicts["merge"].reason.as_deref(), Some("union_id.conflict"));
    }
    assert_eq!(store.person(union("uMother1")).await.unwrap().unwrap().id, mother.person);
    assert_eq!(store.person(union("uLin0001")).await.unwrap().unwrap().id, lin.person);
    assert!(store.person(union("uNobody1")).await.unwrap().is_none());
}
