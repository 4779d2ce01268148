//! `GET` and `POST /wechat/{account}`: WeChat's side of the gateway.

use std::time::Duration;

use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use actix_web::{HttpRequest, HttpResponse, web};
use tracing::{Instrument as _, Span};

use super::body;
use super::error::CallbackError;
use crate::http::Parts;
use crate::verify::{Delivery, Query};

/// URL verification: exactly `echostr`, as text, after a valid signature.
pub(crate) async fn echo(
    parts: web::Data<Parts>,
    account: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, CallbackError> {
    let account = parts.accounts.get(account.as_str()).ok_or(CallbackError::NoSuchAccount)?;
    let query = Query::parse(request.query_string())?;
    let echo = parts.flow.verifier().echo(account, &query, parts.clock.now())?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/plain; charset=utf-8"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(echo))
}

/// One push: body in, reply out, everything between in [`crate::flow`].
pub(crate) async fn push(
    parts: web::Data<Parts>,
    account: web::Path<String>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, CallbackError> {
    let received_at = parts.clock.now();
    // Read before anything is refused: a response that overtakes the body makes actix close the connection.
    let time = Duration::from_millis(parts.http.body_timeout_ms);
    let body = body::read(payload, parts.http.body_limit, time).await?;
    if request.headers().contains_key(CONTENT_ENCODING) {
        return Err(CallbackError::Compressed);
    }
    let account = parts.accounts.get(account.as_str()).ok_or(CallbackError::NoSuchAccount)?;
    let query = Query::parse(request.query_string())?;
    let span = span(&request, &account.name);
    let delivery = Delivery::new(account.clone(), query, body, received_at);
    let answer = span.in_scope(|| parts.flow.callback(delivery));
    let answer = answer.instrument(span).await?;
    let content_type = HeaderValue::from_static(answer.content_type);
    Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, content_type)).body(answer.body))
}

/// The span around all stages. It joins the trace of a proxy in front that sends W3C `traceparent`.
fn span(request: &HttpRequest, account: &str) -> Span {
    let parent = request.headers().get("traceparent").and_then(|value| value.to_str().ok());
    match parent.and_then(trace_and_parent) {
        Some((trace_id, parent_id)) => tracing::info_span!("callback", account, trace_id, parent_id),
        None => tracing::debug_span!("callback", account),
    }
}

/// `00-<32 hex>-<16 hex>-<2 hex>`
fn trace_and_parent(header: &str) -> Option<(&str, &str)> {
    let mut parts = header.split('-');
    let (version, trace, parent) = (parts.next()?, parts.next()?, parts.next()?);
    let hex = |text: &str, length| text.len() == length && text.bytes().all(|b| b.is_ascii_hexdigit());
    (hex(version, 2) && hex(trace, 32) && hex(parent, 16)).then_some((trace, parent))
}

#[cfg(test)]
mod tests {
    use super::trace_and_parent;

    #[test]
    fn only_a_well_formed_traceparent_is_joined() {
        let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(trace_and_parent(good), Some(("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7")));
        for bad in ["", "00-short-00f067aa0ba902b7-01", "<script>-a-b-c"] {
            assert_eq!(trace_and_parent(bad), None);
        }
    }
}
