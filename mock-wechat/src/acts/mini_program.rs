//! What a visitor of a mini-program does.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::json;

use super::{ActError, Effect, Scenery};
use crate::{
    push::Replies,
    wire::{fields::Fields, userdata},
    world::{World, account::Kind, codes::Purpose, windows::Trigger},
};

/// Enter the customer-service chat.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Enter {
    /// The button's `session-from`.
    pub(crate) session_from: String,
}

/// `wx.login`: gives a `js_code`, pushes nothing.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Login {}

/// Consent to the phone number: gives a `code`, pushes nothing.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Phone {}

/// `wx.getUserInfo` of old: encrypted user data, pushes nothing.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct UserData {
    /// The phone number and not the profile.
    pub(crate) phone: bool,
}

impl UserData {
    pub(super) fn act(&self, at: &Scenery<'_>, world: &mut World) -> Result<Effect, ActError> {
        at.must_be(Kind::MiniProgram, "hand over user data")?;
        let impossible = |why: String| ActError::Impossible(why);
        let key = world.codes.session_key(at.app_id(), at.person).map(str::to_owned).ok_or_else(|| {
            impossible(format!("{} has no session yet; log in and call jscode2session first", at.name))
        })?;
        let person =
            world.find_person(at.person).ok_or_else(|| impossible("there is no such person".into()))?;
        let (open_id, union_id) = (at.registered.open_ids.seal(at.person), at.registered.union_id(at.person));
        let raw = json!({
            "nickName": person.name, "gender": 0, "language": person.language, "city": "", "province": "",
            "country": "", "avatarUrl": format!("https://thirdwx.qlogo.cn/mmopen/vi_32/{:016x}/132", at.person.number()),
        });
        let mut data = match self.phone {
            true => {
                let number = person.phone();
                json!({"phoneNumber": number, "purePhoneNumber": number, "countryCode": "86"})
            }
            false => raw.clone(),
        };
        if !self.phone {
            data["openId"] = open_id.into();
            if let Some(union_id) = union_id {
                data["unionId"] = union_id.into();
            }
        }
        data["watermark"] = json!({"timestamp": at.now, "appid": at.app_id()});
        let iv = STANDARD.encode(at.platform.sequence.random16());
        let sealed = userdata::encrypt(&key, &iv, &data.to_string())
            .map_err(|error| impossible(format!("the session key does not seal: {error}")))?;
        let signature = userdata::raw_data_signature(&raw.to_string(), &key);
        let mut effect = Effect::default().with("encryptedData", sealed).with("iv", iv);
        if !self.phone {
            effect = effect.with("rawData", raw.to_string()).with("signature", signature);
        }
        Ok(effect)
    }
}

impl Enter {
    pub(super) fn act(&self, at: &Scenery<'_>, world: &mut World) -> Result<Effect, ActError> {
        if at.kind() == Kind::OfficialAccount {
            at.must_follow(world, "enter its chat")?;
            return Ok(Effect::nothing(
                "entering an Official Account's chat pushes nothing; a location report is `location` with `report`".into(),
            ));
        }
        let account = &at.registered.account;
        if let Some(relation) = world.relation_mut(at.person, at.app_id()) {
            relation.windows.open(Trigger::Enter, account.kind, account.windows, at.now);
        }
        let fields = Fields::new().text("SessionFrom", &self.session_from);
        Ok(Effect::push(at.event(world, "user_enter_tempsession", Replies::Ignored, fields)))
    }
}

impl Login {
    pub(super) fn act(&self, at: &Scenery<'_>, world: &mut World) -> Result<Effect, ActError> {
        at.must_be(Kind::MiniProgram, "log in")?;
        let code = world.codes.issue(at.app_id(), at.person, Purpose::Login, at.now);
        Ok(Effect::default().with("js_code", code))
    }
}

impl Phone {
    pub(super) fn act(&self, at: &Scenery<'_>, world: &mut World) -> Result<Effect, ActError> {
        at.must_be(Kind::MiniProgram, "give a phone number")?;
        let code = world.codes.issue(at.app_id(), at.person, Purpose::Phone, at.now);
        Ok(Effect::default().with("code", code))
    }
}
