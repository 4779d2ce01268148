//! The program itself.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use mock_wechat::MockWechat;
use serde_json::Value;

use crate::program;

/// Ends the program with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(arguments: &[&str], listen: &str) -> (Running, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_mock-wechat"))
        .args(arguments)
        .env("MOCK_WECHAT_LISTEN", listen)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (Running(child), line)
}

#[tokio::test]
async fn it_serves_without_any_argument_and_prints_where() {
    for arguments in [&[][..], &["serve"], &["serve", "--listen", "127.0.0.1:0"]] {
        let (_running, line) = start(arguments, "127.0.0.1:0");
        let url =
            line.strip_prefix("mock-wechat on ").and_then(|rest| rest.split([',', ' ']).next()).unwrap();

        let health = program::client().get(format!("{url}/_mock/health")).send().await.unwrap();

        let health: Value = health.json().await.unwrap();
        assert_eq!(health["status"], "ok", "{arguments:?}");
    }
}

#[tokio::test]
async fn a_taken_port_is_an_error_that_says_what_to_do() {
    let wechat = MockWechat::start().await;

    let (mut running, line) = start(&["serve"], &wechat.address().to_string());

    assert_eq!(line, "");
    assert_eq!(running.0.wait().unwrap().code(), Some(2));
    let complaint = std::io::read_to_string(running.0.stderr.take().unwrap()).unwrap();
    assert!(complaint.contains("--listen"), "{complaint}");
}
