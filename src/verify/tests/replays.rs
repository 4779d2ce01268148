//! What comes again, at another time, or with parts of its signature in other places.

use super::*;

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
