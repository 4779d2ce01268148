//! Bodies that were made to hurt. All are signed, so that the reader behind the signature is met; in safe mode it is
//! the envelope that is spoiled, which has to be read before anything can be verified.

use std::{
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use futures::FutureExt;
use tokio::net::TcpListener;

use super::{
    Check, always,
    bench::Bench,
    card::Finding,
    json,
    letter::{Letter, Stamp},
    reaction::Reaction,
    xml,
};
use crate::world::account::Mode;

/// An answer later than this was kept busy by the body.
const LABOURS_MS: u64 = 2_000;

const NO_DTD: &str = "switch document type declarations and entities off in the XML reader";
const REFUSE: &str =
    "catch what the reader throws and answer 400; WeChat retries a 5xx, and an attacker sees a stack trace";

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "xml.doctype",
        title: "a document type declaration",
        applies: xml,
        run: |b| doctype(b).boxed(),
    },
    Check { id: "xml.xxe", title: "external entities: a file, a URL", applies: xml, run: |b| xxe(b).boxed() },
    Check { id: "xml.laughs", title: "entities within entities", applies: xml, run: |b| laughs(b).boxed() },
    Check {
        id: "xml.second-root",
        title: "a second document behind the first",
        applies: xml,
        run: |b| second(b).boxed(),
    },
    Check {
        id: "xml.other-root",
        title: "another root than <xml>",
        applies: xml,
        run: |b| other_root(b).boxed(),
    },
    Check {
        id: "xml.deep",
        title: "ten thousand elements within each other",
        applies: xml,
        run: |b| deep_xml(b).boxed(),
    },
    Check {
        id: "json.deep",
        title: "ten thousand arrays within each other",
        applies: json,
        run: |b| deep_json(b).boxed(),
    },
    Check {
        id: "body.garbage",
        title: "empty, cut, foreign and broken bodies",
        applies: always,
        run: |b| garbage(b).boxed(),
    },
    Check { id: "body.huge", title: "a body of two megabytes", applies: always, run: |b| huge(b).boxed() },
];

async fn doctype(bench: &Bench) -> Finding {
    let letter = spoiled(bench, |body| format!("<!DOCTYPE xml>{body}"));
    bench.post(&letter).await.must_be_refused(|words| {
        Finding::warn(format!("accepted a document type declaration ({words})"), NO_DTD)
    })
}

async fn xxe(bench: &Bench) -> Finding {
    let Ok(canary) = Canary::listen().await else { return Finding::skip("no port for a canary") };
    let mut accepted = None;
    for target in [format!("http://{}/", canary.address), "file:///etc/passwd".to_owned()] {
        let letter = spoiled(bench, |body| {
            let dtd = format!("<!DOCTYPE xml [<!ENTITY e SYSTEM \"{target}\">]>");
            format!(
                "{dtd}{}",
                body.replacen("<xml>", "<xml><Content>&e;</Content>", 1)
                    .replace("<![CDATA[spoiled]]>", "&e;")
            )
        });
        let reaction = bench.post(&letter).await;
        let shown = reaction.reply.clone().unwrap_or_else(|| reaction.text());
        if shown.contains("root:") {
            return Finding::fail("the reply holds a file of the receiver's machine", NO_DTD);
        }
        if reaction.is_well() {
            accepted = Some(reaction);
        }
        if canary.was_called() {
            return Finding::fail("the receiver fetched a URL that the body named", NO_DTD);
        }
    }
    match accepted {
        Some(reaction) => {
            Finding::warn(format!("accepted external entities, unresolved ({})", reaction.in_words()), NO_DTD)
        }
        None => Finding::pass("refused, and nothing was fetched"),
    }
}

/// A million times three letters: enough to be seen, not enough to bring a laptop down.
async fn laughs(bench: &Bench) -> Finding {
    let letter = spoiled(bench, |body| {
        let mut dtd = String::from("<!DOCTYPE xml [<!ENTITY l0 \"lol\">");
        for level in 1..=6 {
            let below = format!("&l{};", level - 1).repeat(10);
            dtd.push_str(&format!("<!ENTITY l{level} \"{below}\">"));
        }
        format!("{dtd}]>{}", body.replacen("<xml>", "<xml><Description>&l6;</Description>", 1))
    });
    let reaction = bench.post(&letter).await;
    survived(bench, &reaction, NO_DTD).await.unwrap_or_else(|| {
        reaction.must_be_refused(|words| Finding::warn(format!("accepted nested entities ({words})"), NO_DTD))
    })
}

async fn second(bench: &Bench) -> Finding {
    let letter = spoiled(bench, |body| format!("{body}<xml><MsgType>text</MsgType></xml>"));
    bench.post(&letter).await.must_be_refused(|words| {
        Finding::warn(
            format!("accepted two documents in one body ({words})"),
            "demand that nothing but white space follows </xml>: two readers may see two messages",
        )
    })
}

async fn other_root(bench: &Bench) -> Finding {
    let letter = spoiled(bench, |body| body.replacen("<xml>", "<html>", 1).replacen("</xml>", "</html>", 1));
    bench.post(&letter).await.must_be_refused(|words| {
        Finding::warn(format!("accepted <html> in the place of <xml> ({words})"), "check the root's name")
    })
}

async fn deep_xml(bench: &Bench) -> Finding {
    let nest = format!("{}{}", "<a>".repeat(10_000), "</a>".repeat(10_000));
    let letter = spoiled(bench, |body| body.replacen("<xml>", &format!("<xml>{nest}"), 1));
    deep(bench, &letter).await
}

async fn deep_json(bench: &Bench) -> Finding {
    let nest = format!("{{\"a\":{}{},", "[".repeat(10_000), "]".repeat(10_000));
    let letter = spoiled(bench, |body| body.replacen('{', &nest, 1));
    deep(bench, &letter).await
}

async fn deep(bench: &Bench, letter: &Letter) -> Finding {
    const FLAT: &str = "limit the depth of what is read; real pushes have four levels";
    let reaction = bench.post(letter).await;
    survived(bench, &reaction, FLAT).await.unwrap_or_else(|| match reaction.status {
        Some(200 | 400..500) => Finding::pass(reaction.in_words()),
        _ => Finding::warn(reaction.in_words(), FLAT),
    })
}

async fn garbage(bench: &Bench) -> Finding {
    let genuine = spoiled(bench, |body| body).body;
    let half = genuine[..genuine.len() / 2].to_vec();
    let utf16 = String::from_utf8_lossy(&genuine).encode_utf16().flat_map(u16::to_le_bytes).collect();
    let cases: [(&str, Vec<u8>); 8] = [
        ("an empty body", Vec::new()),
        ("half a body", half),
        ("words", b"hello".to_vec()),
        ("an empty document", b"<xml></xml>".to_vec()),
        ("an empty object", b"{}".to_vec()),
        ("null", b"null".to_vec()),
        ("bytes that are not UTF-8", vec![0xff, 0xfe, 0x00, 0xc0, 0xaf]),
        ("UTF-16", utf16),
    ];
    let mut broke = Vec::new();
    for (what, body) in cases {
        let reaction = bench.post(&spoiled(bench, |text| text).saying(body)).await;
        if let Some(finding) = survived(bench, &reaction, REFUSE).await {
            return Finding { reason: format!("{what}: {}", finding.reason), ..finding };
        }
        if !matches!(reaction.status, Some(200 | 400..500)) {
            broke.push(format!("{what}: {}", reaction.in_words()));
        }
    }
    match broke.is_empty() {
        true => Finding::pass("none broke it"),
        false => Finding::warn(broke.join("; "), REFUSE),
    }
}

async fn huge(bench: &Bench) -> Finding {
    const LIMIT: &str = "limit the body, to 64 KiB for instance: the largest push is far below";
    let letter = spoiled(bench, |body| format!("{body}{}", " ".repeat(2 << 20)));
    let reaction = bench.post(&letter).await;
    // Many servers close the connection on a body that is too long while it is still being sent.
    if reaction.status.is_none() && !reaction.waits {
        return match bench.is_served(bench.text(bench.someone(), "still there?")).await {
            Ok(_) => Finding::pass("the connection was closed"),
            Err(words) => Finding::fail(format!("afterwards: {words}"), LIMIT),
        };
    }
    survived(bench, &reaction, LIMIT).await.unwrap_or_else(|| {
        reaction.must_be_refused(|words| Finding::warn(format!("read it all ({words})"), LIMIT))
    })
}

/// A failure when the body kept the receiver busy, or when it serves nobody afterwards.
async fn survived(bench: &Bench, reaction: &Reaction, remedy: &str) -> Option<Finding> {
    if reaction.waits || reaction.ms > LABOURS_MS {
        return Some(Finding::fail(format!("it was busy for {} ms", reaction.ms), remedy));
    }
    if reaction.status.is_some() {
        return None;
    }
    let words = bench.is_served(bench.text(bench.someone(), "still there?")).await.err()?;
    Some(Finding::fail(format!("it serves nobody any more: {words}"), remedy))
}

/// A push whose outermost text was changed and which is signed none the less.
fn spoiled(bench: &Bench, change: impl FnOnce(String) -> String) -> Letter {
    let letter = Letter::of(bench, bench.text(bench.someone(), "spoiled"));
    let body = change(String::from_utf8_lossy(&letter.body).into_owned());
    match bench.account().mode {
        // The signature does not cover the body: this is what a signed one looks like.
        Mode::Plain => {
            let stamp = Stamp::fresh(bench);
            Letter { genuine: false, ..Letter::in_clear(bench, letter.push, &stamp, body) }
        }
        _ => letter.saying(body),
    }
}

/// A port that nobody has a reason to call.
struct Canary {
    address: std::net::SocketAddr,
    called: Arc<AtomicBool>,
    task: tokio::task::JoinHandle<()>,
}

impl Canary {
    async fn listen() -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let (address, called) = (listener.local_addr()?, Arc::new(AtomicBool::new(false)));
        let hears = called.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                hears.store(true, Ordering::Relaxed);
                drop(stream);
            }
        });
        Ok(Self { address, called, task })
    }

    fn was_called(&self) -> bool {
        self.called.load(Ordering::Relaxed)
    }
}

impl Drop for Canary {
    fn drop(&mut self) {
        self.task.abort();
    }
}
