//! Event `user_enter_tempsession`.

use super::Effect;
use crate::event::value::{Words, wire};
use crate::ledger::Facts;

wire! {
    /// The person opened the customer-service chat of a mini-program.
    pub struct EnterChat {
        /// `session-from` of the button: whatever the page's author put there, a person's data included.
        session_from: Words = "SessionFrom";
    }
}

impl Effect for EnterChat {
    /// The log keeps where somebody came from when it is a plain word, and nothing that could be about them.
    fn facts(&self, facts: &mut Facts) {
        let from = &*self.session_from;
        let plain = |b: u8| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-' | b'.');
        if (1..=32).contains(&from.len()) && from.bytes().all(plain) {
            facts.source = Some(from.into());
        }
    }
}
