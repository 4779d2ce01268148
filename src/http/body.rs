//! A body within its limits of size and time. actix has no timeout for bodies of its own: one byte a second would
//! hold a connection open for ever.

use std::time::Duration;

use actix_web::web::{Bytes, BytesMut, Payload};
use futures::StreamExt as _;

/// Why a body could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyError {
    /// More bytes than allowed.
    TooLarge,
    /// Not complete in time.
    TooSlow,
    /// The connection broke, or the framing is wrong.
    Broken,
}

/// Reads the whole body, at most `limit` bytes within `time`.
pub(crate) async fn read(mut payload: Payload, limit: usize, time: Duration) -> Result<Bytes, BodyError> {
    let whole = async {
        let mut first = Bytes::new();
        let mut rest: Option<BytesMut> = None;
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| BodyError::Broken)?;
            let held = rest.as_ref().map_or(first.len(), BytesMut::len);
            if held + chunk.len() > limit {
                return Err(BodyError::TooLarge);
            }
            if held == 0 {
                first = chunk;
            } else {
                rest.get_or_insert_with(|| BytesMut::from(&first[..])).extend_from_slice(&chunk);
            }
        }
        Ok(rest.map_or(first, BytesMut::freeze))
    };
    tokio::time::timeout(time, whole).await.unwrap_or(Err(BodyError::TooSlow))
}
