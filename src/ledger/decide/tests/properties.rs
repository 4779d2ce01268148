//! What holds over any events in any order.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use smol_str::SmolStr;

use super::harness::{Change as _, NOON, Person, callback, event, fold, follow, program, unfollow};
use crate::clock::DAY;
use crate::ids::UnionId;
use crate::ledger::{
    Action, Bucket, Command, Facts, Fate, Life, Lot, Program, Resolution, Snapshot, State, decide,
};

/// Touchpoints of a person whose caps, lots and counts do not depend on their order: fixed points, or caps in points.
const RULES: &str = r#"
    claim = "on_join"
    [[rule]]
    id = "pay"
    on = "pay.success"
    per = { fen = 100, points = 1 }
    reverse_on = "pay.refund"
    group = "pay"
    cap = [{ per = "day", points = 300 }, { per = "ever", points = 900 }]
    [[rule]]
    id = "visit"
    on = "mp.visit"
    points = 10
    group = "mini_program"
    cap = [{ per = "day", times = 2 }, { per = "year", points = 70 }]
    [[rule]]
    id = "ad"
    on = "ad.click"
    points = 200
    when = { source = "moments" }
    group = "ad"
    cap = { per = "campaign", times = 1 }
    [[rule]]
    id = "checkin"
    on = "event.checkin"
    points = 500
    group = "event"
    cap = [{ per = "ref", times = 1 }, { per = "ever", times = 2 }]
    [[rule]]
    id = "follow"
    on = "oa.subscribe"
    points = 100
    group = "wechat"
    cap = { per = "ever", times = 1 }"#;

/// One touchpoint, short enough to be read when a property fails.
#[derive(Clone, Debug)]
struct Touch {
    kind: &'static str,
    day: i64,
    hour: i64,
    order: u8,
    name: &'static str,
    source: &'static str,
    fen: i64,
}

impl Touch {
    /// One payment of one order: its time and amount are part of what it is, and the store refuses a repeat.
    fn is_payment_of(&self, order: u8) -> bool {
        self.kind == "pay.success" && self.order == order
    }

    fn command(&self) -> Command {
        let pays = self.kind.starts_with("pay");
        let (day, hour) = if pays { (i64::from(self.order), 0) } else { (self.day, self.hour) };
        let command = if self.kind == "oa.subscribe" { follow() } else { event(self.kind) };
        let mut command = command.at(NOON + (day - 10) * DAY + hour * 3_600_000).with(|facts| {
            facts.reference =
                Some(if pays { format!("order-{}", self.order).into() } else { self.name.into() });
            facts.campaign = Some(self.name.into());
            facts.source = Some(self.source.into());
            facts.amount_fen = match self.kind {
                "pay.success" => Some(10_000 * i64::from(self.order)),
                "pay.refund" => Some(self.fen),
                _ => None,
            };
        });
        command.received_at = NOON;
        command
    }
}

fn touch() -> impl Strategy<Value = Touch> {
    let kinds = vec!["pay.success", "pay.refund", "mp.visit", "ad.click", "event.checkin", "oa.subscribe"];
    let (name, source) = (select(vec!["a", "b"]), select(vec!["moments", "banner"]));
    (select(kinds), 0..5_i64, 0..4_i64, 1..5_u8, name, source, 1..30_000_i64).prop_map(
        |(kind, day, hour, order, name, source, fen)| Touch { kind, day, hour, order, name, source, fen },
    )
}

/// Touchpoints among which each order is paid at most once.
fn touches(most: usize) -> impl Strategy<Value = Vec<Touch>> {
    prop::collection::vec(touch(), 0..most).prop_map(|mut touches| {
        let mut paid = Vec::new();
        touches.retain(|touch| {
            let again = touch.is_payment_of(touch.order) && paid.contains(&touch.order);
            if touch.is_payment_of(touch.order) {
                paid.push(touch.order);
            }
            !again
        });
        touches
    })
}

fn commands(touches: &[Touch]) -> Vec<Command> {
    touches.iter().map(Touch::command).collect()
}

/// What must not depend on the order: everything but the log's own numbers, and on which day stands what a cap let pass
/// of several events that were too many.
fn essence(state: &State) -> State {
    let mut essence = State { last_event: 0, hash: Default::default(), lots: Vec::new(), ..state.clone() };
    for lot in &state.lots {
        let same = |known: &&mut Lot| known.bucket == lot.bucket && known.group == lot.group;
        match essence.lots.iter_mut().find(same) {
            Some(known) => known.left += lot.left,
            None => essence.lots.push(Lot { expires: None, ..lot.clone() }),
        }
    }
    essence.lots.sort_by(|a, b| (a.bucket, &a.group).cmp(&(b.bucket, &b.group)));
    essence.caps.values_mut().for_each(|cap| cap.day = 0);
    essence
}

fn settled<'a>(program: &'a Program, commands: &[Command]) -> Person<'a> {
    let mut person = Person::new(program);
    for command in commands {
        person.settle(command.clone());
    }
    person
}

/// Points in every bucket, the program's own among them, as the entries moved them.
fn books(person: &Person<'_>) -> BTreeMap<Bucket, i64> {
    let mut books = BTreeMap::new();
    for entry in person.log.iter().flat_map(|(_, decision)| &decision.outcome.entries) {
        assert!(entry.points > 0);
        *books.entry(entry.from).or_default() -= entry.points;
        *books.entry(entry.to).or_default() += entry.points;
    }
    books
}

/// Everything balances: what the lots hold is what the entries moved, and what a merged person brought.
fn assert_conserved(person: &Person<'_>, brought: &[Lot]) {
    let books = books(person);
    assert_eq!(books.values().sum::<i64>(), 0);
    for bucket in [Bucket::Unclaimed, Bucket::Available, Bucket::Held] {
        let held_in =
            |lots: &[Lot]| lots.iter().filter(|lot| lot.bucket == bucket).map(|lot| lot.left).sum::<i64>();
        let moved = books.get(&bucket).copied().unwrap_or_default();
        assert_eq!(moved + held_in(brought), held_in(&person.state.lots), "{bucket:?}");
    }
    assert!(person.state.lots.iter().all(|lot| lot.left > 0));
    assert!(person.state.debt >= 0);
}

/// The person as their log alone makes them, from where they started: folded, and every outcome decided again.
fn replayed(person: &Person<'_>, start: &State) -> State {
    let mut state = start.clone();
    for (number, (command, decision)) in person.log.iter().enumerate() {
        let event = number as i64 + 1;
        let snapshot = Snapshot {
            state: &state,
            merging: decision.outcome.merged.as_deref(),
            identities: person.identities,
            event,
        };
        assert_eq!(decide(&snapshot, command, person.program).outcome, decision.outcome);
        fold(&mut state, event, command, decision);
    }
    state
}

/// The total by [`RULES`], counted without lots, caps, order or time.
fn plain_reading(touches: &[Touch]) -> i64 {
    let of = |kind: &'static str| touches.iter().filter(move |touch| touch.kind == kind);
    let paid = of("pay.success").map(|payment| {
        let (fen, points) = (10_000 * i64::from(payment.order), 100 * i64::from(payment.order));
        let refunded: i64 = of("pay.refund").filter(|r| r.order == payment.order).map(|r| r.fen).sum();
        (points - points * refunded.min(fen) / fen).min(300)
    });
    let visits = (0..5).map(|day| 10 * of("mp.visit").filter(|visit| visit.day == day).count().min(2) as i64);
    let distinct =
        |names: Vec<&str>| names.into_iter().collect::<std::collections::BTreeSet<_>>().len() as i64;
    let ads = of("ad.click").filter(|ad| ad.source == "moments").map(|ad| ad.name).collect();
    let events = of("event.checkin").map(|checkin| checkin.name).collect();
    paid.sum::<i64>().min(900)
        + visits.sum::<i64>().min(70)
        + 200 * distinct(ads)
        + 500 * distinct(events).min(2)
        + 100 * i64::from(of("oa.subscribe").count() > 0)
}

/// Anything at all that can happen to a person, in time and out of it.
fn anything() -> impl Strategy<Value = Command> {
    let action = prop_oneof![
        4 => Just(("", Action::Touch)),
        1 => Just(("oa.unsubscribe", Action::Unfollow)),
        1 => Just(("oa.message", Action::Speak)),
        1 => Just(("oa.scan", Action::Touch)),
        1 => Just(("person.resolve", Action::Resolve { errand: 1 })),
        1 => Just(("welcome.concluded", Action::Conclude { errand: 1, event: 1, fate: Fate::Missed })),
        1 => Just(("points.lapse", Action::Lapse { errand: 1 })),
        1 => Just(("oa.revoke", Action::Erase)),
    ];
    (touch(), action, 0..800_i64, any::<bool>(), any::<bool>()).prop_map(
        |(touch, (kind, action), days, later, found)| {
            let touch = touch.command();
            let mut command =
                if kind.is_empty() { touch } else { callback(kind, action).at(touch.occurred_at) };
            command.received_at = NOON + days * DAY;
            if later {
                command.subject.resolution = Resolution::Later;
            }
            command.subject.union_id = UnionId::parse("union-of-lin").ok().filter(|_| found);
            command
        },
    )
}

proptest! {
    #[test]
    fn any_order_gives_the_same_person(
        (touches, shuffled) in touches(24).prop_flat_map(|touches| (Just(touches.clone()), Just(touches).prop_shuffle()))
    ) {
        let program = program(RULES);

        let in_order = settled(&program, &commands(&touches));
        let out_of_order = settled(&program, &commands(&shuffled));

        prop_assert_eq!(essence(&in_order.state), essence(&out_of_order.state));
    }

    #[test]
    fn the_total_is_what_a_plain_reading_of_the_rules_gives(touches in touches(40)) {
        let program = program(RULES);

        let person = settled(&program, &commands(&touches));

        prop_assert_eq!(person.total(NOON), plain_reading(&touches));
    }

    #[test]
    fn caps_hold(touches in prop::collection::vec(touch(), 0..60)) {
        let program = program(RULES);
        let person = settled(&program, &commands(&touches));

        let mut granted: BTreeMap<(SmolStr, String), i64> = BTreeMap::new();
        for (command, decision) in &person.log {
            let day = program.day(command.occurred_at);
            for (rule, verdict) in &decision.outcome.verdicts {
                let mut add = |window: String| *granted.entry((rule.clone(), window)).or_default() += verdict.points;
                add("ever".to_owned());
                add(format!("year {}", day.year()));
                add(format!("day {day}"));
                add(format!("ref {:?}", command.facts.reference));
                add(format!("campaign {:?}", command.facts.campaign));
            }
        }
        for ((rule, window), points) in granted {
            let most = match (&*rule, window.split(' ').next().unwrap()) {
                ("pay", "day") => 300,
                ("pay", "ever") => 900,
                ("visit", "day") => 20,
                ("visit", "year") => 70,
                ("ad", "campaign") => 200,
                ("checkin", "ref") => 500,
                ("checkin", "ever") => 1000,
                ("follow", "ever") => 100,
                _ => i64::MAX,
            };
            // A refund gives back on its own day what a payment was given on another.
            prop_assert!(points <= most || rule == "pay" && window.starts_with("day"), "{} {} {}", rule, window, points);
        }
    }

    #[test]
    fn points_are_conserved_and_the_log_alone_makes_the_person(
        commands in prop::collection::vec(anything(), 0..40),
        member in any::<bool>(),
        others in prop::collection::vec(anything(), 0..20),
        at in any::<Index>(),
    ) {
        let stock = Program::stock();
        let other = settled(&stock, &others);
        let mut person = Person::new(&stock);
        if member {
            person.state.life = Life::Member;
        }
        let start = person.state.clone();
        let merge_at = at.index(commands.len() + 1);
        let mut brought: &[Lot] = &[];
        for (number, command) in commands.iter().enumerate() {
            if number == merge_at {
                person.settle_merging(event("x.merge"), Some(&other.state));
                brought = &other.state.lots;
            } else {
                person.settle(command.clone());
            }
        }
        assert_conserved(&person, brought);
        prop_assert_eq!(&replayed(&person, &start), &person.state);

        let json = serde_json::to_string(&person.state).unwrap();
        prop_assert_eq!(serde_json::from_str::<State>(&json).unwrap(), person.state.clone());
    }

    #[test]
    fn merging_either_way_gives_the_same_points(
        (a, b) in (touches(16), touches(16))
    ) {
        let program = program(RULES);
        let (a, b) = (settled(&program, &commands(&a)), settled(&program, &commands(&b)));
        let merged = |into: &Person<'_>, other: &Person<'_>| {
            let mut into = Person { program: &program, ..into.clone() };
            let before = into.total(NOON) + other.total(NOON);
            let decision = into.settle_merging(event("x.merge"), Some(&other.state));
            let back: i64 = decision.outcome.entries.iter().map(|entry| entry.points).sum();
            assert_eq!(into.total(NOON), before - back, "a merge loses nothing without an entry");
            essence(&into.state)
        };
        let (one, two) = (merged(&a, &b), merged(&b, &a));

        prop_assert_eq!(one.lots.iter().map(|lot| lot.left).sum::<i64>(), two.lots.iter().map(|lot| lot.left).sum::<i64>());
        prop_assert_eq!(one.caps, two.caps);
        prop_assert_eq!(one.refs, two.refs);
    }

    #[test]
    fn merged_persons_have_what_one_would_have_had(
        all in touches(32), at in any::<Index>()
    ) {
        let (a, b) = all.split_at(at.index(all.len() + 1));
        let program = program(RULES);
        let alone = settled(&program, &commands(&all));
        let mut merged = settled(&program, &commands(a));

        merged.settle_merging(event("x.merge"), Some(&settled(&program, &commands(b)).state));

        prop_assert_eq!(merged.total(NOON), alone.total(NOON));
    }

    #[test]
    fn any_follows_and_unfollows_in_any_order_leave_the_same_follow(
        (commands, shuffled) in prop::collection::vec((any::<bool>(), 0..6_i64), 0..10)
            .prop_map(|list| {
                list.into_iter()
                    .map(|(on, at)| (if on { follow() } else { unfollow() }).at(NOON + at * 1000))
                    .collect::<Vec<_>>()
            })
            .prop_flat_map(|commands| (Just(commands.clone()), Just(commands).prop_shuffle()))
    ) {
        let program = program(RULES);
        let (a, b) = (settled(&program, &commands), settled(&program, &shuffled));

        prop_assert_eq!(essence(&a.state), essence(&b.state));
    }

    #[test]
    fn no_facts_break_the_words(
        texts in prop::collection::vec(prop::option::of("(\\PC|[<>{}%$\\\\\0\u{202e}]){0,400}"), 8),
        fen in any::<Option<i64>>(),
        kind in select(vec!["oa.scan", "oa.click", "oa.subscribe", "pay.success", "mp.visit"]),
    ) {
        let stock = Program::stock();
        let text = |index: usize| texts[index].as_deref().map(Into::into);
        let action = if kind == "oa.subscribe" { Action::Follow } else { Action::Touch };
        let mut command = callback(kind, action);
        command.facts = Facts {
            app_id: command.facts.app_id,
            amount_fen: fen,
            reference: text(0),
            source: text(1),
            campaign: text(2),
            store: text(3),
            staff: text(4),
            basis: text(5),
            scene: texts[6].as_deref().map(|scene| format!("store-{scene}").into()),
            key: text(7),
            lang: None,
        };

        let decision = Person::new(&stock).settle(command);

        if let Some(crate::ledger::Message::Text { content }) = decision.reply {
            prop_assert!(content.len() <= 2048);
            prop_assert!(!content.contains("{{") && !content.contains('\0'));
            prop_assert_eq!(content.matches("<a ").count(), content.matches("</a>").count());
        }
    }
}
