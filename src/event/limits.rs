//! How much of everything a push may have.

/// Levels below the root. The deepest pushes of WeChat have four: `SendPicsInfo`, `PicList`, `item`, `PicMd5Sum`, and
/// likewise `CopyrightCheckResult` and `PublishEventInfo`.
pub(super) const MAX_DEPTH: usize = 4;
/// Elements of the largest batch: a mass send of eight articles reports about 120. What is no batch is held to
/// [`super::kind::Effect::most_elements`] once its kind is known.
pub(super) const MAX_NODES: usize = 256;
/// Elements of a push that is no batch; the largest of them, a member card's, has 18.
pub(super) const MAX_ELEMENTS: usize = 64;
/// Bytes of an element name; WeChat's longest have 31.
pub(super) const MAX_NAME: usize = 64;
/// Bytes of an `EventKey` that is a scene or a button's key.
pub(super) const MAX_KEY: usize = 128;
/// Bytes of an `EventKey` that is a button's URL.
pub(super) const MAX_URL: usize = 1024;

/// Bytes that a value may have. Names and identifiers are short; what a person wrote, and documents that WeChat packs
/// into one value, are as long as the body allows.
pub(super) fn longest(name: &str) -> usize {
    match name {
        "ToUserName" | "FromUserName" | "MsgType" | "Event" | "MsgId" | "MsgID" | "CreateTime" => 128,
        "Ticket" => 512,
        "EventKey" => MAX_URL,
        "Content" | "Recognition" | "Description" | "Payload" | "detail" | "extra_info_json" => 16 << 10,
        "Encrypt" => usize::MAX,
        _ => 2 << 10,
    }
}
