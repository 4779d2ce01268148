//! The program, run to its end.

use std::process::Stdio;

use tokio::process::Command;

pub(crate) const KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";

/// How it ended and what it said.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) said: String,
    pub(crate) complained: String,
}

/// Runs `mock-wechat` with these arguments, without anything from this process's environment that it reads.
pub(crate) async fn mock_wechat(arguments: &[&str]) -> Ended {
    let output = Command::new(env!("CARGO_BIN_EXE_mock-wechat"))
        .args(arguments)
        .env_remove("MOCK_WECHAT_TOKEN")
        .env_remove("MOCK_WECHAT_AES_KEY")
        .env_remove("MOCK_WECHAT_URL")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .unwrap();
    Ended {
        code: output.status.code(),
        said: String::from_utf8(output.stdout).unwrap(),
        complained: String::from_utf8(output.stderr).unwrap(),
    }
}

/// An HTTP client that goes straight to this machine.
pub(crate) fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}
