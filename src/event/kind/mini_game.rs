//! Events `minigame_coin_deliver_completed` and `minigame_deliver_goods`.

use smol_str::SmolStr;

use super::{Ack, Effect, Person};
use crate::event::value::wire;

wire! {
    /// Coins or goods of a mini-game are to be delivered. Whom it is about stands in the payload, which nobody may believe
    /// before its signature is checked with the key of the payment.
    pub struct MiniGame {
        /// What happened, and its proof.
        game: Notice = "MiniGame";
    }

    /// One notice.
    pub struct Notice {
        /// JSON, as it was signed.
        payload: Option<SmolStr> = "Payload";
        /// HMAC-SHA256 over the event, `&` and the payload, hex.
        signature: Option<SmolStr> = "PayEventSig";
        /// Sent by the console's "simulate" button.
        is_mock: Option<bool> = "IsMock";
    }
}

impl Effect for MiniGame {
    fn person(&self) -> Person<'_> {
        Person::Nobody
    }

    fn acknowledgement(&self) -> Ack {
        Ack::ErrCode
    }
}
