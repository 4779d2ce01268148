//! Two persons who turn out to be one.

use super::harness::{Change as _, NOON, Person, event, follow, program};
use crate::clock::DAY;
use crate::ledger::{Bucket, Command, Life, Program};

fn pay(order: &str, fen: i64) -> Command {
    event("pay.success").fen(fen).with(|facts| facts.reference = Some(order.into()))
}

fn merged<'a>(mut into: Person<'a>, other: &Person<'_>) -> Person<'a> {
    into.settle_merging(event("x.merge"), Some(&other.state));
    into
}

#[test]
fn points_move_and_keep_their_last_day() {
    let stock = Program::stock();
    let (mut a, mut b) = (Person::new(&stock), Person::new(&stock));
    a.settle(event("event.checkin"));
    b.settle(event("event.checkin").at(NOON + DAY).with(|facts| facts.reference = Some("gala".into())));
    b.settle(pay("order-1", 10_000));

    let one = merged(a, &b);

    assert_eq!(one.total(NOON + DAY), 1_100);
    assert_eq!(one.state.lots.len(), 3);
    assert_eq!(one.state.first_at, NOON);
}

#[test]
fn two_bonuses_once_ever_become_one() {
    let stock = Program::stock();
    let (mut a, mut b) = (Person::new(&stock), Person::new(&stock));
    a.settle(follow());
    b.settle(follow().at(NOON + DAY));

    let mut one = a.clone();
    let decision = one.settle_merging(event("x.merge").at(NOON + DAY), Some(&b.state));

    assert_eq!(one.total(NOON + DAY), 100);
    let verdict = &decision.outcome.verdicts["follow"];
    assert_eq!((verdict.points, verdict.reason.as_deref()), (-100, Some("merge")));
    let entry = &decision.outcome.entries[0];
    assert_eq!((&*entry.rule, entry.to, entry.points), ("merge:follow", Bucket::Adjusted, 100));
    assert_eq!(one.earns(follow().at(NOON + 2 * DAY), "follow").0, 0);
}

#[test]
fn caps_hold_over_both_together() {
    let program = program(
        r#"[[rule]]
        id = "visit"
        on = "mp.visit"
        points = 10
        cap = [{ per = "day", times = 3 }, { per = "year", points = 50 }]"#,
    );
    let visits = |days: &[i64]| {
        let mut person = Person::new(&program);
        for day in days {
            person.settle(event("mp.visit").at(NOON + day * DAY));
        }
        person
    };
    // Of each alone: 2 + 2 on two days; together 3 + 3, of which the year lets 5 pass.
    let mut one = merged(visits(&[0, 0, 1, 1]), &visits(&[0, 0, 1, 1]));

    assert_eq!(one.total(NOON + DAY), 50);
    assert_eq!(one.earns(event("mp.visit").at(NOON), "visit"), (0, Some("cap.day".into())));
    assert_eq!(one.earns(event("mp.visit").at(NOON + 2 * DAY), "visit"), (0, Some("cap.year".into())));

    let alone = visits(&[0, 0, 0, 0, 1, 1, 1, 1]);
    assert_eq!(alone.total(NOON + DAY), 50);
}

#[test]
fn a_payment_to_one_and_its_refund_to_the_other_meet() {
    let stock = Program::stock();
    let (mut a, mut b) = (Person::new(&stock), Person::new(&stock));
    a.settle(pay("order-1", 10_000));
    b.settle(event("pay.refund").fen(5_000).with(|facts| facts.reference = Some("order-1".into())));

    assert_eq!(merged(a.clone(), &b).total(NOON), 50);
    assert_eq!(merged(b, &a).total(NOON), 50);
}

#[test]
fn a_payment_told_twice_under_two_names_counts_once_where_its_rule_says_so() {
    let program = program(
        r#"[[rule]]
        id = "pay"
        on = "pay.success"
        per = { fen = 100, points = 1 }
        reverse_on = "pay.refund"
        cap = { per = "ref", times = 1 }"#,
    );
    let (mut a, mut b) = (Person::new(&program), Person::new(&program));
    a.settle(pay("order-1", 10_000));
    b.settle(pay("order-1", 10_000));

    let mut one = merged(a, &b);
    assert_eq!(one.total(NOON), 100);

    one.settle(event("pay.refund").fen(5_000).with(|facts| facts.reference = Some("order-1".into())));
    assert_eq!(one.total(NOON), 50);
}

#[test]
fn a_members_visitor_self_brings_claimed_points() {
    let stock = Program::stock();
    let (mut member, mut visitor) = (Person::new(&stock), Person::new(&stock));
    member.state.life = Life::Member;
    member.settle(event("x.join"));
    visitor.settle(event("event.checkin"));

    let one = merged(member, &visitor);

    let balance = stock.balance(&one.state, NOON);
    assert_eq!((balance.unclaimed, balance.available), (0, 500));
}

#[test]
fn being_forgotten_wins() {
    let stock = Program::stock();
    let (mut forgotten, mut other) = (Person::new(&stock), Person::new(&stock));
    forgotten.state.life = Life::Erased;
    other.settle(event("event.checkin"));

    for one in [merged(forgotten.clone(), &other), merged(other, &forgotten)] {
        assert_eq!(one.state.life, Life::Erased);
        assert_eq!(one.total(NOON), 0);
    }
}
