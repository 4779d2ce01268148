//! What a phone hands to a mini-program's server: login and phone codes, each good for one use in five minutes, and
//! the session keys behind the logins.

use std::collections::HashMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

use super::saved;
use crate::ids::{self, PersonKey};

const LIFETIME: i64 = 300;

/// What a code is for; one kind is not accepted in the place of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Purpose {
    Login,
    Phone,
    /// Web OAuth; what was consented to.
    Web {
        user_info: bool,
        snapshot: bool,
    },
}

/// Why a code is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CodeError {
    /// Unknown, too old, of another account or purpose: 40029.
    Invalid,
    /// 40163.
    Used,
}

#[derive(Debug, Serialize, Deserialize)]
struct Code {
    app_id: String,
    person: PersonKey,
    purpose: Purpose,
    issued: i64,
    used: bool,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Codes {
    #[serde(serialize_with = "saved::sorted")]
    codes: HashMap<String, Code>,
    #[serde(with = "saved::pairs")]
    session_keys: HashMap<(PersonKey, String), String>,
    issued: u64,
}

impl Codes {
    /// A fresh code: 32 characters for a login, 64 hex digits for a phone.
    pub(crate) fn issue(&mut self, app_id: &str, person: PersonKey, purpose: Purpose, now: i64) -> String {
        // Used and stale ones are remembered for an hour, so that they are told apart.
        self.codes.retain(|_, code| now - code.issued < 3600);
        self.issued += 1;
        let serial = self.issued.to_string();
        let code = match purpose {
            Purpose::Login => format!("0{}", ids::alphanumeric(31, &["js_code", app_id, &serial])),
            Purpose::Web { .. } => format!("0{}", ids::alphanumeric(31, &["web_code", app_id, &serial])),
            Purpose::Phone => ids::hex(&ids::digest(&["phone_code", app_id, &serial])),
        };
        let value = Code { app_id: app_id.to_owned(), person, purpose, issued: now, used: false };
        self.codes.insert(code.clone(), value);
        code
    }

    /// Uses a code up; whose it was.
    pub(crate) fn redeem(
        &mut self,
        app_id: &str,
        purpose: Purpose,
        code: &str,
        now: i64,
    ) -> Result<PersonKey, CodeError> {
        self.use_up(app_id, code, now, |is| is == purpose).map(|(person, _)| person)
    }

    /// Uses up a code of web OAuth; whose it was and what they consented to.
    pub(crate) fn redeem_web(
        &mut self,
        app_id: &str,
        code: &str,
        now: i64,
    ) -> Result<(PersonKey, Purpose), CodeError> {
        self.use_up(app_id, code, now, |is| matches!(is, Purpose::Web { .. }))
    }

    fn use_up(
        &mut self,
        app_id: &str,
        code: &str,
        now: i64,
        fits: impl Fn(Purpose) -> bool,
    ) -> Result<(PersonKey, Purpose), CodeError> {
        let code = self.codes.get_mut(code).ok_or(CodeError::Invalid)?;
        if code.app_id != app_id || !fits(code.purpose) {
            return Err(CodeError::Invalid);
        }
        if code.used {
            return Err(CodeError::Used);
        }
        if !(0..LIFETIME).contains(&(now - code.issued)) {
            return Err(CodeError::Invalid);
        }
        code.used = true;
        Ok((code.person, code.purpose))
    }

    /// A login replaces the session key: 16 bytes in base64.
    pub(crate) fn new_session_key(&mut self, app_id: &str, person: PersonKey) -> String {
        self.issued += 1;
        let digest = ids::digest(&["session_key", app_id, &self.issued.to_string()]);
        let key = STANDARD.encode(&digest[..16]);
        self.session_keys.insert((person, app_id.to_owned()), key.clone());
        key
    }

    /// The session key of the person's latest login.
    pub(crate) fn session_key(&self, app_id: &str, person: PersonKey) -> Option<&str> {
        self.session_keys.get(&(person, app_id.to_owned())).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_good_once_for_five_minutes_and_for_its_own_account_and_purpose() {
        let mut codes = Codes::default();
        let lin = PersonKey::of("lin");
        let code = codes.issue("wx1", lin, Purpose::Login, 100);
        let late = codes.issue("wx1", lin, Purpose::Login, 100);

        assert_eq!(codes.redeem("wx2", Purpose::Login, &code, 100), Err(CodeError::Invalid));
        assert_eq!(codes.redeem("wx1", Purpose::Phone, &code, 100), Err(CodeError::Invalid));
        assert_eq!(codes.redeem("wx1", Purpose::Login, &code, 399), Ok(lin));
        assert_eq!(codes.redeem("wx1", Purpose::Login, &code, 399), Err(CodeError::Used));
        assert_eq!(codes.redeem("wx1", Purpose::Login, &late, 400), Err(CodeError::Invalid));
    }
}
