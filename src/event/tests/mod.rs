//! Tests of the whole stage; what concerns one file is tested in it.

use std::sync::Arc;

use super::{Event, ParseError, parse};
use crate::account::{Account, AccountKind, Format, Lang, Mode};
use crate::ids::AppId;

mod envelope;
mod fixtures;
mod keys;
mod leniency;
mod mutation;

/// Official Account `brand` of the local world.
fn brand() -> Arc<Account> {
    account("brand", "wx00000000000000aa", "gh_0000000000aa", AccountKind::OfficialAccount)
}

/// Mini-program `shop` of the local world.
fn shop() -> Arc<Account> {
    account("shop", "wx00000000000000bb", "gh_0000000000bb", AccountKind::MiniProgram)
}

fn account(name: &str, app_id: &str, original_id: &str, kind: AccountKind) -> Arc<Account> {
    Arc::new(Account {
        name: name.into(),
        app_id: AppId::parse(app_id).unwrap(),
        kind,
        original_id: original_id.into(),
        secret: "00000000000000000000000000000aaa".into(),
        tokens: vec!["localtoken".into()],
        aes_keys: Vec::new(),
        mode: Mode::Plain,
        format: Format::Xml,
        lang: Lang::Zh,
    })
}

const OPEN_ID: &str = "oMkbrand0000000000000000linA";

/// An event of `lin` to `brand` with these elements behind the header.
fn event(name: &str, rest: &str) -> String {
    format!(
        "<xml><ToUserName><![CDATA[gh_0000000000aa]]></ToUserName>\n\
         <FromUserName><![CDATA[{OPEN_ID}]]></FromUserName>\n\
         <CreateTime>1760000000</CreateTime>\n\
         <MsgType><![CDATA[event]]></MsgType>\n\
         <Event><![CDATA[{name}]]></Event>\n{rest}\n</xml>"
    )
}

/// A text message of `lin` to `brand`.
fn text(content: &str, msg_id: &str) -> String {
    format!(
        "<xml><ToUserName><![CDATA[gh_0000000000aa]]></ToUserName>\n\
         <FromUserName><![CDATA[{OPEN_ID}]]></FromUserName>\n\
         <CreateTime>1760000000</CreateTime>\n\
         <MsgType><![CDATA[text]]></MsgType>\n\
         <Content><![CDATA[{content}]]></Content>\n\
         <MsgId>{msg_id}</MsgId>\n</xml>"
    )
}

/// Reads a push to `brand`.
fn read(body: impl AsRef<[u8]>) -> Result<Event, ParseError> {
    parse(body.as_ref(), brand(), 1_760_000_000_123)
}
