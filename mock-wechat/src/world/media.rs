//! Uploaded files: temporary ones for three days, permanent ones for good.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::saved;
use crate::ids;

/// Seconds that a temporary file is kept.
const LIFETIME: i64 = 3 * 86_400;
/// Bytes of all files; the oldest go first, so that a load test does not fill the memory.
const MOST_BYTES: usize = 64 << 20;

/// One file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Medium {
    pub(crate) media_id: String,
    pub(crate) app_id: String,
    /// `image`, `voice`, `video` or `thumb`.
    pub(crate) kind: String,
    pub(crate) filename: String,
    pub(crate) content_type: String,
    #[serde(with = "saved::base64")]
    pub(crate) bytes: Bytes,
    /// Unix seconds.
    pub(crate) created: i64,
    pub(crate) permanent: bool,
    /// Title and introduction of a permanent video.
    pub(crate) title: String,
    pub(crate) introduction: String,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Media {
    #[serde(serialize_with = "saved::sorted")]
    files: HashMap<String, Medium>,
    /// Oldest first.
    order: VecDeque<String>,
    bytes: usize,
    uploaded: u64,
}

impl Media {
    /// Keeps a file under a new id: 64 characters, or 43 for a permanent one.
    pub(crate) fn add(&mut self, mut medium: Medium) -> String {
        self.uploaded += 1;
        let length = if medium.permanent { 43 } else { 64 };
        let id = ids::opaque(length, &["media", &medium.app_id, &self.uploaded.to_string()]);
        medium.media_id = id.clone();
        self.bytes += medium.bytes.len();
        self.files.insert(id.clone(), medium);
        self.order.push_back(id.clone());
        while self.bytes > MOST_BYTES && self.order.len() > 1 {
            if let Some(oldest) = self.order.pop_front() {
                self.drop_file(&oldest);
            }
        }
        id
    }

    /// An account's file that still exists.
    pub(crate) fn find(&self, app_id: &str, media_id: &str, now: i64) -> Option<&Medium> {
        let medium = self.files.get(media_id).filter(|medium| medium.app_id == app_id)?;
        (medium.permanent || now - medium.created < LIFETIME).then_some(medium)
    }

    /// Permanent files of an account, newest first.
    pub(crate) fn permanent(&self, app_id: &str) -> impl Iterator<Item = &Medium> {
        let files = self.order.iter().rev().filter_map(|id| self.files.get(id));
        files.filter(move |medium| medium.permanent && medium.app_id == app_id)
    }

    pub(crate) fn remove(&mut self, app_id: &str, media_id: &str) -> bool {
        let theirs = self.files.get(media_id).is_some_and(|m| m.app_id == app_id && m.permanent);
        if theirs {
            self.drop_file(media_id);
            self.order.retain(|id| id != media_id);
        }
        theirs
    }

    pub(crate) fn forget(&mut self, app_id: &str) {
        let gone = |medium: &Medium| medium.app_id == app_id;
        self.bytes -= self.files.values().filter(|m| gone(m)).map(|m| m.bytes.len()).sum::<usize>();
        self.files.retain(|_, medium| !gone(medium));
        self.order.retain(|id| self.files.contains_key(id));
    }

    fn drop_file(&mut self, media_id: &str) {
        if let Some(medium) = self.files.remove(media_id) {
            self.bytes -= medium.bytes.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(permanent: bool, size: usize) -> Medium {
        Medium {
            media_id: String::new(),
            app_id: "wx1".into(),
            kind: "image".into(),
            filename: "a.jpg".into(),
            content_type: "image/jpeg".into(),
            bytes: Bytes::from(vec![0; size]),
            created: 1000,
            permanent,
            title: String::new(),
            introduction: String::new(),
        }
    }

    #[test]
    fn a_temporary_file_is_gone_after_three_days_and_a_permanent_one_is_not() {
        let mut media = Media::default();
        let (temporary, permanent) = (media.add(file(false, 1)), media.add(file(true, 1)));
        let there = |media: &Media, id: &str, now| media.find("wx1", id, now).is_some();

        assert!(there(&media, &temporary, 1000 + LIFETIME - 1));
        assert!(!there(&media, &temporary, 1000 + LIFETIME));
        assert!(there(&media, &permanent, 1000 + LIFETIME));
        assert!(media.find("wx2", &permanent, 1000).is_none(), "another account's");
        assert_eq!((temporary.len(), permanent.len()), (64, 43));
        assert!(media.remove("wx1", &permanent) && !media.remove("wx1", &temporary));
    }

    #[test]
    fn the_oldest_files_make_room() {
        let mut media = Media::default();
        let first = media.add(file(true, MOST_BYTES / 2));
        let second = media.add(file(true, MOST_BYTES / 2));
        let third = media.add(file(true, 1));

        let left: Vec<_> = media.permanent("wx1").map(|m| m.media_id.clone()).collect();
        assert_eq!(left, [third, second]);
        assert!(media.find("wx1", &first, 0).is_none());
        media.forget("wx1");
        assert_eq!(media.bytes, 0);
    }
}
