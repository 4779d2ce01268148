//! Tickets, and the token that they give.

use std::time::Duration;

use serde_json::json;

use super::setting::{APP_ID, put, setting};
use crate::receiver::Receiver;

#[tokio::test]
async fn an_encrypted_ticket_comes_at_the_start_and_every_ten_minutes_of_the_mock_s_clock() {
    let s = setting().await;

    assert_eq!(s.start_tickets().await["errcode"], 0);
    let first = s.told(1).await;
    s.wechat.advance(Duration::from_secs(500));
    let quiet = s.http.get("/_mock/deliveries?account=agency").await;
    s.wechat.advance(Duration::from_secs(100));
    let both = s.told(2).await;

    assert_eq!(quiet["deliveries"].as_array().unwrap().len(), 1);
    let [first, second] = [&first[0], &both[1]];
    assert_eq!(
        (first.find("AppId"), first.find("InfoType")),
        (Some(APP_ID), Some("component_verify_ticket"))
    );
    assert!(first.find("ToUserName").is_none() && first.find("MsgType").is_none());
    let [old, new] = [first, second].map(|told| told.find("ComponentVerifyTicket").unwrap());
    assert!(old.starts_with("ticket@@@") && new.starts_with("ticket@@@") && old != new);
    assert!(
        s.token_for(old).await["component_access_token"].is_string(),
        "an older one is good for 12 hours"
    );
    s.wechat.advance(Duration::from_secs(12 * 3600));
    assert_eq!(s.token_for(old).await["errcode"], 61005);
}

#[tokio::test]
async fn an_event_wants_success_for_an_answer() {
    let s = setting().await;
    let sloppy = Receiver::answering("<xml></xml>").await;
    put(&s.http, json!({"callback": sloppy.url})).await;

    let given = s.http.post("/_mock/components/agency/ticket", json!({})).await;

    let verdict = &given["deliveries"][0]["verdict"];
    assert_eq!(verdict["ok"], false);
    assert!(verdict["reason"].as_str().unwrap().contains("success"), "{verdict}");
}

#[tokio::test]
async fn a_token_takes_appid_secret_and_ticket_in_that_order() {
    let s = setting().await;
    let ticket = s.ticket().await;
    for (body, errcode) in [
        (json!({}), 41018),
        (json!({"component_appid": "wx0000000000000000"}), 40013),
        (json!({"component_appid": s.brand.app_id(), "component_appsecret": s.brand.secret()}), 40013),
        (json!({"component_appid": APP_ID}), 41019),
        (json!({"component_appid": APP_ID, "component_appsecret": "wrong"}), 40125),
        (json!({"component_appid": APP_ID, "component_appsecret": s.secret}), 41020),
        (
            json!({"component_appid": APP_ID, "component_appsecret": s.secret, "component_verify_ticket": "x"}),
            61006,
        ),
    ] {
        let answer = s.http.post("/cgi-bin/component/api_component_token", body.clone()).await;
        assert_eq!(answer["errcode"], errcode, "{body}");
    }

    let issued = s.token_for(&ticket).await;

    assert_eq!(issued["expires_in"], 7200);
    assert!(issued.get("errcode").is_none(), "{issued}");
    let plain = format!("/cgi-bin/token?grant_type=client_credential&appid={APP_ID}&secret={}", s.secret);
    assert_eq!(s.http.get(&plain).await["errcode"], 61024);
}

#[tokio::test]
async fn component_calls_want_a_live_token_of_the_platform_itself() {
    let s = setting().await;
    let token = s.component_token().await;
    let brands = s.http.stable_token(&s.brand).await;
    let body = json!({"component_appid": APP_ID});
    let path = "/cgi-bin/component/api_create_preauthcode";

    assert_eq!(s.http.post(path, body.clone()).await["errcode"], 41021);
    let with = async |token: &str| s.call(token, "api_create_preauthcode", json!({})).await;
    assert_eq!(with("nonsense").await["errcode"], 40001);
    assert_eq!(with(&brands).await["errcode"], 61014);
    let code = with(&token).await;
    assert_eq!(code["expires_in"], 600);
    assert!(code["pre_auth_code"].as_str().unwrap().starts_with("preauthcode@@@"), "{code}");
    let newer = s.http.post(&format!("{path}?access_token={token}"), body).await;
    assert!(newer["pre_auth_code"].is_string(), "the newer documents call the token access_token: {newer}");
    let other = json!({"component_appid": "wx00000000000000dd"});
    let other = s.http.post(&format!("{path}?component_access_token={token}"), other).await;
    assert_eq!(other["errcode"], 61011);
    assert_eq!(s.followers(&token.clone().into()).await["errcode"], 61015);
    s.wechat.advance(Duration::from_secs(7200));
    assert_eq!(with(&token).await["errcode"], 42006);
}

#[tokio::test]
async fn every_kind_of_registration_is_told_of_on_request() {
    let s = setting().await;
    let listed = s.http.get("/_mock/events").await["events"].as_array().unwrap().clone();
    let kinds = listed.iter().filter(|kind| kind["for"] == "component");
    let kinds: Vec<&str> = kinds.map(|kind| kind["event"].as_str().unwrap()).collect();
    assert_eq!(kinds.len(), 6, "{kinds:?}");

    for kind in &kinds {
        let body = json!({"account": "agency", "fields": {"status": 101}});
        let pushed = s.http.post(&format!("/_mock/events/{kind}"), body).await;
        assert_eq!(pushed["deliveries"][0]["verdict"]["ok"], true, "{kind}: {pushed}");
    }

    for (told, kind) in s.told(kinds.len()).await.iter().zip(kinds) {
        let found = ["AppId", "InfoType", "appid", "status"].map(|name| told.find(name));
        assert_eq!(found, [APP_ID, kind, "wx0123456789abcdef", "101"].map(Some));
        assert!(told.find("MsgType").is_none(), "{kind}");
    }
    let foreign = s.http.post("/_mock/events/annual_renew", json!({"account": "agency"})).await;
    assert!(foreign["error"].as_str().unwrap().contains("notify_third_fasteregister"), "{foreign}");
}
