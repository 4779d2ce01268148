//! A refund takes back its share, whatever comes first.

use super::harness::{Change as _, NOON, Person, event, program};
use crate::clock::DAY;
use crate::ledger::{Bucket, Command, Life, Program};

fn pay(order: &str, fen: i64) -> Command {
    event("pay.success").fen(fen).with(|facts| facts.reference = Some(order.into()))
}

fn refund(order: &str, fen: i64) -> Command {
    event("pay.refund").fen(fen).with(|facts| facts.reference = Some(order.into()))
}

#[test]
fn a_refund_takes_back_in_proportion_and_at_most_everything() {
    let stock = Program::stock();
    let mut lin = Person::new(&stock);
    lin.settle(pay("order-1", 12_900));
    lin.settle(pay("order-2", 5_000));

    assert_eq!(lin.earns(refund("order-1", 6_450), "pay"), (-64, None));
    assert_eq!(lin.total(NOON), 115);
    assert_eq!(lin.earns(refund("order-1", 6_450), "pay"), (-65, None));
    assert_eq!(lin.earns(refund("order-1", 6_450), "pay"), (0, None));
    assert_eq!(lin.total(NOON), 50);
    let month = &lin.state.months[0];
    assert_eq!((month.points, month.count, month.fen), (50, 1, 5_000));
}

#[test]
fn a_refund_without_an_amount_takes_back_all_and_one_without_a_ref_nothing() {
    let stock = Program::stock();
    let mut lin = Person::new(&stock);
    lin.settle(pay("order-1", 12_900));

    let nameless = event("pay.refund").fen(100);
    assert_eq!(lin.earns(nameless, "pay"), (0, Some("no_ref".into())));
    let decision = lin.settle(refund("order-1", 1).with(|facts| facts.amount_fen = None));

    let entry = &decision.outcome.entries[0];
    assert_eq!((&*entry.rule, entry.from, entry.to), ("reverse:pay", Bucket::Unclaimed, Bucket::Adjusted));
    assert_eq!(lin.total(NOON), 0);
}

#[test]
fn a_refund_that_comes_first_waits_for_its_payment() {
    let stock = Program::stock();
    let mut lin = Person::new(&stock);

    assert_eq!(lin.earns(refund("order-1", 6_450), "pay"), (0, Some("no_payment".into())));
    assert_eq!(lin.earns(pay("order-1", 12_900), "pay"), (65, Some("refunded".into())));

    let mut in_order = Person::new(&stock);
    in_order.settle(pay("order-1", 12_900));
    in_order.settle(refund("order-1", 6_450));
    assert_eq!(lin.state.lots, in_order.state.lots);
    assert_eq!(lin.state.refs, in_order.state.refs);
    assert_eq!(lin.state.months, in_order.state.months);
}

#[test]
fn a_refund_takes_from_its_own_lot_first() {
    let stock = Program::stock();
    let mut lin = Person::new(&stock);
    lin.settle(pay("old", 10_000));
    lin.settle(pay("new", 10_000).at(NOON + DAY));

    lin.settle(refund("new", 10_000).at(NOON + 2 * DAY));

    assert_eq!(lin.state.lots.len(), 1);
    assert_eq!(lin.state.lots[0].expires, Some(stock.day(NOON).number() + 365));
}

#[test]
fn a_refund_of_spent_points_is_a_debt_that_the_next_earnings_settle() {
    let stock = Program::stock();
    let mut lin = Person::new(&stock);
    lin.settle(pay("order-1", 10_000));
    lin.settle(event("event.checkin"));
    lin.state.lots.retain(|lot| *lot.group != *"pay");

    assert_eq!(lin.earns(refund("order-1", 10_000), "pay"), (-100, Some("debt".into())));
    assert_eq!((lin.state.debt, lin.total(NOON)), (100, 500));

    let decision = lin.settle(event("mp.visit"));
    let entry = &decision.outcome.entries[0];
    assert_eq!(
        (&*entry.rule, entry.from, entry.to, entry.points),
        ("debt", Bucket::Issued, Bucket::Adjusted, 10)
    );
    assert_eq!((lin.state.debt, lin.total(NOON)), (90, 500));
    lin.settle(pay("order-2", 10_000));
    assert_eq!((lin.state.debt, lin.total(NOON)), (0, 510));
}

#[test]
fn points_that_were_held_go_back_from_where_they_are() {
    let stock = Program::stock();
    let mut lin = Person::new(&stock);
    lin.state.life = Life::Member;
    lin.settle(pay("order-1", 10_000));
    lin.settle(pay("order-2", 10_000));

    let held = lin.settle(refund("order-1", 10_000));
    assert_eq!(held.outcome.entries[0].from, Bucket::Held);

    let released = lin.settle(refund("order-2", 10_000).at(NOON + 8 * DAY));
    let moves: Vec<_> = released.outcome.entries.iter().map(|e| (&*e.rule, e.from, e.to)).collect();
    assert_eq!(
        moves,
        [("release", Bucket::Held, Bucket::Available), ("reverse:pay", Bucket::Available, Bucket::Adjusted)]
    );
    assert_eq!((lin.total(NOON), lin.state.debt), (0, 0));
}

#[test]
fn a_refund_after_the_points_expired_takes_nothing() {
    let stock = Program::stock();
    let mut lin = Person::new(&stock);
    lin.settle(pay("order-1", 10_000));

    let verdict = lin.earns(refund("order-1", 10_000).at(NOON + 400 * DAY), "pay");

    assert_eq!(verdict, (0, Some("expired".into())));
    assert_eq!(lin.state.debt, 0);
}

#[test]
fn what_a_cap_had_stopped_takes_the_place_of_what_is_refunded() {
    let program = program(
        r#"[[rule]]
        id = "pay"
        on = "pay.success"
        per = { fen = 100, points = 1 }
        reverse_on = "pay.refund"
        cap = { per = "day", points = 1000 }"#,
    );
    for orders in [["a", "b"], ["b", "a"]] {
        let mut lin = Person::new(&program);
        for order in orders {
            lin.settle(pay(order, 80_000));
        }
        assert_eq!(lin.total(NOON), 1000);

        lin.settle(refund("a", 80_000));

        assert_eq!(lin.total(NOON), 800);
    }
}
