//! One gateway per test, on its own port, with its own SQLite file and its own WeChat.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::Duration;

use mock_wechat::MockWechat;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::sync::oneshot;
use wechat_gateway::app::Gateway;
use wechat_gateway::config::Settings;

/// Key of the local CRM.
pub(crate) const API_KEY: &str = "local-api-key";

/// A gateway and the WeChat it talks to. Both stop when this is dropped.
pub(crate) struct TestGateway {
    pub(crate) wechat: MockWechat,
    pub(crate) http: reqwest::Client,
    pub(crate) dir: tempfile::TempDir,
    running: Option<Running>,
    overrides: HashMap<String, String>,
}

struct Running {
    port: u16,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl TestGateway {
    /// With the local world.
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// With the local world and a few settings changed, as environment variables.
    pub(crate) async fn start_with(overrides: &[(&str, &str)]) -> Self {
        let wechat = MockWechat::start().await;
        let overrides = overrides.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let http = client();
        let dir = tempfile::tempdir().unwrap();
        let mut gateway = Self { wechat, http, dir, running: None, overrides };
        gateway.restart().await;
        gateway
    }

    /// Stops the gateway, where it runs, and starts it again over the same data.
    pub(crate) async fn restart(&mut self) {
        self.stop();
        self.running = Some(run(self.settings()).await);
        for (account, path) in [("wx00000000000000aa", "brand"), ("wx00000000000000bb", "shop")] {
            let callback = json!({ "callback": self.url(&format!("/wechat/{path}")) });
            let url = format!("{}/_mock/accounts/{account}", self.wechat.url());
            assert_eq!(self.http.put(url).json(&callback).send().await.unwrap().status(), StatusCode::OK);
        }
    }

    fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            let _ = running.stop.send(());
            running.thread.join().unwrap();
        }
    }

    fn settings(&self) -> Settings {
        let file = |name: &str| self.dir.path().join(name).display().to_string();
        let mut environment = HashMap::from([
            ("GATEWAY_HTTP__LISTEN".to_owned(), "127.0.0.1:0".to_owned()),
            ("GATEWAY_HTTP__WORKERS".to_owned(), "2".to_owned()),
            ("GATEWAY_STORE__URL".to_owned(), format!("sqlite:{}", file("gateway.db"))),
            ("GATEWAY_QUARANTINE__DIR".to_owned(), file("quarantine")),
            ("GATEWAY_PLATFORM__API".to_owned(), self.wechat.url()),
        ]);
        environment.extend(self.overrides.clone());
        Settings::load(Some(&local_toml()), environment).unwrap()
    }

    /// The gateway's URL of `path`.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.running.as_ref().unwrap().port)
    }

    /// `POST /v1/events`
    pub(crate) async fn post_events(&self, key: &str, events: Value) -> (StatusCode, Value) {
        let request =
            self.http.post(self.url("/v1/events")).bearer_auth(API_KEY).header("Idempotency-Key", key);
        let response = request.body(json!({ "events": events }).to_string()).send().await.unwrap();
        (response.status(), response.json().await.unwrap())
    }

    /// `GET /v1/persons/{who}`, which must exist.
    pub(crate) async fn person(&self, who: &str) -> Value {
        let response = self.get(&format!("/v1/persons/{who}")).await;
        assert_eq!(response.status(), StatusCode::OK, "{who}");
        response.json().await.unwrap()
    }

    /// `GET` with the CRM's key.
    pub(crate) async fn get(&self, path: &str) -> reqwest::Response {
        self.http.get(self.url(path)).bearer_auth(API_KEY).send().await.unwrap()
    }

    /// The mock's view of a person, created on first use: `{name, union_id: {..}, open_ids: {..}}`.
    pub(crate) async fn person_in_wechat(&self, name: &str) -> Value {
        let url = format!("{}/_mock/people/{name}", self.wechat.url());
        self.http.post(url).send().await.unwrap().json().await.unwrap()
    }

    /// The person's UnionID under `brand-group`.
    pub(crate) async fn union_id(&self, name: &str) -> String {
        self.person_in_wechat(name).await["union_id"]["brand-group"].as_str().unwrap().to_owned()
    }

    /// A verb of the control API: `follow`, `scan`, ... of a person.
    pub(crate) async fn act(&self, name: &str, verb: &str, body: Value) -> Value {
        let url = format!("{}/_mock/people/{name}/{verb}", self.wechat.url());
        self.http.post(url).json(&body).send().await.unwrap().json().await.unwrap()
    }
}

impl Drop for TestGateway {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn run(settings: Settings) -> Running {
    let (stop, stopped) = oneshot::channel::<()>();
    let (listening, port) = oneshot::channel();
    let thread = std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let gateway = Gateway::build(settings).await.unwrap();
            listening.send(gateway.port().unwrap()).unwrap();
            gateway.run_until(async { drop(stopped.await) }).await.unwrap();
        });
    });
    Running { port: port.await.unwrap(), stop, thread }
}

/// A client that waits long enough for three deliveries.
pub(crate) fn client() -> reqwest::Client {
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().unwrap()
}

fn local_toml() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("config/local.toml")
}

/// All text that a follow, scan or click showed, one message a line.
pub(crate) fn shown(answer: &Value) -> String {
    let texts = answer["shown"].as_array().unwrap().iter().filter_map(|message| message["text"].as_str());
    texts.collect::<Vec<_>>().join("\n")
}

/// Returns once `condition` holds. Bounded by the caller, or by the test runner.
pub(crate) async fn wait_until(condition: impl AsyncFn() -> bool) {
    let mut ticks = tokio::time::interval(Duration::from_millis(5));
    while !condition().await {
        ticks.tick().await;
    }
}
