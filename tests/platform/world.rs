//! A WeChat of a few lines, and a gateway's way to it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use wechat_gateway::account::{Account, AccountKind, Format, Lang, Mode};
use wechat_gateway::clock::{Entropy, ManualClock, UnixMs};
use wechat_gateway::ids::{AppId, OpenId};
use wechat_gateway::platform::{Settings, WeChat};
use wechat_gateway::session::{Memory, Sessions};
use wiremock::{MockServer, Request, Respond, ResponseTemplate};

pub(crate) const SECRET: &str = "5ec4e7aaaaaaaaaaaaaaaaaaaaaaaaaa";
/// 2026-03-01T12:00:00+08:00.
pub(crate) const NOON: UnixMs = 1_772_337_600_000;

/// Answers `stable_token` and `user/info` by its own state, and any path that it has been given answers for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Script(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    token: u32,
    /// WeChat gives this instead of a token.
    no_token: Option<Value>,
    /// Answers instead of the usual one, by path, each used once.
    instead: HashMap<&'static str, Vec<Value>>,
    asked: Vec<(String, Value)>,
    delay: Duration,
}

impl Script {
    /// Every token given so far is dead.
    pub(crate) fn kill_tokens(&self) {
        self.0.lock().unwrap().token += 1;
    }

    pub(crate) fn refuses_tokens(&self, answer: Option<Value>) {
        self.0.lock().unwrap().no_token = answer;
    }

    /// The next call of `path` is answered with this.
    pub(crate) fn answers_once(&self, path: &'static str, answer: Value) {
        self.0.lock().unwrap().instead.entry(path).or_default().push(answer);
    }

    pub(crate) fn takes(&self, delay: Duration) {
        self.0.lock().unwrap().delay = delay;
    }

    /// Bodies (or queries) of the calls of `path`, oldest first.
    pub(crate) fn calls(&self, path: &str) -> Vec<Value> {
        let state = self.0.lock().unwrap();
        state.asked.iter().filter(|(asked, _)| asked == path).map(|(_, what)| what.clone()).collect()
    }

    pub(crate) fn token_calls(&self) -> usize {
        self.calls("/cgi-bin/stable_token").len()
    }
}

impl Respond for Script {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut state = self.0.lock().unwrap();
        let path = request.url.path().to_owned();
        let query: HashMap<_, _> = request.url.query_pairs().into_owned().collect();
        let what = serde_json::from_slice(&request.body).unwrap_or_else(|_| json!(query));
        state.asked.push((path.clone(), what.clone()));
        let answer = state.answer(&path, &query, &what);
        ResponseTemplate::new(200).set_body_json(answer).set_delay(state.delay)
    }
}

impl State {
    fn answer(&mut self, path: &str, query: &HashMap<String, String>, body: &Value) -> Value {
        let current = format!("81_token-{}", self.token);
        if let Some(answers) = self.instead.get_mut(path).filter(|answers| !answers.is_empty()) {
            return answers.remove(0);
        }
        if path == "/cgi-bin/stable_token" {
            return self
                .no_token
                .clone()
                .unwrap_or_else(|| json!({ "access_token": current, "expires_in": 7200 }));
        }
        if query.get("access_token") != Some(&current) {
            return json!({ "errcode": 40001, "errmsg": "invalid credential" });
        }
        match path {
            "/cgi-bin/user/info" => follower(&query["openid"]),
            "/cgi-bin/user/info/batchget" => {
                let asked = body["user_list"].as_array().unwrap();
                let users: Vec<_> =
                    asked.iter().map(|user| follower(user["openid"].as_str().unwrap())).collect();
                json!({ "user_info_list": users })
            }
            _ => json!({ "errcode": 0, "errmsg": "ok" }),
        }
    }
}

fn follower(open_id: &str) -> Value {
    json!({ "subscribe": 1, "openid": open_id, "unionid": format!("u{}", &open_id[1..]), "tagid_list": [] })
}

/// One WeChat and one gateway.
pub(crate) struct World {
    pub(crate) script: Script,
    pub(crate) server: MockServer,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) sessions: Arc<Memory>,
    pub(crate) wechat: Arc<WeChat>,
    pub(crate) account: Account,
}

impl World {
    pub(crate) async fn new() -> Self {
        let script = Script::default();
        let server = MockServer::start().await;
        wiremock::Mock::given(wiremock::matchers::any()).respond_with(script.clone()).mount(&server).await;
        let clock = Arc::new(ManualClock::at(NOON));
        let sessions = Arc::new(Memory::new(clock.clone()));
        let wechat = gateway(&server.uri(), sessions.clone(), clock.clone());
        Self { script, server, clock, sessions, wechat, account: account() }
    }

    /// Another gateway of the same brand: its own memory, the same Sessions.
    pub(crate) fn another_gateway(&self) -> Arc<WeChat> {
        self.gateway_with(self.sessions.clone())
    }

    pub(crate) fn gateway_with(&self, sessions: Arc<dyn Sessions>) -> Arc<WeChat> {
        gateway(&self.server.uri(), sessions, self.clock.clone())
    }
}

fn gateway(api: &str, sessions: Arc<dyn Sessions>, clock: Arc<ManualClock>) -> Arc<WeChat> {
    Arc::new(WeChat::new(&Settings::at(api), sessions, clock, Arc::new(Counting::default())).unwrap())
}

/// A gateway with nobody to share with and little patience.
pub(crate) fn hasty_gateway(api: &str) -> WeChat {
    let clock = Arc::new(ManualClock::at(NOON));
    let settings = Settings { timeout: Duration::from_millis(400), ..Settings::at(api) };
    WeChat::new(&settings, Arc::new(Memory::new(clock.clone())), clock, Arc::new(Counting::default()))
        .unwrap()
}

pub(crate) fn account() -> Account {
    Account {
        name: "brand".into(),
        app_id: AppId::parse("wx00000000000000aa").unwrap(),
        kind: AccountKind::OfficialAccount,
        original_id: "gh_0000000000aa".into(),
        secret: SECRET.into(),
        tokens: vec![],
        aes_keys: vec![],
        mode: Mode::Safe,
        format: Format::Xml,
        lang: Lang::Zh,
    }
}

pub(crate) fn person(n: usize) -> OpenId {
    OpenId::parse(&format!("oPerson{n:05}")).unwrap()
}

/// Bytes that differ from one call to the next, the same in each run.
#[derive(Debug, Default)]
struct Counting(Mutex<u8>);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        let mut next = self.0.lock().unwrap();
        for byte in bytes {
            *next = next.wrapping_mul(167).wrapping_add(41);
            *byte = *next;
        }
    }
}
