//! The unique key: equal for a repeat, different for everything else.

use super::{OPEN_ID, event, parse, read, shop, text};
use crate::ids::DedupeKey;

fn key(body: impl AsRef<[u8]>) -> DedupeKey {
    read(body).unwrap().key
}

fn tap(button: &str) -> String {
    event("CLICK", &format!("<EventKey><![CDATA[{button}]]></EventKey>"))
}

#[test]
fn the_key_is_the_canonical_text_and_the_time() {
    let message = format!("m:wx00000000000000aa:{OPEN_ID}:24815162342108001:1760000000");
    let tapped = format!("e:wx00000000000000aa:{OPEN_ID}:1760000000:click:POINTS");

    assert_eq!(key(text("hi", "24815162342108001")), DedupeKey::of(1_760_000_000_000, &message));
    assert_eq!(key(tap("POINTS")), DedupeKey::of(1_760_000_000_000, &tapped));
}

#[test]
fn a_repeat_has_the_same_key_however_it_is_laid_out() {
    let spaced = tap("a").replace('\n', "").replace("<![CDATA[a]]>", " <![CDATA[a]]> ");

    assert_eq!(key(tap("a")), key(spaced));
}

#[test]
fn two_taps_on_one_button_in_one_second_are_one_event() {
    assert_eq!(key(tap("a")), key(tap("a")));
}

#[test]
fn two_taps_on_two_buttons_in_one_second_are_two() {
    assert_ne!(key(tap("a")), key(tap("b")));
}

#[test]
fn a_scan_and_a_location_in_one_second_are_two() {
    let scan = event("SCAN", "<EventKey>shop-1</EventKey><Ticket>gQ</Ticket>");
    let location =
        event("LOCATION", "<Latitude>1</Latitude><Longitude>2</Longitude><Precision>3</Precision>");
    let follow = event("subscribe", "<EventKey></EventKey>");

    assert_ne!(key(&scan), key(&location));
    assert_ne!(key(&follow), key(&location));
}

#[test]
fn leaving_and_returning_in_one_second_are_three_events() {
    let follow = event("subscribe", "<EventKey></EventKey>");
    let leave = event("unsubscribe", "<EventKey></EventKey>");
    let back = event("subscribe", "<EventKey>qrscene_a</EventKey><Ticket>gQ</Ticket>");

    assert_ne!(key(&follow), key(&leave));
    assert_ne!(key(&follow), key(&back));
}

#[test]
fn the_letters_of_event_do_not_matter_and_those_of_its_key_do() {
    let lower = tap("a").replace("CLICK", "click");

    assert_eq!(key(tap("a")), key(lower));
    assert_ne!(key(tap("a")), key(tap("A")));
}

#[test]
fn one_msg_id_is_not_enough_to_be_a_repeat() {
    let first = text("hi", "1");
    let other_person = first.replace("linA", "mayA");
    let other_second = first.replace("1760000000", "1760000001");

    assert_ne!(key(&first), key(other_person));
    assert_ne!(key(&first), key(other_second));
    assert_eq!(key(&first), key(text("the content does not count", "1")));
}

#[test]
fn one_person_and_one_second_are_not_enough_to_be_a_repeat() {
    assert_ne!(key(text("hi", "1")), key(text("hi", "2")));
    assert_ne!(key(text("hi", "1")), key(tap("1")));
}

#[test]
fn the_same_push_to_two_accounts_is_two_events() {
    let body = tap("a");
    let to_shop = body.replace("gh_0000000000aa", "gh_0000000000bb");

    assert_ne!(key(&body), parse(to_shop.as_bytes(), shop(), 0).unwrap().key);
}

#[test]
fn a_message_without_an_id_and_an_unknown_event_are_told_apart_by_their_whole_text() {
    let message = |content: &str| text(content, "").replace("[text]", "[new_type]");
    let unknown = |detail: &str| event("new_kind", &format!("<Detail>{detail}</Detail>"));

    assert_eq!(key(message("a")), key(message("a")));
    assert_ne!(key(message("a")), key(message("b")));
    assert_eq!(key(unknown("a")), key(unknown("a")));
    assert_ne!(key(unknown("a")), key(unknown("b")));
}

#[test]
fn two_cards_taken_in_one_second_are_two_events() {
    let card = |code: &str| {
        event("user_get_card", &format!("<CardId>p</CardId><UserCardCode>{code}</UserCardCode>"))
    };

    assert_eq!(key(card("1")), key(card("1")));
    assert_ne!(key(card("1")), key(card("2")));
}

#[test]
fn two_jobs_that_end_in_one_second_are_two_events() {
    let job =
        |id: &str| event("TEMPLATESENDJOBFINISH", &format!("<MsgID>{id}</MsgID><Status>success</Status>"));

    assert_eq!(key(job("1")), key(job("1")));
    assert_ne!(key(job("1")), key(job("2")));
}

#[test]
fn privacy_events_of_two_persons_share_sender_and_second_and_are_two() {
    let revoke = |open_id: &str, what: &str| {
        let rest = format!("<OpenID>{open_id}</OpenID><AppID>wx</AppID><RevokeInfo>{what}</RevokeInfo>");
        event("user_authorization_revoke", &rest)
    };

    assert_eq!(key(revoke("oMkbrandlin", "205")), key(revoke("oMkbrandlin", "205")));
    assert_ne!(key(revoke("oMkbrandlin", "205")), key(revoke("oMkbrandmay", "205")));
    assert_ne!(key(revoke("oMkbrandlin", "205")), key(revoke("oMkbrandlin", "206")));
}

#[test]
fn media_checks_share_sender_and_second_and_are_told_apart_by_their_trace() {
    let check = |trace: &str| event("wxa_media_check", &format!("<trace_id>{trace}</trace_id>"));

    assert_eq!(key(check("a")), key(check("a")));
    assert_ne!(key(check("a")), key(check("b")));
}

#[test]
fn a_virtual_payment_sent_again_counts_its_tries_and_is_the_same_event() {
    let order = |number: &str, tries: u32| {
        let rest = format!(
            "<OpenId>{OPEN_ID}</OpenId><OutTradeNo>{number}</OutTradeNo><RetryTimes>{tries}</RetryTimes>"
        );
        event("xpay_goods_deliver_notify", &rest)
    };

    assert_eq!(key(order("1", 0)), key(order("1", 3)));
    assert_ne!(key(order("1", 0)), key(order("2", 0)));
}

#[test]
fn two_notices_to_the_operator_in_one_second_are_two_events() {
    let notice = |reason: &str| event("weapp_audit_fail", &format!("<Reason>{reason}</Reason>"));

    assert_eq!(key(notice("a")), key(notice("a")));
    assert_ne!(key(notice("a")), key(notice("b")));
}
