//! The vectors of `docs/vectors.json`, from WeChat's documents and eight SDKs, against this crate's code.

use serde_json::Value;

use super::{
    envelope::AesKey,
    signature::{msg_signature, signature},
    userdata,
};

fn vectors() -> Vec<Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/vectors.json");
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    file["vectors"].as_array().unwrap().clone()
}

fn check(kind: &str, at_least: usize, verify: impl Fn(&Value, &Value)) {
    let of_kind: Vec<_> = vectors().into_iter().filter(|v| v["kind"] == kind).collect();
    assert!(of_kind.len() >= at_least, "only {} vectors of kind {kind}", of_kind.len());
    for vector in of_kind {
        println!("{}", vector["id"]);
        verify(&vector["inputs"], &vector["expected"]);
    }
}

fn text<'a>(inputs: &'a Value, key: &str) -> &'a str {
    inputs[key].as_str().unwrap()
}

#[test]
fn signatures_of_three_parts_agree() {
    check("sha1_sorted3", 4, |i, expected| {
        assert_eq!(signature(text(i, "token"), text(i, "timestamp"), text(i, "nonce")), *expected);
    });
}

#[test]
fn signatures_of_four_parts_agree() {
    check("sha1_sorted4", 8, |i, expected| {
        let ours =
            msg_signature(text(i, "token"), text(i, "timestamp"), text(i, "nonce"), text(i, "encrypt"));
        assert_eq!(ours, *expected);
    });
}

#[test]
fn encryption_agrees_and_opens_again() {
    check("aes_encrypt", 12, |i, expected| {
        let key = AesKey::parse(text(i, "encoding_aes_key")).unwrap();
        let random: [u8; 16] = text(i, "random").as_bytes().try_into().unwrap();
        let sealed = key.encrypt(&random, text(i, "msg"), text(i, "appid"));
        let wanted = expected.as_str().or_else(|| expected["encrypt"].as_str()).unwrap();
        assert_eq!(sealed, wanted);
        let opened = key.decrypt(&sealed).unwrap();
        assert_eq!((opened.message.as_str(), opened.app_id.as_str()), (text(i, "msg"), text(i, "appid")));
    });
}

#[test]
fn decryption_agrees() {
    check("aes_decrypt", 3, |i, expected| {
        let opened = AesKey::parse(text(i, "encoding_aes_key")).unwrap().decrypt(text(i, "encrypt")).unwrap();
        assert_eq!(opened.message, expected["msg"].as_str().unwrap());
        assert_eq!(opened.app_id, expected["appid"].as_str().unwrap());
    });
}

#[test]
fn mini_program_data_agrees() {
    check("aes128cbc", 2, |i, expected| {
        let (key, iv, sealed) = (text(i, "session_key"), text(i, "iv"), text(i, "encryptedData"));
        let plain = userdata::decrypt(key, iv, sealed).unwrap();
        let wanted: Value = match expected {
            Value::String(json) => serde_json::from_str(json).unwrap(),
            other => other.clone(),
        };
        let ours: Value = serde_json::from_str(&plain).unwrap();
        for (field, value) in wanted.as_object().unwrap() {
            let holder = if ours[field].is_null() { &ours["watermark"] } else { &ours };
            assert_eq!(&holder[field], value, "{field}");
        }
        assert_eq!(userdata::encrypt(key, iv, &plain).unwrap(), sealed);
    });
    check("sha1(rawData+session_key)", 1, |i, expected| {
        assert_eq!(userdata::raw_data_signature(text(i, "rawData"), text(i, "session_key")), *expected);
    });
    check("hmac_sha256(key=session_key text,msg=body)", 1, |i, expected| {
        assert_eq!(userdata::session_hmac(text(i, "session_key"), text(i, "body")), *expected);
    });
    check("hmac_sha256(key=session_key text,msg='')", 1, |i, expected| {
        assert_eq!(userdata::session_hmac(text(i, "session_key"), ""), *expected);
    });
}
