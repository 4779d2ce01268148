//! The page without its script, and who may post to it.

use mock_wechat::MockWechat;
use reqwest::{StatusCode, header};

use crate::brand;

const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn without_its_script_the_page_shows_what_a_form_led_to() {
    let wechat = MockWechat::start().await;
    brand::welcoming(&wechat).await;

    let page = crate::client()
        .post(format!("{}/_mock/page/act/follow", wechat.url()))
        .header(header::CONTENT_TYPE, FORM)
        .body("person=lin&account=brand&back=%2F%3Fperson%3Dlin%26chat%3Dbrand")
        .send()
        .await
        .unwrap();

    assert_eq!(page.url().query(), Some("person=lin&chat=brand"));
    let page = page.text().await.unwrap();
    assert!(page.contains("欢迎！您已累积 10,000 积分。"), "{page}");
    assert!(page.contains("href=\"https://example.com/join?a=1&amp;b=2\""), "{page}");
}

#[tokio::test]
async fn another_site_s_forms_are_refused() {
    let wechat = MockWechat::start().await;
    let post = |site: &'static str| {
        crate::client()
            .post(format!("{}/_mock/page/people", wechat.url()))
            .header(header::CONTENT_TYPE, FORM)
            .header("sec-fetch-site", site)
            .body("name=mei&back=/")
            .send()
    };

    assert_eq!(post("cross-site").await.unwrap().status(), StatusCode::FORBIDDEN);
    assert!(post("same-origin").await.unwrap().status().is_success());
}

#[tokio::test]
async fn a_form_never_leads_to_another_site() {
    let wechat = MockWechat::start().await;
    for back in ["https://example.com/", "//example.com/", "javascript:alert(1)"] {
        let page = crate::client()
            .post(format!("{}/_mock/page/people", wechat.url()))
            .header(header::CONTENT_TYPE, FORM)
            .body(format!("name=mei&back={back}"))
            .send()
            .await
            .unwrap();
        assert_eq!(page.url().as_str(), format!("{}/?person=mei", wechat.url()));
    }
}

#[tokio::test]
async fn the_page_asks_no_other_host_for_anything() {
    let wechat = MockWechat::start().await;
    let answer = crate::client().get(wechat.url()).send().await.unwrap();
    let policy = answer.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
    let page = answer.text().await.unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'self'; script-src 'self'"), "{policy}");
    assert!(!page.contains("src=\"http") && !page.contains("href=\"http"), "{page}");
    for file in ["page.css", "page.js", "icon.svg"] {
        let file = format!("{}/_mock/page/assets/{file}", wechat.url());
        let text =
            crate::client().get(file).send().await.unwrap().error_for_status().unwrap().text().await.unwrap();
        assert!(!text.contains("https:") && !text.contains("url("), "{text}");
    }
}
