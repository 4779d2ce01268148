//! Web OAuth as a browser and a page's server go through it.

use mock_wechat::{MockWechat, testkit::Account};
use reqwest::{Client, Method, redirect::Policy};
use serde_json::Value;

use crate::client::Http;

struct Setting {
    wechat: MockWechat,
    http: Http,
    brand: Account,
    browser: Client,
}

async fn setting() -> Setting {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    let brand = wechat.official_account("brand").without_callback().await;
    let browser = Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
    Setting { wechat, http, brand, browser }
}

impl Setting {
    fn authorize(&self, scope: &str, more: &str) -> String {
        let (url, app_id) = (self.wechat.url(), self.brand.app_id());
        format!(
            "{url}/connect/oauth2/authorize?appid={app_id}&redirect_uri=https%3A%2F%2Fm.example.com%2Fback%3Fa%3D1\
             &response_type=code&scope={scope}&state=s1{more}#wechat_redirect"
        )
    }

    /// Where the browser is sent.
    async fn redirected(&self, scope: &str, more: &str) -> String {
        let answer = self.browser.get(self.authorize(scope, more)).send().await.unwrap();
        assert_eq!(answer.status(), 302);
        answer.headers()["location"].to_str().unwrap().to_owned()
    }

    async fn code(&self, scope: &str, more: &str) -> String {
        let location = self.redirected(scope, more).await;
        let rest = location.strip_prefix("https://m.example.com/back?a=1&code=").unwrap();
        rest.strip_suffix("&state=s1").unwrap().to_owned()
    }

    async fn exchange(&self, code: &str) -> Value {
        let (app_id, secret) = (self.brand.app_id(), self.brand.secret());
        self.http
            .get(&format!(
                "/sns/oauth2/access_token?appid={app_id}&secret={secret}&code={code}&grant_type=authorization_code"
            ))
            .await
    }
}

#[tokio::test]
async fn userinfo_gives_the_union_id_and_base_does_not() {
    let s = setting().await;
    let lin = s.wechat.person("lin");

    let base = s.exchange(&s.code("snsapi_base", "&person=lin").await).await;
    assert_eq!(base["openid"], lin.open_id(&s.brand));
    assert!(base.get("unionid").is_none() && base.get("is_snapshotuser").is_none(), "{base}");
    let info = |granted: &Value| {
        let (token, id) = (granted["access_token"].as_str().unwrap(), granted["openid"].as_str().unwrap());
        format!("/sns/userinfo?access_token={token}&openid={id}&lang=zh_CN")
    };
    let refused = s.http.get(&info(&base)).await;
    assert!(refused["errmsg"].as_str().unwrap().starts_with("api unauthorized, rid: "), "{refused}");

    let whole = s.exchange(&s.code("snsapi_userinfo", "&person=lin").await).await;
    assert_eq!(whole["unionid"], Value::from(lin.union_id("brand-group")));
    let told = s.http.get(&info(&whole)).await;
    assert_eq!((&told["nickname"], &told["unionid"]), (&Value::from("lin"), &whole["unionid"]));
}

#[tokio::test]
async fn a_code_is_good_once_and_for_five_minutes() {
    let s = setting().await;
    let (code, late) =
        (s.code("snsapi_base", "&person=lin").await, s.code("snsapi_base", "&person=lin").await);

    assert!(s.exchange(&code).await.get("errcode").is_none());
    assert_eq!(s.exchange(&code).await["errcode"], 40163);
    s.wechat.advance(std::time::Duration::from_secs(300));
    assert_eq!(s.exchange(&late).await["errcode"], 40029);
}

#[tokio::test]
async fn a_token_is_refreshed_checked_and_expires() {
    let s = setting().await;
    let granted = s.exchange(&s.code("snsapi_userinfo", "&person=lin").await).await;
    let (app_id, openid) = (s.brand.app_id(), granted["openid"].as_str().unwrap());
    s.wechat.advance(std::time::Duration::from_secs(7200));
    let check = async |token: &Value| {
        let path = format!("/sns/auth?access_token={}&openid={openid}", token.as_str().unwrap());
        s.http.get(&path).await["errcode"].clone()
    };
    assert_eq!(check(&granted["access_token"]).await, 42001);

    let refresh = granted["refresh_token"].as_str().unwrap();
    let path =
        format!("/sns/oauth2/refresh_token?appid={app_id}&grant_type=refresh_token&refresh_token={refresh}");
    let renewed = s.http.get(&path).await;

    assert_eq!(check(&renewed["access_token"]).await, 0);
    assert!(renewed.get("unionid").is_none(), "{renewed}");
}

#[tokio::test]
async fn the_page_asks_whose_phone_it_is_and_a_refusal_has_no_code() {
    let s = setting().await;
    let page = s.browser.get(s.authorize("snsapi_userinfo", "")).send().await.unwrap();
    assert_eq!(page.status(), 200);
    let html = page.text().await.unwrap();
    assert!(
        html.contains("name=\"person\"") && html.contains("value=\"deny\"") | html.contains("name=\"deny\"")
    );

    let refused = s.redirected("snsapi_userinfo", "&person=lin&deny=1").await;
    assert_eq!(refused, "https://m.example.com/back?a=1&state=s1");
}

#[tokio::test]
async fn a_snapshot_page_gives_a_virtual_user() {
    let s = setting().await;
    let granted = s.exchange(&s.code("snsapi_userinfo", "&person=lin&snapshot=1").await).await;

    assert_eq!(granted["is_snapshotuser"], 1);
    assert_ne!(granted["openid"], Value::from(s.wechat.person("lin").open_id(&s.brand)));
}

#[tokio::test]
async fn another_domain_than_the_configured_one_gets_the_error_page() {
    let s = setting().await;
    let change =
        s.http.request(Method::PUT, "/_mock/accounts/brand").body(r#"{"web_domain": "www.example.com"}"#);
    change.send().await.unwrap();

    let page = s.browser.get(s.authorize("snsapi_base", "&person=lin")).send().await.unwrap();

    assert_eq!(page.status(), 200);
    assert!(page.text().await.unwrap().contains("10003"));
}

#[tokio::test]
async fn the_js_sdk_s_ticket_stays_the_same_while_it_lives() {
    let s = setting().await;
    let token = s.http.stable_token(&s.brand).await;
    let path = format!("/cgi-bin/ticket/getticket?access_token={token}&type=jsapi");
    let (first, again) = (s.http.get(&path).await, s.http.get(&path).await);

    assert_eq!(first["ticket"], again["ticket"]);
    assert_eq!((first["errcode"].as_i64(), first["expires_in"].as_i64()), (Some(0), Some(7200)));
}
