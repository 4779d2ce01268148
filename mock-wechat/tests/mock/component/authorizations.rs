//! Accounts authorise a platform, are listed and described, and withdraw.

use std::time::Duration;

use reqwest::redirect::Policy;
use serde_json::{Value, json};

use super::setting::{APP_ID, between, opened, setting};

#[tokio::test]
async fn an_account_authorises_on_the_page_and_the_platform_is_told_and_acts_for_it() {
    let s = setting().await;
    let token = s.component_token().await;
    let code = s.call(&token, "api_create_preauthcode", json!({})).await;
    let pre_auth_code = code["pre_auth_code"].as_str().unwrap();
    let page = |more: &str| {
        format!(
            "{}/cgi-bin/componentloginpage?component_appid={APP_ID}&pre_auth_code={pre_auth_code}\
             &redirect_uri=https%3A%2F%2Fagency.example.com%2Fback%3Fa%3D1&auth_type=1{more}",
            s.wechat.url()
        )
    };
    let browser = reqwest::Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();

    let shown = browser.get(page("")).send().await.unwrap().text().await.unwrap();
    assert!(shown.contains("authorize-brand") && !shown.contains("authorize-shop"), "{shown}");
    let answer = browser.get(page("&account=brand&function=1&function=2")).send().await.unwrap();

    assert_eq!(answer.status(), 302);
    let to = answer.headers()["location"].to_str().unwrap();
    assert!(to.starts_with("https://agency.example.com/back?a=1&auth_code=queryauthcode%40%40%40"), "{to}");
    assert!(to.ends_with("&expires_in=3600"), "{to}");
    let told = &s.told(2).await[1];
    assert_eq!(told.find("InfoType"), Some("authorized"));
    assert_eq!(told.find("AuthorizerAppid"), Some(s.brand.app_id()));
    assert_eq!(told.find("PreAuthCode"), Some(pre_auth_code));
    let auth_code = told.find("AuthorizationCode").unwrap();
    let query = json!({"authorization_code": auth_code});
    let granted = s.call(&token, "api_query_auth", query.clone()).await;
    let info = &granted["authorization_info"];
    assert_eq!((&info["authorizer_appid"], &info["expires_in"]), (&json!(s.brand.app_id()), &json!(7200)));
    let both = json!([{"funcscope_category": {"id": 1}}, {"funcscope_category": {"id": 2}}]);
    assert_eq!(info["func_info"], both);
    assert_eq!(s.followers(&info["authorizer_access_token"]).await["total"], 0);
    let menu =
        format!("/cgi-bin/menu/get?access_token={}", info["authorizer_access_token"].as_str().unwrap());
    assert_eq!(s.http.get(&menu).await["errcode"], 61007);
    assert_eq!(s.call(&token, "api_query_auth", query).await["errcode"], 61010, "good once");
    let made_up = s.call(&token, "api_query_auth", json!({"authorization_code": "made up"})).await;
    assert_eq!(made_up["errcode"], 61009);

    s.wechat.advance(Duration::from_secs(600));
    let late = browser.get(page("&account=brand")).send().await.unwrap();
    assert!(late.status() == 200 && late.text().await.unwrap().contains("pre_auth_code"));
}

#[tokio::test]
async fn a_refresh_token_gives_new_tokens_until_the_account_withdraws() {
    let s = setting().await;
    let token = s.component_token().await;
    let granted = s.authorized(&token, json!({"account": "brand"})).await;
    let info = &granted["authorization_info"];
    let refresh = async |given: &Value| {
        let body = json!({"authorizer_appid": s.brand.app_id(), "authorizer_refresh_token": given});
        s.call(&token, "api_authorizer_token", body).await
    };

    assert_eq!(refresh(&json!("wrong")).await["errcode"], 61023);
    let renewed = refresh(&info["authorizer_refresh_token"]).await;
    assert_eq!(renewed["authorizer_refresh_token"], info["authorizer_refresh_token"]);
    let own = s.http.stable_token(&s.brand).await;
    s.wechat.advance(Duration::from_secs(301));
    assert_eq!(s.followers(&info["authorizer_access_token"]).await["errcode"], 40001, "superseded");
    assert_eq!(s.followers(&renewed["authorizer_access_token"]).await["total"], 0);
    assert_eq!(s.followers(&own.into()).await["total"], 0, "the account's own line is another one");

    let same = s.http.post("/_mock/components/agency/authorize", json!({"account": "brand"})).await;
    assert_eq!(same["deliveries"], json!([]), "nothing changed");
    let fewer = json!({"account": "brand", "functions": [2]});
    s.http.post("/_mock/components/agency/authorize", fewer).await;
    s.http.post("/_mock/components/agency/unauthorize", json!({"account": "brand"})).await;
    assert_eq!(s.followers(&renewed["authorizer_access_token"]).await["errcode"], 61003);
    assert_eq!(refresh(&info["authorizer_refresh_token"]).await["errcode"], 61003);
    let kinds: Vec<String> = s
        .events
        .received()
        .iter()
        .map(|got| between(&opened(got), "<InfoType><![CDATA[", "]]>").into())
        .collect();
    assert_eq!(kinds[1..], ["authorized", "updateauthorized", "unauthorized"]);
}

#[tokio::test]
async fn authorizers_are_listed_described_and_switched() {
    let s = setting().await;
    let token = s.component_token().await;
    let shop = s.wechat.mini_program("shop").without_callback().await;
    s.authorized(&token, json!({"account": "brand"})).await;
    let granted = s.authorized(&token, json!({"account": "shop", "functions": [18, 19]})).await;

    let list = s.call(&token, "api_get_authorizer_list", json!({"offset": 1, "count": 500})).await;
    assert_eq!((&list["total_count"], list["list"].as_array().unwrap().len()), (&json!(2), 1));
    let of = |app_id: &str| json!({"authorizer_appid": app_id});
    let brand = s.call(&token, "api_get_authorizer_info", of(s.brand.app_id())).await;
    assert_eq!(brand["authorizer_info"]["user_name"], s.brand.original_id());
    assert_eq!(brand["authorizer_info"]["service_type_info"]["id"], 2);
    let mini = s.call(&token, "api_get_authorizer_info", of(shop.app_id())).await;
    assert!(mini["authorizer_info"]["MiniProgramInfo"].is_object(), "{mini}");
    assert_eq!(mini["authorization_info"]["func_info"].as_array().unwrap().len(), 2);

    let option = |name: &str, value: Option<&str>| {
        let mut body = json!({"authorizer_appid": s.brand.app_id(), "option_name": name});
        value.into_iter().for_each(|value| body["option_value"] = value.into());
        body
    };
    let set = |name, value| s.call(&token, "api_set_authorizer_option", option(name, Some(value)));
    assert_eq!(set("location_report", "1").await["errcode"], 0);
    assert_eq!(set("location_report", "7").await["errcode"], 61013);
    assert_eq!(set("weather", "1").await["errcode"], 61012);
    let read = s.call(&token, "api_get_authorizer_option", option("location_report", None)).await;
    assert_eq!(read["option_value"], "1");
    let own = granted["authorization_info"]["authorizer_access_token"].as_str().unwrap();
    let own = format!("/cgi-bin/component/get_authorizer_option?access_token={own}");
    assert_eq!(s.http.post(&own, json!({"option_name": "voice_recognize"})).await["option_value"], "0");
}
