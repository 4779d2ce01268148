//! The program itself.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use mock_wechat::MockWechat;
use serde_json::Value;

use crate::program;

/// Ends the program with the test.
pub(crate) struct Running(Child);

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
async fn whether_it_runs_can_be_asked_from_the_command_line() {
    let wechat = MockWechat::start().await;
    let url = wechat.url();

    let running = program::mock_wechat(&["health", "--mock", &url]).await;
    drop(wechat);
    let gone = program::mock_wechat(&["health", "--mock", &url]).await;

    assert_eq!(running.code, Some(0), "{running:?}");
    assert!(running.said.contains("\"status\":\"ok\""), "{running:?}");
    assert_eq!((gone.code, gone.said.as_str()), (Some(2), ""), "{gone:?}");
    assert!(gone.complained.contains(&format!("no mock-wechat at {url}")), "{gone:?}");
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

/// Everything that was printed at start: two lines.
pub(crate) fn start_and_read(arguments: &[&str]) -> (Running, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_mock-wechat"))
        .args(arguments)
        .env("MOCK_WECHAT_LISTEN", "127.0.0.1:0")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (first, second) = (lines.next().unwrap().unwrap(), lines.next().unwrap().unwrap());
    let url = first.strip_prefix("mock-wechat on ").and_then(|rest| rest.split(',').next()).unwrap();
    (Running(child), url.to_owned(), second)
}

#[tokio::test]
async fn a_scenario_is_served_and_the_seed_is_printed() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/scenario.toml");

    let (_running, url, seed) = start_and_read(&["serve", "--scenario", example]);
    let (_other, _, chosen) = start_and_read(&["--scenario", example, "--seed", "12"]);
    let (_usual, _, usual) = start_and_read(&[]);

    let people = program::client().get(format!("{url}/_mock/people")).send().await.unwrap();
    assert_eq!(people.json::<Value>().await.unwrap()["people"], serde_json::json!(["lin", "mei"]));
    for (line, seed) in [(seed, "seed 7"), (chosen, "seed 12"), (usual, "seed 1")] {
        assert!(line.ends_with(seed), "{line}");
    }
}

#[tokio::test]
async fn a_bad_scenario_is_told_with_file_line_column_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tea.toml");
    std::fs::write(&file, "[[accounts]]\nname = \"tea\"\ncalback = \"http://127.0.0.1/\"\n").unwrap();
    let file = file.to_str().unwrap();

    let bad = program::mock_wechat(&["serve", "--listen", "127.0.0.1:0", "--scenario", file]).await;
    let none =
        program::mock_wechat(&["serve", "--listen", "127.0.0.1:0", "--scenario", "no such file"]).await;

    assert_eq!((bad.code, none.code), (Some(2), Some(2)));
    let expected = format!("{file}:3:1: account tea has no key \"calback\"");
    for needle in [expected.as_str(), "  calback = \"http://127.0.0.1/\"\n", "  do: write callback\n"] {
        assert!(bad.complained.contains(needle), "{needle} is not in\n{}", bad.complained);
    }
    assert!(none.complained.contains("--scenario"), "{}", none.complained);
}

/// Ends the program as a terminal or a container does; what it said, and its exit status.
fn terminate(running: &mut Running) -> (Option<i32>, String) {
    let kill = format!("kill -TERM {}", running.0.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    let code = running.0.wait().unwrap().code();
    (code, std::io::read_to_string(running.0.stderr.take().unwrap()).unwrap())
}

#[tokio::test]
async fn a_state_is_saved_at_the_end_and_gone_on_with_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("wechat.json");
    let arguments = ["serve", "--state", file.to_str().unwrap()];
    let (mut running, url, _) = start_and_read(&arguments);
    assert!(file.exists(), "whether it can be written is known at start");
    let created = program::client().post(format!("{url}/_mock/people/lin")).send().await.unwrap();
    let created: Value = created.json().await.unwrap();

    let (code, complained) = terminate(&mut running);
    let (_again, url, _) = start_and_read(&arguments);

    assert_eq!((code, complained.as_str()), (Some(0), ""));
    let lin = program::client().get(format!("{url}/_mock/people/lin")).send().await.unwrap();
    assert_eq!(lin.json::<Value>().await.unwrap(), created);
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, ["wechat.json"]);
}

#[tokio::test]
async fn a_state_that_cannot_be_read_or_written_is_told_at_start_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let newer = folder.path().join("newer.json");
    let text = "{\"format\": \"mock-wechat state\", \"version\": 2, \"written_by\": \"9.9.9\"}";
    std::fs::write(&newer, text).unwrap();
    let nowhere = folder.path().join("no such folder/state.json");

    for (file, needle) in [(&newer, "written by mock-wechat 9.9.9"), (&nowhere, "--state")] {
        let file = file.to_str().unwrap();
        let ended = program::mock_wechat(&["serve", "--listen", "127.0.0.1:0", "--state", file]).await;
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.complained.contains(needle) && ended.complained.contains(file), "{ended:?}");
    }
    assert_eq!(std::fs::read_to_string(&newer).unwrap(), text);
}
