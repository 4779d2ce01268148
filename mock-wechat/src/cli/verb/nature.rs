//! What a verb is called, and what it takes and does.

use serde_json::{Map, Value};

use super::Verb;
use crate::world::account::Kind;

impl Verb {
    /// As the control API's path names it.
    pub(in crate::cli) fn name(&self) -> &'static str {
        match self {
            Self::Follow { .. } => "follow",
            Self::Unfollow {} => "unfollow",
            Self::Scan { .. } => "scan",
            Self::Click { .. } => "click",
            Self::View { .. } => "view",
            Self::ViewMiniprogram { .. } => "view_miniprogram",
            Self::ScancodePush(_) => "scancode_push",
            Self::ScancodeWaitmsg(_) => "scancode_waitmsg",
            Self::PicSysphoto(_) => "pic_sysphoto",
            Self::PicPhotoOrAlbum(_) => "pic_photo_or_album",
            Self::PicWeixin(_) => "pic_weixin",
            Self::LocationSelect { .. } => "location_select",
            Self::Text { .. } => "text",
            Self::Image { .. } => "image",
            Self::Voice { .. } => "voice",
            Self::Video(_) => "video",
            Self::Shortvideo(_) => "shortvideo",
            Self::Link { .. } => "link",
            Self::Miniprogrampage { .. } => "miniprogrampage",
            Self::Location { .. } => "location",
            Self::DeviceText { .. } => "device_text",
            Self::DeviceEvent { .. } => "device_event",
            Self::Enter { .. } => "enter",
            Self::Subscribe { .. } => "subscribe",
            Self::Login {} => "login",
            Self::Phone {} => "phone",
            Self::UserData { .. } => "user_data",
            Self::Pay { .. } => "pay",
            Self::Refund { .. } => "refund",
            Self::Raw { .. } => "raw",
        }
    }

    /// As the control API's body names them.
    pub(in crate::cli) fn arguments(&self) -> Map<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(arguments)) => arguments,
            _ => Map::new(),
        }
    }

    /// Whether the receiver hears of it.
    pub(in crate::cli) fn pushes(&self) -> bool {
        !matches!(
            self,
            Self::Login {} | Self::Phone {} | Self::UserData { .. } | Self::Pay { .. } | Self::Refund { .. }
        )
    }

    /// Whether only a follower can do it.
    pub(in crate::cli) fn takes_a_follower(&self) -> bool {
        !matches!(
            self,
            Self::Follow { .. }
                | Self::Scan { .. }
                | Self::Enter { .. }
                | Self::Login {}
                | Self::Phone {}
                | Self::UserData { .. }
                | Self::Subscribe { .. }
                | Self::Pay { .. }
                | Self::Refund { .. }
                | Self::Raw { .. }
        )
    }

    /// The kind of account that it is usually done with.
    pub(in crate::cli) fn usual_kind(&self) -> Kind {
        match self {
            Self::Enter { .. } | Self::Login {} | Self::Phone {} | Self::UserData { .. } => Kind::MiniProgram,
            _ => Kind::OfficialAccount,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn arguments_are_those_of_the_control_api() {
        let follow = Verb::Follow { scene: Some("store-12".into()), transaction_id: None };

        assert_eq!(Value::Object(follow.arguments()), json!({"scene": "store-12"}));
        assert_eq!(Value::Object(Verb::Login {}.arguments()), json!({}));
    }
}
