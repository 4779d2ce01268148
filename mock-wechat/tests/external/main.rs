//! Foreign SDKs as clients of the mock: what they accept, WeChat answers.

use std::process::Command;

use mock_wechat::MockWechat;

/// The virtual environment's Python, which has wechatpy.
#[expect(clippy::disallowed_methods, clippy::expect_used, reason = "scripts/test tells where it put Python")]
fn python() -> String {
    std::env::var("TEST_PYTHON").expect("TEST_PYTHON is not set; run scripts/test, which installs wechatpy")
}

#[tokio::test]
async fn wechatpy_needs_nothing_but_another_address() {
    let wechat = MockWechat::start().await;
    let brand = wechat.official_account("brand").without_callback().await;
    let lin = wechat.person("lin");
    let chat = lin.follows(&brand).await;
    let (url, app_id, secret) = (wechat.url(), brand.app_id().to_owned(), brand.secret().to_owned());
    let open_id = lin.open_id(&brand);
    let union_id = lin.union_id("brand-group");

    let output = tokio::task::spawn_blocking(move || {
        Command::new(python())
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/external/wechatpy_client.py"))
            .args([url, app_id, secret, open_id, union_id])
            .output()
            .unwrap()
    })
    .await
    .unwrap();

    let (said, complained) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}\n{complained}");
    chat.wait_for_text_containing("来自 wechatpy").await;
    let unmodelled: Vec<_> = wechat.calls().into_iter().filter(|call| call.unmodelled).collect();
    assert!(unmodelled.is_empty(), "{unmodelled:?}");
}
