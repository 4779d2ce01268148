//! How the reply to a push is sealed: as the push was, with the same secrets.

use serde_json::Value;

use super::*;

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

/// What stands between `before` and `after`.
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    text.split_once(before).unwrap().1.split_once(after).unwrap().0
}
