//! The WeChat in which people do things: a running mock, or one of this process alone.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use reqwest::{Client, RequestBuilder};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::verb::Verb;
use crate::{
    ControlFrom,
    acts::Act,
    platform::Platform,
    push, server,
    world::{
        account::{Account, Kind},
        person::Follow,
        templates::Template,
    },
};

/// A WeChat that does what it is told.
#[derive(Debug, Clone)]
pub(super) enum Wechat {
    /// Somebody's `mock-wechat serve`, by its control API.
    Running {
        /// `http://127.0.0.1:9090`
        base: String,
        client: Client,
    },
    /// One with a single account, whose callback is the receiver in question.
    Own(Arc<Platform>),
}

/// A look at the journal of calls.
#[derive(Debug, Deserialize)]
pub(super) struct Calls {
    /// As the control API shows them, oldest first.
    pub(super) calls: Vec<Value>,
    /// Calls that the journal forgot since the start, to stay bounded.
    pub(super) dropped: u64,
}

impl Wechat {
    /// The one that listens at a URL.
    pub(super) fn running(base: &str) -> Result<Self, String> {
        Ok(Self::Running { base: base.trim_end_matches('/').to_owned(), client: push::client()? })
    }

    /// One of this process, with this account and no other.
    pub(super) fn own(account: Account) -> Result<Self, String> {
        let platform = Platform::new();
        {
            let mut world = platform.world_mut();
            let others: Vec<String> = world.accounts().map(|other| other.account.app_id.clone()).collect();
            for other in others {
                world.remove_account(&other);
            }
            world.put_account(account).map_err(|error| error.to_string())?;
        }
        Ok(Self::Own(Arc::new(platform)))
    }

    /// Lets a person do something; the control API's answer.
    pub(super) async fn perform(&self, person: &str, account: &str, verb: &Verb) -> Result<Value, String> {
        if let Verb::Raw { body } = verb {
            return self.raw(account, body).await;
        }
        let mut arguments = verb.arguments();
        match self {
            Self::Running { base, .. } => {
                arguments.insert("account".into(), account.into());
                let path = format!("{base}/_mock/people/{}/{}", in_path(person), verb.name());
                self.post(&path, &Value::Object(arguments)).await
            }
            Self::Own(platform) => {
                if verb.takes_a_follower() {
                    follow_unseen(platform, person, account);
                }
                if let Verb::Subscribe { template_id, .. } = verb {
                    know_template(platform, account, template_id);
                }
                let act = act(verb.name(), arguments)?;
                let done = platform.perform(person, account, &act).await;
                let done = done.map_err(|error| error.to_string())?;
                serde_json::to_value(done).map_err(|error| error.to_string())
            }
        }
    }

    /// The receiver's calls behind one of them; waits for the next one where there is none.
    pub(super) async fn calls_after(&self, after: u64, wait: Duration) -> Result<Calls, String> {
        match self {
            Self::Running { base, client } => {
                let url = format!("{base}/_mock/calls?after={after}&wait={}ms", wait.as_millis());
                let answer = self.answer(client.get(url)).await?;
                serde_json::from_value(answer).map_err(|error| error.to_string())
            }
            Self::Own(platform) => {
                let found = platform.calls.wait(|call| call.id > after, 1, wait).await;
                let calls = found.entries.iter().map(serde_json::to_value).collect::<Result<_, _>>();
                Ok(Calls { calls: calls.map_err(|error| error.to_string())?, dropped: found.dropped.count })
            }
        }
    }

    /// What it says of itself.
    pub(super) async fn health(&self) -> Result<Value, String> {
        let Self::Running { base, client } = self else { return Err("this WeChat has no URL".into()) };
        self.answer(client.get(format!("{base}/_mock/health"))).await
    }

    /// Answers WeChat's API at an address, until the process ends.
    pub(super) async fn listen(&self, address: SocketAddr) -> Result<(), String> {
        let Self::Own(platform) = self else { return Err("this WeChat listens already".into()) };
        let listener = server::bind(address)
            .await
            .map_err(|error| format!("cannot listen on {address}: {error}; choose another with --listen"))?;
        tokio::spawn(server::run(listener, platform.clone(), ControlFrom::Loopback));
        Ok(())
    }

    async fn raw(&self, account: &str, body: &str) -> Result<Value, String> {
        let text = match body.strip_prefix('@') {
            Some(file) => std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?,
            None => body.to_owned(),
        };
        match self {
            Self::Running { base, .. } => {
                let raw = json!({"account": account, "body": text});
                self.post(&format!("{base}/_mock/events/raw"), &raw).await
            }
            Self::Own(platform) => {
                let push = platform
                    .raw_push(account, text)
                    .ok_or_else(|| format!("there is no account {account:?}"))?;
                serde_json::to_value(platform.push(push).await).map_err(|error| error.to_string())
            }
        }
    }

    async fn post(&self, url: &str, body: &Value) -> Result<Value, String> {
        let Self::Running { client, .. } = self else { return Err("this WeChat has no URL".into()) };
        self.answer(client.post(url).json(body)).await
    }

    async fn answer(&self, request: RequestBuilder) -> Result<Value, String> {
        let Self::Running { base, .. } = self else { return Err("this WeChat has no URL".into()) };
        let unreachable = |error: reqwest::Error| {
            let why = push::reason(&error);
            format!("no mock-wechat at {base} ({why}); start one, name it with --mock, or use --callback")
        };
        let answer = request.send().await.map_err(unreachable)?;
        let status = answer.status();
        let text = answer.text().await.map_err(unreachable)?;
        let value: Value = serde_json::from_str(&text)
            .map_err(|_| format!("{base} does not answer as a mock-wechat does (status {status})"))?;
        match value["error"].as_str() {
            Some(error) if !status.is_success() => Err(error.to_owned()),
            _ if !status.is_success() => Err(format!("{base} answers with status {status}")),
            _ => Ok(value),
        }
    }
}

fn act(verb: &str, arguments: Map<String, Value>) -> Result<Act, String> {
    serde_json::from_value(json!({verb: arguments})).map_err(|error| error.to_string())
}

/// Whatever template the receiver has, it is there.
fn know_template(platform: &Platform, account: &str, template_id: &str) {
    let mut world = platform.world_mut();
    let Some(app_id) = world.account(account).map(|registered| registered.account.app_id.clone()) else {
        return;
    };
    let (template_id, title, content) = (template_id.to_owned(), String::new(), String::new());
    world.templates.put(&app_id, Template { template_id, title, content, subscription: true });
}

/// Without a push, so that somebody can tap the menu of an account they met a moment ago.
fn follow_unseen(platform: &Platform, person: &str, account: &str) {
    let now = platform.clock.seconds();
    let mut world = platform.world_mut();
    let official = world.account(account).filter(|known| known.account.kind == Kind::OfficialAccount);
    let Some(app_id) = official.map(|registered| registered.account.app_id.clone()) else { return };
    let person = world.person(person);
    let follow = Follow { since: now, subscribe_scene: "ADD_SCENE_SEARCH".into(), ..Follow::default() };
    world.follow(person, &app_id, follow);
}

/// A name as one segment of a path.
fn in_path(name: &str) -> String {
    use std::fmt::Write;
    name.bytes().fold(String::new(), |mut path, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                path.push(char::from(byte))
            }
            _ => {
                let _ = write!(path, "%{byte:02X}");
            }
        }
        path
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_name_is_one_segment() {
        assert_eq!(in_path("lin/../王"), "lin%2F..%2F%E7%8E%8B");
    }
}
