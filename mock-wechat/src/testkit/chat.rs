//! What an act led to, and assertions about it.

use std::sync::Arc;

use super::{
    mock::{PATIENCE, Shared},
    report,
};
use crate::{
    ids::PersonKey,
    journal::Delivery,
    push::Outcome,
    world::chat::{Author, Message},
};

/// A chat between a person and an account, from an act on. It is live: what arrives later is in it too.
#[derive(Debug, Clone)]
pub struct Chat {
    shared: Arc<Shared>,
    person: PersonKey,
    name: String,
    app_id: String,
    /// Messages up to this id were there before the act.
    since: u64,
    outcome: Outcome,
}

impl Chat {
    pub(super) fn whole(shared: Arc<Shared>, person: PersonKey, name: &str, app_id: &str) -> Self {
        let (name, app_id) = (name.to_owned(), app_id.to_owned());
        Self { shared, person, name, app_id, since: 0, outcome: Outcome::default() }
    }

    pub(super) fn since(whole: Self, since: u64, outcome: Outcome) -> Self {
        Self { since, outcome, ..whole }
    }

    /// All messages since the act, oldest first.
    pub fn messages(&self) -> Vec<Message> {
        let world = self.shared.platform.world();
        let relation = world.find_person(self.person).and_then(|person| person.relation(&self.app_id));
        let messages = relation.into_iter().flat_map(|relation| relation.chat.messages());
        messages.filter(|message| message.id > self.since).cloned().collect()
    }

    /// What the act's own pushes showed: the passive reply, or WeChat's grey line.
    pub fn shown(&self) -> &[Message] {
        &self.outcome.shown
    }

    /// Every attempt to deliver what the act pushed.
    pub fn deliveries(&self) -> &[Arc<Delivery>] {
        &self.outcome.deliveries
    }

    /// The words that the account or WeChat showed since the act, one text after the other.
    pub fn texts(&self) -> Vec<String> {
        self.messages()
            .into_iter()
            .filter(|message| message.from != Author::Person)
            .filter_map(|message| message.text)
            .collect()
    }

    /// Whether the person follows the account now.
    pub fn follows(&self) -> bool {
        let world = self.shared.platform.world();
        world.find_person(self.person).is_some_and(|person| person.follows(&self.app_id))
    }

    /// Asserts that the account showed a text with these words in it.
    ///
    /// # Panics
    /// When it did not, with the nearest text and the wire.
    #[track_caller]
    pub fn shows_text_containing(&self, words: &str) -> &Self {
        assert!(self.has(words), "{}", self.report(&format!("a text containing {words:?}"), words));
        self
    }

    /// Asserts that no text with these words is shown.
    ///
    /// # Panics
    /// When one is.
    #[track_caller]
    pub fn shows_no_text_containing(&self, words: &str) -> &Self {
        assert!(!self.has(words), "{}", self.report(&format!("no text containing {words:?}"), words));
        self
    }

    /// Asserts that neither the account nor WeChat showed anything since the act.
    ///
    /// # Panics
    /// When they did.
    #[track_caller]
    pub fn shows_nothing(&self) -> &Self {
        let silent = self.messages().iter().all(|message| message.from == Author::Person);
        assert!(silent, "{}", self.report("nothing from the account or WeChat", ""));
        self
    }

    /// Asserts that WeChat showed its grey line because the account's server failed.
    ///
    /// # Panics
    /// When it did not.
    #[track_caller]
    pub fn shows_fault_line(&self) -> &Self {
        let shown =
            self.messages().iter().any(|message| message.from == Author::Wechat && message.kind == "notice");
        assert!(shown, "{}", self.report("WeChat's grey fault line", ""));
        self
    }

    /// Asserts that the act pushed something and that every push was answered well in the end.
    ///
    /// # Panics
    /// When nothing was pushed or the last attempt's answer was bad.
    #[track_caller]
    pub fn is_answered_well(&self) -> &Self {
        let mut originals = self.deliveries().iter().filter(|delivery| !delivery.duplicate);
        let good = originals.next_back().is_some_and(|delivery| delivery.verdict.ok);
        assert!(good, "{}", self.report("a good answer to the push", ""));
        self
    }

    /// Waits, at most five seconds, until a text with these words is shown: for what an account sends later.
    ///
    /// # Panics
    /// When none comes, with the nearest text and the wire.
    pub async fn wait_for_text_containing(&self, words: &str) -> &Self {
        if !self.has(words) {
            let (chat, words) = (self.clone(), words.to_owned());
            // Messages come by API calls, and a call is written down after its message is in the chat.
            let wait = async move {
                chat.shared.platform.calls.wait(|_| chat.has(&words), 1, PATIENCE).await;
            };
            self.shared.run(wait).await;
        }
        self.shows_text_containing(words)
    }

    fn has(&self, words: &str) -> bool {
        self.texts().iter().any(|text| text.contains(words))
    }

    fn report(&self, expected: &str, words: &str) -> String {
        let account = {
            let world = self.shared.platform.world();
            world.account(&self.app_id).map_or_else(|| self.app_id.clone(), |r| r.account.name.clone())
        };
        let calls = self.shared.platform.calls.find(|call| call.account.as_ref() == Some(&account)).entries;
        report::chat(&self.name, &account, expected, words, &self.messages(), self.deliveries(), &calls)
    }
}
