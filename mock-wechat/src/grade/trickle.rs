//! A body that comes a byte at a time: each byte is in time, the whole never is.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::{Interval, interval};

/// Between two bytes. Slow enough for a push to take minutes, quick enough for a receiver that waits a second for more.
const PACE: Duration = Duration::from_millis(500);

/// The body, its length promised.
pub(super) fn trickling(body: Vec<u8>) -> reqwest::Body {
    reqwest::Body::wrap(Trickle { rest: body.into(), pace: interval(PACE) })
}

struct Trickle {
    rest: Bytes,
    pace: Interval,
}

impl Body for Trickle {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        ready!(self.pace.poll_tick(context));
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(1)))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}
