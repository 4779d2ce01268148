//! Menus of Official Accounts, as `menu/create` takes them, and the conditional ones that some people see instead.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The first menu's number; the others count up.
pub(crate) const FIRST_ID: i64 = 430_012_345;

/// Up to three buttons, each with up to five below it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Menu {
    #[serde(rename = "button")]
    pub(crate) buttons: Vec<Button>,
    /// Who sees it; `None` for the default menu.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) matchrule: Option<Map<String, Value>>,
    /// Given when it is set.
    #[serde(default, rename = "menuid")]
    pub(crate) id: i64,
}

/// One button: it does something, or it opens those below it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub(crate) struct Button {
    pub(crate) name: String,
    /// `click`, `view`, `miniprogram`, `scancode_push`, ...; absent where there are buttons below.
    #[serde(rename = "type", skip_serializing_if = "String::is_empty")]
    pub(crate) kind: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) key: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) url: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) appid: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) pagepath: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) media_id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) article_id: String,
    #[schema(no_recursion)]
    pub(crate) sub_button: Vec<Button>,
}

/// The menus of each account that has one.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Menus {
    #[serde(serialize_with = "super::saved::sorted")]
    of: HashMap<String, OfAccount>,
    set: i64,
}

/// What one account shows.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct OfAccount {
    pub(crate) default: Menu,
    /// Oldest first; the newest that fits a person is theirs.
    pub(crate) conditional: Vec<Menu>,
}

impl Menus {
    pub(crate) fn of(&self, app_id: &str) -> Option<&OfAccount> {
        self.of.get(app_id)
    }

    /// What somebody with these tags sees.
    pub(crate) fn seen_by(&self, app_id: &str, tags: &[u32]) -> Option<&Menu> {
        let of = self.of.get(app_id)?;
        Some(of.conditional.iter().rev().find(|menu| menu.fits(tags)).unwrap_or(&of.default))
    }

    /// Replaces the default menu; conditional ones stay.
    pub(crate) fn set(&mut self, app_id: &str, buttons: Vec<Button>) {
        let id = self.next_id();
        self.of.entry(app_id.to_owned()).or_default().default = Menu { buttons, matchrule: None, id };
    }

    /// Adds a conditional menu; its number, or `None` where there is no default menu.
    pub(crate) fn add(&mut self, app_id: &str, mut menu: Menu) -> Option<i64> {
        self.of.get(app_id)?;
        menu.id = self.next_id();
        let id = menu.id;
        self.of.entry(app_id.to_owned()).or_default().conditional.push(menu);
        Some(id)
    }

    /// Removes a conditional menu; whether there was one of that number.
    pub(crate) fn remove(&mut self, app_id: &str, id: i64) -> bool {
        let Some(of) = self.of.get_mut(app_id) else { return false };
        let before = of.conditional.len();
        of.conditional.retain(|menu| menu.id != id);
        of.conditional.len() < before
    }

    /// Removes the default and all conditional menus.
    pub(crate) fn forget(&mut self, app_id: &str) {
        self.of.remove(app_id);
    }

    fn next_id(&mut self) -> i64 {
        self.set += 1;
        FIRST_ID + self.set - 1
    }
}

impl Menu {
    /// All buttons that do something.
    pub(crate) fn leaves(&self) -> impl Iterator<Item = &Button> {
        let leaves = self.buttons.iter().flat_map(|top| match top.sub_button.as_slice() {
            [] => std::slice::from_ref(top),
            below => below,
        });
        leaves.filter(|button| !button.kind.is_empty())
    }

    /// The tag has to be on the person, and every phone here is an Android one (2). Other rules (sex, region,
    /// language) have not been honoured by WeChat for years.
    fn fits(&self, tags: &[u32]) -> bool {
        let rule = |name: &str| {
            let value = self.matchrule.as_ref()?.get(name)?;
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            (!text.is_empty()).then_some(text)
        };
        rule("tag_id").or_else(|| rule("group_id")).is_none_or(|id| tags.iter().any(|t| t.to_string() == id))
            && rule("client_platform_type").is_none_or(|platform| platform == "2")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn menu(json: Value) -> Menu {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_menu_is_read_and_written_as_menu_create_has_it() {
        let body = json!({"menuid": 430_012_345, "button": [
            {"name": "积分", "type": "click", "key": "POINTS", "sub_button": []},
            {"name": "更多", "sub_button": [
                {"name": "官网", "type": "view", "url": "https://example.com/", "sub_button": []}
            ]},
        ]});

        assert_eq!(serde_json::to_value(menu(body.clone())).unwrap(), body);
    }

    #[test]
    fn the_newest_conditional_menu_that_fits_is_seen() {
        let mut menus = Menus::default();
        let conditional = |tag: &str| menu(json!({"button": [], "matchrule": {"tag_id": tag}}));
        assert_eq!(menus.add("wx1", conditional("100")), None, "without a default menu");
        menus.set("wx1", Vec::new());
        let first = menus.add("wx1", conditional("100")).unwrap();
        let second = menus.add("wx1", conditional("101")).unwrap();
        let seen = |menus: &Menus, tags: &[u32]| menus.seen_by("wx1", tags).unwrap().id;

        assert_eq!(seen(&menus, &[]), FIRST_ID);
        assert_eq!(seen(&menus, &[100]), first);
        assert_eq!(seen(&menus, &[100, 101]), second);
        assert!(menus.remove("wx1", second) && !menus.remove("wx1", second));
        assert_eq!(seen(&menus, &[100, 101]), first);
    }

    #[test]
    fn a_menu_for_iphones_fits_nobody_here() {
        assert!(!menu(json!({"button": [], "matchrule": {"client_platform_type": "1"}})).fits(&[]));
        assert!(menu(json!({"button": [], "matchrule": {"client_platform_type": 2}})).fits(&[]));
    }
}
