//! Parametric QR codes: their tickets in WeChat's layout, and which scene each stands for.

use std::collections::HashMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

use super::saved;
use crate::ids;

/// What a QR code says when it is scanned.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Scene {
    /// Reported as decimal text.
    Id(u32),
    Text(String),
}

/// One QR code.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct QrCode {
    pub(crate) ticket: String,
    pub(crate) url: String,
    pub(crate) scene: Scene,
    pub(crate) app_id: String,
    /// Unix seconds; `None` for a permanent one.
    pub(crate) expires_at: Option<i64>,
    /// Counts up over all codes.
    pub(crate) serial: u32,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Scenes {
    #[serde(serialize_with = "saved::sorted")]
    by_ticket: HashMap<String, QrCode>,
    /// The newest ticket of an account's scene.
    #[serde(with = "saved::pairs")]
    latest: HashMap<(String, String), String>,
    /// How many codes without an end each account has.
    #[serde(serialize_with = "saved::sorted")]
    permanent: HashMap<String, usize>,
    created: u32,
}

/// Characters of a scene that is text, at most.
const LONGEST: usize = 64;

impl Scene {
    /// One that `qrcode/create` makes a code for, or what a scene has to be.
    pub(crate) fn checked(self) -> Result<Self, &'static str> {
        match &self {
            Self::Id(0) => Err("a scene that is a number is from 1 to 4294967295"),
            Self::Text(text) if !(1..=LONGEST).contains(&text.chars().count()) => {
                Err("a scene that is text has 1 to 64 characters")
            }
            _ => Ok(self),
        }
    }

    /// As it stands in `EventKey`.
    pub(crate) fn key(&self) -> String {
        match self {
            Self::Id(id) => id.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

impl Scenes {
    /// Creates a code. The same permanent scene gives the same code, a temporary one a new ticket each time.
    pub(crate) fn create(&mut self, app_id: &str, scene: Scene, lifetime: Option<i64>, now: i64) -> QrCode {
        if lifetime.is_none()
            && let Some(code) = self.latest(app_id, &scene.key())
            && code.expires_at.is_none()
            && code.scene == scene
        {
            return code.clone();
        }
        self.created += 1;
        if lifetime.is_none() {
            *self.permanent.entry(app_id.to_owned()).or_default() += 1;
        }
        let url = format!(
            "http://weixin.qq.com/q/02{}",
            ids::opaque(19, &["qr", app_id, &scene.key(), &self.created.to_string()])
        );
        let expires_at = lifetime.map(|seconds| now + seconds);
        let code = QrCode {
            ticket: ticket(&url, self.created, now, lifetime.unwrap_or(0)),
            url,
            scene,
            app_id: app_id.to_owned(),
            expires_at,
            serial: self.created,
        };
        self.latest.insert((app_id.to_owned(), code.scene.key()), code.ticket.clone());
        self.by_ticket.insert(code.ticket.clone(), code.clone());
        code
    }

    /// The newest code of that scene.
    pub(crate) fn latest(&self, app_id: &str, scene: &str) -> Option<&QrCode> {
        self.by_ticket.get(self.latest.get(&(app_id.to_owned(), scene.to_owned()))?)
    }

    /// The code of a ticket.
    pub(crate) fn by_ticket(&self, ticket: &str) -> Option<&QrCode> {
        self.by_ticket.get(ticket)
    }

    /// The newest code of every scene, newest first.
    pub(crate) fn newest(&self) -> Vec<&QrCode> {
        let mut codes: Vec<&QrCode> =
            self.latest.values().filter_map(|ticket| self.by_ticket.get(ticket)).collect();
        codes.sort_unstable_by_key(|code| std::cmp::Reverse(code.serial));
        codes
    }

    /// The code that a camera read.
    pub(crate) fn by_url(&self, url: &str) -> Option<&QrCode> {
        self.by_ticket.values().find(|code| code.url == url)
    }

    /// How many permanent codes an account has.
    pub(crate) fn permanent(&self, app_id: &str) -> usize {
        self.permanent.get(app_id).copied().unwrap_or(0)
    }

    pub(crate) fn forget(&mut self, app_id: &str) {
        self.by_ticket.retain(|_, code| code.app_id != app_id);
        self.permanent.remove(app_id);
        self.latest.retain(|(of, _), _| of != app_id);
    }
}

/// 70 bytes as 96 characters: a head, zeros, then tag-length-value triples for the URL (1), the time (2) and the
/// lifetime (3); the layout of four published tickets.
fn ticket(url: &str, serial: u32, now: i64, lifetime: i64) -> String {
    let little_endian = |n: i64| u32::try_from(n).unwrap_or(0).to_le_bytes();
    let mut bytes = vec![0x81, 0x01];
    bytes.extend_from_slice(&[(serial >> 8) as u8, serial as u8, 0x3c]);
    bytes.resize(12, 0);
    bytes.extend_from_slice(&[1, u8::try_from(url.len()).unwrap_or(0)]);
    bytes.extend_from_slice(url.as_bytes());
    bytes.extend_from_slice(&[2, 4]);
    bytes.extend_from_slice(&little_endian(now));
    bytes.extend_from_slice(&[3, 4]);
    bytes.extend_from_slice(&little_endian(lifetime));
    STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_96_characters_from_gq_with_the_url_and_times_inside() {
        let mut scenes = Scenes::default();
        let code = scenes.create("wx1", Scene::Text("ref=m1024".into()), Some(604_800), 1_760_000_000);

        assert_eq!((code.ticket.len(), &code.ticket[..2]), (96, "gQ"));
        let bytes = STANDARD.decode(&code.ticket).unwrap();
        assert_eq!(bytes.len(), 70);
        assert_eq!(&bytes[14..58], code.url.as_bytes());
        assert_eq!(&bytes[60..64], &1_760_000_000_u32.to_le_bytes());
        assert_eq!(&bytes[66..70], &604_800_u32.to_le_bytes());
    }

    #[test]
    fn a_permanent_scene_keeps_its_code_and_a_temporary_one_does_not() {
        let mut scenes = Scenes::default();
        let permanent = |s: &mut Scenes| s.create("wx1", Scene::Id(7), None, 1).ticket;
        assert_eq!(permanent(&mut scenes), permanent(&mut scenes));

        let temporary = |s: &mut Scenes| s.create("wx1", Scene::Id(8), Some(60), 1).ticket;
        assert_ne!(temporary(&mut scenes), temporary(&mut scenes));
    }
}
