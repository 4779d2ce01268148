//! What WeChat never sends is refused, whatever it is.

use proptest::prelude::*;

use super::*;

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
