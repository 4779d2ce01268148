//! A server under load, with all that its turns have shown so far.

use std::collections::HashMap;
use std::error::Error;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Deserialize;
use serde_json::json;
use wechat_gateway::clock::{Clock as _, SECOND, SystemClock};

use crate::generator::{self, Fired, Span};
use crate::http::{self, Answer};
use crate::process::{Server, cpu_us};
use crate::pushes::{self, Kind, Mode, Pushes, Signer};
use crate::stores;

/// Pushes of one turn at most; what is signed ahead has to be held in memory.
const MOST: usize = 400_000;
/// A prime: so many people further at each step, everybody comes once.
const STRIDE: usize = 7_919;
/// Pushes that are sent in one second before the first turn, about.
const MET: usize = 20_000;
/// People whose points are compared with the answers.
const AUDITED: usize = 20;
/// Events of one request to the API, and how many such requests a profile is made of.
const BATCH: usize = 100;
const BATCHES: usize = 100;
const API_KEY: &str = "Authorization: Bearer bench-api-key\r\n";

/// Who pushes.
pub(crate) enum Crowd {
    /// Whoever: nobody looks.
    Anybody,
    /// So many people, all of them known to the store.
    Known(usize),
    /// People whom nobody but WeChat has ever seen.
    Strangers {
        /// WeChat.
        mock: SocketAddr,
        /// Asked for so far.
        created: usize,
        /// Platform calls made for them.
        calls: usize,
    },
}

/// What is asked of the rate.
#[derive(Clone, Copy)]
pub(crate) enum Requirement {
    /// Nothing.
    None,
    /// So much of the bare server's.
    OfBare(f64),
    /// So much of the row with that number.
    OfRow(f64, usize),
    /// So many a second.
    PerSecond(f64),
}

/// One row in the making.
pub(crate) struct Contender {
    pub(crate) name: String,
    pub(crate) mode: Mode,
    pub(crate) crowd: Crowd,
    pub(crate) requirement: Requirement,
    pub(crate) server: Server,
    /// Processes of the stores behind it.
    pub(crate) stores: Vec<u32>,
    /// What its own store has on the disk: see [`Made`](stores::Made).
    pub(crate) places: Vec<PathBuf>,
    pub(crate) rates: Vec<f64>,
    pub(crate) latencies: Histogram<u64>,
    pub(crate) resident_mib: f64,
    pub(crate) cpu_us: u64,
    pub(crate) answered: usize,
    /// Answers that were not as they should be.
    pub(crate) wrong: usize,
    pub(crate) failings: Vec<String>,
    cursor: u64,
    /// Answered pushes of the people under audit, and what they had before.
    audit: HashMap<usize, (i64, usize)>,
}

/// What is sent in one turn.
struct Batch {
    pushes: Pushes,
    /// Whose pushes they are, where those are known by number.
    people: Vec<usize>,
    /// OpenID of the first.
    first: String,
}

#[derive(Deserialize)]
struct People {
    people: Vec<Created>,
}

#[derive(Deserialize)]
struct Created {
    open_ids: HashMap<String, String>,
}

#[derive(Deserialize)]
struct Calls {
    calls: Vec<Call>,
}

#[derive(Deserialize)]
struct Call {
    id: usize,
}

#[derive(Deserialize)]
struct PersonView {
    points: Points,
}

#[derive(Deserialize)]
struct Points {
    total: i64,
}

impl Contender {
    pub(crate) fn new(
        name: String,
        mode: Mode,
        crowd: Crowd,
        requirement: Requirement,
        server: Server,
        stores: Vec<u32>,
    ) -> Result<Self, Box<dyn Error>> {
        Ok(Self {
            name,
            mode,
            crowd,
            requirement,
            server,
            stores,
            places: Vec::new(),
            rates: Vec::new(),
            latencies: Histogram::new_with_bounds(1, 60_000_000, 3)?,
            resident_mib: 0.0,
            cpu_us: 0,
            answered: 0,
            wrong: 0,
            failings: Vec::new(),
            cursor: 0,
            audit: HashMap::new(),
        })
    }

    /// Everybody who is known pushes once: a gateway that has run for a while has met the people of the day, and its
    /// first seconds belong to no row.
    pub(crate) async fn meet(&mut self, signer: &mut Signer) -> Result<(), Box<dyn Error>> {
        let Crowd::Known(known) = self.crowd else { return Ok(()) };
        let unhurried = Span { warm_up: Duration::from_secs(600), measured: Duration::ZERO };
        for first in (0..known).step_by(MOST) {
            let open_ids: Vec<String> =
                (first..known).take(MOST).map(|n| pushes::open_id(n * STRIDE % known)).collect();
            let now = SystemClock.now() / SECOND;
            let open_ids = open_ids.iter().map(String::as_str);
            let pushes = signer.sign(self.earning(), self.mode, now, MET, open_ids);
            let right = |answer: &Answer<'_>, _| is_reply(self.mode, answer);
            let fired = generator::fire(self.server.address, &pushes, unhurried, &right)
                .await
                .map_err(|error| format!("{}: {error}\n{}", self.name, self.server.last_words()))?;
            if let Some((what, times)) = fired.wrong {
                self.failings.push(format!("{times} answers were wrong before the first turn: {what}"));
            }
        }
        Ok(())
    }

    /// One turn: signs, fires, notes. Gives requests per second.
    pub(crate) async fn turn(&mut self, signer: &mut Signer, span: Span) -> Result<f64, Box<dyn Error>> {
        let Batch { pushes, people, first } = self.pushes(signer, span).await?;
        stores::recall(&self.places)?;
        let calls_before = self.platform_calls(0).await?;
        let pids: Vec<u32> = self.stores.iter().copied().chain([self.server.pid()]).collect();
        let cpu_before = cpu_us(&pids)?;
        let right = |answer: &Answer<'_>, number: usize| match self.crowd {
            Crowd::Anybody => is_ok(answer),
            _ if number == 0 && self.mode != Mode::Json => {
                is_ok(answer).and_then(|()| is_reply_to(&first, signer, self.mode, answer))
            }
            _ => is_ok(answer).and_then(|()| is_reply(self.mode, answer)),
        };
        let fired = generator::fire(self.server.address, &pushes, span, &right)
            .await
            .map_err(|error| format!("{}: {error}\n{}", self.name, self.server.last_words()))?;
        self.cpu_us += cpu_us(&pids)?.saturating_sub(cpu_before);
        self.resident_mib = self.resident_mib.max(self.server.resident_mib()?);
        let calls = self.platform_calls(calls_before).await?.saturating_sub(calls_before);
        self.note(fired, people, calls)
    }

    /// Compares the points of some people with the pushes that were answered. A server that lost a push it had answered,
    /// or counted one twice, is found out here.
    pub(crate) async fn audit(&mut self) -> Result<(), Box<dyn Error>> {
        for (person, (before, answered)) in self.audit.clone() {
            let after = self.points(person).await?;
            if after - before != i64::try_from(answered)? {
                let what =
                    format!("person {person} has {} points more after {answered} answers", after - before);
                self.failings.push(what);
            }
        }
        Ok(())
    }

    /// What the brand's own servers ask beside WeChat's pushes: batches of events come in, and persons are looked at.
    ///
    /// # Errors
    /// When it refused half of them or more.
    pub(crate) async fn import(&self) -> Result<(), Box<dyn Error>> {
        let Crowd::Known(known) = self.crowd else { return Ok(()) };
        let mut refused = (0, String::new());
        for batch in 0..BATCHES {
            let event = |n: usize| {
                let open_id = pushes::open_id((batch * BATCH + n) % known);
                let reference = format!("import-{batch}-{n}");
                json!({ "kind": "mp.visit", "app_id": pushes::APP_ID, "open_id": open_id, "ref": reference })
            };
            let body = json!({ "events": (0..BATCH).map(event).collect::<Vec<_>>() }).to_string();
            let headers =
                format!("{API_KEY}Idempotency-Key: import-{batch}\r\nContent-Type: application/json\r\n");
            // A slow disk may refuse some of them, which belongs to a profile too.
            if let Err(why) = http::call(self.server.address, "POST", "/v1/events", &headers, &body).await {
                refused = (refused.0 + 1, why.to_string());
            }
            self.points(batch * BATCH % known).await?;
        }
        let (times, why) = refused;
        if times * 2 < BATCHES {
            Ok(())
        } else {
            Err(format!("{times} of {BATCHES} batches of events were refused: {why}").into())
        }
    }

    /// The end of a profile.
    ///
    /// # Errors
    /// When the server does not end as asked, or when a tenth of what it had answered was wrong: that would be a profile of
    /// something else.
    pub(crate) fn leave(&mut self) -> Result<(), Box<dyn Error>> {
        self.server.end()?;
        if self.wrong * 10 >= self.answered {
            let what = format!("{} of {} answers were wrong", self.wrong, self.answered);
            return Err(format!("{what}\n{}", self.failings.join("\n")).into());
        }
        Ok(())
    }

    /// What somebody who is known does.
    fn earning(&self) -> Kind {
        if self.mode == Mode::Json { Kind::Enter } else { Kind::Scan }
    }

    async fn pushes(&mut self, signer: &mut Signer, span: Span) -> Result<Batch, Box<dyn Error>> {
        let seconds = (span.warm_up + span.measured).as_secs_f64();
        // The first turn is sized by what a server could do at best.
        let rate = self.rates.iter().copied().fold(0.0, f64::max);
        let wanted = match (&self.crowd, rate) {
            (Crowd::Strangers { .. }, 0.0) => 12_000.0 * seconds,
            (Crowd::Known(_), 0.0) => 60_000.0 * seconds,
            (Crowd::Anybody, 0.0) => 130_000.0 * seconds,
            (_, rate) => rate * 1.4 * seconds,
        };
        let wanted = (wanted as usize).min(MOST);
        let now = SystemClock.now() / SECOND;
        let per_second = ((wanted as f64 / seconds) as usize).max(1);
        let (kind, people, open_ids): (_, Vec<usize>, Vec<String>) = match &mut self.crowd {
            Crowd::Strangers { mock, created, .. } => {
                let fresh = strangers(*mock, *created, wanted).await?;
                *created += wanted;
                (Kind::Follow, Vec::new(), fresh)
            }
            Crowd::Known(known) => {
                let whose = match self.mode {
                    // One person's entering twice in a second is one event: nobody comes twice before everybody has been.
                    Mode::Json => |n: u64, known: usize| (n as usize).wrapping_mul(STRIDE) % known,
                    Mode::Plain | Mode::Safe => scattered,
                };
                let people: Vec<usize> = (self.cursor..).take(wanted).map(|n| whose(n, *known)).collect();
                let open_ids = people.iter().copied().map(pushes::open_id).collect();
                (self.earning(), people, open_ids)
            }
            Crowd::Anybody => {
                (Kind::Scan, Vec::new(), (0..wanted).map(|n| pushes::open_id(n % 100_000)).collect())
            }
        };
        self.cursor += wanted as u64;
        if self.audit.is_empty() {
            for person in people.iter().take(AUDITED) {
                let before = self.points(*person).await?;
                self.audit.insert(*person, (before, 0));
            }
        }
        let pushes = signer.sign(kind, self.mode, now, per_second, open_ids.iter().map(String::as_str));
        Ok(Batch { pushes, people, first: open_ids.into_iter().next().unwrap_or_default() })
    }

    fn note(&mut self, fired: Fired, people: Vec<usize>, calls: usize) -> Result<f64, Box<dyn Error>> {
        if let Some((what, times)) = &fired.wrong {
            self.wrong += times;
            self.failings
                .push(format!("{times} of {} answers were wrong, the first: {what}", fired.answered));
        }
        for person in &people[..fired.answered.min(people.len())] {
            if let Some((_, answered)) = self.audit.get_mut(person) {
                *answered += 1;
            }
        }
        if let Crowd::Strangers { calls: made, .. } = &mut self.crowd {
            *made += calls;
        }
        self.answered += fired.answered;
        self.latencies.add(&fired.latencies)?;
        self.rates.push(fired.per_second());
        Ok(fired.per_second())
    }

    async fn points(&self, person: usize) -> Result<i64, Box<dyn Error>> {
        let path = format!("/v1/persons/openid:{}:{}", pushes::APP_ID, pushes::open_id(person));
        let view = http::call(self.server.address, "GET", &path, API_KEY, "").await?;
        Ok(serde_json::from_slice::<PersonView>(&view)?.points.total)
    }

    /// The number of the last call that the platform has answered, of those behind `after`.
    async fn platform_calls(&self, after: usize) -> Result<usize, Box<dyn Error>> {
        let Crowd::Strangers { mock, .. } = &self.crowd else { return Ok(0) };
        let calls = http::call(*mock, "GET", &format!("/_mock/calls?after={after}"), "", "").await?;
        let calls: Calls = serde_json::from_slice(&calls)?;
        Ok(calls.calls.last().map_or(after, |call| call.id))
    }
}

fn is_ok(answer: &Answer<'_>) -> Result<(), String> {
    if answer.status == 200 { Ok(()) } else { Err(shown(answer)) }
}

fn is_reply(mode: Mode, answer: &Answer<'_>) -> Result<(), String> {
    let right =
        if mode == Mode::Json { answer.body == b"success" } else { answer.body.starts_with(b"<xml>") };
    if right { Ok(()) } else { Err(shown(answer)) }
}

/// The whole reply is read for one push a turn: the generator has to be quick.
fn is_reply_to(open_id: &str, signer: &Signer, mode: Mode, answer: &Answer<'_>) -> Result<(), String> {
    let reply =
        signer.open(mode, &String::from_utf8_lossy(answer.body)).map_err(|error| error.to_string())?;
    if reply.contains(&format!("<ToUserName><![CDATA[{open_id}]]></ToUserName>")) {
        Ok(())
    } else {
        Err(format!("a reply to somebody else: {reply}"))
    }
}

fn shown(answer: &Answer<'_>) -> String {
    format!("{} {:?}", answer.status, String::from_utf8_lossy(answer.body))
}

/// Visits the people in an order without any order.
fn scattered(n: u64, people: usize) -> usize {
    let mut n = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    n ^= n >> 32;
    n = n.wrapping_mul(0xd6e8_feb8_6659_fd93);
    ((n >> 32) % people as u64) as usize
}

/// OpenIDs of new people who follow the account; nothing is pushed for them.
async fn strangers(mock: SocketAddr, start: usize, count: usize) -> Result<Vec<String>, Box<dyn Error>> {
    let body = format!(r#"{{"count":{count},"prefix":"bench","start":{start},"follow":["brand"]}}"#);
    let made = http::call(mock, "POST", "/_mock/people", "", &body).await?;
    let made: People = serde_json::from_slice(&made)?;
    made.people
        .into_iter()
        .map(|mut person| {
            person.open_ids.remove(pushes::APP_ID).ok_or_else(|| "no OpenID of the brand".into())
        })
        .collect()
}
