//! What a third-party platform is told about itself, and the way of an account's messages through one: WeChat's documents
//! "验证票据" and "授权变更通知推送".

use std::sync::Arc;

use super::{Push, Replies};
use crate::{
    platform::Platform,
    wire::fields::Fields,
    world::{
        Registered,
        account::{Account, Kind},
        components::{Authorized, functions},
    },
};

impl Push {
    /// The ticket with which it gets its token.
    pub(crate) fn ticket(component: &Arc<Registered>, ticket: &str, now: i64) -> Self {
        let fields = Fields::new().text("ComponentVerifyTicket", ticket);
        Self::to_component(component, "component_verify_ticket", now, fields)
    }

    /// An account authorised it, or changed what it may do; nothing where the permissions stayed the same.
    pub(crate) fn authorized(
        component: &Arc<Registered>,
        authorizer: &str,
        authorized: &Authorized,
        pre_auth_code: &str,
        now: i64,
    ) -> Option<Self> {
        let fields = Fields::new()
            .text("AuthorizerAppid", authorizer)
            .text("AuthorizationCode", &authorized.code)
            .number("AuthorizationCodeExpiredTime", authorized.expires_at)
            .text("PreAuthCode", pre_auth_code);
        Some(Self::to_component(component, authorized.told?, now, fields))
    }

    /// An account withdrew its authorisation.
    pub(crate) fn unauthorized(component: &Arc<Registered>, authorizer: &str, now: i64) -> Self {
        let fields = Fields::new().text("AuthorizerAppid", authorizer);
        Self::to_component(component, "unauthorized", now, fields)
    }

    /// These have neither `ToUserName` nor `MsgType`.
    pub(super) fn to_component(
        component: &Arc<Registered>,
        info_type: &str,
        now: i64,
        fields: Fields,
    ) -> Self {
        let head = Fields::new().text("AppId", &component.account.app_id).number("CreateTime", now);
        Self {
            registered: component.clone(),
            person: None,
            kind: info_type.to_owned(),
            plaintext: head.text("InfoType", info_type).and(fields).to_xml(),
            replies: Replies::Ignored,
            through: None,
        }
    }

    /// Where it goes.
    pub(super) fn callback(&self) -> Option<String> {
        let account = &self.registered.account;
        match &self.through {
            Some(component) => {
                let callback = component.account.message_callback.as_deref()?;
                Some(callback.replace("$APPID$", &account.app_id))
            }
            None => account.callback.clone(),
        }
    }
}

impl Platform {
    /// An account's push goes to the third-party platform that it entrusted its messages to, in the place of its own
    /// server, if that one has an address for messages.
    pub(super) fn routed(&self, push: Push) -> Push {
        let account = &push.registered.account;
        let through = self.messenger(&account.app_id, account.kind);
        Push { through, ..push }
    }

    fn messenger(&self, app_id: &str, kind: Kind) -> Option<Arc<Registered>> {
        let world = self.world();
        let mut messengers = world.components.messengers(app_id, kind).filter_map(|one| world.account(one));
        messengers.find(|one| one.account.message_callback.is_some()).cloned()
    }

    /// An account authorises a third-party platform with all that it can give, or withdraws; what the platform is told.
    pub(crate) fn entrust(
        &self,
        component: &Arc<Registered>,
        account: &Account,
        gives: bool,
    ) -> Option<Push> {
        let now = self.clock.seconds();
        let mut world = self.world_mut();
        let own = &component.account.app_id;
        if !gives {
            let withdrawn = world.components.unauthorize(own, &account.app_id);
            return withdrawn.then(|| Push::unauthorized(component, &account.app_id, now));
        }
        let all: Vec<u32> = functions(account.kind).iter().map(|(id, _)| *id).collect();
        let authorized = world.components.authorize(own, &account.app_id, &all, now);
        Push::authorized(component, &account.app_id, &authorized, "", now)
    }

    /// Gives each third-party platform that has asked for the first one its next ticket, every ten minutes. Where the
    /// clock jumped over several, there is one.
    pub(super) fn give_due_tickets(self: &Arc<Self>, now: i64) {
        let waiting = self.world().components.waiting_for_tickets(now);
        for app_id in waiting {
            let Some(push) = self.next_ticket(&app_id, now) else { continue };
            let platform = self.clone();
            tokio::spawn(async move { platform.push(push).await });
        }
    }

    /// A new ticket as a push. Who is no third-party platform any more gets none, and no other ever.
    pub(crate) fn next_ticket(&self, app_id: &str, now: i64) -> Option<Push> {
        let mut world = self.world_mut();
        let component = world.account(app_id).filter(|one| one.account.kind == Kind::Component).cloned();
        let Some(component) = component else {
            world.components.forget(app_id);
            return None;
        };
        let ticket = world.components.ticket(app_id, now);
        self.clock.wake();
        Some(Push::ticket(&component, &ticket, now))
    }
}
