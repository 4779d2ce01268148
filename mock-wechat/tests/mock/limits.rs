//! What the mock keeps within limits, and what it does not care about. How fast it is and how little it occupies is measured
//! by `benches/limits.rs`.

use mock_wechat::MockWechat;
use reqwest::{Method, header::CONTENT_TYPE};
use serde_json::json;

use crate::client::{Http, json_of};

#[tokio::test]
async fn a_full_journal_says_how_much_it_forgot_and_up_to_where() {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    let empty = http.get("/_mock/calls").await;
    assert_eq!((&empty["dropped"], &empty["dropped_to"]), (&json!(0), &json!(0)));
    let megabyte = "x".repeat(1 << 20);
    let first = http.post_text("/cgi-bin/menu/create", "first").await;
    assert_eq!(first["errcode"], 41001);

    for _ in 0..40 {
        http.post_text("/cgi-bin/menu/create", &megabyte).await;
    }

    let after = http.get("/_mock/calls").await;
    let kept: Vec<u64> =
        after["calls"].as_array().unwrap().iter().map(|call| call["id"].as_u64().unwrap()).collect();
    let dropped = after["dropped"].as_u64().unwrap();
    assert_eq!(kept.len() as u64 + dropped, 41);
    assert!(kept.len() < 33 && dropped > 8, "{} kept, {dropped} dropped: 32 MiB", kept.len());
    let dropped_to = after["dropped_to"].as_u64().unwrap();
    assert!(dropped_to > 0 && dropped_to < kept[0], "{dropped_to} is before {}", kept[0]);
}

#[tokio::test]
async fn bodies_are_read_whatever_their_content_type() {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    let brand = wechat.official_account("brand").without_callback().await;
    let credential = json!({
        "grant_type": "client_credential", "appid": brand.app_id(), "secret": brand.secret(),
    });
    let types = [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("application/octet-stream"),
        Some("nonsense"),
    ];
    for (n, content_type) in types.into_iter().enumerate() {
        let send = async |path: &str, body: String| {
            let request = http.request(Method::POST, path).body(body);
            let request =
                content_type.into_iter().fold(request, |request, of| request.header(CONTENT_TYPE, of));
            json_of(request.send().await.unwrap()).await
        };

        let token = send("/cgi-bin/stable_token", credential.to_string()).await;
        let person =
            send(&format!("/_mock/people/person-{n}/follow"), json!({"account": "brand"}).to_string()).await;

        assert!(token["access_token"].is_string(), "{content_type:?}: {token}");
        assert_eq!(person["deliveries"], json!([]), "{content_type:?}: {person}");
    }
}

#[tokio::test]
async fn a_file_of_several_megabytes_is_sent_and_what_is_larger_than_any_is_refused() {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    wechat.official_account("brand").without_callback().await;
    http.post("/_mock/people/lin/follow", json!({"account": "brand"})).await;
    let picture = |megabytes: usize| {
        // The first bytes of a JPEG in base64, and blanks of the alphabet.
        let data = format!("/9j/{}", "A".repeat(megabytes << 20));
        json!({"account": "brand", "data": data}).to_string()
    };

    let sent = http.post_text("/_mock/people/lin/image", &picture(12)).await;
    let beyond = http.request(Method::POST, "/_mock/people/lin/image").body(picture(33)).send().await;

    assert_eq!(sent["deliveries"], json!([]), "{sent}");
    // The connection may be cut before all of it was sent.
    assert!(beyond.is_err() || beyond.is_ok_and(|answer| answer.status() == 413));
}
