//! What is looked at. The address holds it all: `/?person=lin&chat=brand&sheet=scan`.

use std::fmt::Write;

/// What is looked at. What the address does not say is the default; what it says wrongly is ignored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct View {
    /// Whose phone; empty for the first person.
    pub(super) person: String,
    /// Which tab of the phone, where no chat is open.
    pub(super) tab: Tab,
    /// The account whose chat or mini-program is open.
    pub(super) chat: String,
    /// A mini-program's customer-service chat instead of its page.
    pub(super) desk: bool,
    /// The keyboard instead of the account's menu.
    pub(super) keyboard: bool,
    /// What lies over the phone's screen.
    pub(super) sheet: Option<Sheet>,
    /// Which part is shown where there is room for one only.
    pub(super) part: Part,
    /// Which entries of the wire are shown.
    pub(super) scope: Scope,
    /// Of these, which kind.
    pub(super) kind: Kind,
    /// Of these, those that contain this.
    pub(super) find: String,
    /// A mini-program's page, or what the sheet is about.
    pub(super) page: String,
    /// What the last login gave.
    pub(super) js_code: String,
    /// What the last consent to the phone number gave.
    pub(super) phone_code: String,
    /// What to tell, once.
    pub(super) note: String,
    /// Whether that is bad news.
    pub(super) bad: bool,
}

/// A value that stands in the address by its name.
macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$inner:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub(super) enum $name { $($(#[$inner])* $variant,)* }

        impl $name {
            /// All of them, in order.
            pub(super) const ALL: &[Self] = &[$(Self::$variant,)*];

            /// As it stands in the address.
            pub(super) fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            fn read(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.name() == text)
            }
        }
    };
}

named! {
    /// A tab of the phone.
    Tab {
        #[default]
        Chats = "chats",
        Contacts = "contacts",
        Discover = "discover",
        Me = "me",
    }
}

named! {
    /// What lies over the phone's screen.
    Sheet {
        #[default]
        Scan = "scan",
        Pay = "pay",
        Attend = "attend",
        Profile = "profile",
        Page = "page",
        More = "more",
        /// The question whether subscription messages may be sent.
        Consent = "consent",
        /// The question of a page that wants to know who one is; the page's address is in `page`.
        Authorize = "authorize",
        /// The camera of a menu button whose key is in `page`.
        Camera = "camera",
    }
}

named! {
    /// A part of the page.
    Part {
        #[default]
        Phone = "phone",
        Wire = "wire",
        Controls = "controls",
    }
}

named! {
    /// Whose entries of the wire.
    Scope {
        /// Of this person with the open account; of this person where none is open.
        #[default]
        Here = "here",
        /// Of the open account.
        Account = "account",
        Everything = "everything",
    }
}

named! {
    /// Which entries of the wire.
    Kind {
        #[default]
        Any = "any",
        Push = "push",
        Call = "call",
        Bad = "bad",
    }
}

impl View {
    /// Reads a query; later values win.
    pub(super) fn read(query: &[(String, String)]) -> Self {
        let mut view = Self::default();
        for (name, value) in query {
            let text = || value.trim().to_owned();
            match name.as_str() {
                "person" => view.person = text(),
                "tab" => view.tab = Tab::read(value).unwrap_or_default(),
                "chat" => view.chat = text(),
                "desk" => view.desk = true,
                "keyboard" => view.keyboard = true,
                "sheet" => view.sheet = Sheet::read(value),
                "part" => view.part = Part::read(value).unwrap_or_default(),
                "scope" => view.scope = Scope::read(value).unwrap_or_default(),
                "kind" => view.kind = Kind::read(value).unwrap_or_default(),
                "find" => view.find = text(),
                "page" => view.page = text(),
                "js_code" => view.js_code = text(),
                "phone_code" => view.phone_code = text(),
                "note" => view.note = text(),
                "bad" => view.bad = true,
                _ => {}
            }
        }
        view
    }

    /// The address of this view.
    pub(super) fn link(&self) -> String {
        let flag = |set: bool| if set { "1" } else { "" };
        let unless = |default: bool, name: &'static str| if default { "" } else { name };
        let mut link = String::from("/?");
        for (name, value) in [
            ("person", self.person.as_str()),
            ("tab", unless(self.tab == Tab::default(), self.tab.name())),
            ("chat", &self.chat),
            ("desk", flag(self.desk)),
            ("keyboard", flag(self.keyboard)),
            ("sheet", self.sheet.map_or("", Sheet::name)),
            ("part", unless(self.part == Part::default(), self.part.name())),
            ("scope", unless(self.scope == Scope::default(), self.scope.name())),
            ("kind", unless(self.kind == Kind::default(), self.kind.name())),
            ("find", &self.find),
            ("page", &self.page),
            ("js_code", &self.js_code),
            ("phone_code", &self.phone_code),
            ("note", &self.note),
            ("bad", flag(self.bad)),
        ] {
            if !value.is_empty() {
                let separator = if link.ends_with('?') { "" } else { "&" };
                let _ = write!(link, "{separator}{name}={}", encode(value));
            }
        }
        link
    }

    /// The address of a view that differs from this one; nothing is told twice.
    pub(super) fn go(&self, change: impl FnOnce(&mut Self)) -> String {
        let mut view = Self { note: String::new(), bad: false, ..self.clone() };
        change(&mut view);
        view.link()
    }

    /// The address of an account's chat.
    pub(super) fn to_chat(&self, account: &str) -> String {
        self.go(|view| {
            view.leave();
            view.chat = account.to_owned();
        })
    }

    /// Back to the tabs.
    pub(super) fn to_tab(&self, tab: Tab) -> String {
        self.go(|view| {
            view.leave();
            view.tab = tab;
        })
    }

    /// Leaves chat and sheet, but not the person and what is shown of the wire.
    fn leave(&mut self) {
        let Self { person, part, scope, kind, find, .. } = std::mem::take(self);
        *self = Self { person, part, scope, kind, find, ..Self::default() };
    }
}

/// As a value in a query.
pub(super) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use axum::{extract::Query, http::Uri};

    use super::*;

    fn read(link: &str) -> View {
        let uri: Uri = link.parse().unwrap();
        View::read(&Query::<Vec<(String, String)>>::try_from_uri(&uri).unwrap().0)
    }

    #[test]
    fn a_view_is_read_from_its_own_link() {
        let view = View {
            person: "林 & <b>".into(),
            chat: "brand".into(),
            sheet: Some(Sheet::Pay),
            kind: Kind::Bad,
            keyboard: true,
            find: "a=b&c#d".into(),
            ..View::default()
        };

        assert_eq!(read(&view.link()), view);
    }

    #[test]
    fn what_the_address_says_wrongly_is_ignored() {
        let view = read("/?sheet=nowhere&tab=7&unknown=x&person=lin");
        assert_eq!(view, View { person: "lin".into(), ..View::default() });
    }

    #[test]
    fn opening_another_chat_keeps_the_person_and_the_filter() {
        let view = read("/?person=mei&chat=brand&sheet=pay&scope=account&js_code=1");
        assert_eq!(view.to_chat("shop"), "/?person=mei&chat=shop&scope=account");
    }
}
