//! Signed pushes that nobody could read, and kinds that are not known yet: kept as files for inspection, bounded.
//!
//! They hold what WeChat sent, personal data included, and are therefore readable by the gateway's user alone and
//! never copied into a log.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use bytes::Bytes;

use crate::clock::UnixMs;

/// Where to keep them. Cheap to clone; writing happens on a thread of its own.
#[derive(Clone, Debug)]
pub(crate) struct Quarantine {
    queue: Option<SyncSender<Specimen>>,
}

struct Specimen {
    name: String,
    body: Bytes,
}

impl Quarantine {
    /// Keeps up to `keep` files in `dir`; nothing when `dir` is empty.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub(crate) fn open(dir: &Path, keep: usize) -> std::io::Result<Self> {
        if dir.as_os_str().is_empty() || keep == 0 {
            return Ok(Self { queue: None });
        }
        fs::create_dir_all(dir)?;
        let (queue, specimens) = sync_channel::<Specimen>(64);
        let dir = dir.to_owned();
        thread::Builder::new().name("quarantine".into()).spawn(move || {
            for specimen in specimens {
                if let Err(error) = write(&dir, &specimen, keep) {
                    tracing::warn!(%error, "a push could not be kept for inspection");
                }
            }
        })?;
        Ok(Self { queue: Some(queue) })
    }

    /// Keeps `body`. Never waits: when the writer is behind, the push is counted and dropped.
    pub(crate) fn keep(&self, account: &str, why: &str, at: UnixMs, body: Bytes) {
        let Some(queue) = &self.queue else { return };
        let mut digest = crate::ids::DedupeKey::of(0, &String::from_utf8_lossy(&body)).digest.to_vec();
        digest.truncate(4);
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let why: String =
            why.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(40).collect();
        let name = format!("{at:013}-{account}-{why}-{digest}");
        if queue.try_send(Specimen { name, body }).is_err() {
            metrics::counter!("gateway_quarantine_dropped_total").increment(1);
        }
    }
}

fn write(dir: &Path, specimen: &Specimen, keep: usize) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(dir.join(&specimen.name))?.write_all(&specimen.body)?;
    let mut kept: Vec<PathBuf> =
        fs::read_dir(dir)?.filter_map(|entry| entry.ok().map(|e| e.path())).collect();
    kept.sort();
    for old in kept.iter().rev().skip(keep) {
        fs::remove_file(old)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_files_go_first() {
        let dir = tempfile::tempdir().unwrap();
        for at in 0..5 {
            let specimen =
                Specimen { name: format!("{at:013}-brand-x-00"), body: Bytes::from_static(b"<xml>") };
            write(dir.path(), &specimen, 3).unwrap();
        }
        let mut kept: Vec<_> = fs::read_dir(dir.path())
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        kept.sort();
        assert_eq!(kept.len(), 3);
        assert!(kept[0].starts_with("0000000000002"));
    }
}
