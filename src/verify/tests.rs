//! The stage as a whole, from a query string and a body to a push or a refusal.

use std::sync::Arc;

use bytes::Bytes;
use proptest::prelude::*;
use secrecy::SecretString;
use serde_json::Value;

use super::*;
use crate::account::{AccountKind, Format, Lang};
use crate::clock::{Entropy, SECOND};
use crate::ids::AppId;

const KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
const OTHER_KEY: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
const NOW: UnixMs = 1_760_000_000 * SECOND;
const FOLLOW: &str = "<xml><ToUserName><![CDATA[gh_0000000000aa]]></ToUserName>\n\
    <FromUserName><![CDATA[oQ3vT6kX0m1Zc9RrUe2bWn5yHs8A]]></FromUserName>\n<CreateTime>1760000000</CreateTime>\n\
    <MsgType><![CDATA[event]]></MsgType>\n<Event><![CDATA[subscribe]]></Event>\n<EventKey><![CDATA[]]></EventKey>\n</xml>";

/// The account `brand` with these secrets.
pub(super) fn account(mode: Mode, tokens: &[&str], aes_keys: &[&str]) -> Account {
    let secrets = |texts: &[&str]| texts.iter().map(|text| SecretString::from(*text)).collect();
    Account {
        name: "brand".into(),
        app_id: AppId::parse("wx00000000000000aa").unwrap(),
        kind: AccountKind::OfficialAccount,
        original_id: "gh_0000000000aa".into(),
        secret: SecretString::from("00000000000000000000000000000aaa"),
        tokens: secrets(tokens),
        aes_keys: secrets(aes_keys),
        mode,
        format: Format::Xml,
        lang: Lang::Zh,
    }
}

#[derive(Debug)]
struct Counting;

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.iter_mut().zip(0..).for_each(|(byte, n)| *byte = n);
    }
}

/// One account with its verifier, and WeChat's side of the wire.
struct Wire {
    account: Arc<Account>,
    verifier: Verifier,
}

impl Wire {
    fn of(account: Account) -> Self {
        let verifier = Verifier::new(Settings::default(), [&account]).unwrap();
        Self { account: Arc::new(account), verifier }
    }

    fn in_mode(mode: Mode) -> Self {
        Self::of(account(mode, &["localtoken"], &[KEY]))
    }

    fn send(&self, query: &str, body: impl Into<Bytes>) -> Result<Push, Refusal> {
        let query = Query::parse(query)?;
        self.verifier.verify(Delivery::new(Arc::clone(&self.account), query, body.into(), NOW))
    }

    fn echo(&self, query: &str) -> Result<String, Refusal> {
        self.verifier.echo(&self.account, &Query::parse(query)?, NOW)
    }
}

fn forbidden(reason: ForbiddenReason) -> Option<Refusal> {
    Some(Refusal::Forbidden(reason))
}

fn plain_query(token: &str, timestamp: &str, nonce: &str) -> String {
    let signature = Signature::over([token, timestamp, nonce]).to_hex();
    format!("signature={signature}&timestamp={timestamp}&nonce={nonce}&openid=oQ3vT6kX0m1Zc9RrUe2bWn5yHs8A")
}

/// The query of an encrypted push, with both signatures.
fn safe_query(token: &str, timestamp: &str, nonce: &str, encrypted: &str) -> String {
    let signature = Signature::over([token, timestamp, nonce, encrypted]).to_hex();
    format!("{}&encrypt_type=aes&msg_signature={signature}", plain_query(token, timestamp, nonce))
}

fn encrypted(key: &str, message: &str) -> String {
    envelope::Cipher::new(key).unwrap().seal(message.as_bytes(), "wx00000000000000aa", [b'r'; 16])
}

fn safe_body(encrypted: &str) -> String {
    format!(
        "<xml><ToUserName><![CDATA[gh_0000000000aa]]></ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    )
}

/// What stands between `before` and `after`.
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    text.split_once(before).unwrap().1.split_once(after).unwrap().0
}

#[test]
fn every_vector_of_a_callback_holds() {
    let file: Value =
        serde_json::from_str(include_str!("../../docs/vectors.json")).expect("docs/vectors.json is JSON");
    let mut held = [0; 4];
    for vector in file["vectors"].as_array().unwrap() {
        let id = vector["id"].as_str().unwrap();
        let input = |name: &str| vector["inputs"][name].as_str().unwrap_or_else(|| panic!("{id}: {name}"));
        let expected = &vector["expected"];
        match vector["kind"].as_str().unwrap() {
            "sha1_sorted3" => {
                let right = Signature::over([input("token"), input("timestamp"), input("nonce")]);
                assert_eq!(right.to_hex(), expected.as_str().unwrap(), "{id}");
                held[0] += 1;
            }
            "sha1_sorted4" => {
                let parts = [input("token"), input("timestamp"), input("nonce"), input("encrypt")];
                assert_eq!(Signature::over(parts).to_hex(), expected.as_str().unwrap(), "{id}");
                held[1] += 1;
            }
            "aes_encrypt" => {
                let cipher = envelope::Cipher::new(input("encoding_aes_key")).expect(id);
                let random = input("random").as_bytes().try_into().expect(id);
                let sealed = cipher.seal(input("msg").as_bytes(), input("appid"), random);
                assert_eq!(sealed, expected["encrypt"].as_str().or(expected.as_str()).unwrap(), "{id}");
                let opened = cipher.open(envelope::decode(&sealed).unwrap(), input("appid")).expect(id);
                assert_eq!(opened, input("msg"), "{id}");
                held[2] += 1;
            }
            "aes_decrypt" => {
                let cipher = envelope::Cipher::new(input("encoding_aes_key")).expect(id);
                let ciphertext = envelope::decode(input("encrypt")).expect(id);
                let opened = cipher.open(ciphertext, expected["appid"].as_str().unwrap()).expect(id);
                assert_eq!(opened, expected["msg"].as_str().unwrap(), "{id}");
                held[3] += 1;
            }
            // Mini-program user data, JS-SDK and WeChat Pay are no part of a callback.
            _ => {}
        }
    }
    assert_eq!(held, [5, 9, 13, 3]);
}

#[test]
fn the_official_example_of_the_url_check_is_echoed() {
    let mut official = account(Mode::Safe, &["AAAAA"], &[KEY]);
    official.mode = Mode::Safe;
    let wire = Wire::of(official);
    let query = Query::parse(
        "signature=f464b24fc39322e44b38aa78f5edd27bd1441696&echostr=4375120948345356249&timestamp=1714036504&nonce=1514711492",
    )
    .unwrap();

    let echo = wire.verifier.echo(&wire.account, &query, 1_714_036_504 * SECOND);

    assert_eq!(echo.as_deref(), Ok("4375120948345356249"));
}

#[test]
fn the_official_example_of_a_safe_push_opens() {
    let file: Value = serde_json::from_str(include_str!("../../docs/vectors.json")).unwrap();
    let vectors = file["vectors"].as_array().unwrap();
    let vector = vectors.iter().find(|v| v["id"] == "safe-push-official-decrypt").unwrap();
    let mut official = account(Mode::Safe, &["AAAAA"], &["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]);
    official.app_id = AppId::parse("wxba5fad812f8e6fb9").unwrap();
    official.original_id = "gh_97417a04a28d".into();
    let wire = Wire::of(official);
    let encrypted = vector["inputs"]["encrypt"].as_str().unwrap();
    let body = format!(r#"{{"ToUserName":"gh_97417a04a28d","Encrypt":"{encrypted}"}}"#);
    let query = Query::parse(
        "signature=6c5c811b55cc85e0e1b54100749188c20beb3f5d&timestamp=1714112445&nonce=415670741&encrypt_type=aes\
         &msg_signature=046e02f8204d34f8ba5fa3b1db94908f3df2e9b3",
    )
    .unwrap();

    let push = wire
        .verifier
        .verify(Delivery::new(Arc::clone(&wire.account), query, body.into(), 1_714_112_450 * SECOND))
        .unwrap();

    assert_eq!(push.body, vector["expected"]["msg"].as_str().unwrap());
    assert_eq!(push.format, Format::Json);
    assert_eq!(push.skew_seconds, 5);
}

#[test]
fn a_plain_push_passes_and_may_come_again_but_not_with_another_body() {
    let wire = Wire::in_mode(Mode::Plain);
    let query = plain_query("localtoken", "1760000000", "123");

    let push = wire.send(&query, FOLLOW).unwrap();
    let again = wire.send(&query, FOLLOW).unwrap();
    let forged = wire.send(&query, FOLLOW.replace("oQ3v", "oEvl"));

    assert_eq!(push.body, FOLLOW);
    assert_eq!(again.body, FOLLOW);
    assert_eq!(forged.err(), forbidden(ForbiddenReason::Replayed));
    assert_eq!(push.seal("<xml/>", NOW, &Counting), "<xml/>");
}

#[test]
fn the_signature_of_the_url_check_vouches_for_no_push() {
    let wire = Wire::in_mode(Mode::Plain);
    let query = plain_query("localtoken", "1760000000", "123");
    wire.echo(&format!("{query}&echostr=42")).unwrap();

    let push = wire.send(&query, FOLLOW);

    assert_eq!(push.err(), forbidden(ForbiddenReason::Replayed));
}

#[test]
fn a_safe_push_opens_and_its_reply_is_sealed_with_the_same_secrets() {
    for mode in [Mode::Safe, Mode::Compatible] {
        let wire = Wire::in_mode(mode);
        let text = encrypted(KEY, FOLLOW);

        let push =
            wire.send(&safe_query("localtoken", "1760000000", "123", &text), safe_body(&text)).unwrap();
        let sealed = push.seal("<xml>你好</xml>", NOW + 999, &Counting);

        assert_eq!(push.body, FOLLOW);
        let reply = between(&sealed, "<Encrypt><![CDATA[", "]]>");
        let nonce = between(&sealed, "<Nonce><![CDATA[", "]]>");
        assert_eq!(between(&sealed, "<TimeStamp>", "<"), "1760000000");
        assert!(Stamp::new("1760000000", nonce).is_some() && nonce.len() == 10, "{nonce}");
        let right = Signature::over(["localtoken", "1760000000", nonce, reply]).to_hex();
        assert_eq!(between(&sealed, "<MsgSignature><![CDATA[", "]]>"), right);
        let cipher = envelope::Cipher::new(KEY).unwrap();
        let opened = cipher.open(envelope::decode(reply).unwrap(), "wx00000000000000aa").unwrap();
        assert_eq!(opened, "<xml>你好</xml>");
    }
}

#[test]
fn a_json_push_gets_a_json_reply() {
    let wire = Wire::in_mode(Mode::Safe);
    let text = encrypted(KEY, r#"{"MsgType":"event"}"#);
    let body = format!(r#"{{"ToUserName":"gh_0000000000aa","Encrypt":"{}"}}"#, text.replace('/', "\\/"));

    let push = wire.send(&safe_query("localtoken", "1760000000", "123", &text), body).unwrap();
    let sealed: Value = serde_json::from_str(&push.seal("{}", NOW, &Counting)).unwrap();

    assert_eq!(push.body, r#"{"MsgType":"event"}"#);
    let (nonce, reply) = (sealed["Nonce"].as_str().unwrap(), sealed["Encrypt"].as_str().unwrap());
    assert_eq!(sealed["TimeStamp"], 1_760_000_000);
    let right = Signature::over(["localtoken", "1760000000", nonce, reply]).to_hex();
    assert_eq!(sealed["MsgSignature"], right);
}

#[test]
fn success_and_silence_are_never_encrypted() {
    let wire = Wire::in_mode(Mode::Safe);
    let text = encrypted(KEY, FOLLOW);
    let push = wire.send(&safe_query("localtoken", "1760000000", "123", &text), safe_body(&text)).unwrap();

    assert_eq!(push.seal("success", NOW, &Counting), "success");
    assert_eq!(push.seal("", NOW, &Counting), "");
}

#[test]
fn while_secrets_rotate_each_reply_is_sealed_with_those_of_its_push() {
    let wire = Wire::of(account(Mode::Safe, &["newtoken", "oldtoken"], &[KEY, OTHER_KEY]));
    let pairs = [("newtoken", KEY), ("newtoken", OTHER_KEY), ("oldtoken", KEY), ("oldtoken", OTHER_KEY)];
    for (token, key) in pairs {
        let text = encrypted(key, FOLLOW);

        let push = wire.send(&safe_query(token, "1760000000", "123", &text), safe_body(&text)).unwrap();
        let sealed = push.seal("<xml/>", NOW, &Counting);

        let reply = between(&sealed, "<Encrypt><![CDATA[", "]]>");
        let nonce = between(&sealed, "<Nonce><![CDATA[", "]]>");
        let right = Signature::over([token, "1760000000", nonce, reply]).to_hex();
        assert_eq!(between(&sealed, "<MsgSignature><![CDATA[", "]]>"), right);
        let cipher = envelope::Cipher::new(key).unwrap();
        assert!(cipher.open(envelope::decode(reply).unwrap(), "wx00000000000000aa").is_some());
    }
    let text = encrypted("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", FOLLOW);
    let push = wire.send(&safe_query("newtoken", "1760000000", "123", &text), safe_body(&text));
    assert_eq!(push.err(), forbidden(ForbiddenReason::Envelope));
    assert!(wire.echo(&format!("{}&echostr=1", plain_query("oldtoken", "1760000000", "7"))).is_ok());
}

#[test]
fn the_mode_is_the_accounts_and_never_the_requests() {
    let text = encrypted(KEY, FOLLOW);
    let safe = safe_query("localtoken", "1760000000", "123", &text);
    let plain = plain_query("localtoken", "1760000000", "123");
    for mode in [Mode::Safe, Mode::Compatible] {
        let wire = Wire::in_mode(mode);
        assert_eq!(wire.send(&plain, FOLLOW).err(), forbidden(ForbiddenReason::Unsigned), "{mode:?}");
        assert_eq!(
            wire.send(&plain, safe_body(&text)).err(),
            forbidden(ForbiddenReason::Unsigned),
            "{mode:?}"
        );
        assert_eq!(wire.send(&safe, FOLLOW).err(), forbidden(ForbiddenReason::Unencrypted), "{mode:?}");
        let raw = safe.replace("encrypt_type=aes", "encrypt_type=raw");
        assert!(wire.send(&raw, safe_body(&text)).is_ok(), "{mode:?}");
    }
}

#[test]
fn compatible_mode_looks_at_the_ciphertext_alone() {
    let wire = Wire::in_mode(Mode::Compatible);
    let text = encrypted(KEY, FOLLOW);
    let forged =
        FOLLOW.replace("oQ3v", "oEvl").replace("</xml>", &format!("<Encrypt>{text}</Encrypt></xml>"));

    let push = wire.send(&safe_query("localtoken", "1760000000", "123", &text), forged).unwrap();

    assert_eq!(push.body, FOLLOW);
}

#[test]
fn a_push_addressed_to_another_account_is_refused() {
    let wire = Wire::in_mode(Mode::Safe);
    let text = encrypted(KEY, FOLLOW);
    let query = safe_query("localtoken", "1760000000", "123", &text);

    let other = wire.send(&query, safe_body(&text).replace("gh_0000000000aa", "gh_0000000000ab"));
    let app_id = wire.send(&query, safe_body(&text).replace("gh_0000000000aa", "wx00000000000000aa"));
    let nobody = wire.send(&query, format!("<xml><Encrypt>{text}</Encrypt></xml>"));

    assert_eq!(other.err(), forbidden(ForbiddenReason::Addressee));
    assert!(app_id.is_ok());
    assert!(nobody.is_ok());
}

#[test]
fn an_account_that_the_verifier_was_not_built_with_is_refused() {
    let wire = Wire::in_mode(Mode::Plain);
    let mut stranger = account(Mode::Plain, &["localtoken"], &[]);
    stranger.name = "stranger".into();
    let query = Query::parse(&plain_query("localtoken", "1760000000", "123")).unwrap();

    let push = wire.verifier.verify(Delivery::new(Arc::new(stranger), query, FOLLOW.into(), NOW));

    assert_eq!(push.err(), forbidden(ForbiddenReason::UnknownAccount));
}

#[test]
fn every_bad_ciphertext_is_refused_alike() {
    let wire = Wire::in_mode(Mode::Safe);
    let good = encrypted(KEY, FOLLOW);
    let cipher = envelope::Cipher::new(KEY).unwrap();
    for text in [
        "",
        "AAAA",
        "not base64!",
        &good[..good.len() - 4],
        &good[1..],
        good.trim_end_matches('='),
        &good.replace('+', "-"),
        &encrypted(OTHER_KEY, FOLLOW),
        &cipher.seal(FOLLOW.as_bytes(), "wx00000000000000ab", [0; 16]),
        &cipher.seal(FOLLOW.as_bytes(), "", [0; 16]),
    ] {
        if text == good {
            continue;
        }
        let push = wire.send(&safe_query("localtoken", "1760000000", "123", text), safe_body(text));

        assert_eq!(push.err(), forbidden(ForbiddenReason::Envelope), "{text}");
    }
}

#[test]
fn a_swapped_or_recut_timestamp_is_refused_after_the_genuine_push_and_before_it() {
    let digits = "17600000001759999999";
    let signature = Signature::over(["localtoken", &digits[..10], &digits[10..]]).to_hex();
    let query =
        |timestamp: &str, nonce: &str| format!("signature={signature}&timestamp={timestamp}&nonce={nonce}");
    let wire = Wire::in_mode(Mode::Plain);
    for at in (1..20).filter(|at| *at != 10) {
        for (timestamp, nonce) in [digits.split_at(at), (&digits[at..], &digits[..at])] {
            let push = wire.send(&query(timestamp, nonce), FOLLOW);
            assert_eq!(push.err(), forbidden(ForbiddenReason::Unsigned), "{timestamp} {nonce}");
        }
    }

    let genuine = wire.send(&query(&digits[..10], &digits[10..]), FOLLOW);
    let swapped = wire.send(&query(&digits[10..], &digits[..10]), FOLLOW);
    let again = wire.send(&query(&digits[..10], &digits[10..]), FOLLOW);

    assert!(genuine.is_ok());
    assert_eq!(swapped.err(), forbidden(ForbiddenReason::Replayed), "the swapped pair verifies and is fresh");
    assert!(again.is_ok());
}

#[test]
fn a_swapped_timestamp_of_a_safe_push_is_refused() {
    let wire = Wire::in_mode(Mode::Safe);
    let text = encrypted(KEY, FOLLOW);
    let genuine = safe_query("localtoken", "1760000000", "1759999999", &text);
    let swapped = safe_query("localtoken", "1759999999", "1760000000", &text);
    assert_eq!(genuine.rsplit_once('=').unwrap().1, swapped.rsplit_once('=').unwrap().1);

    wire.send(&genuine, safe_body(&text)).unwrap();

    assert_eq!(wire.send(&swapped, safe_body(&text)).err(), forbidden(ForbiddenReason::Replayed));
    assert!(wire.send(&genuine, safe_body(&text)).is_ok());
}

#[test]
fn a_genuine_push_from_another_time_is_refused_with_the_skew() {
    let wire = Wire::in_mode(Mode::Plain);
    for (timestamp, skew_seconds) in [("1759999699", 301), ("1760000301", -301)] {
        let push = wire.send(&plain_query("localtoken", timestamp, "123"), FOLLOW);
        assert_eq!(push.err(), forbidden(ForbiddenReason::Stale { skew_seconds }));
        let forged = wire.send(&plain_query("othertoken", timestamp, "123"), FOLLOW);
        assert_eq!(
            forged.err(),
            forbidden(ForbiddenReason::Signature),
            "only WeChat can move the skew gauge"
        );
    }
}

#[test]
fn nothing_is_echoed_without_a_signature_or_beyond_64_bytes() {
    let wire = Wire::in_mode(Mode::Safe);
    let good = plain_query("localtoken", "1760000000", "123");
    let bad = plain_query("othertoken", "1760000000", "123");

    assert_eq!(wire.echo(&format!("{bad}&echostr=1")), Err(ForbiddenReason::Signature.into()));
    assert_eq!(wire.echo("echostr=1"), Err(ForbiddenReason::Unsigned.into()));
    assert_eq!(wire.echo(&good), Err(ForbiddenReason::Echo.into()));
    assert_eq!(wire.echo(&format!("{good}&echostr=")), Err(ForbiddenReason::Echo.into()));
    assert_eq!(wire.echo(&format!("{good}&echostr={}", "1".repeat(65))), Err(ForbiddenReason::Echo.into()));
    assert_eq!(wire.echo(&format!("{good}&echostr={}", "1".repeat(64))), Ok("1".repeat(64)));
}

#[test]
fn a_body_that_is_neither_xml_nor_json_is_malformed() {
    for mode in [Mode::Plain, Mode::Safe] {
        let wire = Wire::in_mode(mode);
        for body in ["", "hello", "[1]"] {
            let push = wire.send(&safe_query("localtoken", "1760000000", "123", ""), body);
            assert_eq!(push.err(), Some(MalformedReason::Body.into()), "{mode:?} {body}");
        }
    }
}

#[test]
fn neither_a_delivery_nor_a_push_shows_its_body() {
    let wire = Wire::in_mode(Mode::Plain);
    let query = Query::parse(&plain_query("localtoken", "1760000000", "123")).unwrap();
    let delivery = Delivery::new(Arc::clone(&wire.account), query, FOLLOW.into(), NOW);

    let before = format!("{delivery:?}");
    let after = format!("{:?}", wire.verifier.verify(delivery).unwrap());

    for shown in [before, after] {
        assert!(!shown.contains("oQ3v") && !shown.contains("subscribe"), "{shown}");
    }
}

proptest! {
    #[test]
    fn one_bit_anywhere_refuses_a_safe_push(part in 0_usize..5, at: prop::sample::Index, bit in 0_u8..8) {
        let text = encrypted(KEY, FOLLOW);
        let genuine = safe_query("localtoken", "1760000000", "1714036504", &text);
        let signature = genuine.rsplit_once('=').unwrap().1.to_owned();
        let mut parts = ["localtoken".to_owned(), "1760000000".into(), "1714036504".into(), signature, text];
        let mut bytes = parts[part].clone().into_bytes();
        let place = at.index(bytes.len());
        bytes[place] ^= 1 << bit;
        let Ok(flipped) = String::from_utf8(bytes) else { return Ok(()) };
        prop_assume!(part != 0 || flipped.bytes().all(|b| b.is_ascii_alphanumeric()));
        parts[part] = flipped;
        let [token, timestamp, nonce, signature, text] = parts;
        let wire = Wire::of(account(Mode::Safe, &[&token], &[KEY]));
        let query = Query {
            timestamp: Some(timestamp),
            nonce: Some(nonce),
            msg_signature: Some(signature),
            ..Query::default()
        };

        let delivery = Delivery::new(Arc::clone(&wire.account), query, safe_body(&text).into(), NOW);

        prop_assert!(wire.verifier.verify(delivery).is_err());
    }

    #[test]
    fn no_query_and_no_body_panics(query in "\\PC{0,200}", body in prop::collection::vec(any::<u8>(), 0..200)) {
        for mode in [Mode::Plain, Mode::Safe] {
            let wire = Wire::in_mode(mode);
            prop_assert!(wire.send(&query, body.clone()).is_err());
            prop_assert!(wire.echo(&query).is_err());
        }
    }
}
