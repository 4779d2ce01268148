//! The example in the README of a test against mock-wechat, with the gateway as the server under test.

use std::process::{Child, Command, Stdio};

use mock_wechat::MockWechat;
use tempfile::TempDir;

use crate::local_world::free_address;
use crate::tree;

#[tokio::test]
async fn a_new_follower_is_welcomed() {
    let wechat = MockWechat::start().await;
    let server = Server::start(&wechat.url()).await; // yours: what answers WeChat, told where WeChat's API is
    let brand = wechat.official_account("brand").callback(server.url("/wechat/brand")).safe_mode().await;
    let lin = wechat.person("lin");

    let chat = lin.follows(&brand).await;

    chat.shows_text_containing("欢迎");
}

struct Server {
    address: String,
    process: Child,
    _data: TempDir,
}

impl Server {
    async fn start(wechat: &str) -> Self {
        let (address, data) = (free_address(), tempfile::tempdir().unwrap());
        let process = Command::new(env!("CARGO_BIN_EXE_wechat-gateway"))
            .args(["serve", "--config"])
            .arg(tree::root().join("config/local.toml"))
            .current_dir(data.path())
            .env("GATEWAY_HTTP__LISTEN", &address)
            .env("GATEWAY_PLATFORM__API", wechat)
            .env("GATEWAY_STORE__URL", "sqlite:gateway.db")
            .env("GATEWAY_QUARANTINE__DIR", "")
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut server = Self { address, process, _data: data };
        while tokio::net::TcpStream::connect(&server.address).await.is_err() {
            assert_eq!(server.process.try_wait().unwrap(), None, "the gateway ended before it listened");
            tokio::task::yield_now().await;
        }
        server
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}
