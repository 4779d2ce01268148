//! A PostgreSQL of its own for a test that changes how the server is spoken to.

use std::ffi::OsStr;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt};
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;
use tokio_postgres::NoTls;

use super::authority::Identity;

pub(super) const PASSWORD: &str = "hunter2-of-postgres";

/// Stopped when dropped.
pub(super) struct PostgresServer {
    pub(super) port: u16,
    folder: TempDir,
}

impl PostgresServer {
    /// Without TLS.
    pub(super) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o711)).unwrap();
        let server = Self { port: quiet_port(), folder };
        std::fs::create_dir(server.data()).unwrap();
        let password = server.folder.path().join("password");
        std::fs::write(&password, PASSWORD).unwrap();
        server.give_away(server.data());
        server.give_away(password.clone());
        server.run(
            Command::new(program("initdb"))
                .arg("--pgdata")
                .arg(server.data())
                .arg("--pwfile")
                .arg(password)
                .args(["--username=gateway", "--auth=scram-sha-256", "--encoding=UTF8", "--no-locale"])
                .args(["--no-sync", "--no-instructions"]),
        );
        server.control(&["start"]);
        server
    }

    /// Shows this certificate from now on.
    pub(super) fn shows(&self, identity: &Identity) {
        identity.write(&self.data());
        let key = self.data().join("server.key");
        std::fs::set_permissions(&key, PermissionsExt::from_mode(0o600)).unwrap();
        self.give_away(key);
        self.configure("postgresql.auto.conf", "ssl = on\n");
    }

    /// Refuses from now on whoever does not speak TLS.
    pub(super) fn demands_tls(&self) {
        self.configure("pg_hba.conf", "hostssl all all 127.0.0.1/32 scram-sha-256\n");
    }

    /// Refuses from now on whoever has no certificate.
    pub(super) fn demands_certificates(&self, authority: &Identity) {
        std::fs::write(self.data().join("root.crt"), &authority.certificate).unwrap();
        self.configure("pg_hba.conf", "hostssl all all 127.0.0.1/32 cert\n");
        self.configure("postgresql.auto.conf", "ssl = on\nssl_ca_file = 'root.crt'\n");
    }

    /// A URL of the one database, where `host` leads to this machine.
    pub(super) fn url(&self, host: &str, query: &str) -> String {
        format!("postgres://gateway:{PASSWORD}@{host}:{}/postgres?{query}", self.port)
    }

    /// How many connections of that name there are, and how many of them are TLS.
    pub(super) async fn connections(&self, name: &str) -> (i64, i64) {
        let (client, connection) = tokio_postgres::connect(&self.url("127.0.0.1", ""), NoTls).await.unwrap();
        tokio::spawn(connection);
        let count = "SELECT count(*), count(*) FILTER (WHERE ssl)
                     FROM pg_stat_activity JOIN pg_stat_ssl USING (pid) WHERE application_name = $1";
        let row = client.query_one(count, &[&name]).await.unwrap();
        (row.get(0), row.get(1))
    }

    fn configure(&self, file: &str, text: &str) {
        std::fs::write(self.data().join(file), text).unwrap();
        self.control(&["restart", "--mode=immediate"]);
    }

    fn control(&self, command: &[&str]) {
        let options = format!(
            "-c listen_addresses=127.0.0.1 -c port={} -c unix_socket_directories='' -c fsync=off",
            self.port
        );
        self.run(
            Command::new(program("pg_ctl"))
                .args(command)
                .arg("--pgdata")
                .arg(self.data())
                .arg("--log")
                .arg(self.data().join("server.log"))
                .args(["--wait", "--silent", "--options", &options]),
        );
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// PostgreSQL does not run as root: there the package's user does it instead.
    fn run(&self, command: &Command) {
        let mut whole = match self.is_root() {
            false => Command::new(command.get_program()),
            true => {
                let mut runuser = Command::new("runuser");
                runuser.args(["-u", "postgres", "--"]).arg(command.get_program());
                runuser
            }
        };
        let output = whole.args(command.get_args()).current_dir(self.folder.path()).output().unwrap();
        let log = std::fs::read_to_string(self.data().join("server.log")).unwrap_or_default();
        assert!(output.status.success(), "{whole:?}\n{}\n{log}", String::from_utf8_lossy(&output.stderr));
    }

    fn give_away(&self, path: PathBuf) {
        if self.is_root() {
            let owner: [&OsStr; 2] = ["postgres".as_ref(), path.as_ref()];
            assert!(Command::new("chown").args(owner).status().unwrap().success());
        }
    }

    fn is_root(&self) -> bool {
        self.folder.path().metadata().unwrap().uid() == 0
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        if self.data().join("postmaster.pid").exists() {
            self.control(&["stop", "--mode=immediate"]);
        }
    }
}

/// Free, and outside the range from which the kernel picks for outgoing connections: it must be free again at a restart.
fn quiet_port() -> u16 {
    let mut ports = std::iter::repeat_with(|| rand::random_range(20_000..32_000));
    ports.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "scripts/test says by the environment where its servers are")]
fn program(name: &str) -> PathBuf {
    let folder = std::env::var("TEST_POSTGRES_BIN")
        .unwrap_or_else(|_| panic!("TEST_POSTGRES_BIN is not set: run the tests with scripts/test"));
    PathBuf::from(folder).join(name)
}
