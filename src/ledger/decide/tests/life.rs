//! Following, leaving, coming back, being forgotten; a welcome that waits for the UnionID.

use super::harness::{BRAND, Change as _, NOON, Person, callback, event, fold, follow, text, unfollow};
use crate::clock::{DAY, SECOND, UnixMs};
use crate::ids::{AppId, UnionId};
use crate::ledger::{
    Action, Bucket, Command, Decision, Erase, Errand, Fate, Follow, Life, Program, Resolution, Snapshot,
    State, WindowKind, decide,
};

fn at_brand<'a>(lin: &'a Person<'_>) -> &'a Follow {
    &lin.state.follows[&AppId::parse(BRAND).unwrap()]
}

fn lapse(at: UnixMs) -> Command {
    let mut command = event("points.lapse").at(at);
    command.facts.app_id = AppId::parse(BRAND).ok();
    command.action = Action::Lapse { errand: 1 };
    command
}

fn late() -> Command {
    let mut command = follow();
    command.subject.resolution = Resolution::Later;
    command
}

fn resolve(at: UnixMs, union_id: Option<&str>) -> Command {
    let mut command = callback("person.resolve", Action::Resolve { errand: 1 }).at(at);
    command.facts.lang = None;
    command.subject.union_id = union_id.map(|id| UnionId::parse(id).unwrap());
    command
}

fn conclude(event: i64, fate: Fate) -> Command {
    callback("welcome.concluded", Action::Conclude { errand: 1, event, fate }).at(NOON + 3 * SECOND)
}

#[test]
fn a_visitor_known_by_nothing_else_lapses_after_the_grace() {
    let stock = Program::stock();
    let mut lin = Person::new(&stock);
    lin.settle(follow());

    let left = lin.settle(unfollow().at(NOON + 1000));

    assert_eq!(left.erase, Erase::LinkAndUnion);
    assert_eq!(left.owed.len(), 1);
    assert_eq!((&left.owed[0].errand, left.owed[0].due_at), (&Errand::Lapse, NOON + 1000 + 30 * DAY));
    assert_eq!(left.reply, None);
    assert!(!at_brand(&lin).on);

    let lapsed = lin.settle(lapse(NOON + 1000 + 30 * DAY));
    let entry = &lapsed.outcome.entries[0];
    assert_eq!((&*entry.rule, entry.to, entry.points), ("lapse", Bucket::Forfeited, 100));
    assert_eq!(lin.total(NOON), 0);
}

#[test]
fn who_came_back_or_is_known_elsewhere_does_not_lapse() {
    let stock = Program::stock();
    let mut back = Person::new(&stock);
    back.settle(follow());
    back.settle(unfollow().at(NOON + 1000));
    let mut buyer = back.clone();
    let mut twice = back.clone();

    back.settle(follow().at(NOON + 2000));
    back.settle(lapse(NOON + 40 * DAY));
    assert_eq!(back.total(NOON), 100);

    buyer.settle(event("pay.success").fen(5_000));
    buyer.settle(lapse(NOON + 40 * DAY));
    assert_eq!(buyer.total(NOON), 150);

    // Left again later: the first errand finds them within the grace of the second.
    twice.settle(follow().at(NOON + DAY));
    twice.settle(unfollow().at(NOON + 20 * DAY));
    twice.settle(lapse(NOON + 30 * DAY + 1000));
    assert_eq!(twice.total(NOON), 100);
    twice.settle(lapse(NOON + 50 * DAY));
    assert_eq!(twice.total(NOON), 0);
}

#[test]
fn a_member_or_somebody_known_elsewhere_only_loses_the_link() {
    let stock = Program::stock();
    let mut buyer = Person::new(&stock);
    buyer.settle(event("pay.success").fen(5_000));
    let mut member = Person::new(&stock);
    member.state.life = Life::Member;
    let mut of_two_accounts = Person::new(&stock);
    of_two_accounts.identities = 2;

    for person in [&mut buyer, &mut member, &mut of_two_accounts] {
        person.settle(follow());
        let left = person.settle(unfollow().at(NOON + 1000));
        assert_eq!(left.erase, Erase::Link);
        assert!(left.owed.is_empty());
    }
}

#[test]
fn an_unfollow_that_arrives_after_the_next_follow_erases_nothing() {
    let stock = Program::stock();
    let mut lin = Person::new(&stock);
    lin.settle(follow().at(NOON + 2000));

    let decision = lin.settle(unfollow().at(NOON + 1000));

    assert_eq!(decision.erase, Erase::Nothing);
    assert!(decision.owed.is_empty());
    assert!(at_brand(&lin).on);
}

#[test]
fn who_is_forgotten_keeps_no_points_and_no_counts_but_the_caps() {
    let stock = Program::stock();
    let mut lin = Person::new(&stock);
    lin.settle(follow());
    lin.settle(event("pay.success").fen(12_900).with(|facts| facts.reference = Some("order-1".into())));

    let decision = lin.settle(callback("oa.user_authorization_revoke", Action::Erase).at(NOON + 1));

    assert_eq!(decision.erase, Erase::Everything);
    assert!(decision.outcome.entries.iter().all(|entry| entry.to == Bucket::Forfeited));
    assert_eq!(decision.outcome.entries.iter().map(|entry| entry.points).sum::<i64>(), 229);
    assert!(lin.state.lots.is_empty() && lin.state.months.is_empty() && lin.state.refs.is_empty());
    assert!(lin.state.caps.contains_key("follow|ever"));
    assert_eq!(lin.state.life, Life::Erased);
}

#[test]
fn a_follow_whose_union_id_is_late_gets_the_generic_words_and_the_exact_ones_when_it_is_known() {
    let stock = Program::stock();
    let mut known = Person::new(&stock);
    known.settle(event("event.checkin").at(NOON - DAY));
    let mut lin = Person::new(&stock);

    let followed = lin.settle(late());
    assert_eq!(text(followed.reply), "欢迎关注 ABC 会员！");
    assert_eq!(followed.outcome.welcome, Some(Fate::Owed));
    assert_eq!(followed.outcome.verdicts["follow"].points, 100);
    let [owed] = &followed.owed[..] else { panic!("{:?}", followed.owed) };
    assert_eq!((&owed.errand, owed.due_at, owed.deadline), (&Errand::Resolve, NOON, NOON + DAY));
    assert_eq!(at_brand(&lin).owes, Some((1, NOON + 55 * SECOND)));

    // The known person survives; the provisional one is merged into it.
    let mut survivor = Person { log: lin.log.clone(), ..known.clone() };
    let resolved =
        survivor.settle_merging(resolve(NOON + 2 * SECOND, Some("union-of-lin")), Some(&lin.state));
    let [owed] = &resolved.owed[..] else { panic!("{:?}", resolved.owed) };
    let Errand::Send { message } = &owed.errand else { panic!("{owed:?}") };
    assert!(text(Some(message.clone())).contains("您已累积 600 积分"), "{message:?}");
    assert_eq!((owed.due_at, owed.deadline), (NOON + 2 * SECOND, NOON + 55 * SECOND));
    assert_eq!(resolved.outcome.welcome, None);
    assert_eq!(at_brand(&survivor).windows[0].used, 1);
    assert_eq!(at_brand(&survivor).owes, None);

    let sent = survivor.settle(conclude(1, Fate::Sent));
    assert_eq!(sent.outcome.welcome, Some(Fate::Sent));
    assert_eq!(sent.reply, None);
}

#[test]
fn the_scene_of_the_follow_is_remembered_until_the_welcome_can_be_exact() {
    let stock = Program::stock();
    let mut lin = Person::new(&stock);
    lin.settle(late().with(|facts| facts.scene = Some("store-1".into())));

    let resolved = lin.settle(resolve(NOON + SECOND, Some("union-of-lin")));

    let Errand::Send { message } = &resolved.owed[0].errand else { panic!("{:?}", resolved.owed) };
    assert!(text(Some(message.clone())).starts_with("欢迎光临"), "{message:?}");
}

#[test]
fn a_welcome_is_never_sent_late_or_without_a_slot_and_is_missed_visibly() {
    let stock = Program::stock();
    let fate = |change: &dyn Fn(&mut Person<'_>) -> Command| -> Decision {
        let mut lin = Person::new(&stock);
        lin.settle(late());
        let command = change(&mut lin);
        let decision = lin.settle(command);
        assert!(decision.owed.is_empty());
        assert_eq!(at_brand(&lin).owes, None);
        decision
    };

    let too_late = fate(&|_| resolve(NOON + 55 * SECOND, Some("union-of-lin")));
    let no_slot = fate(&|lin| {
        let follow = lin.state.follows.values_mut().next().unwrap();
        follow.windows[0].used = WindowKind::Brief.slots();
        resolve(NOON + SECOND, Some("union-of-lin"))
    });
    assert_eq!(too_late.outcome.welcome, Some(Fate::Missed));
    assert_eq!(no_slot.outcome.welcome, Some(Fate::Missed));
    assert_eq!(fate(&|_| conclude(1, Fate::Missed)).outcome.welcome, Some(Fate::Missed));
}

#[test]
fn who_left_again_is_sent_nothing() {
    let stock = Program::stock();
    let mut lin = Person::new(&stock);
    lin.settle(late());
    let left = lin.settle(unfollow().at(NOON + SECOND));

    let resolved = lin.settle(resolve(NOON + 2 * SECOND, Some("union-of-lin")));

    assert_eq!(left.outcome.welcome, Some(Fate::Suppressed));
    assert!(resolved.owed.is_empty());
    assert_eq!(resolved.outcome.welcome, None);
}

#[test]
fn nobody_new_and_no_points_means_the_generic_words_were_all() {
    let stock = Program::stock();
    let mut lin = Person::new(&stock);
    lin.settle(late().with(|facts| facts.basis = None));

    let resolved = lin.settle(resolve(NOON + SECOND, None));

    assert!(resolved.owed.is_empty());
    assert_eq!(resolved.outcome.welcome, Some(Fate::Suppressed));
}

#[test]
fn a_follow_of_somebody_known_without_a_union_id_waits_for_it_too() {
    let stock = Program::stock();
    let mut lin = Person::new(&stock);
    lin.settle(event("event.checkin"));

    let followed = lin.settle(late());

    assert_eq!(text(followed.reply), "欢迎关注 ABC 会员！");
    assert_eq!((followed.outcome.welcome, followed.owed.len()), (Some(Fate::Owed), 1));
    let resolved = lin.settle(resolve(NOON + SECOND, None));
    let Errand::Send { message } = &resolved.owed[0].errand else { panic!("{:?}", resolved.owed) };
    assert!(text(Some(message.clone())).contains("您已累积 600 积分"), "{message:?}");
}

#[test]
fn a_follow_that_arrives_after_the_next_unfollow_waits_for_nothing() {
    let stock = Program::stock();
    let mut lin = Person::new(&stock);
    lin.settle(unfollow().at(NOON + SECOND));

    let followed = lin.settle(late());

    assert!(followed.owed.is_empty());
    assert_ne!(followed.outcome.welcome, Some(Fate::Owed));
}

#[test]
fn an_event_of_a_stranger_owes_a_search_for_the_union_id_once() {
    let stock = Program::stock();
    let mut lin = Person::new(&stock);
    let mut visit = callback("mp.visit", Action::Touch);
    visit.subject.resolution = Resolution::Later;

    assert_eq!(lin.settle(visit.clone()).owed.len(), 1);
    assert_eq!(lin.settle(visit).owed.len(), 0);
}

#[test]
fn a_message_opens_the_long_window_and_a_tap_the_brief_one() {
    let stock = Program::stock();
    let mut lin = Person::new(&stock);

    lin.settle(callback("oa.message", Action::Speak));
    assert_eq!(at_brand(&lin).slot(NOON + DAY), Some(WindowKind::Long));
    lin.settle(callback("oa.click", Action::Touch).at(NOON + DAY));
    assert_eq!(at_brand(&lin).slot(NOON + DAY), Some(WindowKind::Brief));
    lin.settle(callback("oa.view", Action::Touch).at(NOON + 3 * DAY));
    assert_eq!(at_brand(&lin).slot(NOON + 3 * DAY), None);
}

#[test]
fn deciding_twice_decides_the_same() {
    let stock = Program::stock();
    let state = State::default();
    let snapshot = Snapshot { state: &state, merging: None, identities: 1, event: 1 };
    let (a, b) = (decide(&snapshot, &follow(), &stock), decide(&snapshot, &follow(), &stock));

    assert_eq!(a.outcome, b.outcome);
    assert_eq!(a.reply, b.reply);
}

#[test]
fn the_chain_of_hashes_holds_every_octet_of_the_log() {
    let stock = Program::stock();
    let mut lin = Person::new(&stock);
    lin.settle(follow());
    lin.settle(event("event.checkin"));

    let again = |change: &dyn Fn(&mut Decision)| {
        let mut state = State::default();
        for (number, (command, decision)) in lin.log.iter().enumerate() {
            let mut decision = decision.clone();
            change(&mut decision);
            fold(&mut state, number as i64 + 1, command, &decision);
        }
        state.hash
    };
    assert_eq!(again(&|_| ()), lin.state.hash);
    assert_eq!(lin.state.hash.as_str().len(), 32);
    assert_ne!(again(&|decision| decision.outcome.ruleset = "another".into()), lin.state.hash);
}
