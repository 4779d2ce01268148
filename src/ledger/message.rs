//! What a person reads: the content of a passive reply or of a customer-service message, without any address on it.

use serde::{Deserialize, Serialize};

/// One message, as it is stored with its event. It names no OpenID, so that the log stays free of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Message {
    /// Text, at most 2,048 bytes.
    Text {
        /// The words, unescaped; links as WeChat's `<a href>`.
        content: String,
    },
    /// A picture uploaded to WeChat before.
    Image {
        /// WeChat's `media_id`.
        media_id: String,
    },
    /// A card with a link.
    News {
        /// One to eight; one only in answer to a message and in customer-service messages.
        articles: Vec<Article>,
    },
}

/// One card of a [`Message::News`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Article {
    /// Headline.
    pub title: String,
    /// A line or two below it.
    pub description: String,
    /// Where a tap leads.
    pub url: String,
    /// Picture, best 360x200.
    pub pic_url: String,
}
