//! `wechat-gateway check`: what would fail in production, found before.

use mock_wechat::MockWechat;

use crate::process::{free_port, run};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_local_world_passes_line_by_line() {
    let wechat = MockWechat::start().await;
    let lin = wechat.person("lin");
    lin.follows(&wechat.official_account("brand").without_callback().await).await;
    let dir = tempfile::tempdir().unwrap();
    let settings = [
        ("GATEWAY_PLATFORM__API", wechat.url()),
        ("GATEWAY_HTTP__LISTEN", format!("127.0.0.1:{}", free_port())),
    ];

    let (passes, printed) =
        tokio::task::spawn_blocking(move || run(dir.path(), "check", &settings)).await.unwrap();

    assert!(passes, "{printed}");
    for line in ["store: ok", "sessions: ok", "clock:", "access token obtained", "followers have a UnionID"] {
        assert!(printed.contains(line), "{line} is not in\n{printed}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_failure_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let settings = [
        ("GATEWAY_PLATFORM__API", format!("http://127.0.0.1:{}", free_port())),
        ("GATEWAY_SESSIONS__URL", format!("redis://127.0.0.1:{}", free_port())),
    ];

    let (passes, printed) =
        tokio::task::spawn_blocking(move || run(dir.path(), "check", &settings)).await.unwrap();

    assert!(!passes, "{printed}");
    for failed in ["FAIL  sessions:", "FAIL  WeChat:", "FAIL  account brand:"] {
        let line = printed.lines().find(|line| line.starts_with(failed));
        assert!(line.is_some_and(|line| line.contains("->")), "{failed} with a remedy is not in\n{printed}");
    }
}
