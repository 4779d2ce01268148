//! What attackers and broken senders do: the table of bad inputs, and the findings about WeChat's signature.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::json;
use wechat_gateway::clock::{Clock as _, SECOND, SystemClock};

use crate::harness::{TestGateway, wait_until};
use crate::signing::{BRAND, BRAND_ID, encrypt, encrypt_raw, event_xml, plain_query, safe_delivery};

const OPEN_ID: &str = "oQ3vT6kX0m1Zc9RrUe2bWn5yHs8A";
const PLAIN: [(&str, &str); 1] = [("GATEWAY_ACCOUNTS__BRAND__MODE", "plain")];

fn now() -> i64 {
    SystemClock.now() / SECOND
}

fn scan() -> String {
    event_xml(OPEN_ID, now(), "SCAN", "<EventKey><![CDATA[store-12]]></EventKey>")
}

async fn post(gateway: &TestGateway, query: &str, body: impl Into<reqwest::Body>) -> (StatusCode, String) {
    let url = gateway.url(&format!("/wechat/brand?{query}"));
    let response = gateway.http.post(url).body(body).send().await.unwrap();
    (response.status(), response.text().await.unwrap())
}

#[tokio::test]
async fn the_echo_is_exact_and_needs_a_signature() {
    let gateway = TestGateway::start().await;
    let valid = plain_query(now(), "1514711492");
    let get = |query: String| gateway.http.get(gateway.url(&format!("/wechat/brand?{query}"))).send();

    let right = get(format!("{valid}&echostr=4375120948345356249")).await.unwrap();
    assert_eq!(right.status(), 200);
    assert!(right.headers()["content-type"].to_str().unwrap().starts_with("text/plain"));
    assert_eq!(right.text().await.unwrap(), "4375120948345356249");

    let wrong = valid.replace("signature=", "signature=0");
    for refused in [
        get(format!("{wrong}&echostr=1")).await.unwrap(),
        get("echostr=1".to_owned()).await.unwrap(),
        gateway.http.get(gateway.url(&format!("/wechat/nobody?{valid}&echostr=1"))).send().await.unwrap(),
    ] {
        assert!([403, 400].contains(&refused.status().as_u16()), "{}", refused.status());
        assert!(!refused.text().await.unwrap().contains('1'));
    }
}

#[tokio::test]
async fn a_safe_account_refuses_plaintext_and_every_broken_envelope_alike() {
    let gateway = TestGateway::start().await;
    let at = now();
    let good = encrypt(scan().as_bytes(), BRAND);
    let pad_of = |pad: u8| {
        let mut text = vec![b'r'; 16];
        text.extend(5_u32.to_be_bytes());
        text.extend(b"hello");
        text.extend(BRAND.as_bytes());
        text.resize(64, pad);
        encrypt_raw(&text)
    };
    let mut long = vec![b'r'; 16];
    long.extend(u32::MAX.to_be_bytes());
    long.resize(64, 16);
    let mut bodies: Vec<(&str, String, String)> = vec![("plaintext", plain_query(at, "1"), scan())];
    for (index, (name, encrypted)) in [
        ("another account's AppID", encrypt(scan().as_bytes(), "wx00000000000000cc")),
        ("padding of 0", pad_of(0)),
        ("padding of 33", pad_of(33)),
        ("length beyond the buffer", encrypt_raw(&long)),
        ("not base64", "!!!!".to_owned()),
        ("not a multiple of 16", "QUJD".to_owned()),
    ]
    .into_iter()
    .enumerate()
    {
        let (query, body) = safe_delivery(&encrypted, at, &format!("2{index}"));
        bodies.push((name, query, body));
    }
    let (query, body) = safe_delivery(&good, at, "3");
    bodies.push(("ciphertext changed", query.clone(), body.replacen(&good[..4], "AAAA", 1)));
    bodies.push((
        "msg_signature upper case",
        query.to_uppercase().replace("MSG_SIGNATURE", "msg_signature"),
        body.clone(),
    ));

    let mut answers = Vec::new();
    for (name, query, body) in bodies {
        let (status, text) = post(&gateway, &query, body).await;
        answers.push((name, status.as_u16(), text));
    }

    for (name, status, text) in &answers[..answers.len() - 1] {
        assert_eq!((*status, text), (403, &answers[0].2), "{name}");
    }
    assert!([400, 403].contains(&answers.last().unwrap().1));
    assert_eq!(post(&gateway, &query, body).await.0, 200, "and the genuine one passes");
}

#[tokio::test]
async fn one_captured_signature_vouches_for_one_body_only() {
    let gateway = TestGateway::start_with(&PLAIN).await;
    let at = now();
    let query = plain_query(at, "1514711492");
    let body = scan();

    let first = post(&gateway, &query, body.clone()).await;
    let retry = post(&gateway, &query, body.clone()).await;
    let forged = post(&gateway, &query, body.replace("store-12", "store-13")).await;
    let recut = query
        .replace(&format!("timestamp={at}&nonce=1514711492"), &format!("timestamp=1514711492&nonce={at}"));
    let swapped = post(&gateway, &recut, body).await;

    assert_eq!(first.0, 200);
    assert_eq!(retry, first, "a genuine retry gets the same reply");
    assert_eq!(forged.0, 403);
    assert_eq!(swapped.0, 403);
}

#[tokio::test]
async fn queries_that_are_not_wechats_are_refused() {
    let gateway = TestGateway::start_with(&PLAIN).await;
    let at = now();
    let good = plain_query(at, "1");
    let cases = [
        ("no signature", format!("timestamp={at}&nonce=1"), 403),
        ("twice the nonce", format!("{good}&nonce=1"), 400),
        ("301 s late", plain_query(at - 301, "2"), 403),
        ("301 s early", plain_query(at + 302, "3"), 403),
        ("nine digits", plain_query(at / 10, "4"), 403),
        ("eleven digits", plain_query(at * 10, "5"), 403),
        ("negative", plain_query(-at, "6"), 403),
        ("upper case", format!("signature={}", good.trim_start_matches("signature=").to_uppercase()), 403),
        ("short signature", good.replacen("signature=", "signature=x&other=", 1), 403),
        ("ten thousand parameters", format!("{good}{}", "&a=1".repeat(10_000)), 400),
    ];

    for (name, query, expected) in cases {
        let (status, _) = post(&gateway, &query, scan()).await;
        let refused = status.as_u16();
        assert!(refused == expected || (expected == 403 && refused == 400), "{name}: {status}");
    }
}

#[tokio::test]
async fn signed_garbage_gets_a_4xx_quickly_and_is_kept() {
    let gateway = TestGateway::start_with(&PLAIN).await;
    let laughs = "<!DOCTYPE lolz [<!ENTITY lol \"lol\">]><xml><Event>&lol;</Event></xml>";
    let xxe = "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><xml>&e;</xml>";
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("empty", Vec::new()),
        ("truncated", scan().as_bytes()[..80].to_vec()),
        ("doctype", laughs.into()),
        ("external entity", xxe.into()),
        ("unknown entity", scan().replace("SCAN", "]]>&lol;<![CDATA[").into()),
        ("second root", format!("{}{}", scan(), scan()).into()),
        ("other root", scan().replace("xml>", "abc>").into()),
        ("deep", format!("<xml>{}{}</xml>", "<a>".repeat(5_000), "</a>".repeat(5_000)).into()),
        ("wide", format!("<xml>{}</xml>", "<a>1</a>".repeat(5_000)).into()),
        (
            "invalid UTF-8",
            scan()
                .replace("store-12", "\u{1}")
                .into_bytes()
                .into_iter()
                .map(|b| if b == 1 { 0xff } else { b })
                .collect(),
        ),
        ("UTF-16", scan().encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("NUL", scan().replace("store-12", "\0").into()),
        ("lone surrogate", scan().replace("<![CDATA[store-12]]>", "&#xD800;").into()),
        ("long EventKey", scan().replace("store-12", &"k".repeat(4_000)).into()),
        ("duplicate element", scan().replace("<MsgType>", "<CreateTime>1</CreateTime><MsgType>").into()),
        ("not XML at all", b"hello".to_vec()),
    ];

    for (index, (name, body)) in cases.into_iter().enumerate() {
        let started = Instant::now();
        let (status, _) = post(&gateway, &plain_query(now(), &format!("7{index}")), body).await;
        assert_eq!(status, 400, "{name}");
        assert!(started.elapsed() < Duration::from_millis(500), "{name}: {:?}", started.elapsed());
    }
    let kept = gateway.dir.path().join("quarantine");
    wait_until(async || std::fs::read_dir(&kept).is_ok_and(|kept| kept.count() > 0)).await;
    let (other, _) =
        post(&gateway, &plain_query(now(), "8"), scan().replace(BRAND_ID, "gh_0000000000cc")).await;
    assert_eq!(other, 403, "another account's push");
}

#[tokio::test]
async fn an_unknown_kind_is_acknowledged_and_kept_whole() {
    let gateway = TestGateway::start_with(&PLAIN).await;
    let body = event_xml(OPEN_ID, now(), "brand_new_event", "<Colour><![CDATA[teal]]></Colour>");

    let (status, text) = post(&gateway, &plain_query(now(), "9"), body.clone()).await;

    assert_eq!((status.as_u16(), text.as_str()), (200, "success"));
    let kept = gateway.dir.path().join("quarantine");
    crate::harness::wait_until(async || {
        let files = std::fs::read_dir(&kept).into_iter().flatten().flatten();
        files.into_iter().any(|file| std::fs::read_to_string(file.path()).is_ok_and(|text| text == body))
    })
    .await;
}

#[tokio::test]
async fn limits_come_before_work() {
    let gateway = TestGateway::start().await;
    let big = post(&gateway, &plain_query(now(), "1"), vec![b'x'; 70_000]).await;
    assert_eq!(big.0, 413);
    let zipped = gateway.http.post(gateway.url("/wechat/brand")).header("Content-Encoding", "gzip").body("x");
    assert_eq!(zipped.send().await.unwrap().status(), 415);

    let raw = |request: String| {
        let address = gateway.url("").replace("http://", "");
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(8))).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let started = Instant::now();
        let mut answer = [0; 16];
        stream.read_exact(&mut answer[..12]).unwrap();
        (String::from_utf8_lossy(&answer[9..12]).into_owned(), started.elapsed())
    };
    let declared = raw("POST /wechat/brand HTTP/1.1\r\nHost: a\r\nContent-Length: 70000\r\n\r\n".into());
    assert!(["413", "408"].contains(&declared.0.as_str()), "{declared:?}");
    let slow = raw("POST /wechat/brand HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n<xml>".into());
    assert_eq!(slow.0, "408");
    assert!(slow.1 >= Duration::from_millis(1_900) && slow.1 < Duration::from_secs(4), "{slow:?}");
    let smuggled = raw(
        "POST /wechat/brand HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".into(),
    );
    assert_eq!(smuggled.0, "400");
}

#[tokio::test]
async fn any_body_to_the_brands_api_is_a_2xx_or_4xx() {
    let gateway = TestGateway::start().await;
    let bodies = [
        "",
        "{",
        "[]",
        "null",
        "{\"events\":1}",
        "{\"events\":[1]}",
        "{\"events\":[{}]}",
        "\u{0}",
        "{\"events\":[{\"kind\":\"mp.visit\",\"union_id\":\"\u{202e}\"}]}",
    ];
    for body in bodies {
        let request = gateway.http.post(gateway.url("/v1/events")).bearer_auth("local-api-key");
        let status = request.header("Idempotency-Key", "k").body(body).send().await.unwrap().status();
        assert!(status.is_success() || status.is_client_error(), "{body:?}: {status}");
    }
    let (status, _) = gateway
        .post_events("k-2", json!([{ "kind": "pay.success", "union_id": "oAAAAAA", "amount_fen": -1 }]))
        .await;
    assert_eq!(status, 200);
}
