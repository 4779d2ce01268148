//! The receiver's calls of WeChat's API, as they come: the mock's journal is bounded, so they are taken while they are
//! there.

use std::time::Duration;

use serde_json::Value;
use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    task::JoinHandle,
    time::{Instant, timeout_at},
};

use super::ledger::Ledger;
use crate::cli::wechat::{Calls, Wechat};

/// How long one look at the journal waits for something new.
const LOOK: Duration = Duration::from_secs(1);

/// A look-out at a mock's journal.
#[derive(Debug)]
pub(super) struct Watch {
    calls: UnboundedReceiver<Calls>,
    task: JoinHandle<()>,
}

impl Watch {
    /// Begins behind what is in the journal already.
    pub(super) async fn begin(wechat: &Wechat) -> Result<Self, String> {
        let (sender, calls) = unbounded_channel();
        let known = wechat.calls_after(0, Duration::ZERO).await?;
        let (mut last, mut dropped) = (newest(&known, 0), known.dropped);
        let wechat = wechat.clone();
        let task = tokio::spawn(async move {
            while let Ok(found) = wechat.calls_after(last, LOOK).await {
                last = newest(&found, last);
                let missed = found.dropped.saturating_sub(dropped);
                dropped = found.dropped;
                if sender.send(Calls { dropped: missed, ..found }).is_err() {
                    return;
                }
            }
        });
        Ok(Self { calls, task })
    }

    /// Enters the calls, and waits for more until all who were acknowledged have arrived or the time is over.
    pub(super) async fn settle(mut self, mut ledger: Ledger, patience: Duration) -> Ledger {
        let until = Instant::now() + patience;
        while let Ok(Some(found)) = timeout_at(until, self.calls.recv()).await {
            // Dropped from the journal's far end, which we may have read: at worst too many are feared.
            ledger.calls_dropped += found.dropped;
            found.calls.iter().for_each(|call| ledger.hear(call));
            let complete = ledger.followers.values().all(|f| !f.acknowledged || f.arrived());
            if found.calls.is_empty() && complete {
                break;
            }
        }
        self.task.abort();
        ledger
    }
}

fn newest(found: &Calls, before: u64) -> u64 {
    found.calls.iter().filter_map(|call: &Value| call["id"].as_u64()).max().unwrap_or(before).max(before)
}
