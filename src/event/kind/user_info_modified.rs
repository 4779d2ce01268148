//! Event `user_info_modified`.

use smol_str::SmolStr;

use super::{Effect, Person};
use crate::event::key::KeyText;
use crate::event::value::wire;
use crate::ids::{OpenId, UnionId};

wire! {
    /// WeChat changed what is risky in the profile of the person: what was copied of it earlier must be fetched anew. The
    /// gateway keeps no nickname and no picture, and the link to the account stays as it is.
    pub struct UserInfoModified {
        /// The person; the sender is a service of WeChat.
        open_id: OpenId = "OpenID" | "openid" | "OpenId";
        /// The person across the brand's accounts; mini-programs only.
        union_id: Option<UnionId> = "UnionID" | "unionid" | "UnionId";
        /// The account that the person dealt with.
        app_id: Option<SmolStr> = "AppID" | "appid" | "AppId";
    }
}

impl Effect for UserInfoModified {
    fn person(&self) -> Person<'_> {
        Person::Named(&self.open_id)
    }

    fn union_id(&self) -> Option<&UnionId> {
        self.union_id.as_ref()
    }

    fn distinguish(&self, key: &mut KeyText<'_>) {
        key.with(self.open_id.as_str());
    }
}
