//! Both READMEs: the same commands, every one of them run; every link leads somewhere.
//!
//! A fenced block says behind its language how it is run:
//!
//! - `sh scripts`      scripts of this repository. They exist and explain themselves; they are not run here, for this
//!   test is one of what they run. `dev.rs` runs `scripts/dev`.
//! - `sh local`        against `scripts/dev`, one block after the other, on its ports
//! - `sh production`   with the real program, in a folder with the files that other blocks are named after, as if
//!   mock-wechat were WeChat and the test's servers the brand's
//! - `text shown`      what mock-wechat's person reads after a follow, word for word but for the date
//! - `rust FILE`       stands word for word in FILE, which is compiled and run
//! - anything else     a file of that name

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::local_world::{LocalWorld, free_address, said_by};
use crate::tree;

const READMES: [&str; 2] = ["README.md", "README.zh-CN.md"];

#[test]
fn both_readmes_have_the_same_commands() {
    let [english, chinese] = READMES.map(|readme| {
        blocks(readme).into_iter().map(|block| (block.language, block.how, without_comments(&block.text)))
    });

    assert!(english.eq(chinese));
}

#[test]
fn every_block_says_how_it_is_run() {
    let unnamed = READMES
        .into_iter()
        .flat_map(|readme| blocks(readme).into_iter().map(move |block| (readme, block)))
        .filter(|(_, block)| block.how.is_empty())
        .map(|(readme, block)| format!("{readme}: {}", block.text.lines().next().unwrap_or_default()))
        .collect();

    tree::none(unnamed, "A block that no test can run:");
}

#[test]
fn every_link_leads_somewhere() {
    let mut broken = Vec::new();
    for readme in READMES {
        for target in tree::read(readme).split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if !target.starts_with("http") && !tree::root().join(target).exists() {
                broken.push(format!("{readme}: {target}"));
            }
        }
    }

    tree::none(broken, "Links to what is not there:");
}

#[test]
fn the_scripts_exist_and_explain_themselves() {
    for line in of("scripts").iter().flat_map(|block| block.text.lines()) {
        let script = line.split_whitespace().next().unwrap();

        let output = Command::new(tree::root().join(script)).arg("--help").output().unwrap();

        assert!(said_by(&output, script).contains(script), "{script} --help does not name it");
    }
}

/// The main job, as a newcomer meets it.
#[test]
fn the_walk_through_shows_lin_what_she_has_earned() {
    let world = LocalWorld::start();
    let mut said = of("local").into_iter().map(|block| {
        let said = world.run(&block.text);
        (
            said.clone(),
            serde_json::Deserializer::from_str(&said).into_iter().collect::<Result<Vec<Value>, _>>(),
        )
    });
    let mut next = || said.next().map(|(_, values)| values.unwrap()).unwrap();

    let lin = next().remove(0);
    let results = next().remove(0);
    let follow = next().remove(0);
    let [_left, again] = next().try_into().unwrap();
    let [points, entries] = next().try_into().unwrap();
    let (signed_by_hand, _) = said.next().unwrap();

    let statuses = results["results"].as_array().unwrap().iter().map(|result| &result["status"]);
    assert!(statuses.eq(["settled"; 6].iter()), "{results:#}");
    let total = points["points"]["total"].as_i64().unwrap();
    let welcome = follow["shown"][0]["text"].as_str().unwrap();
    assert_eq!(total, sum_of(&entries), "{entries:#}");
    let told = of("shown").into_iter().map(|block| block.text.trim_end().to_owned());
    assert!(
        told.eq([welcome, again["shown"][0]["text"].as_str().unwrap()].map(without_date)),
        "{welcome}\n{again:#}"
    );
    assert_eq!(points["union_id"], lin["union_id"]["brand-group"]);
    assert_eq!(points["identities"].as_array().unwrap().len(), 2, "{points:#}");
    assert_eq!(signed_by_hand, "it-works");
}

#[tokio::test]
async fn the_production_commands_work_with_the_files_they_come_with() {
    let world = LocalWorld::start();
    let folder = folder_with_the_named_files();
    let listen = free_address();
    a_real_account(&world);
    let commands = of("production").remove(0).text;
    let (prepare, serve) = commands.trim().rsplit_once('\n').unwrap();

    // What differs on this machine: where WeChat, the database and Redis are.
    let here = format!(
        "export GATEWAY_HTTP__LISTEN={listen} GATEWAY_PLATFORM__API=http://{} GATEWAY_STORE__URL='{}' GATEWAY_SESSIONS__URL='{}'",
        world.mock,
        a_database().await,
        from_environment("TEST_REDIS_URL"),
    );
    let (load, check) = prepare.split_once('\n').unwrap();
    let script = format!(
        "{load}\n{here}\n{check}\n{serve} &\nuntil curl -sf http://{listen}/readyz; do kill -0 $!; sleep 0.1; done\n\
         kill -TERM $!\nwait $!"
    );

    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &script])
        .current_dir(folder.path())
        .env("PATH", path_with_the_programs())
        .output()
        .unwrap();

    let said = said_by(&output, &script);
    assert!(said.contains("access token obtained"), "{said}");
    assert!(!said.contains("FAIL"), "{said}");
}

#[test]
fn the_rust_example_is_one_that_runs() {
    for readme in READMES {
        for block in blocks(readme).iter().filter(|block| block.language == "rust") {
            let source = tree::read(&block.how);
            let source: Vec<&str> = source.lines().map(str::trim).collect();
            let example: Vec<&str> = block.text.lines().map(str::trim).collect();

            let found = source.windows(example.len()).any(|window| window == example);

            assert!(found, "{readme}: the example is not in {}", block.how);
        }
    }
}

/// The account whose values the README writes down, known to mock-wechat.
fn a_real_account(world: &LocalWorld) {
    let toml: toml::Table = of("gateway.toml").remove(0).text.parse().unwrap();
    let account = &toml["accounts"]["brand"];
    let env = of("gateway.env").remove(0).text;
    let secret = |key: &str| {
        let name = format!("GATEWAY_ACCOUNTS__BRAND__{key}='");
        env.lines().find_map(|line| line.strip_prefix(&name)?.strip_suffix('\'')).unwrap()
    };
    let body = json!({
        "name": "real", "kind": account["kind"].as_str(), "original_id": account["original_id"].as_str(),
        "mode": account["mode"].as_str(), "secret": secret("SECRET"), "token": secret("TOKEN"),
        "encoding_aes_key": secret("ENCODING_AES_KEY"),
    });
    let app_id = account["app_id"].as_str().unwrap();
    world.run(&format!("curl -X PUT 127.0.0.1:9090/_mock/accounts/{app_id} -d '{body}'"));
}

fn folder_with_the_named_files() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for block in blocks(READMES[0]).iter().filter(|block| block.how.starts_with("gateway.")) {
        std::fs::write(folder.path().join(&block.how), &block.text).unwrap();
    }
    folder
}

fn path_with_the_programs() -> String {
    let programs = Path::new(env!("CARGO_BIN_EXE_wechat-gateway")).parent().unwrap();
    format!("{}:{}", programs.display(), from_environment("PATH"))
}

/// A schema of its own on the server that `scripts/test` has started.
async fn a_database() -> String {
    let server = from_environment("TEST_POSTGRES_URL");
    let schema = format!("readme_{}", uuid::Uuid::now_v7().simple());
    let (client, connection) = tokio_postgres::connect(&server, tokio_postgres::NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    client.batch_execute(&format!("CREATE SCHEMA {schema}")).await.unwrap();
    drop(client);
    connection.await.unwrap().unwrap();
    format!("{server}?options=-c%20search_path%3D{schema}")
}

fn from_environment(name: &str) -> String {
    let value =
        std::env::var_os(name).unwrap_or_else(|| panic!("{name} is not set: run this with scripts/test"));
    value.into_string().unwrap()
}

fn sum_of(entries: &Value) -> i64 {
    entries["entries"].as_array().unwrap().iter().map(|entry| entry["points"].as_i64().unwrap()).sum()
}

/// The blocks of the English README that are run in this way; the Chinese one has the same.
fn of(how: &str) -> Vec<Block> {
    let found: Vec<Block> = blocks(READMES[0]).into_iter().filter(|block| block.how == how).collect();
    assert!(!found.is_empty(), "{} has no block of the kind {how}", READMES[0]);
    found
}

/// The day until which the points can be claimed is another one tomorrow.
fn without_date(text: &str) -> String {
    match (text.split_once('（'), text.split_once('前')) {
        (Some((before, _)), Some((_, after))) => format!("{before}（…前{after}"),
        _ => text.to_owned(),
    }
}

fn without_comments(text: &str) -> String {
    text.lines()
        .map(|line| line.split(" # ").next().unwrap_or_default().trim_end())
        .collect::<Vec<_>>()
        .join("\n")
}

#[derive(Debug)]
struct Block {
    language: String,
    how: String,
    text: String,
}

fn blocks(readme: &str) -> Vec<Block> {
    let text = tree::read(readme);
    let mut blocks: Vec<Block> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        if let Some(info) = line.strip_prefix("```") {
            inside = !inside;
            if inside {
                let (language, how) = info.split_once(' ').unwrap_or((info, ""));
                blocks.push(Block {
                    language: language.to_owned(),
                    how: how.to_owned(),
                    text: String::new(),
                });
            }
        } else if let (true, Some(block)) = (inside, blocks.last_mut()) {
            block.text.push_str(line);
            block.text.push('\n');
        }
    }
    blocks
}
