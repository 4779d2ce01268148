//! The examples of WeChat's documentation, and more of the kind (`docs/vectors.json`).

use serde_json::Value;

use super::*;

#[test]
fn every_vector_of_a_callback_holds() {
    let file: Value =
        serde_json::from_str(include_str!("../../../docs/vectors.json")).expect("docs/vectors.json is JSON");
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
    let file: Value = serde_json::from_str(include_str!("../../../docs/vectors.json")).unwrap();
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
