//! Event `user_authorization_cancellation`.

use smol_str::SmolStr;

use super::{Effect, Person};
use crate::event::key::KeyText;
use crate::event::value::wire;
use crate::ids::{OpenId, UnionId};
use crate::ledger::Action;

wire! {
    /// The person closed their WeChat account: everything about them must be deleted.
    pub struct AuthorizationCancellation {
        /// The person; the sender is a service of WeChat.
        open_id: OpenId = "OpenID" | "openid" | "OpenId";
        /// The person across the brand's accounts; mini-programs only.
        union_id: Option<UnionId> = "UnionID" | "unionid" | "UnionId";
        /// The account that the person dealt with.
        app_id: Option<SmolStr> = "AppID" | "appid" | "AppId";
        /// The plug-in through which they did.
        plugin_id: Option<SmolStr> = "PluginID";
        /// The person as the plug-in sees them.
        plugin_open_id: Option<OpenId> = "OpenPID";
    }
}

impl Effect for AuthorizationCancellation {
    fn person(&self) -> Person<'_> {
        Person::Named(&self.open_id)
    }

    fn union_id(&self) -> Option<&UnionId> {
        self.union_id.as_ref()
    }

    fn distinguish(&self, key: &mut KeyText<'_>) {
        key.with(self.open_id.as_str());
    }

    fn action(&self) -> Action {
        Action::Erase
    }
}
