//! Planted secrets, and every place where they must not turn up.

use serde_json::{Value, json};
use wechat_gateway::clock::{Clock as _, SECOND, SystemClock};

use mock_wechat::MockWechat;

use crate::harness::{API_KEY, client, wait_until};
use crate::process::{Process, free_port};
use crate::signing::{plain_query, safe_delivery};

const SECRETS: [&str; 5] = [
    "localtoken",
    "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
    "00000000000000000000000000000aaa",
    "local-privacy-key",
    API_KEY,
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_and_no_name_turns_up_in_logs_metrics_errors_or_the_wrong_table() {
    let wechat = MockWechat::start().await;
    let dir = tempfile::tempdir().unwrap();
    let settings = [
        ("GATEWAY_PLATFORM__API", wechat.url()),
        ("GATEWAY_LOG__LEVEL", "trace".to_owned()),
        ("GATEWAY_LOG__FORMAT", "json".to_owned()),
    ];
    let gateway = Process::start(dir.path(), free_port(), &settings).await;
    let http = client();
    let post = async |url: String, body: Value| -> Value {
        http.post(url).json(&body).send().await.unwrap().json().await.unwrap()
    };
    let mock = |path: &str| format!("{}/_mock/{path}", wechat.url());
    let callback = json!({ "callback": gateway.url("/wechat/brand") });
    http.put(mock("accounts/brand")).json(&callback).send().await.unwrap();

    let lin = post(mock("people/lin"), json!({})).await;
    let open_id = lin["open_ids"]["wx00000000000000aa"].as_str().unwrap().to_owned();
    let union_id = lin["union_id"]["brand-group"].as_str().unwrap().to_owned();
    for (verb, body) in [
        ("follow", json!({ "account": "brand" })),
        ("text", json!({ "account": "brand", "content": "my-secret-words" })),
        ("scan", json!({ "account": "brand", "scene": "store-12" })),
        ("unfollow", json!({ "account": "brand" })),
        ("follow", json!({ "account": "brand" })),
    ] {
        post(mock(&format!("people/lin/{verb}")), body).await;
    }
    let mut errors = String::new();
    let at = SystemClock.now() / SECOND;
    let (query, body) = safe_delivery("QUJDRA==", at, "1");
    for (query, body) in [(query, body), (plain_query(at, "2"), format!("<xml>{open_id}</xml>"))] {
        let url = gateway.url(&format!("/wechat/brand?{query}&openid={open_id}"));
        errors += &http.post(url).body(body).send().await.unwrap().text().await.unwrap();
    }
    let wrong =
        http.get(gateway.url(&format!("/v1/persons/unionid:{union_id}"))).bearer_auth("planted-wrong-key");
    errors += &wrong.send().await.unwrap().text().await.unwrap();
    let metrics = http.get(gateway.url("/metrics")).send().await.unwrap().text().await.unwrap();
    let log = dir.path().join("log");
    wait_until(async || std::fs::read_to_string(&log).unwrap().contains("refused")).await;
    gateway.terminate();
    let log = std::fs::read_to_string(log).unwrap();

    let names = [open_id.as_str(), union_id.as_str(), "my-secret-words", "planted-wrong-key"];
    for (place, text) in [("log", &log), ("metrics", &metrics), ("error bodies", &errors)] {
        for secret in SECRETS.iter().chain(&names) {
            assert!(!text.contains(secret), "{secret} is in the {place}");
        }
        assert!(!text.contains("access_token="), "an access token is in the {place}");
    }
    assert!(log.len() > 1_000, "the log was written at all");
    let database = rusqlite::Connection::open(dir.path().join("gateway.db")).unwrap();
    for table in tables(&database) {
        let dump = dump(&database, &table);
        for secret in SECRETS {
            assert!(!dump.contains(secret), "{secret} is in table {table}");
        }
        if !["identity", "person"].contains(&table.as_str()) {
            for name in names {
                assert!(!dump.contains(name), "a name is in table {table}");
            }
        }
    }
}

fn tables(database: &rusqlite::Connection) -> Vec<String> {
    let mut statement = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

fn dump(database: &rusqlite::Connection, table: &str) -> String {
    let mut statement = database.prepare(&format!("SELECT * FROM {table}")).unwrap();
    let columns = statement.column_count();
    let rows = statement.query_map([], |row| {
        let cells = (0..columns).map(|i| match row.get_ref(i)? {
            rusqlite::types::ValueRef::Text(bytes) | rusqlite::types::ValueRef::Blob(bytes) => {
                Ok(String::from_utf8_lossy(bytes).into_owned())
            }
            other => Ok(format!("{other:?}")),
        });
        cells.collect::<rusqlite::Result<Vec<_>>>().map(|cells| cells.join(" "))
    });
    rows.unwrap().map(Result::unwrap).collect::<Vec<_>>().join("\n")
}
