//! What a platform does in its accounts' name: logins and messages.

use reqwest::redirect::Policy;
use serde_json::json;

use super::setting::{APP_ID, between, put, setting};
use crate::receiver::{Receiver, text_reply};

#[tokio::test]
async fn the_users_of_accounts_log_in_in_the_platform_s_name() {
    let s = setting().await;
    let token = s.component_token().await;
    s.wechat.mini_program("shop").without_callback().await;
    let login = async || {
        let given = s.http.post("/_mock/people/lin/login", json!({"account": "shop"})).await;
        let code = given["js_code"].as_str().unwrap();
        s.http
            .get(&format!(
                "/sns/component/jscode2session?appid=wx00000000000000bb&js_code={code}&grant_type=authorization_code\
                 &component_appid={APP_ID}&component_access_token={token}"
            ))
            .await
    };
    assert_eq!(login().await["errcode"], 61003);
    s.authorized(&token, json!({"account": "shop"})).await;
    s.authorized(&token, json!({"account": "brand"})).await;

    let session = login().await;
    assert!(session["session_key"].is_string() && session["unionid"].is_string(), "{session}");

    let browser = reqwest::Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
    let page = format!(
        "{}/connect/oauth2/authorize?appid={}&redirect_uri=https%3A%2F%2Fa.example.com%2F&response_type=code\
         &scope=snsapi_base&state=s&component_appid={APP_ID}&person=lin",
        s.wechat.url(),
        s.brand.app_id()
    );
    let answer = browser.get(page).send().await.unwrap();
    let to = answer.headers()["location"].to_str().unwrap();
    let code = between(to, "code=", "&");
    let granted = s
        .http
        .get(&format!(
            "/sns/oauth2/component/access_token?appid={}&code={code}&grant_type=authorization_code\
             &component_appid={APP_ID}&component_access_token={token}",
            s.brand.app_id()
        ))
        .await;
    assert_eq!(granted["openid"], s.wechat.person("lin").open_id(&s.brand));
    let refreshed = s
        .http
        .get(&format!(
            "/sns/oauth2/component/refresh_token?appid={}&grant_type=refresh_token&component_appid={APP_ID}\
             &component_access_token={token}&refresh_token={}",
            s.brand.app_id(),
            granted["refresh_token"].as_str().unwrap()
        ))
        .await;
    assert_eq!(refreshed["openid"], granted["openid"]);
}

#[tokio::test]
async fn messages_go_through_the_platform_with_its_keys_and_its_sealed_answer_is_shown() {
    let s = setting().await;
    let token = s.component_token().await;
    let lin = s.wechat.person("lin");
    let (open_id, original_id) = (lin.open_id(&s.brand), s.brand.original_id().to_owned());
    let agency = s.wechat.third_party_platform("agency").await;
    let reply = text_reply(&open_id, &original_id, "您好");
    let messages = Receiver::answering(&crate::receiver::sealed(&agency, APP_ID, &reply)).await;
    let address = messages.url.replace("/wechat?", "/wechat?account=$APPID$&");
    put(&s.http, json!({"message_callback": address})).await;
    lin.follows(&s.brand).await;
    assert!(messages.received().is_empty(), "not authorised yet");
    s.authorized(&token, json!({"account": "brand"})).await;

    let chat = lin.texts(&s.brand, "在吗").await;

    chat.is_answered_well().shows_text_containing("您好");
    let url = &chat.deliveries()[0].request.url;
    assert!(url.contains(&format!("account={}&", s.brand.app_id())), "{url}");
    let message = messages.received()[0].message(&agency);
    assert_eq!(message.find("ToUserName"), Some(original_id.as_str()));
    s.http.post("/_mock/components/agency/unauthorize", json!({"account": "brand"})).await;
    lin.texts(&s.brand, "还在吗").await;
    assert_eq!(messages.received().len(), 1, "back to the account's own server, of which it has none");
}
