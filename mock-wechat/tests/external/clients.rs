//! SDKs as clients: they get a token, resolve a UnionID, send messages, make QR codes, set menus, upload files, and where
//! they know mini-programs, log somebody in.

use mock_wechat::MockWechat;

use crate::sdk::program;

/// The SDK's program ends well, its words are in the chat, and it called nothing that the mock does not model.
async fn is_content(name: &str, words: &str) {
    let wechat = MockWechat::start().await;
    let brand = wechat.official_account("brand").without_callback().await;
    let lin = wechat.person("lin");
    let chat = lin.follows(&brand).await;
    let shop = wechat.mini_program("shop").without_callback().await;

    let output = program("clients", name)
        .args([wechat.url().as_str(), brand.app_id(), brand.secret()])
        .args([lin.open_id(&brand), lin.union_id("brand-group")])
        .args([shop.app_id(), shop.secret(), &lin.logs_in(&shop).await])
        .output()
        .await
        .unwrap();

    let (said, complained) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}\n{complained}");
    assert!(said.contains("is content"), "{said}\n{complained}");
    chat.shows_text_containing(words).shows_text_containing("消费");
    let unmodelled: Vec<_> = wechat.calls().into_iter().filter(|call| call.unmodelled).collect();
    assert!(unmodelled.is_empty(), "{unmodelled:?}");
}

#[tokio::test]
async fn wechatpy_needs_nothing_but_other_hosts() {
    is_content("wechatpy_client.py", "来自 wechatpy").await;
}

#[tokio::test]
async fn werobots_client_needs_nothing_but_other_hosts() {
    is_content("werobot_client.py", "来自 WeRoBot").await;
}

#[tokio::test]
async fn co_wechat_api_needs_nothing_but_other_prefixes() {
    is_content("co_wechat_api.js", "来自 co-wechat-api").await;
}

#[tokio::test]
async fn wechat_api_needs_nothing_but_another_endpoint() {
    is_content("wechat_api.js", "来自 wechat-api").await;
}

#[tokio::test]
async fn node_easywechat_needs_nothing_but_another_base_url() {
    is_content("node_easywechat.js", "来自 node-easywechat").await;
}
