//! Which entries of the journals are shown.

use std::sync::Arc;

use crate::{
    ids::PersonKey,
    journal::{CallRecord, Delivery},
    page::view::{Kind, Scope, View},
    platform::Platform,
    world::Registered,
};

/// What the view asks for, with what is needed to decide it.
pub(super) struct Filter<'a> {
    view: &'a View,
    /// The account whose chat is open.
    open: Option<Arc<Registered>>,
    /// Every account's name, this person's OpenID, and what all its OpenIDs begin with.
    accounts: Vec<(String, String, String)>,
}

impl<'a> Filter<'a> {
    pub(super) fn new(platform: &Platform, view: &'a View) -> Self {
        let world = platform.world();
        let person = PersonKey::of(&view.person);
        let accounts = world.accounts().map(|registered| {
            let own = registered.open_ids.seal(person);
            let shared = own[..6].to_owned();
            (registered.account.name.clone(), own, shared)
        });
        Self { view, accounts: accounts.collect(), open: world.account(&view.chat).cloned() }
    }

    pub(super) fn lets_push(&self, delivery: &Delivery) -> bool {
        let of_account = self.open.as_ref().is_none_or(|open| open.account.app_id == delivery.app_id);
        let in_scope = match self.view.scope {
            Scope::Everything => true,
            Scope::Account => of_account,
            // A raw event may be from nobody: it belongs to the account.
            Scope::Here => {
                of_account && delivery.person.as_ref().is_none_or(|name| *name == self.view.person)
            }
        };
        in_scope
            && (self.view.kind != Kind::Bad || !delivery.verdict.ok)
            && self.finds(&[
                &delivery.event,
                &delivery.request.plaintext,
                &delivery.request.url,
                delivery.response.body.as_deref().unwrap_or_default(),
                &delivery.verdict.reason,
            ])
    }

    pub(super) fn lets_call(&self, call: &CallRecord) -> bool {
        (self.view.kind != Kind::Bad || call.errcode != 0 || call.status != 200)
            && self.concerns(call)
            && self.finds(&[&call.path, text(&call.request), text(&call.response)])
    }

    /// A call is about this person unless it names another person of the account and not this one.
    fn concerns(&self, call: &CallRecord) -> bool {
        if self.view.scope == Scope::Everything {
            return true;
        }
        if self.open.as_ref().is_some_and(|open| Some(&open.account.name) != call.account.as_ref()) {
            return false;
        }
        let of = |(name, ..): &&(String, String, String)| Some(name) == call.account.as_ref();
        let Some((_, own, shared)) = self.accounts.iter().find(of) else { return true };
        let names = |id: &str| {
            text(&call.request).contains(id)
                || text(&call.response).contains(id)
                || call.query.iter().any(|(_, value)| value.contains(id))
        };
        self.view.scope == Scope::Account || names(own) || !names(shared)
    }

    fn finds(&self, texts: &[&str]) -> bool {
        self.view.find.is_empty() || texts.iter().any(|text| text.contains(&self.view.find))
    }
}

/// What is no text is searched for nothing.
fn text(bytes: &bytes::Bytes) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}
