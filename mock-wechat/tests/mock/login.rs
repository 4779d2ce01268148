//! Mini-program login and phone numbers.

use mock_wechat::wire::userdata::session_hmac;
use serde_json::json;

use crate::world::{keys, world};

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
