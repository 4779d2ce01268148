//! Waiting for what comes by itself.

use std::future::Future;
use std::time::{Duration, Instant};

/// Asks again until the answer is yes.
pub(crate) async fn until<F: Future<Output = bool>>(limit: Duration, what: &str, mut ask: impl FnMut() -> F) {
    let begun = Instant::now();
    while !ask().await {
        assert!(begun.elapsed() < limit, "not within {limit:?}: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
