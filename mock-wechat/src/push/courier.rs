//! One HTTP request to a receiver.

use std::{
    pin::Pin,
    sync::OnceLock,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use reqwest::{Client, header, redirect::Policy};

use super::sealed::Sealed;

/// Longer answers are cut: no reply is near that long.
const LARGEST_ANSWER: usize = 1 << 20;

/// Carries pushes. The client is made at first use, so that starting a mock costs nothing.
#[derive(Debug, Default)]
pub(crate) struct Courier {
    client: OnceLock<Client>,
}

/// What came back in time, or why nothing did.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

/// What a fault does to the body on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Harm {
    None,
    /// Half of it, complete in the eyes of HTTP.
    Half,
    /// Half of it, and then nothing.
    Stall,
    /// Half of it, and then the connection is cut.
    Cut,
}

impl Courier {
    /// Posts a push and reads the whole answer; the time runs over both.
    pub(super) async fn post(&self, sealed: &Sealed, harm: Harm, limit: Duration) -> Result<Answer, String> {
        let client = self.client()?;
        let body = sealed.body.as_bytes();
        let request = client
            .post(&sealed.url)
            .header(header::CONTENT_TYPE, sealed.content_type)
            .header(header::USER_AGENT, "Mozilla/4.0")
            .header(header::ACCEPT, "*/*")
            .header(header::PRAGMA, "no-cache");
        let request =
            sealed.headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
        let half = Bytes::copy_from_slice(&body[..body.len() / 2]);
        let request = match harm {
            Harm::None => request.body(body.to_vec()),
            Harm::Half => request.body(half),
            Harm::Stall | Harm::Cut => request.body(reqwest::Body::wrap(HalfBody {
                half: Some(half),
                whole: body.len() as u64,
                cut: harm == Harm::Cut,
            })),
        };
        answer(request, limit).await
    }

    /// The GET with which WeChat verifies a URL.
    pub(super) async fn get(&self, url: &str, limit: Duration) -> Result<Answer, String> {
        answer(self.client()?.get(url), limit).await
    }

    fn client(&self) -> Result<&Client, String> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = client()?;
        Ok(self.client.get_or_init(|| client))
    }
}

/// A client that behaves as WeChat's does.
pub(crate) fn client() -> Result<Client, String> {
    // A process may have chosen its provider already; then that one serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .redirect(Policy::none())
        // A connection per push, as WeChat does: a kept one would fail the first push after a receiver's restart.
        .pool_max_idle_per_host(0)
        .no_proxy()
        // Receivers on a laptop have certificates of their own making.
        .tls_danger_accept_invalid_certs(true)
        .build()
        .map_err(|error| format!("no HTTP client: {}", sources(&error)))
}

async fn answer(request: reqwest::RequestBuilder, limit: Duration) -> Result<Answer, String> {
    let exchange = async {
        let mut response = request.send().await.map_err(|error| reason(&error))?;
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| reason(&error))? {
            body.extend_from_slice(&chunk);
            if body.len() > LARGEST_ANSWER {
                body.truncate(LARGEST_ANSWER);
                break;
            }
        }
        Ok(Answer { status, body })
    };
    tokio::time::timeout(limit, exchange).await.unwrap_or_else(|_| {
        Err(format!("no complete answer within {} ms; WeChat waits 5 s", limit.as_millis()))
    })
}

/// Why there is no answer, without the URL: its query is signed.
pub(crate) fn reason(error: &reqwest::Error) -> String {
    if error.is_connect() {
        format!("could not connect: {}; is the receiver running?", sources(error))
    } else {
        format!("no complete answer: {}", sources(error))
    }
}

/// The innermost cause: the outer ones repeat the URL.
fn sources(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

/// A body that ends in its middle and leaves the connection open.
pub(crate) fn stalled(half: Vec<u8>, whole: usize) -> reqwest::Body {
    reqwest::Body::wrap(HalfBody { half: Some(half.into()), whole: whole as u64, cut: false })
}

/// Promises a whole body and gives half of it.
struct HalfBody {
    half: Option<Bytes>,
    whole: u64,
    cut: bool,
}

impl Body for HalfBody {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        match self.half.take() {
            Some(half) => Poll::Ready(Some(Ok(Frame::data(half)))),
            None if self.cut => Poll::Ready(Some(Err(std::io::Error::other("cut by a fault")))),
            None => Poll::Pending,
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.whole)
    }
}
