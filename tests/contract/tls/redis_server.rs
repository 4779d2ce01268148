//! A Redis with a port for TLS beside the plain one.

use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::authority::Identity;
use crate::sessions::redis_server::{RedisServer, free_port};

pub(super) const PASSWORD: &str = "hunter2-of-redis";

/// Killed when dropped.
pub(super) struct SecureRedis {
    pub(super) server: RedisServer,
    pub(super) tls_port: u16,
    _folder: TempDir,
}

impl SecureRedis {
    /// Shows this certificate. `options` as in redis.conf.
    pub(super) fn start(shows: &Identity, options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        shows.write(folder.path());
        let (certificate, key) = (folder.path().join("server.crt"), folder.path().join("server.key"));
        let tls_port = free_port();
        let mut all = vec!["--tls-auth-clients", "no", "--user", "gateway", "on", "~*", "+@all"];
        let (password, port) = (format!(">{PASSWORD}"), tls_port.to_string());
        all.extend([password.as_str(), "--tls-port", &port, "--tls-cert-file"]);
        all.extend([certificate.to_str().unwrap(), "--tls-key-file", key.to_str().unwrap()]);
        all.extend(options);
        let server = RedisServer::start_with(&all);
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", tls_port)).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(20), "redis-server does not speak TLS");
            std::thread::yield_now();
        }
        Self { server, tls_port, _folder: folder }
    }

    /// Two of a cluster, each with half of the slots, who know each other by address and trust each other by `authorities`.
    pub(super) fn cluster(authorities: &Path, shows: [&Identity; 2]) -> [Self; 2] {
        let node = |shows| {
            let bus = free_port().to_string();
            let cluster = ["--cluster-enabled", "yes", "--tls-cluster", "yes", "--cluster-port", &bus];
            let trust = ["--tls-ca-cert-file", authorities.to_str().unwrap()];
            (Self::start(shows, &[&cluster[..], &trust].concat()), bus)
        };
        let [(one, _), (other, bus)] = shows.map(node);
        one.server.cli(&["cluster", "addslotsrange", "0", "8191"]);
        other.server.cli(&["cluster", "addslotsrange", "8192", "16383"]);
        let met = one.server.cli(&["cluster", "meet", "127.0.0.1", &other.tls_port.to_string(), &bus]);
        assert_eq!(met, "OK");
        let begun = Instant::now();
        while [&one, &other]
            .iter()
            .any(|node| !node.server.cli(&["cluster", "info"]).contains("cluster_state:ok"))
        {
            assert!(
                begun.elapsed() < Duration::from_secs(30),
                "no cluster: {}",
                one.server.cli(&["cluster", "nodes"])
            );
            std::thread::yield_now();
        }
        [one, other]
    }

    /// How many keys it holds.
    pub(super) fn size(&self) -> u32 {
        self.server.cli(&["dbsize"]).parse().unwrap()
    }

    /// Where `host` leads to this machine.
    pub(super) fn url(&self, host: &str, query: &str) -> String {
        format!("rediss://gateway:{PASSWORD}@{host}:{}/?{query}", self.tls_port)
    }
}
