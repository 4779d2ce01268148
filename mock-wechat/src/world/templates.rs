//! Templates of template and subscription messages, what was sent by them, and who agreed to which.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::saved;
use crate::ids::{self, PersonKey};

/// Templates of one kind that an account may have.
pub(crate) const MOST: usize = 25;
/// Seconds in which a message with the same `client_msg_id` is sent once.
const SAME: i64 = 600;

/// One template of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Template {
    /// 43 characters.
    pub(crate) template_id: String,
    pub(crate) title: String,
    /// `积分：{{number1.DATA}}`
    pub(crate) content: String,
    /// Whether it is for subscription messages, which need the person's consent.
    pub(crate) subscription: bool,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Templates {
    of: BTreeMap<String, Vec<Template>>,
    #[serde(serialize_with = "saved::sorted")]
    industries: HashMap<String, (String, String)>,
    #[serde(with = "saved::pairs")]
    sent: HashMap<(PersonKey, String, String), (i64, i64)>,
    /// How many messages a person still lets an account send by a template.
    #[serde(with = "saved::pairs")]
    consents: HashMap<(PersonKey, String, String), u32>,
}

impl Templates {
    /// Adds a template under an id that follows from its title, or finds it there.
    pub(crate) fn add(&mut self, app_id: &str, title: &str, content: &str, subscription: bool) -> String {
        self.add_as(app_id, title, title, content, subscription)
    }

    /// The same under an id that follows from `from`: several templates may have one title.
    pub(crate) fn add_as(
        &mut self,
        app_id: &str,
        from: &str,
        title: &str,
        content: &str,
        subscription: bool,
    ) -> String {
        let kind = if subscription { "subscription" } else { "template" };
        let template_id = ids::opaque(43, &[kind, app_id, from]);
        let templates = self.of.entry(app_id.to_owned()).or_default();
        if !templates.iter().any(|template| template.template_id == template_id) {
            templates.push(Template {
                template_id: template_id.clone(),
                title: title.to_owned(),
                content: content.to_owned(),
                subscription,
            });
        }
        template_id
    }

    /// Adds a template under the id that it has.
    pub(crate) fn put(&mut self, app_id: &str, template: Template) {
        self.of.entry(app_id.to_owned()).or_default().push(template);
    }

    /// An account's templates of one kind, oldest first.
    pub(crate) fn of(&self, app_id: &str, subscription: bool) -> impl Iterator<Item = &Template> {
        self.of.get(app_id).into_iter().flatten().filter(move |t| t.subscription == subscription)
    }

    pub(crate) fn find(&self, app_id: &str, template_id: &str, subscription: bool) -> Option<&Template> {
        self.of(app_id, subscription).find(|template| template.template_id == template_id)
    }

    pub(crate) fn remove(&mut self, app_id: &str, template_id: &str, subscription: bool) -> bool {
        let Some(templates) = self.of.get_mut(app_id) else { return false };
        let before = templates.len();
        templates.retain(|t| t.template_id != template_id || t.subscription != subscription);
        templates.len() < before
    }

    pub(crate) fn set_industries(&mut self, app_id: &str, first: &str, second: &str) {
        self.industries.insert(app_id.to_owned(), (first.to_owned(), second.to_owned()));
    }

    pub(crate) fn industries(&self, app_id: &str) -> Option<&(String, String)> {
        self.industries.get(app_id)
    }

    /// The number of a message that was sent under this client's id less than ten minutes ago.
    pub(crate) fn sent_before(&self, to: PersonKey, app_id: &str, client_id: &str, now: i64) -> Option<i64> {
        let (at, message_id) = self.sent.get(&(to, app_id.to_owned(), client_id.to_owned()))?;
        (now - at < SAME).then_some(*message_id)
    }

    pub(crate) fn remember(&mut self, to: PersonKey, app_id: &str, client_id: &str, now: i64, message: i64) {
        self.sent.retain(|_, (at, _)| now - *at < SAME);
        self.sent.insert((to, app_id.to_owned(), client_id.to_owned()), (now, message));
    }

    /// A person agrees to one more message, or takes every consent back.
    pub(crate) fn consent(&mut self, person: PersonKey, app_id: &str, template_id: &str, accept: bool) {
        let key = (person, app_id.to_owned(), template_id.to_owned());
        if accept {
            *self.consents.entry(key).or_default() += 1;
        } else {
            self.consents.remove(&key);
        }
    }

    /// To how many more messages a person agrees.
    pub(crate) fn consents(&self, person: PersonKey, app_id: &str, template_id: &str) -> u32 {
        let key = (person, app_id.to_owned(), template_id.to_owned());
        self.consents.get(&key).copied().unwrap_or(0)
    }

    /// Uses up the consent to one message; `false` where there is none.
    pub(crate) fn use_consent(&mut self, person: PersonKey, app_id: &str, template_id: &str) -> bool {
        let left = self.consents.get_mut(&(person, app_id.to_owned(), template_id.to_owned()));
        left.filter(|left| **left > 0).map(|left| *left -= 1).is_some()
    }

    pub(crate) fn forget(&mut self, app_id: &str) {
        self.of.remove(app_id);
        self.industries.remove(app_id);
        self.sent.retain(|(_, of, _), _| of != app_id);
        self.consents.retain(|(_, of, _), _| of != app_id);
    }
}

impl Template {
    /// The names of the values in the content: `{{number1.DATA}}` has `number1`.
    pub(crate) fn keywords(&self) -> impl Iterator<Item = &str> {
        self.content.split("{{").skip(1).filter_map(|rest| rest.split_once(".DATA}}").map(|(name, _)| name))
    }

    /// The content with its values.
    pub(crate) fn fill(&self, value: impl Fn(&str) -> String) -> String {
        let mut filled = self.content.clone();
        for name in self.keywords() {
            filled = filled.replace(&format!("{{{{{name}.DATA}}}}"), &value(name));
        }
        filled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_knows_its_values_and_is_filled_with_them() {
        let mut templates = Templates::default();
        let id = templates.add("wx1", "积分", "积分：{{number1.DATA}}\n说明：{{thing2.DATA}}", true);
        let template = templates.find("wx1", &id, true).unwrap();

        assert_eq!(id.len(), 43);
        assert_eq!(template.keywords().collect::<Vec<_>>(), ["number1", "thing2"]);
        assert_eq!(template.fill(|name| format!("<{name}>")), "积分：<number1>\n说明：<thing2>");
        assert!(templates.find("wx1", &id, false).is_none());
    }

    #[test]
    fn every_consent_is_good_for_one_message_and_a_refusal_ends_all() {
        let mut templates = Templates::default();
        let lin = PersonKey::of("lin");
        templates.consent(lin, "wx1", "t", true);
        templates.consent(lin, "wx1", "t", true);
        assert!(templates.use_consent(lin, "wx1", "t") && templates.use_consent(lin, "wx1", "t"));
        assert!(!templates.use_consent(lin, "wx1", "t"));

        templates.consent(lin, "wx1", "t", true);
        templates.consent(lin, "wx1", "t", false);
        assert!(!templates.use_consent(lin, "wx1", "t"));
    }
}
