//! An answer as WeChat judges it (WeChat's document "被动回复用户消息").
//!
//! A good verdict is not the same as a shown message: `success` shows nothing, and neither does a reply to an event
//! that takes none.

use super::{Push, Replies, reply};
use crate::{
    journal::Verdict,
    wire::{fields::Fields, signature::msg_signature},
    world::{
        account::{Format, Kind, Mode},
        chat::Draft,
    },
};

/// What WeChat makes of an answer with status 200.
#[derive(Debug)]
pub(crate) struct Judgement {
    pub(crate) verdict: Verdict,
    /// The reply in clear, where there is one.
    pub(crate) plaintext: Option<String>,
    /// What appears in the chat.
    pub(super) shown: Vec<Draft>,
}

/// Judges the body of an answer to a push.
pub(crate) fn judge(push: &Push, body: &[u8]) -> Judgement {
    if body.is_empty() || body == b"success" {
        let what = if body.is_empty() { "an empty body" } else { "success" };
        return Judgement {
            verdict: Verdict::good(format!("acknowledged with {what}; nothing is shown")),
            plaintext: None,
            shown: Vec::new(),
        };
    }
    if push.registered.account.kind == Kind::Component {
        let body = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        let reason = format!("the body is {body:?}; a third-party platform answers its events with success");
        return Judgement { verdict: Verdict::bad(reason), plaintext: None, shown: Vec::new() };
    }
    if push.kind.starts_with("xpay_") {
        return judge_payment(body);
    }
    let mut plaintext = None;
    match read(push, body, &mut plaintext) {
        Ok((reason, shown)) => Judgement { verdict: Verdict::good(reason), plaintext, shown },
        Err(reason) => Judgement { verdict: Verdict::bad(reason), plaintext, shown: fault_line(push) },
    }
}

/// Virtual payment wants to be told that it was told; with anything else it comes again.
fn judge_payment(body: &[u8]) -> Judgement {
    let fields = std::str::from_utf8(body).ok().and_then(|text| Fields::parse(text.trim()).ok());
    let code = fields.as_ref().and_then(|fields| fields.find("ErrCode")).map(str::trim);
    let verdict = match code {
        Some("0") => Verdict::good("acknowledged with ErrCode 0"),
        Some(code) => Verdict::bad(format!("ErrCode is {code}; 0 says that the delivery is done")),
        None => Verdict::bad(
            "there is no ErrCode; virtual payment wants {\"ErrCode\":0,\"ErrMsg\":\"success\"} and tries again".to_owned(),
        ),
    };
    Judgement { verdict, plaintext: None, shown: Vec::new() }
}

/// The grey line, where the push is one that a person waits for an answer to.
pub(super) fn fault_line(push: &Push) -> Vec<Draft> {
    if push.replies == Replies::Ignored || push.registered.account.kind != Kind::OfficialAccount {
        return Vec::new();
    }
    vec![Draft::fault_line()]
}

fn read(push: &Push, body: &[u8], plaintext: &mut Option<String>) -> Result<(String, Vec<Draft>), String> {
    let text = std::str::from_utf8(body)
        .map_err(|error| format!("the body is not UTF-8 (byte {}); answer UTF-8", error.valid_up_to()))?;
    let text = unsealed(push, text)?;
    *plaintext = Some(text.clone());
    let format = push.registered.account.format;
    check_start(&text, format)?;
    let fields = Fields::parse(&text).map_err(|error| format!("the reply does not parse: {error}"))?;
    check_names(push, &fields)?;
    reply::content(push, &fields)
}

/// The reply in clear: decrypted where it is an envelope, refused where it should have been one.
fn unsealed(push: &Push, text: &str) -> Result<String, String> {
    let (account, keys, mode) = (&push.registered.account, push.keys(), push.mode());
    let envelope = match Fields::parse(text) {
        Ok(fields) if fields.find("Encrypt").is_some() => fields,
        _ if mode == Mode::Safe => {
            check_start(text, account.format)?;
            return Err(format!(
                "the reply is not encrypted though {} is in safe mode; only success and an empty body go in clear",
                keys.account.name
            ));
        }
        _ => return Ok(text.to_owned()),
    };
    if mode == Mode::Plain {
        return Err(format!(
            "the reply is encrypted though {} is in plain mode; answer in clear",
            account.name
        ));
    }
    check_start(text, account.format)?;
    let key = keys.aes_key.as_ref().ok_or("the account has no EncodingAESKey")?;
    let field = |name| envelope.find(name).ok_or_else(|| format!("the encrypted reply has no {name}"));
    let encrypt = field("Encrypt")?;
    let expected = msg_signature(&keys.account.token, field("TimeStamp")?, field("Nonce")?, encrypt);
    if field("MsgSignature")? != expected {
        return Err(
            "MsgSignature does not match; sign the reply's own TimeStamp, Nonce and Encrypt with the token"
                .into(),
        );
    }
    let opened = key.decrypt(encrypt).map_err(|error| format!("Encrypt does not open: {error}"))?;
    let app_id = &keys.account.app_id;
    if opened.app_id != *app_id {
        return Err(format!("the envelope ends in AppID {:?}; it must be {app_id}", opened.app_id));
    }
    Ok(opened.message)
}

fn check_start(text: &str, format: Format) -> Result<(), String> {
    let must = match format {
        Format::Xml => "<xml>",
        Format::Json => "{",
    };
    // What WeChat was seen to refuse was in the way of an XML reader: a byte order mark, or blanks before a declaration.
    // Blanks before the root are not, and every reply of WeRoBot in plain mode begins with some.
    let text = match text.trim_start() {
        body if format == Format::Xml && body.starts_with("<xml>") => body,
        _ => text,
    };
    match text.chars().next() {
        Some('\u{feff}') => Err(format!("a byte order mark stands before {must}; answer without")),
        Some(c) if c.is_whitespace() => {
            Err(format!("blanks or line breaks stand before {must}; answer without"))
        }
        Some('{') if format == Format::Xml => {
            Err("the reply is JSON though the account's format is XML; answer XML".into())
        }
        Some('<') if format == Format::Json => {
            Err("the reply is XML though the account's format is JSON; answer JSON".into())
        }
        Some('<') if text.starts_with("<xml>") || text.starts_with("<?xml") => Ok(()),
        Some('{') => Ok(()),
        _ => Err(format!(
            "the body begins with {:?}; it must be success, empty, or a reply that begins with {must}",
            text.chars().take(20).collect::<String>()
        )),
    }
}

/// The two names must be swapped from the push: the most common mistake.
fn check_names(push: &Push, fields: &Fields) -> Result<(), String> {
    let account = &push.registered.account;
    let Some(sender) = &push.person else { return Ok(()) };
    let check = |field: &str, expected: &str, other: &str, is_called: &str, other_called: &str| match fields
        .find(field)
        .map(str::trim)
    {
        None | Some("") => Err(format!("{field} is missing; it must be the {is_called}, {expected}")),
        Some(value) if value == expected => Ok(()),
        Some(value) if value == other => {
            Err(format!("{field} holds the {other_called}; it must be the {is_called}, {expected}"))
        }
        Some(value) => Err(format!("{field} is {value:?}; it must be the {is_called}, {expected}")),
    };
    let (open_id, original_id) = (&sender.open_id, &account.original_id);
    check("ToUserName", open_id, original_id, "OpenID", "gh_ id")?;
    check("FromUserName", original_id, open_id, "gh_ id", "OpenID")?;
    match fields.find("CreateTime").map(str::trim) {
        Some(time) if !time.is_empty() && time.bytes().all(|b| b.is_ascii_digit()) => Ok(()),
        Some(time) => Err(format!("CreateTime is {time:?}; it must be digits")),
        None => Err("CreateTime is missing".into()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        platform::Platform,
        world::account::{Account, Kind},
    };

    fn push(mode: Mode, kind: Kind) -> Push {
        let platform = Platform::new();
        let account = Account { mode, ..Account::named("test", kind) };
        platform.world_mut().put_account(account).unwrap();
        platform.raw_push("test", "<xml><MsgType>text</MsgType></xml>".into()).unwrap()
    }

    #[test]
    fn a_line_break_before_the_root_is_let_pass_and_one_before_a_declaration_is_not() {
        assert_eq!(check_start("\n    <xml></xml>", Format::Xml), Ok(()));
        assert!(check_start("\n<?xml version=\"1.0\"?><xml></xml>", Format::Xml).is_err());
        assert!(check_start("\u{feff}<xml></xml>", Format::Xml).is_err());
    }

    proptest! {
        #[test]
        fn any_body_has_a_verdict(
            body in prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..200),
                "(<xml>|\\{)?.{0,60}(</xml>)?".prop_map(String::into_bytes),
                "<xml><Encrypt>.{0,40}</Encrypt><MsgSignature>.{0,4}</MsgSignature></xml>".prop_map(String::into_bytes),
            ],
            safe in any::<bool>(),
            mini_program in any::<bool>(),
        ) {
            let mode = if safe { Mode::Safe } else { Mode::Plain };
            let kind = if mini_program { Kind::MiniProgram } else { Kind::OfficialAccount };
            let judgement = judge(&push(mode, kind), &body);
            prop_assert_eq!(judgement.verdict.ok, body.is_empty() || body == b"success");
            prop_assert!(!judgement.verdict.reason.is_empty());
        }
    }
}
