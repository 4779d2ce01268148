//! Menus of Official Accounts, as `menu/create` takes them.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

/// Up to three buttons, each with up to five below it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Menu {
    #[serde(rename = "button")]
    pub(crate) buttons: Vec<Button>,
}

/// One button: it does something, or it opens those below it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
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
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) sub_button: Vec<Button>,
}

/// The menu of each account that has one.
#[derive(Debug, Default)]
pub(crate) struct Menus(HashMap<String, Menu>);

impl Menus {
    pub(crate) fn of(&self, app_id: &str) -> Option<&Menu> {
        self.0.get(app_id)
    }

    /// Replaces the whole menu.
    pub(crate) fn set(&mut self, app_id: &str, menu: Menu) {
        self.0.insert(app_id.to_owned(), menu);
    }

    pub(crate) fn forget(&mut self, app_id: &str) {
        self.0.remove(app_id);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_menu_is_read_and_written_as_menu_create_has_it() {
        let body = json!({"button": [
            {"name": "积分", "type": "click", "key": "POINTS"},
            {"name": "更多", "sub_button": [{"name": "官网", "type": "view", "url": "https://example.com/"}]},
        ]});

        let menu: Menu = serde_json::from_value(body.clone()).unwrap();

        assert_eq!(serde_json::to_value(&menu).unwrap(), body);
    }
}
