//! Server-sent events: something changed. What it is, the page finds out by reading itself again.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::State,
    response::sse::{Event, KeepAlive, Sse},
};
use futures::{Stream, stream};
use tokio::sync::watch;

use crate::platform::Platform;

/// Changes that come closer together are told as one.
const TOGETHER: Duration = Duration::from_millis(60);

/// What can change.
struct Changes {
    world: watch::Receiver<u64>,
    calls: watch::Receiver<u64>,
    deliveries: watch::Receiver<u64>,
}

/// `GET /_mock/page/live`: an event `message` for each change or flurry of changes.
pub(super) async fn stream(
    State(platform): State<Arc<Platform>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let changes = Changes {
        world: platform.changes(),
        calls: platform.calls.subscribe(),
        deliveries: platform.deliveries.subscribe(),
    };
    let events = stream::unfold(changes, async |mut changes| {
        changes.next().await?;
        Some((Ok(Event::default().data("changed")), changes))
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}

impl Changes {
    /// `None` when the mock is gone.
    async fn next(&mut self) -> Option<()> {
        let changed = tokio::select! {
            changed = self.world.changed() => changed,
            changed = self.calls.changed() => changed,
            changed = self.deliveries.changed() => changed,
        };
        changed.ok()?;
        tokio::time::sleep(TOGETHER).await;
        for receiver in [&mut self.world, &mut self.calls, &mut self.deliveries] {
            receiver.mark_unchanged();
        }
        Some(())
    }
}
