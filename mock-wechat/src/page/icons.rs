//! Line icons, drawn in the colour of the text around them. Words beside them or labels say what they mean.

use maud::{Markup, PreEscaped, html};

/// An icon by the path within a square of 24.
pub(super) struct Icon(&'static str);

pub(super) const BACK: Icon = Icon("M15 5l-7 7 7 7");
pub(super) const PERSON: Icon =
    Icon("M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20c.8-4 3.8-6 7.5-6s6.7 2 7.5 6");
pub(super) const KEYBOARD: Icon = Icon("M3 6h18v12H3zM6.5 10h.01M10 10h.01M13.5 10h.01M17 10h.01M8 14.5h8");
pub(super) const MENU: Icon = Icon("M5 7h14M5 12h14M5 17h14");
pub(super) const PLUS: Icon = Icon("M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 8v8M8 12h8");
pub(super) const SCAN: Icon = Icon("M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M4 12h16");
pub(super) const PAY: Icon = Icon("M3 6.5h18v11H3zM3 10.5h18M7 14.5h3");
pub(super) const TICKET: Icon = Icon("M4 7h16v3.5a1.5 1.5 0 0 0 0 3V17H4v-3.5a1.5 1.5 0 0 0 0-3zM14 7v10");
pub(super) const PLACE: Icon = Icon(
    "M12 21s6.5-6 6.5-11a6.5 6.5 0 1 0-13 0c0 5 6.5 11 6.5 11zM12 12.3a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6z",
);
pub(super) const CHATS: Icon = Icon(
    "M12 4.5c-5 0-8.5 3-8.5 7 0 2.2 1.2 4.2 3 5.400L6 20l3.4-1.7c.8.2 1.7.3 2.6.3 5 0 8.5-3.1 8.5-7.100s-3.5-7-8.5-7z",
);
pub(super) const CONTACTS: Icon = Icon(
    "M9.5 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM3 19c.6-3.3 3-5 6.5-5s5.9 1.7 6.5 5M16 8h5M16 12h5M18 16h3",
);
pub(super) const DISCOVER: Icon = Icon("M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM15.5 8.5l-2 5-5 2 2-5z");
pub(super) const MINI: Icon = Icon(
    "M8.5 15.5a2.5 2.5 0 1 1 1-4.800M9.5 16c1.6 0 2.5-1 2.5-2.5v-3c0-1.5.9-2.5 2.5-2.5a2.5 2.5 0 1 1 1 4.800M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z",
);
pub(super) const PHONE: Icon = Icon(
    "M6 4h3.5l1.5 4-2 1.5a11 11 0 0 0 5.5 5.5l1.5-2 4 1.5V18a2 2 0 0 1-2 2C10.5 20 4 13.5 4 6a2 2 0 0 1 2-2z",
);
pub(super) const KEY: Icon = Icon("M8 15a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 11h9M18 11v3.5M15 11v2.5");
pub(super) const PICTURE: Icon =
    Icon("M3.5 5h17v14h-17zM7 10.5a1.500 1.500 0 1 0 0-.01M4 17l5-4.500 3.500 3 3-2.500 4.500 4");
pub(super) const VOICE: Icon =
    Icon("M12 14.500a3 3 0 0 0 3-3v-5a3 3 0 0 0-6 0v5a3 3 0 0 0 3 3zM6 11.500a6 6 0 0 0 12 0M12 17.500V21");
pub(super) const VIDEO: Icon = Icon("M3 7h12v10H3zM15 11l6-3.500v9L15 13");
pub(super) const LINK: Icon = Icon(
    "M10 14a4 4 0 0 0 5.700 0l3-3A4 4 0 0 0 13 5.300l-1 1M14 10a4 4 0 0 0-5.700 0l-3 3A4 4 0 0 0 11 18.700l1-1",
);
pub(super) const BELL: Icon = Icon("M6 17V11a6 6 0 0 1 12 0v6M4 17h16M10.500 20h3");
pub(super) const CLOSE: Icon = Icon("M6 6l12 12M18 6L6 18");
pub(super) const CHEVRON: Icon = Icon("M9 6l6 6-6 6");

impl Icon {
    /// Hidden from screen readers.
    pub(super) fn draw(&self) -> Markup {
        html! {
            svg.icon viewBox="0 0 24 24" aria-hidden="true" focusable="false" {
                path d=(PreEscaped(self.0)) {}
            }
        }
    }
}
