//! Short keys for long texts.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::saved;
use crate::ids;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Long {
    pub(crate) app_id: String,
    pub(crate) text: String,
    /// Unix seconds.
    pub(crate) created: i64,
    /// Seconds.
    pub(crate) lifetime: i64,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct ShortKeys(#[serde(serialize_with = "saved::sorted")] HashMap<String, Long>);

impl ShortKeys {
    /// 15 characters.
    pub(crate) fn add(&mut self, long: Long) -> String {
        let key = ids::alphanumeric(15, &["short", &long.app_id, &long.text, &self.0.len().to_string()]);
        self.0.insert(key.clone(), long);
        key
    }

    pub(crate) fn find(&self, app_id: &str, key: &str, now: i64) -> Option<&Long> {
        self.0.get(key).filter(|long| long.app_id == app_id && now - long.created < long.lifetime)
    }

    pub(crate) fn forget(&mut self, app_id: &str) {
        self.0.retain(|_, long| long.app_id != app_id);
    }
}
