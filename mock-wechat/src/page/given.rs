//! What every part of the page is given, and how it writes a moment.

use std::sync::Arc;

use maud::{Markup, html};

use super::{
    view::View,
    words::{Language, Words},
};
use crate::{
    ids::PersonKey,
    platform::Platform,
    world::{Registered, World, person::Relation},
};

/// Whose phone it is before anybody was created.
pub(super) const FIRST_PERSON: &str = "lin";

/// What is looked at, by whom, and the words for it.
pub(super) struct Page<'a> {
    pub(super) platform: &'a Platform,
    pub(super) world: &'a World,
    /// With a person in it, always.
    pub(super) view: &'a View,
    pub(super) words: &'static Words,
    pub(super) language: Language,
    pub(super) person: PersonKey,
    /// The account whose chat or mini-program is open.
    pub(super) open: Option<&'a Arc<Registered>>,
    /// Unix milliseconds of the mock's clock.
    pub(super) now: i64,
}

impl Page<'_> {
    /// What the person is to an account, if anything.
    pub(super) fn relation(&self, app_id: &str) -> Option<&Relation> {
        self.world.find_person(self.person)?.relation(app_id)
    }

    pub(super) fn follows(&self, app_id: &str) -> bool {
        self.relation(app_id).is_some_and(|relation| relation.follow.is_some())
    }

    /// The hidden fields with which a form says where it was posted from.
    pub(super) fn back(&self) -> Markup {
        html! { input type="hidden" name="back" value=(self.view.go(|_| ())); }
    }
}

/// A moment in UTC; the script says it in the browser's own time. A precise one has seconds.
pub(super) fn moment(millis: i64, precise: bool) -> Markup {
    let at = jiff::Timestamp::from_millisecond(millis).unwrap_or_default();
    let said = at.strftime(if precise { "%H:%M:%S" } else { "%H:%M" });
    html! { time datetime=(at) data-ms=(millis) data-precise[precise] { (said) } }
}
