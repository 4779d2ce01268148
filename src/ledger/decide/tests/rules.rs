//! Rules, conditions, caps, boosts, life of points.

use super::harness::{Change as _, NOON, Person, event, follow, program};
use crate::clock::DAY;
use crate::ledger::{Bucket, Life, Program};

fn why(points: i64, reason: &str) -> (i64, Option<String>) {
    (points, Some(reason.to_owned()))
}

fn all(points: i64) -> (i64, Option<String>) {
    (points, None)
}

#[test]
fn a_purchase_earns_by_the_yuan_rounded_down() {
    let stock = Program::stock();
    let mut lin = Person::new(&stock);

    assert_eq!(lin.earns(event("pay.success").fen(12_999), "pay"), all(129));
    assert_eq!(lin.earns(event("pay.success").fen(99), "pay"), why(0, "floor"));
    assert_eq!(lin.earns(event("pay.success"), "pay"), why(0, "no_amount"));
    assert_eq!(lin.total(NOON), 129);
}

#[test]
fn an_event_without_a_basis_earns_nothing() {
    let stock = Program::stock();
    let mut lin = Person::new(&stock);

    let earned = lin.earns(event("mp.visit").with(|facts| facts.basis = None), "mp-visit");

    assert_eq!(earned, why(0, "no_basis"));
    assert!(lin.state.months.is_empty());
}

#[test]
fn a_condition_that_does_not_hold_names_its_field() {
    let program = program(
        r#"[[rule]]
        id = "ad"
        on = "ad.click"
        when = { source = ["moments", "search"], campaign = "summer-*-2026", amount_fen = ">=100" }
        points = 5"#,
    );
    let mut lin = Person::new(&program);
    let click = |source: &str, campaign: &str, fen| {
        event("ad.click").fen(fen).with(|facts| {
            facts.source = Some(source.into());
            facts.campaign = Some(campaign.into());
        })
    };

    assert_eq!(lin.earns(click("moments", "summer-a-2026", 100), "ad"), all(5));
    assert_eq!(lin.earns(click("search", "summer--2026", 100), "ad"), all(5));
    assert_eq!(lin.earns(click("banner", "summer-a-2026", 100), "ad"), why(0, "when.source"));
    assert_eq!(lin.earns(click("moments", "summer-2026", 100), "ad"), why(0, "when.campaign"));
    assert_eq!(lin.earns(click("moments", "summer-a-2026", 99), "ad"), why(0, "when.amount_fen"));
    assert_eq!(lin.earns(event("ad.click"), "ad"), why(0, "when.source"));
}

#[test]
fn a_cap_in_times_counts_its_window() {
    let stock = Program::stock();
    let mut lin = Person::new(&stock);

    for _ in 0..3 {
        assert_eq!(lin.earns(event("mp.visit"), "mp-visit"), all(10));
    }
    assert_eq!(lin.earns(event("mp.visit"), "mp-visit"), why(0, "cap.day"));
    assert_eq!(lin.earns(event("mp.visit").at(NOON + DAY), "mp-visit"), all(10));

    let checkin =
        |reference: &str| event("event.checkin").with(|facts| facts.reference = Some(reference.into()));
    assert_eq!(lin.earns(checkin("gala"), "event-checkin"), all(500));
    assert_eq!(lin.earns(checkin("gala"), "event-checkin"), why(0, "cap.ref"));
    assert_eq!(lin.earns(checkin("A much longer name of an event, 很长"), "event-checkin"), all(500));
    assert_eq!(
        lin.earns(checkin("A much longer name of an event, 很长"), "event-checkin"),
        why(0, "cap.ref")
    );

    let ad = |campaign: &str| {
        event("ad.click").with(|facts| {
            facts.source = Some("moments".into());
            facts.campaign = Some(campaign.into());
        })
    };
    assert_eq!(lin.earns(ad("summer-a"), "moments-ad"), all(200));
    assert_eq!(lin.earns(ad("summer-a"), "moments-ad"), why(0, "cap.campaign"));
    assert_eq!(lin.earns(ad("summer-b"), "moments-ad"), all(200));
}

#[test]
fn the_second_follow_earns_nothing() {
    let stock = Program::stock();
    let mut lin = Person::new(&stock);

    assert_eq!(lin.earns(follow(), "follow"), all(100));
    assert_eq!(lin.earns(follow().at(NOON + DAY), "follow"), why(0, "cap.ever"));
}

#[test]
fn a_cap_in_points_grants_what_is_left_of_it() {
    let program = program(
        r#"[[rule]]
        id = "pay"
        on = "pay.success"
        per = { fen = 100, points = 1 }
        cap = [{ per = "year", points = 150 }, { per = "day", points = 100 }]"#,
    );
    let mut lin = Person::new(&program);

    assert_eq!(lin.earns(event("pay.success").fen(8_000), "pay"), all(80));
    assert_eq!(lin.earns(event("pay.success").fen(8_000), "pay"), why(20, "cap.day"));
    assert_eq!(lin.earns(event("pay.success").fen(8_000), "pay"), why(0, "cap.day"));
    assert_eq!(lin.earns(event("pay.success").fen(8_000).at(NOON + DAY), "pay"), why(50, "cap.year"));
}

#[test]
fn a_boost_multiplies_by_the_time_of_the_event() {
    let program = program(
        r#"[[rule]]
        id = "visit"
        on = "mp.visit"
        points = 10
        [[boost]]
        id = "double"
        rules = ["visit"]
        times = 2
        from = 2026-11-22T00:00:00+08:00
        until = 2026-11-23T00:00:00+08:00
        [[boost]]
        id = "triple"
        rules = ["visit"]
        times = 3
        from = 2026-11-22T00:00:00+08:00
        until = 2026-11-22T12:00:00+08:00"#,
    );
    let mut lin = Person::new(&program);

    assert_eq!(lin.earns(event("mp.visit").at(NOON - DAY), "visit"), all(10));
    assert_eq!(lin.earns(event("mp.visit").at(NOON - 1), "visit"), all(30));
    assert_eq!(lin.earns(event("mp.visit").at(NOON), "visit"), all(20));
    assert_eq!(lin.earns(event("mp.visit").at(NOON + DAY), "visit"), all(10));
}

#[test]
fn a_visitors_points_are_unclaimed_and_expire_by_an_entry() {
    let stock = Program::stock();
    let mut lin = Person::new(&stock);
    lin.settle(event("event.checkin"));
    assert_eq!(lin.program.balance(&lin.state, NOON).unclaimed, 500);
    assert_eq!(lin.total(NOON + 365 * DAY), 500);
    assert_eq!(lin.total(NOON + 366 * DAY), 0);

    let later = lin.settle(event("x.nothing").at(NOON + 366 * DAY));

    let entry = &later.outcome.entries[0];
    assert_eq!(
        (&*entry.rule, entry.from, entry.to, entry.points),
        ("expire", Bucket::Unclaimed, Bucket::Expired, 500)
    );
    assert!(lin.state.lots.is_empty());
}

#[test]
fn a_members_purchase_is_held_and_then_released_by_an_entry() {
    let stock = Program::stock();
    let mut lin = Person::new(&stock);
    lin.state.life = Life::Member;

    lin.settle(event("pay.success").fen(10_000));
    let balance = |lin: &Person<'_>, at| {
        let balance = lin.program.balance(&lin.state, at);
        (balance.held, balance.available, balance.unclaimed)
    };
    assert_eq!(balance(&lin, NOON), (100, 0, 0));
    assert_eq!(balance(&lin, NOON + 7 * DAY), (0, 100, 0));

    let later = lin.settle(event("x.nothing").at(NOON + 7 * DAY));
    assert_eq!(&*later.outcome.entries[0].rule, "release");
    assert_eq!(balance(&lin, NOON), (0, 100, 0));
    assert_eq!(lin.state.lots[0].release, None);
}

#[test]
fn a_lot_is_one_for_a_group_and_a_day() {
    let stock = Program::stock();
    let mut lin = Person::new(&stock);

    for hour in 0..3 {
        lin.settle(event("mp.visit").at(NOON + hour));
    }
    assert_eq!(lin.state.lots.len(), 1);
    lin.settle(event("mp.visit").at(NOON + DAY));
    assert_eq!(lin.state.lots.len(), 2);
}

#[test]
fn who_is_forgotten_earns_nothing() {
    let stock = Program::stock();
    let mut lin = Person::new(&stock);
    lin.state.life = Life::Erased;

    assert_eq!(lin.earns(event("mp.visit"), "mp-visit"), why(0, "erased"));
}

#[test]
fn a_program_may_give_visitors_their_points_at_once_or_none() {
    let rule = "[[rule]]\nid = \"v\"\non = \"mp.visit\"\npoints = 1";
    let claim = |claim: &str| {
        let rules = format!("[program]\nname = \"A\"\nclaim = \"{claim}\"\n{rule}");
        Program::load(("p", &rules), ("m", "")).unwrap()
    };
    let (now, never) = (claim("immediate"), claim("never"));

    let mut lin = Person::new(&now);
    lin.settle(event("mp.visit"));
    assert_eq!(now.balance(&lin.state, NOON).available, 1);
    assert_eq!(Person::new(&never).earns(event("mp.visit"), "v"), why(0, "claim.never"));
}

#[test]
fn a_day_that_is_forgotten_lets_nothing_more_pass() {
    let stock = Program::stock();
    let mut lin = Person::new(&stock);
    for day in 0..40 {
        lin.settle(event("mp.visit").at(NOON + day * DAY));
    }

    assert_eq!(lin.state.caps.keys().filter(|cap| cap.starts_with("mp-visit|d")).count(), 35);
    assert_eq!(lin.earns(event("mp.visit").at(NOON), "mp-visit"), why(0, "cap.late"));
    assert_eq!(lin.earns(event("mp.visit").at(NOON + 10 * DAY), "mp-visit"), all(10));
}

#[test]
fn counts_are_kept_for_thirteen_months() {
    let stock = Program::stock();
    let mut lin = Person::new(&stock);
    for month in 0..20 {
        lin.settle(event("mp.visit").at(NOON + month * 31 * DAY));
    }
    assert!(lin.state.months.len() <= 13);
    let newest = lin.state.months.last().unwrap().month;

    lin.settle(event("mp.visit").at(NOON));
    assert_eq!(lin.state.months.last().unwrap().month, newest);
    assert!(lin.state.months.iter().all(|month| month.month > newest - 200));
}
