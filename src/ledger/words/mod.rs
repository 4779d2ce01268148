//! `messages.toml`, compiled: one entry per message and language.
//!
//! A message is a minijinja template over the variables of `context.rs`, and nothing else: no filters, functions or
//! files, a limit of instructions, and an unknown variable is refused when the file is loaded. What a person or a brand
//! system sent (a scene, a shop) only ever arrives as the value of a variable, made harmless by `finish.rs`.
//!
//! - `load.rs`: the file, its shapes, and the trial that every template passes
//! - `context.rs`: the variables; to add one, add a line to its table
//! - `finish.rs`: what happens to words before anybody reads them

mod context;
mod finish;
mod load;

use std::fmt;
use std::sync::Arc;

use minijinja::value::{Value, ValueKind};
use minijinja::{AutoEscape, Environment, ErrorKind, Output, UndefinedBehavior};
use smol_str::SmolStr;

use super::message::{Article, Message};
use crate::account::Lang;

pub(super) use context::{Constants, Context, Groups, Steps};

/// Instructions that one message may take.
const FUEL: u64 = 10_000;

/// All messages.
pub(super) struct Words {
    templates: Environment<'static>,
    messages: Vec<Entry>,
}

/// The place of a message in [`Words`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MessageId(usize);

/// Something to say to one person.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) message: MessageId,
    pub(super) context: Context,
}

struct Entry {
    name: SmolStr,
    zh: Form,
    en: Form,
}

/// One message in one language; the texts are names of templates.
#[derive(Clone)]
enum Form {
    Text(SmolStr),
    Image(SmolStr),
    News { title: SmolStr, description: SmolStr, url: SmolStr, pic_url: SmolStr },
}

impl Words {
    /// The message of that name.
    pub(super) fn find(&self, name: &str) -> Option<MessageId> {
        self.messages.iter().position(|entry| *entry.name == *name).map(MessageId)
    }

    /// The message as the person reads it; `None` when nothing is left to read, or a template fails on values that its
    /// trial did not have.
    pub(super) fn render(&self, Line { message, context }: Line) -> Option<Message> {
        let entry = &self.messages[message.0];
        let form = match context.lang() {
            Lang::Zh => &entry.zh,
            Lang::En => &entry.en,
        };
        self.form(form, &Value::from_object(context)).ok().flatten()
    }

    fn form(&self, form: &Form, context: &Value) -> Result<Option<Message>, minijinja::Error> {
        let part = |name: &str| self.templates.get_template(name)?.render(context.clone());
        Ok(match form {
            Form::Text(text) => {
                let content = finish::text(&part(text)?);
                (!content.is_empty()).then_some(Message::Text { content })
            }
            Form::Image(media_id) => Some(Message::Image { media_id: media_id.to_string() }),
            Form::News { title, description, url, pic_url } => Some(Message::News {
                articles: vec![Article {
                    title: finish::text(&part(title)?),
                    description: finish::text(&part(description)?),
                    url: finish::text(&part(url)?),
                    pic_url: finish::text(&part(pic_url)?),
                }],
            }),
        })
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.messages.iter().map(|entry| &entry.name)).finish()
    }
}

/// The engine with nothing in it but what messages need.
fn engine() -> Environment<'static> {
    let mut engine = Environment::empty();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.set_auto_escape_callback(|_| AutoEscape::None);
    engine.set_fuel(Some(FUEL));
    engine.set_recursion_limit(16);
    engine.set_formatter(|out, _, value| write(out, value));
    engine
}

/// Whole numbers with separators, texts as they are, nothing for nothing.
fn write(out: &mut Output<'_>, value: &Value) -> Result<(), minijinja::Error> {
    if value.is_undefined() {
        return Err(ErrorKind::UndefinedError.into());
    }
    if let Some(text) = value.as_str() {
        return out.write_str(text).map_err(Into::into);
    }
    match (value.kind(), value.as_i64()) {
        (ValueKind::Number, Some(number)) => finish::grouped(number, out).map_err(Into::into),
        (ValueKind::None, _) => Ok(()),
        _ => fmt::Write::write_fmt(out, format_args!("{value}")).map_err(Into::into),
    }
}

/// Shared by all contexts: nothing of it is built anew for a message.
pub(super) type SharedConstants = Arc<Constants>;
