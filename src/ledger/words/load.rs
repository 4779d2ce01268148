//! The file of the words, and the trial that every template passes before anybody reads it.

use std::sync::Arc;

use minijinja::value::Value;
use smol_str::SmolStr;

use super::context::{Constants, Context, Groups, NAMES, Steps};
use super::{Entry, Form, Words, engine};
use crate::account::Lang;
use crate::ledger::calendar::Day;
use crate::ledger::program::source::{Item, LoadError, Source, Table};
use crate::ledger::state::Life;

impl Words {
    /// Compiles the file. All that is wrong goes to `errors`.
    pub(in crate::ledger) fn load(source: Source<'_>, errors: &mut Vec<LoadError>) -> Self {
        let mut words = Self { templates: engine(), messages: Vec::new() };
        let items = match source.parse() {
            Ok(root) => root.into_items(),
            Err(error) => {
                errors.push(error);
                Vec::new()
            }
        };
        for item in items {
            let name: SmolStr = item.name.as_str().into();
            match item.table().and_then(|table| words.read(&name, table)) {
                Ok(()) => {}
                Err(error) => errors.push(error),
            }
        }
        words
    }

    fn read(&mut self, name: &str, mut table: Table<'_>) -> Result<(), LoadError> {
        table.only(&["type", "zh", "en", "media_id"])?;
        let sort = table.take("type");
        let sort_name = sort.as_ref().map_or(Ok("text"), Item::text)?;
        let (zh, en) = match sort_name {
            "text" | "news" if table.has("media_id") => {
                return Err(table.error(format!(
                    "`media_id` is for messages with type = \"image\", not \"{sort_name}\""
                )));
            }
            "text" => {
                let zh = self.text(name, "zh", table.need("zh")?)?;
                let en = table.take("en").map(|item| self.text(name, "en", item)).transpose()?;
                (Form::Text(zh), en.map(Form::Text))
            }
            "news" => {
                let zh = self.news(name, "zh", table.need("zh")?)?;
                (zh, table.take("en").map(|item| self.news(name, "en", item)).transpose()?)
            }
            "image" if table.has("media_id") => {
                if table.has("zh") || table.has("en") {
                    return Err(
                        table.error("give either one `media_id` for both languages, or `zh` and `en`")
                    );
                }
                (Form::Image(table.need("media_id")?.word()?), None)
            }
            "image" => {
                let zh = table.need("zh")?.word()?;
                let en = table.take("en").map(|item| item.word()).transpose()?;
                (Form::Image(zh), en.map(Form::Image))
            }
            other => return Err(table.error(format!("`type` may be text, news or image, not `{other}`"))),
        };
        self.messages.push(Entry { name: name.into(), en: en.unwrap_or_else(|| zh.clone()), zh });
        Ok(())
    }

    fn news(&mut self, name: &str, lang: &str, item: Item<'_>) -> Result<Form, LoadError> {
        let mut table = item.table()?;
        table.only(&["title", "description", "url", "pic_url"])?;
        let mut part = |key: &str, item: Item<'_>| self.text(name, &format!("{lang}/{key}"), item);
        Ok(Form::News {
            title: part("title", table.need("title")?)?,
            description: part("description", table.need("description")?)?,
            url: part("url", table.need("url")?)?,
            pic_url: part("pic_url", table.need("pic_url")?)?,
        })
    }

    /// Compiles one template, and returns the name under which it is known.
    fn text(&mut self, message: &str, part: &str, item: Item<'_>) -> Result<SmolStr, LoadError> {
        let name = format!("{message}/{part}");
        let text = item.text()?;
        self.templates
            .add_template_owned(name.clone(), text.to_owned())
            .map_err(|error| located(&item, &error))?;
        let template = self.templates.get_template(&name).map_err(|error| located(&item, &error))?;
        let mut unknown: Vec<_> = template
            .undeclared_variables(true)
            .into_iter()
            .filter(|variable| !NAMES.contains(&variable.as_str()))
            .collect();
        unknown.sort();
        if let Some(variable) = unknown.first() {
            return Err(item.source.error(
                place_of(&item, variable),
                format!("there is no variable `{variable}`; there are {}", NAMES.join(", ")),
            ));
        }
        for context in trials() {
            template.render(context).map_err(|error| located(&item, &error))?;
        }
        Ok(name.into())
    }
}

/// People as different as the words can meet them: what fails on one of them is refused before it meets anybody.
fn trials() -> impl Iterator<Item = Value> {
    let lives = [Life::Visitor, Life::Member, Life::Erased];
    let langs = [Lang::Zh, Lang::En];
    lives.into_iter().flat_map(move |life| {
        langs.into_iter().flat_map(move |lang| {
            [0, 1, i64::from(i32::MAX)].into_iter().map(move |amount| {
                let day = (amount > 0).then(|| Day::new(20_411));
                let text = |text: &str| if amount > 0 { text.into() } else { SmolStr::default() };
                let groups = Groups {
                    pay: amount,
                    mini_program: amount,
                    ad: amount,
                    event: amount,
                    wechat: amount,
                    other: amount,
                };
                let steps = || Steps { now: text("now"), next: text("next"), gap: amount };
                let constant = || Value::from("https://brand.example");
                Value::from_object(Context {
                    constants: Arc::new(Constants {
                        brand: [constant(), constant()],
                        unit: [constant(), constant()],
                        join_url: constant(),
                        points_url: constant(),
                    }),
                    lang,
                    life,
                    total: amount,
                    available: amount,
                    held: amount,
                    unclaimed: amount,
                    groups,
                    counts: groups,
                    pay_fen: amount,
                    since: day,
                    ends: day,
                    scene: text("store-1"),
                    store: text("1"),
                    follows: amount as u32,
                    reward: steps(),
                    tier: steps(),
                })
            })
        })
    })
}

/// The template engine's complaint, at its line of the file.
fn located(item: &Item<'_>, error: &minijinja::Error) -> LoadError {
    let line = error.line().unwrap_or(1);
    let detail = error
        .detail()
        .map_or_else(|| error.kind().to_string(), |detail| format!("{}: {detail}", error.kind()));
    item.source.error(line_of(item, line), format!("the template is wrong: {detail}"))
}

/// Where a variable is named.
fn place_of(item: &Item<'_>, variable: &str) -> usize {
    let raw = &item.source.text[item.span.clone()];
    let is_name = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'.';
    let alone = |at: usize| {
        let (before, after) = (raw[..at].bytes().next_back(), raw[at + variable.len()..].bytes().next());
        !before.is_some_and(is_name) && !after.is_some_and(is_name)
    };
    let found = raw.match_indices(variable).map(|(at, _)| at).find(|at| alone(*at));
    item.span.start + found.unwrap_or_default()
}

/// Where a line of the template begins, from 1: after the newline that TOML drops behind `"""`.
fn line_of(item: &Item<'_>, line: usize) -> usize {
    let raw = &item.source.text[item.span.clone()];
    let dropped = ["\"\"\"\n", "\"\"\"\r\n", "'''\n", "'''\r\n"].iter().any(|open| raw.starts_with(open));
    let newlines = line - 1 + usize::from(dropped);
    if newlines == 0 {
        return item.span.start;
    }
    let at = raw.match_indices('\n').nth(newlines - 1).map(|(at, _)| at + 1);
    item.span.start + at.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Program;

    fn load(text: &str) -> (Words, Vec<LoadError>) {
        let mut errors = Vec::new();
        let words = Words::load(Source { file: "m", text }, &mut errors);
        (words, errors)
    }

    #[test]
    fn every_name_has_a_value_and_stands_in_the_head_of_the_stock_file() {
        let (head, _) = Program::STOCK_MESSAGES.split_once("\n[").unwrap();
        for name in NAMES {
            assert_eq!(load(&format!("[a]\nzh = \"{{{{ {name} }}}}\"")).1, [], "{name}");
            assert!(head.split_whitespace().any(|word| word == name), "{name} is not in messages.toml");
        }
    }

    #[test]
    fn every_stock_message_speaks_both_languages() {
        let (words, errors) = load(Program::STOCK_MESSAGES);

        assert_eq!(errors, []);
        for entry in &words.messages {
            let (Form::Text(zh), Form::Text(en)) = (&entry.zh, &entry.en) else { panic!("{}", entry.name) };
            assert_ne!(zh, en, "{} has no en", entry.name);
        }
    }
}
