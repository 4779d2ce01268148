//! The only user of the HTTP client.
//!
//! WeChat's URLs carry access tokens, and reqwest's errors carry URLs: every error is stripped of its URL before it is
//! looked at. No redirects, no compression, no proxy from the environment, at most 1 MiB of answer, and a limit on the
//! time for all of it.

use std::error::Error as _;
use std::fmt::Write as _;
use std::time::Duration;

use reqwest::{Client, Method, Url};

use super::json::{self, Answer};

/// Far above the largest real answer: `user/get` with 10,000 OpenIDs is 320 KiB.
const ANSWER_MAX: usize = 1 << 20;

/// One HTTP client, with connections kept open between calls.
#[derive(Debug)]
pub(super) struct Http {
    client: Client,
    api: Url,
}

/// Why there is no answer to use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lost {
    /// WeChat has not had the request, or has not acted on it.
    Before(String),
    /// The connection ended before the answer began: most likely it had been kept open for too long, but WeChat may have
    /// acted on it.
    Cut(String),
    /// WeChat may have acted on it.
    After(String),
}

impl Http {
    /// A client for `api`, such as `https://api.weixin.qq.com`.
    pub(super) fn new(api: &str, connect: Duration, total: Duration) -> Result<Self, String> {
        let api = Url::parse(api).map_err(|e| format!("{e}"))?;
        if !matches!(api.scheme(), "http" | "https") || api.query().is_some() || !api.has_host() {
            return Err("it must look like https://api.weixin.qq.com".into());
        }
        // Installed once in the process; that another part has done it already is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .connect_timeout(connect)
            .timeout(total)
            .redirect(reqwest::redirect::Policy::none())
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .no_zstd()
            .no_proxy()
            .pool_idle_timeout(Duration::from_secs(30))
            .build()
            .map_err(reason)?;
        Ok(Self { client, api })
    }

    /// The server's `Date`, unix ms; whole seconds. Any answer has one, an error's too.
    pub(super) async fn date(&self) -> Result<Option<i64>, Lost> {
        let response = self.client.get(self.api.clone()).send().await.map_err(|e| Lost::Before(reason(e)))?;
        let date = response.headers().get("date").and_then(|value| value.to_str().ok());
        let parsed = date.and_then(|text| jiff::fmt::rfc2822::parse(text).ok());
        Ok(parsed.map(|zoned| zoned.timestamp().as_millisecond()))
    }

    /// One request: `GET` without a body, `POST` of JSON with one. Any content type of the answer will do.
    pub(super) async fn ask(
        &self,
        path: &str,
        query: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> Result<Answer, Lost> {
        let mut url = self.api.clone();
        url.set_path(&format!("{}{path}", self.api.path().trim_end_matches('/')));
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let request = match body {
            None => self.client.request(Method::GET, url),
            Some(body) => self
                .client
                .request(Method::POST, url)
                .header("content-type", "application/json; charset=utf-8")
                .body(body),
        };
        let mut response = request.send().await.map_err(unsent)?;

        // WeChat answers 200 to everything: any other status is from something between us and WeChat.
        let status = response.status();
        if status.is_server_error() {
            return Err(Lost::After(format!("HTTP status {}", status.as_u16())));
        }
        if !status.is_success() {
            let status = status.as_u16();
            return Err(Lost::Before(format!(
                "HTTP status {status}, which is not WeChat's: check platform.api"
            )));
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| Lost::After(reason(error)))? {
            if bytes.len() + chunk.len() > ANSWER_MAX {
                return Err(Lost::After("an answer of more than 1 MiB".into()));
            }
            bytes.extend_from_slice(&chunk);
        }
        json::read(&bytes).ok_or_else(|| Lost::After("an answer that is not JSON".into()))
    }
}

fn unsent(error: reqwest::Error) -> Lost {
    if error.is_connect() || error.is_builder() {
        Lost::Before(reason(error))
    } else if error.is_timeout() {
        Lost::After(reason(error))
    } else {
        Lost::Cut(reason(error))
    }
}

/// The error and its causes, without the URL.
fn reason(error: reqwest::Error) -> String {
    let timed_out = error.is_timeout();
    let error = error.without_url();
    let mut text = if timed_out { "no answer in time".to_owned() } else { error.to_string() };
    let mut cause = error.source();
    while let Some(deeper) = cause {
        let _ = write!(text, ": {deeper}");
        cause = deeper.source();
    }
    text
}
