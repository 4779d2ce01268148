//! The whole state of a mock as text, to be loaded again: what decides how WeChat answers next.
//!
//! State are accounts with their menus, QR codes, tags, templates and files; people, whom they follow, what they agreed
//! to, their chats and message windows; tokens, codes, tickets and session keys; payments, and which of their
//! notifications come again when; quotas; faults in place and how far they were drawn; how far the clock is ahead; and
//! the number that counts ids up.
//!
//! Journal, and not saved, is what merely happened: calls and deliveries. Nor are the minute for which pushes are
//! suspended after many failures, and what is on its way.
//!
//! The form is JSON, `{"format": "mock-wechat state", "version": 1, ...}`. Whoever changes what is in it so that this
//! version's code cannot read it counts [`VERSION`] up.

use serde::{Deserialize, Serialize};

use crate::{
    faults::{FaultError, SavedFaults},
    platform::Platform,
    world::{World, quotas::Quotas},
};

/// What a state says it is.
const FORMAT: &str = "mock-wechat state";
/// The version that is written, and the only one that is read.
const VERSION: u64 = 1;

/// Why a state cannot be loaded. Nothing is changed then.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// It is something else.
    #[error(
        "this is no saved state of mock-wechat ({0}); one begins with {{\"format\": \"mock-wechat state\", and GET \
         /_mock/state gives it"
    )]
    Foreign(String),
    /// Its version is unknown here.
    #[error(
        "this state has version {version}, written by mock-wechat {written_by}; this mock-wechat, {}, reads version \
         {VERSION}: load it with the one that wrote it or a newer one, or start without it",
        env!("CARGO_PKG_VERSION")
    )]
    Version {
        /// As the state says.
        version: u64,
        /// The version of the program, as the state says.
        written_by: String,
    },
    /// It is of this version, and damaged or edited.
    #[error("this state does not fit: {0}; correct it there, or start without it")]
    Damaged(#[source] serde_json::Error),
    /// A fault in it cannot be.
    #[error("this state has a fault that cannot be: {0}")]
    Fault(#[from] FaultError),
    /// It cannot be written as JSON.
    #[error("the state cannot be written: {0}")]
    Unwritable(#[source] serde_json::Error),
}

/// What a state holds.
#[derive(Debug, Serialize)]
struct Saved<'a> {
    format: &'static str,
    version: u64,
    /// The version of the program.
    written_by: &'static str,
    /// Milliseconds that the clock is ahead of real time.
    ahead_ms: i64,
    /// The next number of the sequence that ids are made from.
    next_id: u64,
    faults: SavedFaults,
    quotas: &'a Quotas,
    world: &'a World,
}

/// What says whether the rest can be read.
#[derive(Debug, Deserialize)]
struct Head {
    format: String,
    version: u64,
    #[serde(default)]
    written_by: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Loaded {
    #[serde(rename = "format")]
    _format: String,
    #[serde(rename = "version")]
    _version: u64,
    #[serde(rename = "written_by")]
    _written_by: String,
    ahead_ms: i64,
    next_id: u64,
    faults: SavedFaults,
    quotas: Quotas,
    world: World,
}

impl Platform {
    /// The state as JSON, the same for the same state.
    pub(crate) fn state(&self) -> Result<Vec<u8>, StateError> {
        let (world, quotas) = (self.world(), self.quotas());
        let saved = Saved {
            format: FORMAT,
            version: VERSION,
            written_by: env!("CARGO_PKG_VERSION"),
            ahead_ms: self.clock.offset_millis(),
            next_id: self.sequence.upcoming(),
            faults: self.faults.saved(),
            quotas: &quotas,
            world: &world,
        };
        serde_json::to_vec(&saved).map_err(StateError::Unwritable)
    }

    /// Puts a state in the place of this one; the journals stay, and ids count on from the higher number.
    pub(crate) fn load(&self, state: &[u8]) -> Result<(), StateError> {
        let Loaded { ahead_ms, next_id, faults, quotas, world, .. } = read(state)?;
        let mut here = self.world_mut();
        self.faults.load(faults)?;
        *self.quotas() = quotas;
        self.marks.forget_all();
        self.clock.be_ahead(ahead_ms);
        self.sequence.skip_to(next_id);
        *here = world.restored();
        Ok(())
    }
}

fn read(state: &[u8]) -> Result<Loaded, StateError> {
    // First without looking at the rest, which may be of another version.
    let head: Head = serde_json::from_slice(state).map_err(|error| match error.is_data() {
        true => StateError::Foreign(error.to_string()),
        false => StateError::Damaged(error),
    })?;
    let Head { format, version, written_by } = head;
    if format != FORMAT {
        return Err(StateError::Foreign(format!("its format is {format:?}")));
    }
    if version != VERSION {
        return Err(StateError::Version { version, written_by });
    }
    serde_json::from_slice(state).map_err(StateError::Damaged)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::acts::Act;

    async fn lived_in() -> Platform {
        let platform = Platform::new();
        for (person, account, act) in [
            ("lin", "brand", json!({"follow": {"scene": "store-12"}})),
            ("lin", "brand", json!({"text": {"content": "10,000?"}})),
            ("lin", "brand", json!({"image": {}})),
            ("lin", "brand", json!({"pay": {"fen": 12_900, "out_trade_no": "order-1"}})),
            ("lin", "shop", json!({"login": {}})),
            ("mei", "brand", json!({"follow": {}})),
            ("mei", "brand", json!({"unfollow": {}})),
        ] {
            // Nobody listens, and nobody has to.
            let closed = platform.world().account(account).unwrap().account.clone();
            let closed = crate::world::account::Account { callback: None, ..closed };
            platform.world_mut().put_account(closed).unwrap();
            let act: Act = serde_json::from_value(act).unwrap();
            platform.perform(person, account, &act).await.unwrap();
        }
        platform.clock.advance(std::time::Duration::from_secs(3600));
        let fault = json!({"on": "/cgi-bin/user/get", "do": "hang", "probability": 0.5});
        platform.faults.add(serde_json::from_value(fault).unwrap()).unwrap();
        platform.faults.set_seed(9);
        platform
    }

    #[tokio::test]
    async fn what_is_loaded_is_what_was_saved_byte_for_byte() {
        let saved = lived_in().await.state().unwrap();
        let other = Platform::new();

        other.load(&saved).unwrap();

        assert_eq!(String::from_utf8(other.state().unwrap()), String::from_utf8(saved));
    }

    #[tokio::test]
    async fn followers_are_found_again_and_ids_count_on() {
        let platform = lived_in().await;
        let other = Platform::new();

        other.load(&platform.state().unwrap()).unwrap();

        assert_eq!(other.world().follower_count("wx00000000000000aa"), 1);
        assert!(other.sequence.next() >= platform.sequence.upcoming());
        assert_eq!(other.faults.seed(), 9);
        assert!((other.clock.offset_millis() - 3_600_000).abs() < 1000);
    }

    #[tokio::test]
    async fn what_is_no_state_of_this_version_is_refused_and_changes_nothing() {
        let platform = lived_in().await;
        let before = platform.state().unwrap();
        let altered = |change: fn(&mut Value)| {
            let mut state: Value = serde_json::from_slice(&before).unwrap();
            change(&mut state);
            state.to_string()
        };

        for (state, needle) in [
            (String::new(), "EOF"),
            (String::from_utf8(before[..before.len() / 2].to_vec()).unwrap(), "line 1 column"),
            ("[]".into(), "no saved state of mock-wechat"),
            ("{\"people\": []}".into(), "no saved state of mock-wechat"),
            (altered(|s| s["format"] = json!("something")), "its format is \"something\""),
            (altered(|s| s["version"] = json!(2)), "has version 2, written by mock-wechat 0.1.0"),
            (altered(|s| s["world"]["dreams"] = json!([])), "unknown field `dreams`"),
            (altered(|s| s["world"]["accounts"][0]["token"] = json!("!")), "account brand: token must be"),
            (altered(|s| s["faults"]["active"][0]["fault"]["on"] = json!("x")), "a fault that cannot be"),
        ] {
            let error = platform.load(state.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(needle), "{needle}: {error}");
            assert_eq!(platform.state().unwrap(), before, "{needle}");
        }
    }
}
