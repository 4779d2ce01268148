//! Where a receiver is examined: its account, people to write to it, the time, and HTTP.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use reqwest::{Body, Client, RequestBuilder, header};

use super::{GradeError, letter::Letter, reaction::Reaction, trickle::trickling};
use crate::{
    ids::PersonKey,
    platform::Platform,
    push::{self, Push, Replies, Sender},
    wire::{envelope::AesKey, fields::Fields},
    world::{
        Registered,
        account::{Account, Kind},
    },
};

/// How long WeChat waits for the whole answer.
pub(super) const WECHATS_PATIENCE: Duration = Duration::from_secs(5);

/// A receiver under examination.
pub(super) struct Bench {
    pub(super) platform: Platform,
    pub(super) registered: Arc<Registered>,
    callback: String,
    client: Client,
    people: AtomicU64,
    slowest_ms: AtomicU64,
}

impl Bench {
    pub(super) fn new(account: &Account) -> Result<Self, GradeError> {
        let callback = account.callback.clone().ok_or_else(|| {
            GradeError::Account("the account has no callback: that is the URL to examine".into())
        })?;
        let platform = Platform::new();
        let registered = {
            let mut world = platform.world_mut();
            let others: Vec<String> = world.accounts().map(|other| other.account.app_id.clone()).collect();
            for other in others {
                world.remove_account(&other);
            }
            world.put_account(account.clone()).map_err(|error| GradeError::Account(error.to_string()))?
        };
        Ok(Self {
            platform,
            registered,
            callback,
            client: push::client().map_err(GradeError::Account)?,
            people: AtomicU64::new(1),
            slowest_ms: AtomicU64::new(0),
        })
    }

    /// That somebody answers at the callback, whatever it is.
    pub(super) async fn reach(&self) -> Result<(), String> {
        match self.get(&[]).await {
            Reaction { status: Some(_), .. } => Ok(()),
            Reaction { trouble, .. } => Err(format!("{}: {}", self.callback, trouble.unwrap_or_default())),
        }
    }

    pub(super) fn account(&self) -> &Account {
        &self.registered.account
    }

    /// The account's key; present in safe and compatible mode.
    pub(super) fn key(&self) -> Result<&AesKey, String> {
        self.registered.aes_key.as_ref().ok_or_else(|| "the account has no EncodingAESKey".to_owned())
    }

    /// Unix seconds.
    pub(super) fn now(&self) -> i64 {
        self.platform.clock.seconds()
    }

    /// Somebody who has not written yet.
    pub(super) fn someone(&self) -> Sender {
        let name = format!("examiner-{}", self.people.fetch_add(1, Ordering::Relaxed));
        let key = PersonKey::of(&name);
        Sender { key, open_id: self.registered.open_ids.seal(key), name }
    }

    /// A text from somebody, now.
    pub(super) fn text(&self, from: Sender, content: &str) -> Push {
        let fields = Fields::new()
            .text("MsgType", "text")
            .text("Content", content)
            .number("MsgId", self.platform.sequence.message_id());
        Push::new(&self.registered, from, self.now(), "text", Replies::ToMessage, fields)
    }

    /// An event from somebody, now.
    pub(super) fn event(&self, from: Sender, event: &str, replies: Replies, fields: Fields) -> Push {
        let fields = Fields::new().text("MsgType", "event").text("Event", event).and(fields);
        Push::new(&self.registered, from, self.now(), event, replies, fields)
    }

    /// What the account's usual visitor does first: follow, or enter a mini-program's chat.
    pub(super) fn arrival(&self, from: Sender) -> Push {
        match self.account().kind {
            Kind::OfficialAccount | Kind::Component => {
                let fields = Fields::new().text("EventKey", "");
                self.event(from, "subscribe", Replies::ToEvent, fields)
            }
            Kind::MiniProgram => {
                let fields = Fields::new().text("SessionFrom", "");
                self.event(from, "user_enter_tempsession", Replies::Ignored, fields)
            }
        }
    }

    /// Posts a letter and judges the answer; the time that a genuine one took is remembered.
    pub(super) async fn post(&self, letter: &Letter) -> Reaction {
        let request = self
            .client
            .post(self.url(&letter.query))
            .header(header::CONTENT_TYPE, letter.content_type)
            .header(header::USER_AGENT, "Mozilla/4.0")
            .header(header::ACCEPT, "*/*")
            .body(letter.body.clone());
        let reaction = exchange(request, WECHATS_PATIENCE).await.judged(&letter.push);
        if letter.genuine {
            self.slowest_ms.fetch_max(reaction.ms, Ordering::Relaxed);
        }
        reaction
    }

    /// Begins to post a letter and never ends.
    pub(super) async fn post_half(&self, letter: &Letter, patience: Duration) -> Reaction {
        let (half, whole) = (letter.body[..letter.body.len() / 2].to_vec(), letter.body.len());
        self.post_body(letter, push::stalled(half, whole), patience).await
    }

    /// Posts a letter a byte at a time.
    pub(super) async fn post_slowly(&self, letter: &Letter, patience: Duration) -> Reaction {
        self.post_body(letter, trickling(letter.body.clone()), patience).await
    }

    async fn post_body(&self, letter: &Letter, body: Body, patience: Duration) -> Reaction {
        let request = self
            .client
            .post(self.url(&letter.query))
            .header(header::CONTENT_TYPE, letter.content_type)
            .body(body);
        exchange(request, patience).await
    }

    pub(super) async fn get(&self, query: &[(&str, String)]) -> Reaction {
        exchange(self.client.get(self.url(query)), WECHATS_PATIENCE).await
    }

    /// A genuine push, answered as WeChat wants it, or what is wrong with the answer.
    pub(super) async fn is_served(&self, push: Push) -> Result<Reaction, String> {
        let reaction = self.post(&Letter::of(self, push)).await;
        match reaction.is_well() {
            true => Ok(reaction),
            false => Err(reaction.in_words()),
        }
    }

    /// Milliseconds that the slowest genuine push took.
    pub(super) fn slowest_ms(&self) -> u64 {
        self.slowest_ms.load(Ordering::Relaxed)
    }

    fn url(&self, query: &[(&str, String)]) -> String {
        let pairs: Vec<String> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let separator = match (self.callback.contains('?'), pairs.is_empty()) {
            (_, true) => "",
            (true, _) => "&",
            (false, _) => "?",
        };
        format!("{}{separator}{}", self.callback, pairs.join("&"))
    }
}

async fn exchange(request: RequestBuilder, patience: Duration) -> Reaction {
    let started = Instant::now();
    let answer = tokio::time::timeout(patience, async {
        let response = request.send().await?;
        let status = response.status().as_u16();
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        let content_type = header(header::CONTENT_TYPE).unwrap_or_default().to_owned();
        let sniffs = header(header::X_CONTENT_TYPE_OPTIONS) != Some("nosniff");
        Ok((status, content_type, sniffs, response.bytes().await?))
    })
    .await;
    let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let reaction = Reaction { ms, ..Reaction::default() };
    match answer {
        Ok(Ok((status, content_type, sniffs, body))) => {
            Reaction { status: Some(status), content_type, sniffs, body: body.to_vec(), ..reaction }
        }
        Ok(Err(error)) => Reaction { trouble: Some(push::reason(&error)), ..reaction },
        Err(_) => Reaction {
            trouble: Some(format!("no complete answer within {} s", patience.as_secs())),
            waits: true,
            ..reaction
        },
    }
}
