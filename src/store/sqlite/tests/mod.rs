//! The store with other limits, and on another disk, than it has outside of tests.
//!
//! - `disk.rs`: what is promised of the disk
//! - `keys.rs`: unique keys on their way into the index
//! - `backlog.rs`: newest states that gather, and are brought into their rows a little with each commit

mod backlog;
mod disk;
mod keys;

use std::future::Future;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::sync::mpsc::channel;

use futures::poll;
use tempfile::TempDir;

use super::durable::Sync;
use super::limits::Limits;
use super::*;
use crate::ids::{AppId, OpenId};
use crate::store::batch;
use crate::store::batch::tests::bench;

struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn url(&self) -> String {
        format!("sqlite:{}", self.path("gateway.db").display())
    }

    fn open(&self) -> SqliteStore {
        SqliteStore::open(&self.url(), bench()).unwrap()
    }

    /// A store with other limits, on a disk that `sync` waits for.
    fn open_with(&self, limits: Limits, sync: Sync) -> SqliteStore {
        self.open_on(File::parse(&self.url()).unwrap().writer().unwrap(), limits, sync)
    }

    /// The same with the writer's connection.
    fn open_on(&self, connection: Connection, limits: Limits, sync: Sync) -> SqliteStore {
        let file = File::parse(&self.url()).unwrap();
        let recent = Arc::<Recent>::default();
        let writer = Writer::start_with(&file, connection, bench(), limits, sync, recent.clone()).unwrap();
        SqliteStore { readers: Some(Readers::new(file)), writer, recent, eraser: bench().eraser }
    }

    fn number(&self, sql: &str) -> i64 {
        Connection::open(self.path("gateway.db")).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
    }

    fn events(&self) -> i64 {
        self.number("SELECT count(*) FROM event")
    }
}

fn touch(key: &str) -> Command {
    batch::tests::touch("oLin0001", key)
}

async fn is_fresh(store: &SqliteStore, key: &str) -> bool {
    match store.settle(touch(key)).await.unwrap() {
        Settled::Done(receipt) => receipt.fresh,
        Settled::Stranger => panic!("nobody asked"),
    }
}

async fn is_pending(asking: &mut (impl Future + Unpin)) -> bool {
    poll!(asking).is_pending()
}

/// Has the writer find all of them waiting.
async fn all_at_once<F: Future>(store: &SqliteStore, asked: impl Iterator<Item = F>) -> Vec<F::Output> {
    let (go_on, held) = channel::<()>();
    let mut holding = pin!(store.writer.run(move |_| {
        held.recv().unwrap();
        Ok(())
    }));
    assert!(is_pending(&mut holding).await);
    let together: Vec<_> = asked.collect();
    go_on.send(()).unwrap();
    futures::future::join_all(together).await
}
