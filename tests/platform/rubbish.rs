//! Answers that no WeChat gives, but a proxy, an attacker or a broken network does.

use std::time::{Duration, Instant};

use wechat_gateway::ids::OpenId;
use wechat_gateway::platform::{Platform as _, PlatformError, Settings, UserInfo, WeChat};

use crate::peer::{Peer, Wire};
use crate::world::{SECRET, account, hasty_gateway, person};

/// Longer than the hasty gateway's patience, and far shorter than what is being survived.
const SOON: Duration = Duration::from_secs(2);

async fn ask(api: &str) -> Result<Vec<UserInfo>, PlatformError> {
    hasty_gateway(api).user_info(&account(), &[person(0)]).await
}

fn chunk_of_a_megabyte() -> Vec<u8> {
    let mut chunk = format!("{:x}\r\n", 1 << 20).into_bytes();
    chunk.resize(chunk.len() + (1 << 20), b' ');
    chunk.extend_from_slice(b"\r\n");
    chunk
}

/// A gzip of 100 MB of zeros in half a megabyte: one literal, then nothing but "258 more of the same".
fn gzip_bomb() -> Vec<u8> {
    let mut bits: Vec<bool> = vec![true, true, false];
    let mut push = |code: u32, length: u32| bits.extend((0..length).rev().map(|n| code >> n & 1 == 1));
    push(0b0011_0000, 8);
    for _ in 0..400_000 {
        push(0b1100_0101, 8);
        push(0, 5);
    }
    push(0, 7);
    let mut gzip = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    gzip.extend(bits.chunks(8).map(|byte| byte.iter().rev().fold(0, |sum, bit| sum << 1 | u8::from(*bit))));
    gzip
}

fn with_head(head: &str, body: &[u8]) -> Wire {
    let mut bytes = format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n").into_bytes();
    bytes.extend_from_slice(body);
    Wire::answer(&bytes)
}

fn rubbish() -> Vec<(&'static str, Wire)> {
    let endless =
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec(), chunk_of_a_megabyte().repeat(3)];
    let bomb = gzip_bomb();
    let bomb_head = format!("Content-Encoding: gzip\r\nContent-Length: {}", bomb.len());
    vec![
        ("closes without a word", Wire::Close),
        ("never answers", Wire::Hang),
        ("half a body", with_head("Content-Length: 500", b"{\"subscribe\":1")),
        ("a body of another length", with_head("Content-Length: 5", b"{\"subscribe\":1}")),
        ("HTML", Wire::ok("<html><body>Sign in to the network</body></html>")),
        ("nothing", Wire::ok("")),
        ("a list", Wire::ok("[]")),
        ("three megabytes in chunks", Wire::answer(&endless.concat())),
        ("a promise of a terabyte", with_head("Content-Length: 1099511627776", &[b' '; 2 << 20])),
        ("a gzip bomb", with_head(&bomb_head, &bomb)),
        ("not HTTP", Wire::answer(b"\0\x01\x02 SSH-2.0-OpenSSH\r\n\r\n")),
        (
            "endless headers",
            Wire::answer(&[b"HTTP/1.1 200 OK\r\n".to_vec(), b"X: y\r\n".repeat(100_000)].concat()),
        ),
        ("a server error", Wire::answer(b"HTTP/1.1 500 Oops\r\nContent-Length: 2\r\n\r\n{}")),
        ("a refusal", Wire::answer(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\n{}")),
        (
            "a drip",
            Wire::Drip {
                bytes:
                    (&b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"subscribe\":1,\"openid\":\"o"[..])
                        .into(),
                at_once: 40,
                pause: Duration::from_millis(50),
            },
        ),
    ]
}

#[tokio::test]
async fn rubbish_is_a_transient_failure_soon() {
    for (name, wire) in rubbish() {
        let peer = Peer::start(wire);
        let begun = Instant::now();

        let answer = ask(&peer.url()).await;

        assert!(matches!(answer, Err(PlatformError::Transient(_))), "{name}: {answer:?}");
        assert!(begun.elapsed() < SOON, "{name} took {:?}", begun.elapsed());
    }
}

#[tokio::test]
async fn no_failure_tells_a_secret() {
    for (name, wire) in rubbish() {
        let peer = Peer::start(wire);

        let error = ask(&peer.url()).await.unwrap_err();

        let told = format!("{error:?} {error}");
        for secret in [SECRET, "planted-token", person(0).as_str(), "access_token="] {
            assert!(!told.contains(secret), "{name} tells {secret}: {told}");
        }
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Peer::start(Wire::ok(r#"{"subscribe":1,"unionid":"oStranger"}"#));
    let target = elsewhere.url();
    let answer = format!("HTTP/1.1 302 Found\r\nLocation: {target}/latest\r\nContent-Length: 0\r\n\r\n");
    let peer = Peer::start(Wire::answer(answer.as_bytes()));

    let answer = ask(&peer.url()).await;

    assert!(matches!(&answer, Err(PlatformError::Transient(why)) if why.contains("302")), "{answer:?}");
    assert_eq!(elsewhere.calls(), 0);
}

#[tokio::test]
async fn an_address_where_nobody_is_is_a_transient_failure() {
    let peer = Peer::start(Wire::Close);
    peer.stop();
    for api in [peer.url(), "http://nobody.invalid".into(), peer.url().replace("http:", "https:")] {
        let answer = ask(&api).await;

        assert!(matches!(answer, Err(PlatformError::Transient(_))), "{api}: {answer:?}");
    }
}

#[tokio::test]
async fn a_peer_that_does_not_speak_tls_is_a_transient_failure() {
    let peer = Peer::start(Wire::Close);

    let answer = ask(&peer.url().replace("http:", "https:")).await;

    assert!(matches!(answer, Err(PlatformError::Transient(_))), "{answer:?}");
}

#[tokio::test]
async fn a_question_on_a_connection_that_turns_out_to_be_dead_is_asked_once_more() {
    let peer = Peer::start(Wire::Close);

    ask(&peer.url()).await.unwrap_err();

    assert_eq!(peer.calls(), 2);
}

#[tokio::test]
async fn control_characters_and_any_content_type_are_taken() {
    for head in ["", "Content-Type: text/plain\r\n", "Content-Type: application/json; encoding=utf-8\r\n"] {
        let body = b"{\"subscribe\":1,\"nickname\":\"a\x00\x07\x1fb\\c\",\"unionid\":\"oUnion\"}";
        let peer = Peer::start(with_head(&format!("{head}Content-Length: {}", body.len()), body));

        let users = ask(&peer.url()).await.unwrap();

        assert_eq!(users[0].union_id.as_ref().unwrap().as_str(), "oUnion");
    }
}

#[tokio::test]
async fn an_address_below_a_path_is_kept() {
    let peer = Peer::start(Wire::ok(r#"{"subscribe":1}"#));

    let answer = ask(&format!("{}/proxy/", peer.url())).await;

    // The peer knows stable_token at the root only: below /proxy it gives no token.
    assert!(matches!(&answer, Err(PlatformError::Transient(why)) if why.contains("token")), "{answer:?}");
}

#[test]
fn an_address_that_is_none_is_refused_when_the_gateway_starts() {
    use std::sync::Arc;
    use wechat_gateway::clock::{SystemClock, SystemEntropy};
    for api in ["", "api.weixin.qq.com", "ftp://api.weixin.qq.com", "http://", "https://host/?access_token=x"]
    {
        let sessions = Arc::new(wechat_gateway::session::Memory::new(Arc::new(SystemClock)));

        let wechat =
            WeChat::new(&Settings::at(api), sessions, Arc::new(SystemClock), Arc::new(SystemEntropy));

        assert!(wechat.unwrap_err().to_string().starts_with("platform.api: "), "{api}");
    }
}

#[test]
fn an_open_id_is_not_told_by_its_debug_form() {
    assert_eq!(format!("{:?}", OpenId::parse("oPerson00000").unwrap()), "OpenId(..)");
}
