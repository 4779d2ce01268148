//! `redis-server` as a child process, in a folder of its own, on a free port.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// One server, killed when dropped.
pub(crate) struct RedisServer {
    pub(crate) port: u16,
    folder: TempDir,
    options: Vec<String>,
    child: Option<Child>,
}

impl RedisServer {
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// With options as in redis.conf: `["--requirepass", "secret"]`.
    pub(crate) fn start_with(options: &[&str]) -> Self {
        let mut server = Self::stopped_with(options);
        server.run();
        server
    }

    /// Not running yet: nobody listens on its port.
    pub(crate) fn stopped() -> Self {
        Self::stopped_with(&[])
    }

    fn stopped_with(options: &[&str]) -> Self {
        let options = options.iter().map(|option| (*option).to_owned()).collect();
        Self { port: free_port(), folder: TempDir::new().unwrap(), options, child: None }
    }

    pub(crate) fn run(&mut self) {
        let child = Command::new("redis-server")
            .args([
                "--port",
                &self.port.to_string(),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                "no",
            ])
            .arg("--dir")
            .arg(self.folder.path())
            .args(&self.options)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|e| panic!("redis-server ({e}): run scripts/test, which installs it"));
        self.child = Some(child);
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(20), "redis-server does not start");
            thread::sleep(Duration::from_millis(5));
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// What `redis-cli` prints for a command.
    pub(crate) fn cli(&self, command: &[&str]) -> String {
        let output = Command::new("redis-cli")
            .args(["-p", &self.port.to_string()])
            .args(command)
            .output()
            .unwrap_or_else(|e| panic!("redis-cli ({e}): run scripts/test, which installs it"));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Stops answering without closing anything.
    pub(crate) fn freeze(&self) {
        self.signal("-STOP");
    }

    pub(crate) fn thaw(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let pid = self.child.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}

pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Six servers: three primaries with a replica each.
pub(crate) struct RedisCluster {
    pub(crate) nodes: Vec<RedisServer>,
}

impl RedisCluster {
    pub(crate) fn start() -> Self {
        let nodes: Vec<_> = (0..6)
            .map(|_| {
                let bus = free_port().to_string();
                RedisServer::start_with(&[
                    "--cluster-enabled",
                    "yes",
                    "--cluster-port",
                    &bus,
                    "--cluster-node-timeout",
                    "1000",
                    "--repl-diskless-sync-delay",
                    "0",
                ])
            })
            .collect();
        let addresses: Vec<_> = nodes.iter().map(|node| format!("127.0.0.1:{}", node.port)).collect();
        let made = Command::new("redis-cli")
            .args(["--cluster", "create"])
            .args(&addresses)
            .args(["--cluster-replicas", "1", "--cluster-yes"])
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stdout));
        let cluster = Self { nodes };
        cluster.wait_until("every node sees a working cluster", |cluster| {
            cluster.nodes.iter().all(|node| node.cli(&["cluster", "info"]).contains("cluster_state:ok"))
        });
        cluster.wait_until("every replica follows its primary", |cluster| {
            cluster
                .replicas()
                .iter()
                .all(|node| node.cli(&["info", "replication"]).contains("master_link_status:up"))
                && cluster.replicas().len() == 3
        });
        cluster
    }

    pub(crate) fn url(&self) -> String {
        let addresses: Vec<_> = self.nodes.iter().map(|node| format!("127.0.0.1:{}", node.port)).collect();
        format!("redis+cluster://{}", addresses.join(","))
    }

    pub(crate) fn replicas(&self) -> Vec<&RedisServer> {
        self.nodes.iter().filter(|node| node.cli(&["role"]).starts_with("slave")).collect()
    }

    pub(crate) fn a_primary(&mut self) -> &mut RedisServer {
        self.nodes.iter_mut().find(|node| node.cli(&["role"]).starts_with("master")).unwrap()
    }

    fn wait_until(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let begun = Instant::now();
        while !is_so(self) {
            assert!(begun.elapsed() < Duration::from_secs(30), "not within 30 s: {what}");
            thread::sleep(Duration::from_millis(50));
        }
    }
}
