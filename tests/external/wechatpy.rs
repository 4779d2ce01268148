//! wechatpy encrypts every fixture, the gateway answers it, wechatpy opens the answer.

use std::process::Command;

use crate::harness::TestGateway;

/// The virtual environment's Python, which has wechatpy.
#[expect(clippy::disallowed_methods, reason = "scripts/test tells where it put Python")]
fn python() -> String {
    std::env::var("TEST_PYTHON")
        .unwrap_or_else(|_| panic!("TEST_PYTHON is not set; run scripts/test, which installs wechatpy"))
}

async fn interoperate(mode: &str) {
    let gateway = TestGateway::start_with(&[("GATEWAY_ACCOUNTS__BRAND__MODE", mode)]).await;
    let root = env!("CARGO_MANIFEST_DIR");
    let (url, mode) = (gateway.url(""), mode.to_owned());

    let output = tokio::task::spawn_blocking(move || {
        Command::new(python())
            .arg(format!("{root}/tests/external/wechatpy_oracle.py"))
            .args([&url, &mode, &format!("{root}/tests/fixtures/event")])
            .output()
            .unwrap()
    })
    .await
    .unwrap();

    let (said, complained) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}\n{complained}");
    assert!(said.contains("every fixture agrees"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wechatpy_and_the_gateway_agree_on_every_event_in_safe_mode() {
    interoperate("safe").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wechatpy_and_the_gateway_agree_on_every_event_in_compatible_mode() {
    interoperate("compatible").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wechatpy_and_the_gateway_agree_on_every_event_in_plain_mode() {
    interoperate("plain").await;
}
