//! The crate page: every command in it is run, and says what the page says it says.
//!
//! Commands stand in blocks of the language `console`, each behind a `$`, with the output below; `...` stands for lines
//! left out, and a number for any number. They find a mock and a receiver where the page has its ports. The blocks of
//! Rust are run as documentation; those in TOML are scenarios; the one in JSON is what every verb answers.

use std::{
    iter,
    process::{Output, Stdio},
};

use mock_wechat::{MockWechat, Scenario, world::account::Kind};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::Command,
};

use crate::{
    careful::{Fault, Receiver},
    program::client,
};

const README: &str = include_str!("../../README.md");
/// The page's own ports.
const MOCK: &str = "127.0.0.1:9090";
const RECEIVER: &str = "http://127.0.0.1:8080/wechat/brand";

#[tokio::test]
async fn every_command_says_what_the_page_says() {
    // The page shows one complaint: retries lose the reply.
    let receiver = Receiver::of(Kind::OfficialAccount, true, &[Fault::DropsRetries]).await;
    let wechat = MockWechat::start().await;
    let _brand = wechat.official_account("brand").callback(&receiver.url).safe_mode().await;
    let mock = wechat.address().to_string();
    let commands: Vec<_> = blocks("console").iter().flat_map(|block| commands(block)).collect();
    assert!(commands.len() >= 6, "{commands:?}");

    for (command, expected) in commands.iter().filter(|(command, _)| command != "mock-wechat") {
        let here = |text: &str| text.replace(RECEIVER, &receiver.url).replace(MOCK, &mock);

        let output = run(&here(command), &wechat.url()).await;

        let said = String::from_utf8_lossy(&output.stdout);
        let complained = String::from_utf8_lossy(&output.stderr);
        let fails = expected.iter().any(|line| line.starts_with("FAIL"));
        assert_eq!(output.status.code(), Some(i32::from(fails)), "{command}\n{said}{complained}");
        let expected: Vec<String> = expected.iter().map(|line| here(line)).collect();
        agree(&expected, &said).unwrap_or_else(|line| panic!("{command}\ndoes not say {line:?} but\n{said}"));
    }
}

#[tokio::test]
async fn the_program_alone_says_what_the_page_says() {
    let (_, expected) = commands(&blocks("console")[0]).remove(0);
    let mut program = Command::new(env!("CARGO_BIN_EXE_mock-wechat"));
    let program = program.env("MOCK_WECHAT_LISTEN", "127.0.0.1:0").stdout(Stdio::piped()).kill_on_drop(true);

    let mut running = program.spawn().unwrap();

    let mut lines = BufReader::new(running.stdout.take().unwrap()).lines();
    for line in expected {
        let said = lines.next_line().await.unwrap().unwrap();
        assert_eq!(without_numbers(&said), without_numbers(&line));
    }
}

#[test]
fn every_scenario_can_be_read() {
    for block in blocks("toml") {
        Scenario::parse(&block).unwrap_or_else(|error| panic!("{block}\n{error}"));
    }
}

#[tokio::test]
async fn every_verb_answers_in_the_shape_that_the_page_shows() {
    let receiver = Receiver::of(Kind::OfficialAccount, true, &[Fault::SwapsNames]).await;
    let wechat = MockWechat::start().await;
    let _brand = wechat.official_account("brand").callback(&receiver.url).safe_mode().await;
    let shape: Value = serde_json::from_str(&blocks("json")[0]).unwrap();

    let follow = client().post(format!("{}/_mock/people/lin/follow", wechat.url()));
    let answer: Value = follow.json(&json!({"account": "brand"})).send().await.unwrap().json().await.unwrap();

    assert_shape(&shape, &answer, "");
    assert_eq!(shape["shown"][0]["text"], answer["shown"][0]["text"]);
}

/// Each row of the table, with whatever its path begins with.
#[tokio::test]
async fn every_path_of_the_control_api_exists() {
    let wechat = MockWechat::start().await;
    let mut prefix = String::new();
    let mut seen = 0;
    for row in README.lines().filter(|line| line.starts_with("| `") && line.contains("` |")) {
        for code in row.split('|').nth(1).unwrap().split('`').skip(1).step_by(2) {
            let (method, path) = code.split_once(' ').unwrap_or(("", code));
            let methods = ["GET", "POST", "PUT", "DELETE"];
            if path.starts_with("/_mock/") {
                prefix = path.rsplit_once('/').unwrap().0.to_owned();
            } else if !code.starts_with("...") {
                continue;
            }
            let path = path.replacen("...", &prefix, 1);
            let path = path.replace("{name}", "lin").replace("{account}", "brand").replace("{id}", "1");
            let path = path.split('?').next().unwrap();
            let method = if methods.contains(&method) { method } else { "POST" };
            let method = method.parse::<reqwest::Method>().unwrap();

            let request = client().request(method.clone(), format!("{}{path}", wechat.url())).body("{}");
            let answer = request.send().await.unwrap();

            let status = answer.status();
            let text = answer.text().await.unwrap();
            assert!(!text.contains("the control API has no"), "{method} {path}: {text}");
            assert_ne!(status, reqwest::StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
            seen += 1;
        }
    }
    assert!(seen > 20, "the table has {seen} paths");
}

/// As a shell runs it, with the program on its path.
async fn run(command: &str, mock: &str) -> Output {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_mock-wechat"));
    // The shell's own PATH is kept behind the program's folder.
    let script = format!(
        "PATH={}:$PATH\ncurl() {{ command curl --noproxy '*' -sS --fail-with-body \"$@\"; }}\n{command}",
        program.parent().unwrap().display()
    );
    let mut shell = Command::new("bash");
    shell.args(["-euo", "pipefail", "-c", &script]).env("MOCK_WECHAT_URL", mock);
    shell.stdin(Stdio::null()).kill_on_drop(true).output().await.unwrap()
}

/// The first expected line that was not said where it should have been. More may be said behind it: a busy machine's
/// load is behind its timetable.
fn agree(expected: &[String], said: &str) -> Result<(), String> {
    let mut said = said.lines().map(without_numbers).filter(|line| !line.is_empty());
    let mut anywhere = false;
    for line in expected {
        if line == "..." {
            anywhere = true;
            continue;
        }
        let wanted = without_numbers(line);
        let mut next = || said.next().map(|line| line.starts_with(&wanted));
        let found = if anywhere { iter::from_fn(next).any(|found| found) } else { next() == Some(true) };
        anywhere = false;
        found.then_some(()).ok_or_else(|| line.clone())?;
    }
    Ok(())
}

/// `p50 12 ms` is `p# # ms`: what was measured is another number each time.
fn without_numbers(line: &str) -> String {
    let mut text = String::new();
    for c in line.trim_end().chars() {
        match c {
            '0'..='9' if text.ends_with('#') => {}
            '0'..='9' => text.push('#'),
            _ => text.push(c),
        }
    }
    text
}

/// All that is in the shape is in the value, and of the same type.
fn assert_shape(shape: &Value, value: &Value, place: &str) {
    match (shape, value) {
        (Value::Object(shape), Value::Object(value)) => {
            for (name, part) in shape {
                let found = value.get(name).unwrap_or_else(|| panic!("{place}/{name} is missing"));
                assert_shape(part, found, &format!("{place}/{name}"));
            }
        }
        (Value::Array(shape), Value::Array(value)) => {
            let found = value.first().unwrap_or_else(|| panic!("{place} is empty"));
            assert_shape(&shape[0], found, &format!("{place}/0"));
        }
        _ => assert_eq!(std::mem::discriminant(shape), std::mem::discriminant(value), "{place}"),
    }
}

/// The commands of a block, each with the lines below it.
fn commands(block: &str) -> Vec<(String, Vec<String>)> {
    let mut commands: Vec<(String, Vec<String>)> = Vec::new();
    for line in block.lines() {
        match (line.strip_prefix("$ "), commands.last_mut()) {
            (Some(command), _) => commands.push((command.to_owned(), Vec::new())),
            (None, Some((_, said))) => said.push(line.to_owned()),
            (None, None) => panic!("a block that begins without a command: {line}"),
        }
    }
    commands
}

/// The texts of the blocks in a language.
fn blocks(language: &str) -> Vec<String> {
    let opening = format!("```{language}\n");
    let found: Vec<String> = README
        .split(&opening)
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap_or_default().to_owned())
        .collect();
    assert!(!found.is_empty(), "the page has no block in {language}");
    found
}
