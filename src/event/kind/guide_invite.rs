//! Event `guide_invite_result_event`, retired by WeChat; its elements are known from libraries only.

use smol_str::SmolStr;

use super::{Effect, Person};
use crate::event::value::wire;
use crate::ids::OpenId;

wire! {
    /// A member of staff accepted or refused to become a guide.
    pub struct GuideInvite {
        /// The answer.
        invitation: Invitation = "GuideInviteEvent";
    }

    /// One invitation.
    pub struct Invitation {
        /// The guide, as the account names them.
        guide: Option<SmolStr> = "guide_account";
        /// The guide as a person.
        guide_open_id: Option<OpenId> = "guide_openid";
        /// Their answer.
        result: Option<i64> = "invite_result";
    }
}

impl Effect for GuideInvite {
    fn person(&self) -> Person<'_> {
        Person::Nobody
    }
}
