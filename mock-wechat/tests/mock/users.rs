//! Followers, as the API tells of them: info, lists, tags, the blacklist.

use mock_wechat::world::account::UserInfo;
use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{keys, world};

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
