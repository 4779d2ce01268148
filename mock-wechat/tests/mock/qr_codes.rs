//! Parametric QR codes: tickets and pictures.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::{receiver::Receiver, world::world};

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

#[tokio::test]
async fn a_qr_code_is_made_without_an_errcode_and_scanned_by_its_ticket() {
    let w = world().await;
    let path = format!("/cgi-bin/qrcode/create?access_token={}", w.token);
    let temporary = json!({"expire_seconds": 604_800, "action_name": "QR_STR_SCENE",
        "action_info": {"scene": {"scene_str": "ref=m1024"}}});
    let permanent = json!({"action_name": "QR_LIMIT_SCENE", "action_info": {"scene": {"scene_id": 40417}}});

    let code = w.http.post(&path, temporary.clone()).await;
    assert_eq!(keys(&code), ["expire_seconds", "ticket", "url"]);
    assert_eq!(code["ticket"].as_str().unwrap().len(), 96);
    let lasting = w.http.post(&path, permanent.clone()).await;
    assert_eq!(keys(&lasting), ["ticket", "url"]);
    assert_eq!(w.http.post(&path, permanent).await, lasting);

    w.lin.scans_ticket(&w.brand, lasting["ticket"].as_str().unwrap()).await;
    assert_eq!(w.info().await["qr_scene"], 40417);
    let bad = json!({"action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": ""}}});
    assert_eq!(w.http.post(&path, bad).await["errcode"], 40129);
}

#[tokio::test]
async fn a_push_names_the_very_code_that_was_scanned_though_a_newer_one_has_its_scene() {
    let w = world().await;
    let receiver = Receiver::answering("success").await;
    w.wechat.official_account("brand").callback(&receiver.url).await;
    w.lin.follows(&w.brand).await;
    let path = format!("/cgi-bin/qrcode/create?access_token={}", w.token);
    let body = json!({"action_name": "QR_STR_SCENE", "expire_seconds": 600,
                      "action_info": {"scene": {"scene_str": "store-12"}}});
    let first = w.http.post(&path, body.clone()).await["ticket"].as_str().unwrap().to_owned();
    let second = w.http.post(&path, body).await;
    let (newcomer, url) = (w.wechat.person("newcomer"), second["url"].as_str().unwrap());

    let of_a_follower = w.lin.scans_ticket(&w.brand, &first).await;
    let of_a_stranger = newcomer.scans_ticket(&w.brand, &first).await;
    let by_url = w.http.post("/_mock/people/lin/scan", json!({"account": "brand", "url": url})).await;

    for chat in [of_a_follower, of_a_stranger] {
        assert!(chat.deliveries()[0].request.plaintext.contains(&first));
    }
    let pushed = by_url["deliveries"][0]["request"]["plaintext"].as_str().unwrap();
    assert!(pushed.contains(second["ticket"].as_str().unwrap()), "{pushed}");
}

#[tokio::test]
async fn showqrcode_is_a_picture_while_the_code_lives_and_a_404_page_otherwise() {
    let w = world().await;
    let body = json!({"action_name": "QR_STR_SCENE", "expire_seconds": 600,
                      "action_info": {"scene": {"scene_str": "store-12"}}});
    let path = format!("/cgi-bin/qrcode/create?access_token={}", w.token);
    let ticket = w.http.post(&path, body).await["ticket"].as_str().unwrap().to_owned();
    let encoded = ticket.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    let show = || w.http.request(Method::GET, &format!("/cgi-bin/showqrcode?ticket={encoded}")).send();

    let picture = show().await.unwrap();
    assert_eq!(
        (picture.status().as_u16(), &picture.headers()["content-type"]),
        (200, &"image/jpg".parse().unwrap())
    );
    assert_eq!(&picture.bytes().await.unwrap()[..3], [0xff, 0xd8, 0xff]);

    w.wechat.advance(Duration::from_secs(600));
    assert_eq!(show().await.unwrap().status(), 404);
    let calls = w.wechat.calls_to("/cgi-bin/showqrcode");
    assert_eq!(calls.iter().map(|call| call.status).collect::<Vec<_>>(), [200, 404]);
    assert!(calls[0].response.ends_with(b"bytes)"), "the journal says how long the picture was");
}
