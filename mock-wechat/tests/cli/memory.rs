//! How much the program occupies. The kernel is asked, so this is for Linux.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use serde_json::json;

use crate::program;

#[tokio::test]
async fn ten_thousand_people_and_a_hundred_accounts_fit_into_200_megabytes() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_mock-wechat"))
        .args(["serve", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let url = line.strip_prefix("mock-wechat on ").and_then(|rest| rest.split(',').next()).unwrap();
    let client = program::client();
    for n in 0..100 {
        let path = format!("{url}/_mock/accounts/wx{n:016x}");
        let put = client.put(path).body(json!({"name": format!("account-{n}")}).to_string());
        assert!(put.send().await.unwrap().status().is_success());
    }
    for group in 0..10 {
        let follow: Vec<_> = (0..10).map(|n| format!("account-{}", group * 10 + n)).collect();
        let many = json!({"count": 1000, "prefix": format!("group-{group}"), "follow": follow});
        let post = client.post(format!("{url}/_mock/people")).body(many.to_string());
        assert!(post.send().await.unwrap().status().is_success());
    }

    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();

    child.kill().unwrap();
    child.wait().unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    let megabytes = line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024;
    assert!(megabytes < 200, "{megabytes} MB");
}
