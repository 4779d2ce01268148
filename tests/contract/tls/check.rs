//! What `wechat-gateway check` says, where the platform's authorities are ours.

use std::path::Path;
use std::process::Command;

use super::authority::Authority;
use super::postgres_server::{self, PostgresServer};
use super::redis_server::{self, SecureRedis};

/// What `wechat-gateway {command}` prints on a machine that believes `authority`.
fn run(command: &str, authority: &Authority, store: &str, sessions: &str) -> String {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/local.toml");
    let output = Command::new(env!("CARGO_BIN_EXE_wechat-gateway"))
        .args([command, "--config"])
        .arg(config)
        .env("SSL_CERT_FILE", authority.file())
        .env("GATEWAY_HTTP__LISTEN", "127.0.0.1:0")
        .env("GATEWAY_PLATFORM__API", "http://127.0.0.1:1")
        .env("GATEWAY_STORE__URL", store)
        .env("GATEWAY_SESSIONS__URL", sessions)
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    for password in [postgres_server::PASSWORD, redis_server::PASSWORD] {
        assert!(!printed.contains(password), "{printed}");
    }
    printed.into_owned()
}

fn line<'a>(printed: &'a str, begins: &str) -> &'a str {
    let found = printed.lines().find(|line| line.starts_with(begins));
    found.unwrap_or_else(|| panic!("{begins} is not in\n{printed}"))
}

#[test]
fn the_authorities_of_the_platform_are_believed() {
    let authority = Authority::new();
    let (postgres, redis) =
        (PostgresServer::start(), SecureRedis::start(&authority.certifies(&["localhost"]), &[]));
    postgres.shows(&authority.certifies(&["localhost"]));
    let (store, sessions) = (postgres.url("localhost", "sslmode=require"), redis.url("localhost", ""));
    assert_eq!(run("migrate", &authority, &store, &sessions), "");

    let printed = run("check", &authority, &store, &sessions);

    line(&printed, "ok    store: ok");
    line(&printed, "ok    sessions: ok");
}

#[test]
fn where_a_file_names_authorities_those_of_the_platform_are_not_believed() {
    let (platform, other) = (Authority::new(), Authority::new());
    let identity = platform.certifies(&["localhost"]);
    let (postgres, redis) = (PostgresServer::start(), SecureRedis::start(&identity, &[]));
    postgres.shows(&identity);
    let store = postgres.url("localhost", &format!("sslmode=require&{}", other.as_parameter()));
    let sessions = redis.url("localhost", &other.as_parameter());

    let told = run("migrate", &platform, &store, &sessions);
    assert!(told.contains("cannot open the store") && told.contains("UnknownIssuer"), "{told}");
    let told = run("check", &platform, "sqlite::memory:", &sessions);
    assert!(line(&told, "FAIL  sessions:").contains("UnknownIssuer"), "{told}");
}

#[test]
fn a_bad_certificate_is_a_line_with_what_to_do() {
    let (authority, other) = (Authority::new(), Authority::new());
    let (postgres, redis) =
        (PostgresServer::start(), SecureRedis::start(&authority.certifies(&["cache.example"]), &[]));
    postgres.shows(&other.certifies(&["localhost"]));
    let (store, sessions) = (postgres.url("localhost", "sslmode=require"), redis.url("localhost", ""));

    let printed = run("check", &authority, &store, &sessions);

    let told = line(&printed, "FAIL  start: cannot open the store localhost:");
    for said in ["UnknownIssuer", "sslmode=require verifies as verify-full does", "sslrootcert=FILE"] {
        assert!(told.contains(said), "{told}");
    }
    let folder = tempfile::tempdir().unwrap();
    let sqlite = format!("sqlite:{}", folder.path().join("gateway.db").display());
    let printed = run("check", &authority, &sqlite, &sessions);
    let told = line(&printed, "FAIL  sessions:");
    for said in ["not valid for name \"localhost\"", "cache.example", "connect by a name"] {
        assert!(told.contains(said), "{told}");
    }
}

#[test]
fn a_server_without_tls_is_a_warning_where_tls_was_preferred() {
    let authority = Authority::new();
    let postgres = PostgresServer::start();
    let warning = |store: &str| {
        let printed = run("check", &authority, store, "memory:");
        line(&printed, "ok    store: ok");
        printed.lines().find(|line| line.starts_with("warn  store:")).map(str::to_owned)
    };
    let preferred = postgres.url("localhost", "sslmode=prefer");
    assert_eq!(run("migrate", &authority, &preferred, "memory:"), "");

    let told = warning(&preferred).unwrap();

    for said in
        [&*format!("localhost:{}/postgres offers no TLS", postgres.port), "in clear", "sslmode=verify-full"]
    {
        assert!(told.contains(said), "{told}");
    }
    assert_eq!(warning(&postgres.url("localhost", "sslmode=disable")), None);
    postgres.shows(&authority.certifies(&["localhost"]));
    assert_eq!(warning(&preferred), None);
}

#[test]
fn an_insecure_url_is_refused_at_the_start() {
    let authority = Authority::new();
    let sessions = format!("rediss://:{}@localhost:6379/#insecure", redis_server::PASSWORD);

    let printed = run("check", &authority, "sqlite::memory:", &sessions);

    let told = line(&printed, "FAIL  start: sessions.url must have no #");
    assert!(told.contains("sslrootcert=FILE"), "{told}");
}
