//! What is let through to Redis, and what is said of what is not.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::net::TcpListener;
use wechat_gateway::clock::SystemClock;
use wechat_gateway::session::{Redis, Sessions, open, probe};

use super::authority::{Authority, Identity};
use super::redis_server::{PASSWORD, SecureRedis};
use crate::sessions::redis_server::RedisServer;
use crate::wait::until;

const MINUTE: Duration = Duration::from_secs(60);

async fn keeps_and_fetches(sessions: &Redis) {
    for n in 0..50 {
        let key = format!("k{n}");
        sessions.keep(&key, Bytes::from(key.clone()), MINUTE).await.unwrap();
        assert_eq!(sessions.fetch(&key).await.unwrap().unwrap(), key);
    }
}

/// Why `url` cannot be used.
async fn refusal(url: &str) -> String {
    let refusal = probe(url, "p:").await.unwrap_err().to_string();
    assert!(!refusal.contains(PASSWORD), "{refusal}");
    refusal
}

#[tokio::test]
async fn a_good_certificate_is_let_through() {
    let authority = Authority::new();
    let redis = SecureRedis::start(&authority.certifies(&["localhost", "127.0.0.1"]), &[]);

    for host in ["localhost", "127.0.0.1"] {
        let url = redis.url(host, &authority.as_parameter());
        keeps_and_fetches(&Redis::single(&url, "p:").unwrap()).await;
        probe(&url, "p:").await.unwrap();
    }

    assert_eq!(redis.server.cli(&["get", "p:k7"]), "k7");
}

#[tokio::test]
async fn every_bad_certificate_is_refused_with_what_to_do() {
    let (authority, other, namesake) = (Authority::named("a"), Authority::new(), Authority::named("a"));
    for (identity, words, advice) in [
        (namesake.certifies(&["localhost"]), "BadSignature", "another key"),
        (other.certifies(&["localhost"]), "UnknownIssuer", "sslrootcert=FILE"),
        (authority.certifies(&["cache.example"]), "not valid for name \"localhost\"", "connect by a name"),
        (authority.certified_once(), "certificate expired", "renew"),
        (authority.will_certify(), "certificate not valid yet", "set this machine's clock"),
    ] {
        let redis = SecureRedis::start(&identity, &[]);

        let refusal = refusal(&redis.url("localhost", &authority.as_parameter())).await;

        assert!(refusal.contains(words) && refusal.contains(advice), "{refusal}");
    }
}

#[tokio::test]
async fn a_port_without_tls_is_told_from_one_with_it() {
    let authority = Authority::new();
    let plain = RedisServer::start();
    let url = format!("rediss://127.0.0.1:{}?{}", plain.port, authority.as_parameter());
    let refused = refusal(&url).await;
    assert!(refused.contains("timed out; a port without TLS does not answer either"), "{refused}");

    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("rediss://{}?{}", silent.local_addr().unwrap(), authority.as_parameter());
    tokio::spawn(async move {
        while let Ok((mut near, _)) = silent.accept().await {
            let _ = tokio::io::AsyncReadExt::read(&mut near, &mut [0; 4096]).await;
        }
    });
    let refused = refusal(&url).await;
    assert!(refused.contains("name the port with TLS"), "{refused}");

    let redis = SecureRedis::start(&authority.certifies(&["127.0.0.1"]), &[]);
    let refused = refusal(&format!("redis://127.0.0.1:{}", redis.tls_port)).await;
    assert!(refused.contains("rediss://"), "{refused}");
}

#[tokio::test]
async fn a_server_that_wants_a_certificate_of_the_gateway_is_told() {
    let authority = Authority::new();
    let file = authority.file();
    let options = ["--tls-auth-clients", "yes", "--tls-ca-cert-file", file.to_str().unwrap()];
    let redis = SecureRedis::start(&authority.certifies(&["localhost"]), &options);

    let refusal = refusal(&redis.url("localhost", &authority.as_parameter())).await;

    assert!(refusal.contains("tls-auth-clients no"), "{refusal}");
}

#[tokio::test]
async fn a_cluster_is_found_through_any_of_its_nodes() {
    let (authority, other) = (Authority::new(), Authority::new());
    let identity = authority.certifies(&["localhost", "127.0.0.1"]);
    let nodes = SecureRedis::cluster(&authority.file(), [&identity, &identity]);
    let node = nodes[0].url("localhost", &authority.as_parameter());

    keeps_and_fetches(&Redis::cluster(vec![node.clone()], "p:").unwrap()).await;

    let sizes = nodes.each_ref().map(SecureRedis::size);
    assert!(sizes.iter().all(|size| *size > 0) && sizes.iter().sum::<u32>() == 50, "{sizes:?}");
    let url = node.replace("rediss://", "rediss+cluster://");
    probe(&url, "p:").await.unwrap();
    let refused = refusal(&url.replace(&authority.as_parameter(), &other.as_parameter())).await;
    assert!(refused.contains("UnknownIssuer") && refused.contains("sslrootcert=FILE"), "{refused}");
}

#[tokio::test]
async fn a_node_of_a_cluster_with_a_bad_certificate_is_told_nothing() {
    let (authority, other) = (Authority::new(), Authority::new());
    let good = authority.certifies(&["localhost", "127.0.0.1"]);
    let untrusted = other.certifies(&["localhost", "127.0.0.1"]);
    for bad in [untrusted, authority.certifies(&["cache.example"])] {
        only_the_good_node_is_told([&authority, &other], [&good, &bad]).await;
    }
}

async fn only_the_good_node_is_told(authorities: [&Authority; 2], shows: [&Identity; 2]) {
    let [authority, _] = authorities;
    let folder = tempfile::tempdir().unwrap();
    let both = folder.path().join("both.pem");
    std::fs::write(&both, authorities.map(|one| one.own().certificate.clone()).concat()).unwrap();
    let nodes = SecureRedis::cluster(&both, shows);
    let url = nodes[0].url("localhost", &authority.as_parameter()).replace("rediss://", "rediss+cluster://");
    let sessions = open(&url, "p:", Arc::new(SystemClock)).await.unwrap();

    until(Duration::from_secs(20), "the good node is spoken to", || async {
        for n in 0..50 {
            drop(sessions.keep(&format!("k{n}"), Bytes::from_static(b"v"), MINUTE).await);
        }
        nodes[0].size() > 0
    })
    .await;

    assert_eq!(nodes[1].size(), 0);
}
