//! Event `user_authorization_revoke`.

use smol_str::SmolStr;

use super::{Effect, Person};
use crate::event::key::KeyText;
use crate::event::value::wire;
use crate::ids::{OpenId, UnionId};
use crate::ledger::{Action, Facts};

wire! {
    /// The person took back what they had allowed the account to know about them: it must be deleted.
    pub struct AuthorizationRevoke {
        /// The person; the sender is a service of WeChat.
        open_id: OpenId = "OpenID" | "openid" | "OpenId";
        /// The person across the brand's accounts; mini-programs only.
        union_id: Option<UnionId> = "UnionID" | "unionid" | "UnionId";
        /// The account that the person dealt with.
        app_id: Option<SmolStr> = "AppID" | "appid" | "AppId";
        /// What they took back. Accounts: 201 address, 205 nickname and avatar, 206 place, ...; mini-programs: 6 nickname and
        /// avatar, 8 phone number, 13 place, ...
        revoked: Option<SmolStr> = "RevokeInfo";
        /// The plug-in through which they did.
        plugin_id: Option<SmolStr> = "PluginID";
        /// The person as the plug-in sees them.
        plugin_open_id: Option<OpenId> = "OpenPID";
    }
}

impl Effect for AuthorizationRevoke {
    fn person(&self) -> Person<'_> {
        Person::Named(&self.open_id)
    }

    fn union_id(&self) -> Option<&UnionId> {
        self.union_id.as_ref()
    }

    fn distinguish(&self, key: &mut KeyText<'_>) {
        key.with(self.open_id.as_str());
        key.with(self.revoked.as_deref().unwrap_or_default());
    }

    fn facts(&self, facts: &mut Facts) {
        facts.key.clone_from(&self.revoked);
    }

    /// The profile and the link to this account go; points of a person known by another touchpoint stay.
    fn action(&self) -> Action {
        Action::Unfollow
    }
}
