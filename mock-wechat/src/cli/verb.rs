//! What a person can do, as arguments. Each is a verb of the control API with its arguments under their own names.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::world::account::Kind;

/// One verb with its arguments.
#[derive(Debug, Clone, clap::Subcommand, Serialize)]
#[serde(untagged)]
pub(super) enum Verb {
    /// Follow the account: by search, by the QR code of a scene, or after a payment
    Follow {
        /// The QR code's scene: text or a number
        #[arg(long, value_parser = scene)]
        #[serde(skip_serializing_if = "Option::is_none")]
        scene: Option<Value>,
        /// The payment's number, in the place of a scene
        #[arg(long, conflicts_with = "scene")]
        #[serde(skip_serializing_if = "Option::is_none")]
        transaction_id: Option<String>,
    },
    /// Stop following
    Unfollow {},
    /// Scan a parametric QR code; someone who does not follow yet follows by it
    #[command(group = clap::ArgGroup::new("code").required(true))]
    Scan {
        /// The QR code's scene: text or a number
        #[arg(long, group = "code", value_parser = scene)]
        #[serde(skip_serializing_if = "Option::is_none")]
        scene: Option<Value>,
        /// In the place of a scene: the ticket that qrcode/create gave
        #[arg(long, group = "code")]
        #[serde(skip_serializing_if = "Option::is_none")]
        ticket: Option<String>,
    },
    /// Tap a menu button of type click
    Click {
        /// The button's key
        #[arg(long)]
        key: String,
    },
    /// Tap a menu button of type view
    View {
        /// The button's URL
        #[arg(long)]
        url: String,
    },
    /// Write a text
    Text {
        /// What is written
        #[arg(long)]
        content: String,
    },
    /// Send a place, or let the phone report where it is
    Location {
        /// Degrees north
        #[arg(long, allow_negative_numbers = true)]
        latitude: f64,
        /// Degrees east
        #[arg(long, allow_negative_numbers = true)]
        longitude: f64,
        /// The map's zoom
        #[arg(long, default_value_t = 16)]
        scale: u32,
        /// The place's name
        #[arg(long, default_value = "")]
        label: String,
        /// The phone's own report on entering the chat, in the place of a message
        #[arg(long)]
        report: bool,
    },
    /// Enter a mini-program's customer-service chat
    Enter {
        /// The button's session-from
        #[arg(long, default_value = "")]
        session_from: String,
    },
    /// Log in to a mini-program: gives a js_code and pushes nothing
    Login {},
    /// Consent to the phone number in a mini-program: gives a code and pushes nothing
    Phone {},
    /// Pay in the account's name; shown in the chat, pushes nothing
    Pay {
        /// How much, in fen
        #[arg(long)]
        fen: u64,
        /// The merchant's order number; made up where absent
        #[arg(long)]
        #[serde(skip_serializing_if = "Option::is_none")]
        out_trade_no: Option<String>,
    },
    /// Get a payment back
    Refund {
        /// The merchant's order number
        #[arg(long)]
        out_trade_no: String,
        /// How much, in fen; all that is left where absent
        #[arg(long)]
        #[serde(skip_serializing_if = "Option::is_none")]
        fen: Option<u64>,
    },
    /// Push any XML or JSON text, signed (and encrypted) as it is
    Raw {
        /// The text, or @FILE to read it from
        #[arg(long)]
        body: String,
    },
}

impl Verb {
    /// As the control API's path names it.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Follow { .. } => "follow",
            Self::Unfollow {} => "unfollow",
            Self::Scan { .. } => "scan",
            Self::Click { .. } => "click",
            Self::View { .. } => "view",
            Self::Text { .. } => "text",
            Self::Location { .. } => "location",
            Self::Enter { .. } => "enter",
            Self::Login {} => "login",
            Self::Phone {} => "phone",
            Self::Pay { .. } => "pay",
            Self::Refund { .. } => "refund",
            Self::Raw { .. } => "raw",
        }
    }

    /// As the control API's body names them.
    pub(super) fn arguments(&self) -> Map<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(arguments)) => arguments,
            _ => Map::new(),
        }
    }

    /// Whether the receiver hears of it.
    pub(super) fn pushes(&self) -> bool {
        !matches!(self, Self::Login {} | Self::Phone {} | Self::Pay { .. } | Self::Refund { .. })
    }

    /// Whether only a follower can do it.
    pub(super) fn takes_a_follower(&self) -> bool {
        matches!(
            self,
            Self::Unfollow {}
                | Self::Click { .. }
                | Self::View { .. }
                | Self::Text { .. }
                | Self::Location { .. }
        )
    }

    /// The kind of account that it is usually done with.
    pub(super) fn usual_kind(&self) -> Kind {
        match self {
            Self::Enter { .. } | Self::Login {} | Self::Phone {} => Kind::MiniProgram,
            _ => Kind::OfficialAccount,
        }
    }
}

/// A number is a number, as it was when the QR code was made.
#[expect(clippy::unnecessary_wraps, reason = "the shape of a value parser")]
fn scene(text: &str) -> Result<Value, String> {
    Ok(text.parse::<u32>().map_or_else(|_| text.into(), Value::from))
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
        assert_eq!(scene("12"), Ok(json!(12)));
    }
}
