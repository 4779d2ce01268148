//! Menus: made by the account, seen and tapped by people.

use mock_wechat::{MockWechat, testkit::Account};
use serde_json::{Value, json};

use crate::client::Http;

struct Setting {
    wechat: MockWechat,
    http: Http,
    brand: Account,
    token: String,
}

async fn setting() -> Setting {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    let brand = wechat.official_account("brand").without_callback().await;
    let token = http.stable_token(&brand).await;
    Setting { wechat, http, brand, token }
}

impl Setting {
    async fn get(&self, path: &str) -> Value {
        self.http.get(&format!("{path}?access_token={}", self.token)).await
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        self.http.post(&format!("{path}?access_token={}", self.token), body).await
    }
}

fn ok() -> Value {
    json!({"errcode": 0, "errmsg": "ok"})
}

fn click(key: &str) -> Value {
    json!({"name": "a", "type": "click", "key": key, "sub_button": []})
}

#[tokio::test]
async fn a_menu_is_made_read_in_two_spellings_and_removed() {
    let s = setting().await;
    let below = json!({"name": "b", "type": "view", "url": "https://example.com/"});
    let button = json!([click("K"), {"name": "more", "sub_button": [below]}]);
    assert_eq!(s.post("/cgi-bin/menu/create", json!({"button": button})).await, ok());

    let read = s.get("/cgi-bin/menu/get").await;
    assert_eq!(read["menu"]["button"][0], click("K"));
    assert_eq!(read["menu"]["button"][1]["sub_button"][0]["sub_button"], json!([]));
    assert!(read["menu"]["menuid"].is_i64() && read.get("conditionalmenu").is_none(), "{read}");
    let current = s.get("/cgi-bin/get_current_selfmenu_info").await;
    assert_eq!(current["is_menu_open"], 1);
    assert_eq!(current["selfmenu_info"]["button"][1]["sub_button"]["list"][0], below);

    assert_eq!(s.get("/cgi-bin/menu/delete").await, ok());
    assert_eq!(s.get("/cgi-bin/menu/get").await["errcode"], 46003);
}

#[tokio::test]
async fn a_conditional_menu_is_for_those_with_the_tag() {
    let s = setting().await;
    let lin = s.wechat.person("lin");
    lin.follows(&s.brand).await;
    let tag = s.post("/cgi-bin/tags/create", json!({"tag": {"name": "gold"}})).await["tag"]["id"].clone();
    let rule = json!({"tag_id": tag.to_string()});
    let added =
        s.post("/cgi-bin/menu/addconditional", json!({"button": [click("GOLD")], "matchrule": rule})).await;
    let id = added["menuid"].as_str().unwrap().to_owned();
    let user = json!({"user_id": lin.open_id(&s.brand)});
    assert_ne!(s.post("/cgi-bin/menu/trymatch", user.clone()).await["button"], json!([click("GOLD")]));

    let tagging = json!({"openid_list": [lin.open_id(&s.brand)], "tagid": tag});
    assert_eq!(s.post("/cgi-bin/tags/members/batchtagging", tagging).await, ok());

    assert_eq!(s.post("/cgi-bin/menu/trymatch", user).await, json!({"button": [click("GOLD")]}));
    lin.clicks(&s.brand, "GOLD").await;
    let delete = json!({"menuid": id.parse::<i64>().unwrap()});
    assert_eq!(s.post("/cgi-bin/menu/delconditional", delete.clone()).await, ok(), "a number is taken too");
    assert_eq!(s.post("/cgi-bin/menu/delconditional", delete).await["errcode"], 65301);
}

#[tokio::test]
async fn mistakes_in_a_menu_have_their_codes_and_leave_the_old_one() {
    let s = setting().await;
    for (body, code) in [
        (json!({"button": []}), 40016),
        (json!({"button": [{"name": "我的积分查询", "type": "click", "key": "K"}]}), 40018),
        (
            json!({"button": [{"name": "a", "type": "miniprogram", "url": "https://a", "appid": "wx1", "pagepath": "p"}]}),
            45064,
        ),
    ] {
        assert_eq!(s.post("/cgi-bin/menu/create", body.clone()).await["errcode"], code, "{body}");
    }
    let unconditional = json!({"button": [click("K")], "matchrule": {"tag_id": ""}});
    assert_eq!(s.post("/cgi-bin/menu/addconditional", unconditional).await["errcode"], 65304);
    assert_eq!(s.get("/cgi-bin/menu/get").await["menu"]["button"][0]["key"], "POINTS");
}

#[tokio::test]
async fn what_is_not_in_the_menu_cannot_be_tapped() {
    let s = setting().await;
    s.wechat.person("lin").follows(&s.brand).await;
    let tap =
        |key: &'static str| s.http.post("/_mock/people/lin/click", json!({"account": "brand", "key": key}));

    let error = tap("NOWHERE").await["error"].clone();
    assert!(error.as_str().unwrap().contains("click POINTS"), "{error}");

    let menu = s.http.request(reqwest::Method::PUT, "/_mock/accounts/brand/menu");
    let set = menu.body(json!({"button": [click("NOWHERE")]}).to_string()).send().await.unwrap();
    assert_eq!(set.status(), 200);
    assert_eq!(tap("NOWHERE").await["deliveries"], json!([]));
}

#[tokio::test]
async fn a_menu_that_the_mock_was_never_told_of_has_every_button() {
    let s = setting().await;
    let tea = s.wechat.official_account("tea").without_callback().await;
    let lin = s.wechat.person("lin");
    lin.follows(&tea).await;

    assert!(lin.clicks(&tea, "ANYTHING").await.deliveries().is_empty());
}
