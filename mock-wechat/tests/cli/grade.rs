//! `grade`: a careful receiver passes, and each planted fault is found.

use mock_wechat::{
    grade::{Grade, Line, Mark, ReportCard, grade},
    world::account::{Account, Kind, Mode},
};
use serde_json::Value;

use crate::{
    careful::{APP_ID, Fault, Receiver, TOKEN},
    program::{KEY, mock_wechat},
};

async fn examined(mode: Mode, faults: &[Fault]) -> ReportCard {
    examined_as(Kind::OfficialAccount, mode, faults).await
}

async fn examined_as(kind: Kind, mode: Mode, faults: &[Fault]) -> ReportCard {
    let receiver = Receiver::of(kind, mode == Mode::Safe, faults).await;
    let account = Account {
        token: TOKEN.into(),
        encoding_aes_key: KEY.into(),
        original_id: "gh_0000000000aa".into(),
        mode,
        callback: Some(receiver.url.clone()),
        ..Account::with_app_id(APP_ID, "exam", kind)
    };
    grade(&account, |_| {}).await.unwrap()
}

/// Checks of time.
const TIMED: [&str; 2] = ["crowd.slow-bodies", "crowd.time"];

/// With this fault planted, these checks complain, and no other one does.
async fn finds(mode: Mode, fault: Fault, expected: &[(&str, Mark)]) {
    finds_in(Kind::OfficialAccount, mode, fault, expected).await;
}

async fn finds_in(kind: Kind, mode: Mode, fault: Fault, expected: &[(&str, Mark)]) {
    let card = examined_as(kind, mode, &[fault]).await;

    // What depends on how busy this machine is counts only where it is what the test is about.
    let counts = |id| !TIMED.contains(&id) || expected.iter().any(|(other, _)| *other == id);
    let complaints: Vec<(&str, Mark)> = card
        .checks
        .iter()
        .filter(|line| line.finding.mark != Mark::Pass && counts(line.id))
        .map(|line| (line.id, line.finding.mark))
        .collect();
    assert_eq!(complaints, expected, "{mode:?}, {fault:?}\n{}", card.complaints());
    let is_complete = |line: &Line| line.finding.mark == Mark::Pass || line.finding.remedy.is_some();
    assert!(card.checks.iter().all(is_complete), "every complaint has a remedy: {card:?}");
}

#[tokio::test]
async fn a_careful_receiver_passes_in_plain_and_in_safe_mode() {
    for mode in [Mode::Plain, Mode::Safe] {
        let card = examined(mode, &[]).await;
        assert_eq!(card.grade, Grade::A, "{mode:?}\n{}", card.complaints());
        assert_eq!(card.passed, card.checks.len());
    }
}

#[tokio::test]
async fn a_careful_mini_program_passes_in_plain_and_in_safe_mode() {
    for mode in [Mode::Plain, Mode::Safe] {
        let card = examined_as(Kind::MiniProgram, mode, &[]).await;
        assert_eq!(card.grade, Grade::A, "{mode:?}\n{}", card.complaints());
        assert_eq!(card.passed, card.checks.len());
    }
}

/// What no test of this file names is a check that nobody has seen complain.
#[tokio::test]
async fn every_check_has_a_fault_planted_for_it() {
    let mut untried = Vec::new();
    for kind in [Kind::OfficialAccount, Kind::MiniProgram] {
        for mode in [Mode::Plain, Mode::Safe] {
            let card = examined_as(kind, mode, &[]).await;
            let named = |line: &&Line| include_str!("grade.rs").contains(&format!("\"{}\"", line.id));
            untried.extend(card.checks.iter().filter(|line| !named(line)).map(|line| line.id));
        }
    }
    assert!(untried.is_empty(), "{untried:?}");
}

#[tokio::test]
async fn an_echo_that_nobody_signed_for_is_found() {
    let expected = [
        ("verify.wrong-signature", Mark::Fail),
        ("verify.no-signature", Mark::Fail),
        ("verify.html", Mark::Fail),
    ];
    finds(Mode::Plain, Fault::EchoesUnverified, &expected).await;
}

#[tokio::test]
async fn an_echo_in_quotes_is_found() {
    // Nothing tells a browser that the quotes are no HTML either.
    let expected = [("verify.echo", Mark::Fail), ("verify.html", Mark::Warn)];
    finds(Mode::Plain, Fault::QuotesEcho, &expected).await;
}

#[tokio::test]
async fn signatures_that_are_not_checked_are_found_in_plain_mode() {
    let expected = [
        ("sign.missing", Mark::Fail),
        ("sign.wrong", Mark::Fail),
        ("sign.other-token", Mark::Fail),
        ("sign.swapped", Mark::Fail),
        ("sign.recut", Mark::Fail),
        ("sign.other-body", Mark::Fail),
        ("sign.day-old", Mark::Fail),
        ("sign.ten-minutes-old", Mark::Warn),
        ("sign.from-the-future", Mark::Warn),
    ];
    finds(Mode::Plain, Fault::NoSignature, &expected).await;
}

#[tokio::test]
async fn signatures_that_are_not_checked_are_found_in_safe_mode() {
    let expected = [
        ("sign.missing", Mark::Fail),
        ("sign.wrong", Mark::Fail),
        ("sign.other-token", Mark::Fail),
        ("sign.swapped", Mark::Warn),
        ("sign.recut", Mark::Warn),
        ("sign.day-old", Mark::Fail),
        ("sign.ten-minutes-old", Mark::Warn),
        ("sign.from-the-future", Mark::Warn),
        ("safe.signature-only", Mark::Fail),
        ("safe.wrong-msg-signature", Mark::Fail),
        ("safe.changed", Mark::Fail),
    ];
    finds(Mode::Safe, Fault::NoSignature, &expected).await;
}

#[tokio::test]
async fn a_memory_of_timestamps_and_nonces_is_found_to_be_none() {
    let expected = [("sign.swapped", Mark::Fail), ("sign.recut", Mark::Fail)];
    finds(Mode::Plain, Fault::ReplaysByStamp, &expected).await;
}

#[tokio::test]
async fn a_missing_replay_memory_is_a_forgery_in_plain_mode_and_a_warning_in_safe_mode() {
    let plain = [("sign.swapped", Mark::Fail), ("sign.recut", Mark::Fail), ("sign.other-body", Mark::Fail)];
    let safe = [("sign.swapped", Mark::Warn), ("sign.recut", Mark::Warn)];
    finds(Mode::Plain, Fault::NoReplayMemory, &plain).await;
    finds(Mode::Safe, Fault::NoReplayMemory, &safe).await;
}

#[tokio::test]
async fn a_missing_window_is_found() {
    let expected = [
        ("sign.day-old", Mark::Fail),
        ("sign.ten-minutes-old", Mark::Warn),
        ("sign.from-the-future", Mark::Warn),
    ];
    finds(Mode::Safe, Fault::NoWindow, &expected).await;
}

#[tokio::test]
async fn retries_that_lose_the_reply_are_found() {
    let expected = [
        ("repeat.same", Mark::Fail),
        ("repeat.event", Mark::Fail),
        ("repeat.message", Mark::Fail),
        ("repeat.at-once", Mark::Fail),
    ];
    finds(Mode::Plain, Fault::DropsRetries, &expected).await;
}

#[tokio::test]
async fn replies_to_the_wrong_person_are_found() {
    finds(Mode::Plain, Fault::SharesSender, &[("crowd.replies", Mark::Fail)]).await;
}

#[tokio::test]
async fn names_that_are_not_swapped_are_found_wherever_there_is_a_reply() {
    let card = examined(Mode::Safe, &[Fault::SwapsNames]).await;

    for id in ["kinds.messages", "kinds.following", "kinds.words", "crowd.replies", "crowd.alive"] {
        let finding = &card.check(id).unwrap().finding;
        assert_eq!(finding.mark, Mark::Fail, "{id}\n{}", card.complaints());
        assert!(finding.reason.contains("ToUserName holds the gh_ id"), "{finding:?}");
    }
    assert_eq!(card.grade, Grade::F);
}

#[tokio::test]
async fn kinds_that_are_refused_because_they_are_unknown_are_found() {
    finds(Mode::Plain, Fault::RefusesUnknown, &[("kinds.unknown", Mark::Fail)]).await;
}

#[tokio::test]
async fn kinds_that_nobody_thought_of_are_found_group_by_group() {
    let official = [
        ("kinds.messages", Mark::Fail),
        ("kinds.following", Mark::Fail),
        ("kinds.menu", Mark::Fail),
        ("kinds.sending", Mark::Fail),
        ("kinds.service", Mark::Fail),
        ("kinds.privacy", Mark::Fail),
        ("kinds.account", Mark::Fail),
        ("kinds.cards", Mark::Fail),
        ("kinds.unknown", Mark::Fail),
        ("repeat.one-second", Mark::Fail),
    ];
    finds(Mode::Plain, Fault::KnowsTwoKinds, &official).await;

    let card = examined_as(Kind::MiniProgram, Mode::Safe, &[Fault::KnowsTwoKinds]).await;

    for id in ["kinds.mini-program", "kinds.privacy", "kinds.unknown"] {
        assert_eq!(card.check(id).unwrap().finding.mark, Mark::Fail, "{id}\n{}", card.complaints());
    }
}

#[tokio::test]
async fn events_that_are_told_apart_by_the_second_alone_are_found() {
    finds(Mode::Plain, Fault::OneEventASecond, &[("repeat.one-second", Mark::Fail)]).await;
}

#[tokio::test]
async fn a_query_that_can_be_read_in_two_ways_is_found() {
    finds(Mode::Plain, Fault::TakesFirstParameter, &[("sign.duplicate-parameter", Mark::Warn)]).await;
}

#[tokio::test]
async fn senders_that_nobody_signed_for_are_found() {
    finds(Mode::Plain, Fault::TrustsQuery, &[("sign.openid", Mark::Fail)]).await;
    finds(Mode::Safe, Fault::TrustsOutside, &[("safe.outside", Mark::Fail)]).await;
}

#[tokio::test]
async fn envelopes_that_do_not_open_and_are_not_refused_alike_are_found() {
    finds(Mode::Safe, Fault::AcknowledgesUnopened, &[("safe.broken", Mark::Fail)]).await;
    finds(Mode::Safe, Fault::TellsWhy, &[("safe.broken", Mark::Warn)]).await;
}

#[tokio::test]
async fn documents_that_are_no_message_are_found_to_be_taken_for_one() {
    let expected = [("xml.second-root", Mark::Warn), ("xml.other-root", Mark::Warn)];
    finds(Mode::Plain, Fault::AnyRoot, &expected).await;
}

#[tokio::test]
async fn depth_that_keeps_it_busy_is_found_in_xml_and_in_json() {
    let busy = Fault::LaboursOnDepth;
    finds(Mode::Plain, busy, &[("xml.deep", Mark::Fail)]).await;
    finds_in(Kind::MiniProgram, Mode::Plain, busy, &[("json.deep", Mark::Fail)]).await;
}

#[tokio::test]
async fn answers_that_come_late_are_found() {
    finds(Mode::Plain, Fault::Slow, &[("crowd.time", Mark::Warn)]).await;
}

#[tokio::test]
async fn words_that_break_the_reply_are_found() {
    finds(Mode::Plain, Fault::UnescapedReply, &[("kinds.words", Mark::Fail)]).await;
}

#[tokio::test]
async fn plaintext_to_an_encrypted_account_is_found() {
    let expected = [("safe.downgrade", Mark::Fail), ("safe.raw", Mark::Fail)];
    finds(Mode::Safe, Fault::AcceptsPlaintext, &expected).await;
}

#[tokio::test]
async fn a_signature_that_does_not_cover_the_ciphertext_is_found() {
    let expected = [
        ("safe.signature-only", Mark::Fail),
        ("safe.wrong-msg-signature", Mark::Fail),
        ("safe.changed", Mark::Fail),
    ];
    finds(Mode::Safe, Fault::ChecksSignatureOnly, &expected).await;
}

#[tokio::test]
async fn an_unread_app_id_is_found() {
    finds(Mode::Safe, Fault::IgnoresAppId, &[("safe.other-appid", Mark::Fail)]).await;
}

#[tokio::test]
async fn padding_of_sixteen_is_found() {
    let card = examined(Mode::Safe, &[Fault::PadsBy16]).await;

    let finding = &card.check("safe.padding").unwrap().finding;
    assert_eq!(finding.mark, Mark::Fail, "{}", card.complaints());
    assert!(finding.reason.contains("[17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32]"));
    assert!(finding.remedy.as_ref().unwrap().contains("block of 32"));
}

#[tokio::test]
async fn readers_that_resolve_what_they_should_not_are_found() {
    let dtd = [("xml.doctype", Mark::Warn), ("xml.xxe", Mark::Warn), ("xml.laughs", Mark::Warn)];
    finds(Mode::Plain, Fault::AllowsDtd, &dtd).await;
    finds(Mode::Plain, Fault::FetchesEntities, &[("xml.xxe", Mark::Fail)]).await;
}

#[tokio::test]
async fn bodies_that_break_it_or_fill_it_are_found() {
    finds(Mode::Plain, Fault::FailsOnGarbage, &BROKEN).await;
    finds(Mode::Plain, Fault::NoBodyLimit, &[("body.huge", Mark::Warn)]).await;
}

/// Whatever does not parse is answered with 500.
const BROKEN: [(&str, Mark); 6] = [
    ("xml.doctype", Mark::Warn),
    ("xml.laughs", Mark::Warn),
    ("xml.second-root", Mark::Warn),
    ("xml.other-root", Mark::Warn),
    ("xml.deep", Mark::Warn),
    ("body.garbage", Mark::Warn),
];

#[tokio::test]
async fn bodies_that_never_end_are_found_whether_they_stop_or_trickle() {
    for fault in [Fault::NoBodyTimeout, Fault::WaitsForEachByte] {
        finds(Mode::Plain, fault, &[("crowd.slow-bodies", Mark::Warn)]).await;
    }
}

#[tokio::test]
async fn the_report_card_is_printed_in_words_or_as_json_and_decides_the_exit_status() {
    let careful = Receiver::start(true, &[]).await;
    let sloppy = Receiver::start(false, &[Fault::NoSignature]).await;

    let good = ["grade", &careful.url, "--token", TOKEN, "--aes-key", KEY, "--appid", APP_ID, "--strict"];
    let good = mock_wechat(&good).await;
    let bad = mock_wechat(&["grade", &sloppy.url, "--token", TOKEN, "--json"]).await;

    assert_eq!(good.code, Some(0), "{good:?}");
    assert!(good.said.contains("pass  safe.padding"), "{good:?}");
    assert!(good.said.contains("grade A: "), "{good:?}");
    assert_eq!(bad.code, Some(1), "{bad:?}");
    let card: Value = serde_json::from_str(&bad.said).unwrap();
    let wrong = card["checks"].as_array().unwrap().iter().find(|line| line["id"] == "sign.wrong").unwrap();
    assert_eq!((&wrong["mark"], &card["mode"]), (&"fail".into(), &"plain".into()));
    assert!(!good.said.contains(TOKEN) && !bad.said.contains(TOKEN), "no secret is printed");
}

#[tokio::test]
async fn nobody_to_examine_is_told_apart_from_a_bad_grade() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();

    let ended = mock_wechat(&["grade", &format!("http://{free}/"), "--token", TOKEN]).await;

    assert_eq!((ended.code, ended.said.as_str()), (Some(2), ""), "{ended:?}");
    assert!(ended.complained.contains("could not connect"), "{ended:?}");
}
