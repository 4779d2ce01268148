//! A mock's state, carried to another mock: everything that decides how WeChat answers next.

use std::time::Duration;

use mock_wechat::{Fault, MockWechat};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Http, json_of};

async fn carried(from: &Http, to: &Http) -> Value {
    let state = from.request(Method::GET, "/_mock/state").send().await.unwrap().text().await.unwrap();
    json_of(to.request(Method::PUT, "/_mock/state").body(state).send().await.unwrap()).await
}

#[tokio::test]
async fn another_mock_goes_on_where_this_one_was() {
    let (here, there) = (MockWechat::start().await, MockWechat::start().await);
    let (http, elsewhere) = (Http::to(&here), Http::to(&there));
    let brand = here.official_account("brand").without_callback().await;
    let shop = here.mini_program("shop").without_callback().await;
    let (lin, mei) = (here.person("lin").speaking("en"), here.person("mei"));
    mei.follows(&brand).await;
    lin.follows_from(&brand, "store-12").await;
    lin.texts(&brand, "10,000?").await;
    lin.sends_image(&brand).await;
    let payment = lin.pays(&brand, 12_900).await;
    lin.gets_refund(&brand, &payment, Some(900)).await;
    let (js_code, phone_code) = (lin.logs_in(&shop).await, lin.gives_phone(&shop).await);
    let token = http.stable_token(&brand).await;
    let shop_token = http.stable_token(&shop).await;
    let tag = http
        .post(&format!("/cgi-bin/tags/create?access_token={token}"), json!({"tag": {"name": "VIP"}}))
        .await;
    let tag = tag["tag"]["id"].as_u64().unwrap();
    let tagging = json!({"openid_list": [lin.open_id(&brand)], "tagid": tag});
    http.post(&format!("/cgi-bin/tags/members/batchtagging?access_token={token}"), tagging).await;
    let remark = json!({"openid": lin.open_id(&brand), "remark": "林小姐"});
    http.post(&format!("/cgi-bin/user/info/updateremark?access_token={token}"), remark).await;
    let code = json!({"expire_seconds": 3600, "action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": "poster"}}});
    let code = http.post(&format!("/cgi-bin/qrcode/create?access_token={token}"), code).await;
    here.advance(Duration::from_secs(600));
    here.fault(Fault::on("/cgi-bin/menu/get", mock_wechat::Action::Errcode).with_value(-1).times(5));
    let paths = [
        "/_mock/accounts".to_owned(),
        "/_mock/people".to_owned(),
        "/_mock/people/lin".to_owned(),
        "/_mock/people/lin/chat?account=brand".to_owned(),
        "/_mock/faults".to_owned(),
        format!("/cgi-bin/user/info?access_token={token}&openid={}", lin.open_id(&brand)),
        format!("/cgi-bin/user/get?access_token={token}"),
        format!("/cgi-bin/tags/get?access_token={token}"),
        format!("/cgi-bin/get_current_selfmenu_info?access_token={token}"),
        format!("/wxaapi/newtmpl/gettemplate?access_token={token}"),
    ];
    let mut expected = Vec::new();
    for path in &paths {
        expected.push(http.get(path).await);
    }

    let loaded = carried(&http, &elsewhere).await;

    assert_eq!(loaded, json!({"accounts": 2, "people": 2}));
    for (path, expected) in paths.iter().zip(expected) {
        assert_eq!(expected["errcode"].as_i64().unwrap_or(0), 0, "{path}: {expected}");
        assert_eq!(elsewhere.get(path).await, expected, "{path}");
    }
    let ahead = elsewhere.get("/_mock/clock").await["ahead_ms"].as_i64().unwrap();
    assert_eq!(ahead, 600_000);
    // Codes that were given, each good once; the login's is too old by now.
    let session = format!(
        "/sns/jscode2session?appid={}&secret={}&js_code={js_code}&grant_type=authorization_code",
        shop.app_id(),
        shop.secret()
    );
    assert_eq!(elsewhere.get(&session).await["errcode"], 40029);
    let phone = json!({"code": phone_code});
    let phone =
        elsewhere.post(&format!("/wxa/business/getuserphonenumber?access_token={shop_token}"), phone).await;
    assert_eq!(phone["errcode"], 40029, "{phone}");
    // What is left of the payment, and the code of a ticket.
    let refund = json!({"account": "brand", "out_trade_no": payment.out_trade_no});
    assert_eq!(elsewhere.post("/_mock/people/lin/refund", refund).await["fen"], 12_000);
    let scan =
        elsewhere.post("/_mock/people/mei/scan", json!({"account": "brand", "ticket": code["ticket"]})).await;
    assert!(scan.get("error").is_none(), "{scan}");
    // A file that was sent.
    let chat = elsewhere.get("/_mock/people/lin/chat?account=brand").await;
    let image = chat["messages"].as_array().unwrap().iter().find(|m| m["type"] == "image").unwrap();
    let media =
        format!("/cgi-bin/media/get?access_token={token}&media_id={}", image["media_id"].as_str().unwrap());
    let file = elsewhere.request(Method::GET, &media).send().await.unwrap();
    assert_eq!(file.headers()["content-type"], "image/jpeg");
}

#[tokio::test]
async fn codes_are_good_once_on_whichever_side() {
    let (here, there) = (MockWechat::start().await, MockWechat::start().await);
    let shop = here.mini_program("shop").without_callback().await;
    let js_code = here.person("lin").logs_in(&shop).await;

    there.load(&here.state());

    let http = Http::to(&there);
    let session = format!(
        "/sns/jscode2session?appid={}&secret={}&js_code={js_code}&grant_type=authorization_code",
        shop.app_id(),
        shop.secret()
    );
    assert_eq!(http.get(&session).await["openid"], json!(here.person("lin").open_id(&shop)));
    assert_eq!(http.get(&session).await["errcode"], 40163);
}

#[tokio::test]
async fn quotas_are_used_up_on_whichever_side() {
    let (here, there) = (MockWechat::start().await, MockWechat::start().await);
    let (http, elsewhere) = (Http::to(&here), Http::to(&there));
    let quotas = json!({"quotas": {"/cgi-bin/user/get": {"daily": 2}}});
    let put = http.request(Method::PUT, "/_mock/accounts/brand").body(quotas.to_string());
    assert!(put.send().await.unwrap().status().is_success());
    let brand = here.official_account("brand").await;
    let list = format!("/cgi-bin/user/get?access_token={}", http.stable_token(&brand).await);
    http.get(&list).await;

    carried(&http, &elsewhere).await;

    assert_eq!(elsewhere.get(&list).await["total"], 0);
    assert_eq!(elsewhere.get(&list).await["errcode"], 45009);
}

#[tokio::test]
async fn the_journals_stay_where_they_are() {
    let (here, there) = (MockWechat::start().await, MockWechat::start().await);
    let (http, elsewhere) = (Http::to(&here), Http::to(&there));
    http.get("/cgi-bin/user/get").await;
    elsewhere.get("/cgi-bin/tags/get").await;

    carried(&http, &elsewhere).await;

    let paths: Vec<_> = there.calls().iter().map(|call| call.path.clone()).collect();
    assert_eq!(paths, ["/cgi-bin/tags/get"]);
}

#[tokio::test]
async fn a_newer_state_is_refused_with_what_to_do() {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    let newer = json!({"format": "mock-wechat state", "version": 99, "written_by": "7.1.0", "dreams": []});

    let put = http.request(Method::PUT, "/_mock/state").body(newer.to_string()).send().await.unwrap();

    assert_eq!(put.status(), 400);
    let error = json_of(put).await["error"].as_str().unwrap().to_owned();
    for needle in ["version 99", "mock-wechat 7.1.0", "reads version 1", "start without it"] {
        assert!(error.contains(needle), "{error}");
    }
    assert_eq!(http.get("/_mock/accounts/brand").await["name"], "brand");
}

#[tokio::test]
async fn a_reset_goes_back_to_the_start_and_not_to_what_was_loaded() {
    let (here, there) = (MockWechat::start().await, MockWechat::start().await);
    here.person("lin");
    there.load(&here.state());
    let http = Http::to(&there);
    assert_eq!(http.get("/_mock/people").await["people"], json!(["lin"]));

    http.post("/_mock/reset", json!({})).await;

    assert_eq!(http.get("/_mock/people").await["people"], json!([]));
}
