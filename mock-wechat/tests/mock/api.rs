//! WeChat's API: shapes, errors, the order of checks.

use std::time::Duration;

use mock_wechat::{
    MockWechat,
    testkit::{Account, Person},
    wire::userdata::session_hmac,
    world::account::UserInfo,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::Http;

struct World {
    wechat: MockWechat,
    http: Http,
    brand: Account,
    shop: Account,
    lin: Person,
    token: String,
}

async fn world() -> World {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    let brand = wechat.official_account("brand").without_callback().await;
    let shop = wechat.mini_program("shop").without_callback().await;
    let lin = wechat.person("lin");
    let token = http.stable_token(&brand).await;
    World { wechat, http, brand, shop, lin, token }
}

impl World {
    async fn info(&self) -> Value {
        self.http
            .get(&format!("/cgi-bin/user/info?access_token={}&openid={}", self.token, self.lin_id()))
            .await
    }

    fn lin_id(&self) -> String {
        self.lin.open_id(&self.brand)
    }

    async fn send(&self, message: Value) -> Value {
        self.http.post(&format!("/cgi-bin/message/custom/send?access_token={}", self.token), message).await
    }

    fn text(&self) -> Value {
        json!({"touser": self.lin_id(), "msgtype": "text", "text": {"content": "hello"}})
    }
}

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

#[tokio::test]
async fn a_follower_s_info_has_the_union_id_and_empty_profile_keys() {
    let w = world().await;
    w.lin.follows_from(&w.brand, "ref=m1024").await;

    let info = w.info().await;

    assert_eq!(info["subscribe"], 1);
    assert_eq!(info["unionid"], json!(w.lin.union_id("brand-group")));
    assert_eq!(info["nickname"], "");
    assert_eq!(info["subscribe_scene"], "ADD_SCENE_QR_CODE");
    assert_eq!((&info["qr_scene"], &info["qr_scene_str"]), (&json!(0), &json!("ref=m1024")));
    assert!(info.get("errcode").is_none());
}

#[tokio::test]
async fn a_stranger_s_info_is_short_and_an_unbound_account_has_no_union_ids() {
    let w = world().await;
    assert_eq!(keys(&w.info().await), ["openid", "subscribe", "tagid_list", "unionid"]);

    w.brand.change().unbound().await;
    assert_eq!(w.info().await, json!({"subscribe": 0, "openid": w.lin_id(), "tagid_list": []}));

    w.lin.follows(&w.brand).await;
    assert!(w.info().await.get("unionid").is_none());
}

#[tokio::test]
async fn the_editions_of_user_info_differ_in_what_they_tell() {
    let w = world().await;
    w.lin.clone().speaking("en").follows(&w.brand).await;
    assert_eq!(w.info().await["language"], "en");

    w.brand.change().user_info(UserInfo::Omitted).await;
    let info = w.info().await;
    assert!(info.get("nickname").is_none() && info.get("language").is_none(), "{info}");

    w.brand.change().user_info(UserInfo::Legacy).await;
    assert_eq!(w.info().await["nickname"], "lin");
}

#[tokio::test]
async fn checks_come_in_wechat_s_order() {
    let w = world().await;
    let shop_token = w.http.stable_token(&w.shop).await;
    let path = "/cgi-bin/user/info/batchget";
    let code = async |query: String, body: &str| {
        w.http.post_text(&format!("{path}{query}"), body).await["errcode"].as_i64().unwrap()
    };
    assert_eq!(code(String::new(), "").await, 41001);
    assert_eq!(code("?access_token=nonsense".into(), "").await, 40001);
    assert_eq!(code(format!("?access_token={shop_token}"), "").await, 48001);
    assert_eq!(code(format!("?access_token={}", w.token), "").await, 44002);
    assert_eq!(code(format!("?access_token={}", w.token), "{").await, 47001);
    assert_eq!(code(format!("?access_token={}", w.token), "{}").await, 40031);
    let foreign =
        json!({"user_list": [{"openid": w.lin_id()}, {"openid": w.lin.open_id(&w.shop)}]}).to_string();
    assert_eq!(code(format!("?access_token={}", w.token), &foreign).await, 40003);
    let get = w.http.get(&format!("{path}?access_token={}", w.token)).await;
    assert_eq!(get["errcode"], 43002);
}

#[tokio::test]
async fn errors_carry_a_rid_and_each_family_its_content_type() {
    let w = world().await;
    let cgi = w.http.request(Method::GET, "/cgi-bin/user/info").send().await.unwrap();
    assert_eq!(cgi.status(), 200);
    assert_eq!(cgi.headers()["content-type"], "application/json; encoding=utf-8");
    let text = cgi.text().await.unwrap();
    assert!(text.starts_with(r#"{"errcode":41001,"errmsg":"access_token missing rid: "#), "{text}");

    let sns = w.http.request(Method::GET, "/sns/jscode2session?appid=wx1&secret=x").send().await.unwrap();
    assert_eq!(sns.headers()["content-type"], "text/plain");
    let text = sns.text().await.unwrap();
    assert!(text.starts_with(r#"{"errcode":40013,"errmsg":"invalid appid, rid: "#), "{text}");
}

#[tokio::test]
async fn batchget_answers_a_hundred_in_the_order_asked_and_no_more() {
    let w = world().await;
    let people: Vec<_> = (0..101).map(|n| w.wechat.person(&format!("p{n}"))).collect();
    let ids: Vec<_> = people.iter().map(|p| p.open_id(&w.brand)).rev().collect();
    let body =
        |n: usize| json!({"user_list": ids[..n].iter().map(|id| json!({"openid": id})).collect::<Vec<_>>()});
    let path = format!("/cgi-bin/user/info/batchget?access_token={}", w.token);

    let page = w.http.post(&path, body(100)).await;
    let answered: Vec<_> =
        page["user_info_list"].as_array().unwrap().iter().map(|i| i["openid"].as_str().unwrap()).collect();
    assert_eq!(answered, ids[..100]);
    assert_eq!(w.http.post(&path, body(101)).await["errcode"], 40032);
}

#[tokio::test]
async fn the_list_of_followers_ends_without_a_data_key() {
    let w = world().await;
    let list = async |next: &str| {
        w.http.get(&format!("/cgi-bin/user/get?access_token={}&next_openid={next}", w.token)).await
    };
    assert_eq!(list("").await, json!({"total": 0, "count": 0, "next_openid": ""}));

    let mei = w.wechat.person("mei");
    w.lin.follows(&w.brand).await;
    mei.follows(&w.brand).await;

    let (lin, mei) = (w.lin_id(), mei.open_id(&w.brand));
    assert_eq!(
        list("").await,
        json!({"total": 2, "count": 2, "data": {"openid": [lin, mei]}, "next_openid": mei})
    );
    assert_eq!(list(&lin).await["data"]["openid"], json!([mei]));
    assert_eq!(list(&mei).await, json!({"total": 2, "count": 0, "next_openid": ""}));
    assert_eq!(list("nobody").await["errcode"], 40003);
}

#[tokio::test]
async fn a_follow_allows_three_messages_within_a_minute() {
    let w = world().await;
    assert_eq!(w.send(w.text()).await["errcode"], 45015, "nothing has happened yet");
    let chat = w.lin.follows(&w.brand).await;

    for _ in 0..3 {
        assert_eq!(w.send(w.text()).await, json!({"errcode": 0, "errmsg": "ok"}));
    }
    assert_eq!(w.send(w.text()).await["errcode"], 45047);
    w.wechat.advance(Duration::from_secs(60));
    assert_eq!(w.send(w.text()).await["errcode"], 45015);
    assert_eq!(chat.messages().iter().filter(|m| m.via == "custom").count(), 3);
}

#[tokio::test]
async fn leaving_closes_the_windows_and_writing_opens_one_for_two_days() {
    let w = world().await;
    w.lin.follows(&w.brand).await;
    w.lin.texts(&w.brand, "hi").await;
    w.wechat.advance(Duration::from_secs(47 * 3600));
    let token = w.http.stable_token(&w.brand).await;
    let send = async || {
        w.http.post(&format!("/cgi-bin/message/custom/send?access_token={token}"), w.text()).await["errcode"]
            .clone()
    };
    assert_eq!(send().await, 0);

    w.lin.unfollows(&w.brand).await;
    assert_eq!(send().await, 45015);
}

#[tokio::test]
async fn messages_that_cannot_be_are_refused_by_their_own_codes() {
    let w = world().await;
    w.lin.follows(&w.brand).await;
    let to = w.lin_id();
    for (message, code) in [
        (json!({"touser": "nobody", "msgtype": "text", "text": {"content": "x"}}), 40003),
        (json!({"touser": to, "msgtype": "hologram"}), 40008),
        (json!({"touser": to, "msgtype": "text", "text": {"content": ""}}), 44004),
        (json!({"touser": to, "msgtype": "text", "text": {"content": "好".repeat(683)}}), 45002),
        (json!({"touser": to, "msgtype": "image", "image": {}}), 40007),
        (json!({"touser": to, "msgtype": "news", "news": {"articles": {"title": "x"}}}), 45162),
        (json!({"touser": to, "msgtype": "news", "news": {"articles": [{}, {}]}}), 45008),
        (json!({"touser": to, "msgtype": "link", "link": {"title": "mini-programs only"}}), 40008),
    ] {
        assert_eq!(w.send(message.clone()).await["errcode"], code, "{message}");
    }
    assert_eq!(w.send(w.text()).await["errcode"], 0, "refused ones were not counted");
}

#[tokio::test]
async fn a_token_is_superseded_after_five_minutes_and_expires_after_two_hours() {
    let w = world().await;
    let get = format!(
        "/cgi-bin/token?grant_type=client_credential&appid={}&secret={}",
        w.brand.app_id(),
        w.brand.secret()
    );
    let mint = async || w.http.get(&get).await["access_token"].as_str().unwrap().to_owned();
    let check = async |token: &str| {
        w.http.get(&format!("/cgi-bin/user/get?access_token={token}")).await["errcode"].as_i64().unwrap_or(0)
    };
    let first = mint().await;
    let second = mint().await;
    assert_eq!((check(&first).await, check(&second).await), (0, 0));

    w.wechat.advance(Duration::from_secs(300));
    assert_eq!((check(&first).await, check(&second).await), (40001, 0));
    w.wechat.advance(Duration::from_secs(6900));
    assert_eq!(check(&second).await, 42001);
    assert_eq!(check(&w.token).await, 42001, "the stable one is as old");
}

#[tokio::test]
async fn the_stable_token_is_the_same_with_less_time() {
    let w = world().await;
    let body = json!({
        "grant_type": "client_credential", "appid": w.brand.app_id(), "secret": w.brand.secret(),
    });
    w.wechat.advance(Duration::from_secs(1000));

    let again = w.http.post("/cgi-bin/stable_token", body).await;

    assert_eq!(keys(&again), ["access_token", "expires_in"]);
    assert_eq!(again["access_token"], json!(w.token));
    assert!((6198..=6200).contains(&again["expires_in"].as_i64().unwrap()), "{again}");
}

#[tokio::test]
async fn token_errors_are_checked_appid_first() {
    let w = world().await;
    let code = async |query: &str| w.http.get(&format!("/cgi-bin/token?{query}")).await["errcode"].clone();
    assert_eq!(code("").await, 41002);
    assert_eq!(code("appid=wx1").await, 40013);
    assert_eq!(code("appid=brand").await, 40013, "a name is not an AppID");
    assert_eq!(code("appid=wx00000000000000aa").await, 41004);
    assert_eq!(code("appid=wx00000000000000aa&secret=x").await, 40125);
    assert_eq!(code(&format!("appid=wx00000000000000aa&secret={}", w.brand.secret())).await, 40002);
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
async fn a_login_code_is_good_once_and_gives_ids_and_a_session_key() {
    let w = world().await;
    let code = w.lin.logs_in(&w.shop).await;
    let path = format!(
        "/sns/jscode2session?appid={}&secret={}&js_code={code}&grant_type=authorization_code",
        w.shop.app_id(),
        w.shop.secret()
    );

    let session = w.http.get(&path).await;

    assert_eq!(keys(&session), ["openid", "session_key", "unionid"]);
    assert_eq!(session["openid"], json!(w.lin.open_id(&w.shop)));
    assert_eq!(
        session["unionid"],
        json!(w.lin.union_id("brand-group")),
        "the same as the Official Account's"
    );
    assert_eq!(w.http.get(&path).await["errcode"], 40163);
    assert_eq!(w.http.get(&path.replace(&code, "0123")).await["errcode"], 40029);

    let token = w.http.stable_token(&w.shop).await;
    let key = session["session_key"].as_str().unwrap();
    let check = |signature: String| {
        format!(
            "/wxa/checksession?access_token={token}&openid={}&signature={signature}&sig_method=hmac_sha256",
            w.lin.open_id(&w.shop)
        )
    };
    assert_eq!(w.http.get(&check(session_hmac(key, ""))).await["errcode"], 0);
    assert_eq!(w.http.get(&check("00".into())).await["errcode"], 87009);
}

#[tokio::test]
async fn a_phone_code_gives_the_number_once_with_a_textual_country_code() {
    let w = world().await;
    let token = w.http.stable_token(&w.shop).await;
    let path = format!("/wxa/business/getuserphonenumber?access_token={token}");
    let code = json!({"code": w.lin.gives_phone(&w.shop).await});

    let answer = w.http.post(&path, code.clone()).await;

    assert_eq!(answer["errcode"], 0);
    assert_eq!(answer["phone_info"]["countryCode"], "86");
    assert_eq!(answer["phone_info"]["purePhoneNumber"].as_str().unwrap().len(), 11);
    assert_eq!(w.http.post(&path, code).await["errcode"], 40029);
}

#[tokio::test]
async fn an_api_that_is_not_modelled_is_named_and_counted() {
    let w = world().await;
    let answer = w.http.get("/cgi-bin/menu/teleport?access_token=x").await;
    assert_eq!(answer["errcode"], 40066);
    assert!(answer["errmsg"].as_str().unwrap().contains("GET /cgi-bin/menu/teleport"));
    assert_eq!(w.http.get("/_mock/health").await["unmodelled"]["GET /cgi-bin/menu/teleport"], 1);
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

#[tokio::test]
async fn daily_and_minutely_limits_hold_until_their_time_is_over_or_they_are_cleared() {
    let w = world().await;
    let limits = json!({"quotas": {"/cgi-bin/user/get": {"daily": 3, "per_minute": 2}}}).to_string();
    w.http.request(Method::PUT, "/_mock/accounts/brand").body(limits).send().await.unwrap();
    // Early in a minute of Beijing's afternoon.
    w.http.post("/_mock/clock", json!({"set": "2030-01-02T08:00:10Z"})).await;
    let token = w.http.stable_token(&w.brand).await;
    let get =
        async || w.http.get(&format!("/cgi-bin/user/get?access_token={token}")).await["errcode"].clone();
    let post =
        async |path: &str, body: Value| w.http.post(&format!("{path}?access_token={token}"), body).await;

    assert_eq!([get().await, get().await, get().await], [Value::Null, Value::Null, json!(45011)]);
    w.wechat.advance(Duration::from_secs(60));
    assert_eq!([get().await, get().await], [Value::Null, json!(45009)]);
    let shown = post("/cgi-bin/openapi/quota/get", json!({"cgi_path": "/cgi-bin/user/get"})).await;
    assert_eq!(shown["quota"], json!({"daily_limit": 3, "used": 3, "remain": 0}));
    assert_eq!(shown["rate_limit"], json!({"call_count": 2, "refresh_second": 60}));
    for (path, code) in [("cgi-bin/user/get", 76003), ("/cgi-bin/user/teleport", 76021)] {
        assert_eq!(post("/cgi-bin/openapi/quota/get", json!({"cgi_path": path})).await["errcode"], code);
    }

    assert_eq!(post("/cgi-bin/clear_quota", json!({"appid": w.brand.app_id()})).await["errcode"], 0);
    assert_eq!(get().await, Value::Null);
}

#[tokio::test]
async fn a_failed_call_is_found_by_its_rid() {
    let w = world().await;
    let failed = w.http.get(&format!("/cgi-bin/user/info?access_token={}&openid=nobody", w.token)).await;
    let rid = failed["errmsg"].as_str().unwrap().rsplit(' ').next().unwrap().to_owned();
    let ask = async |token: &str, rid: &str| {
        let path = format!("/cgi-bin/openapi/rid/get?access_token={token}");
        w.http.post(&path, json!({"rid": rid})).await
    };

    let found = ask(&w.token, &rid).await;

    assert!(found["request"]["request_url"].as_str().unwrap().contains("openid=nobody"), "{found}");
    assert_eq!(found["request"]["response_body"], failed.to_string());
    assert_eq!(ask(&w.token, "0-0-0").await["errcode"], 76001);
    let shop_token = w.http.stable_token(&w.shop).await;
    assert_eq!(ask(&shop_token, &rid).await["errcode"], 76002, "another account's");
}

#[tokio::test]
async fn tags_are_made_put_on_people_and_taken_off() {
    let w = world().await;
    w.lin.follows(&w.brand).await;
    let post =
        async |path: &str, body: Value| w.http.post(&format!("{path}?access_token={}", w.token), body).await;
    let id = post("/cgi-bin/tags/create", json!({"tag": {"name": "gold"}})).await["tag"]["id"].clone();
    let people = json!({"openid_list": [w.lin_id()], "tagid": id});

    assert_eq!(post("/cgi-bin/tags/create", json!({"tag": {"name": "gold"}})).await["errcode"], 45157);
    assert_eq!(post("/cgi-bin/tags/update", json!({"tag": {"id": 2, "name": "x"}})).await["errcode"], 45058);
    assert_eq!(post("/cgi-bin/user/tag/get", json!({"tagid": id})).await, json!({"count": 0}));
    assert_eq!(post("/cgi-bin/tags/members/batchtagging", people.clone()).await["errcode"], 0);
    assert_eq!(w.info().await["tagid_list"], json!([id]));
    let members = post("/cgi-bin/user/tag/get", json!({"tagid": id})).await;
    assert_eq!((&members["count"], &members["data"]["openid"]), (&json!(1), &json!([w.lin_id()])));
    let foreign = json!({"openid_list": [w.lin.open_id(&w.shop)], "tagid": id});
    assert_eq!(post("/cgi-bin/tags/members/batchtagging", foreign).await["errcode"], 49003);
    let many: Vec<String> = vec![w.lin_id(); 51];
    let many = json!({"openid_list": many, "tagid": id});
    assert_eq!(post("/cgi-bin/tags/members/batchtagging", many).await["errcode"], 40032);
    assert_eq!(post("/cgi-bin/tags/members/batchuntagging", people).await["errcode"], 0);
    assert_eq!(
        post("/cgi-bin/tags/getidlist", json!({"openid": w.lin_id()})).await,
        json!({"tagid_list": []})
    );
    assert_eq!(post("/cgi-bin/tags/delete", json!({"tag": {"id": id}})).await["errcode"], 0);
    assert_eq!(post("/cgi-bin/user/tag/get", json!({"tagid": id})).await["errcode"], 45159);
}

#[tokio::test]
async fn the_blacklist_lists_whom_it_holds() {
    let w = world().await;
    w.lin.follows(&w.brand).await;
    let post =
        async |path: &str, body: Value| w.http.post(&format!("{path}?access_token={}", w.token), body).await;
    let list = async || post("/cgi-bin/tags/members/getblacklist", json!({"begin_openid": ""})).await;
    let people = json!({"openid_list": [w.lin_id()]});
    assert_eq!(list().await, json!({"total": 0, "count": 0, "next_openid": ""}));

    assert_eq!(post("/cgi-bin/tags/members/batchblacklist", people.clone()).await["errcode"], 0);
    assert_eq!(list().await["data"]["openid"], json!([w.lin_id()]));
    assert_eq!(post("/cgi-bin/tags/members/batchunblacklist", people).await["errcode"], 0);
    assert_eq!(list().await["total"], 0);
}

#[tokio::test]
async fn long_texts_have_short_keys_for_a_time() {
    let w = world().await;
    let post =
        async |path: &str, body: Value| w.http.post(&format!("{path}?access_token={}", w.token), body).await;
    let made = post("/cgi-bin/shorten/gen", json!({"long_data": "loooong", "expire_seconds": 60})).await;
    let key = json!({"short_key": made["short_key"]});

    assert_eq!(made["short_key"].as_str().unwrap().len(), 15);
    assert_eq!(post("/cgi-bin/shorten/fetch", key.clone()).await["long_data"], "loooong");
    w.wechat.advance(Duration::from_secs(60));
    assert_eq!(post("/cgi-bin/shorten/fetch", key).await["errcode"], 40097);
}

#[tokio::test]
async fn open_ids_of_a_migrated_account_are_exchanged() {
    let w = world().await;
    let old = w.wechat.official_account("old").await;
    let from = json!({"from_appid": old.app_id(), "openid_list": [w.lin.open_id(&old), "oNobody"]});
    let path = format!("/cgi-bin/changeopenid?access_token={}", w.token);
    assert_eq!(w.http.post(&path, from.clone()).await["errcode"], 63178);

    let change = json!({"migrated_from": old.app_id()}).to_string();
    w.http.request(Method::PUT, "/_mock/accounts/brand").body(change).send().await.unwrap();

    let results = w.http.post(&path, from).await["result_list"].clone();
    assert_eq!(results[0]["new_openid"], w.lin_id());
    assert_eq!(results[1], json!({"ori_openid": "oNobody", "err_msg": "ori_openid error"}));
}
