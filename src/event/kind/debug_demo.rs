//! Event `debug_demo`.

use super::{Effect, Person};
use crate::event::value::wire;

wire! {
    /// WeChat's console tries out the callback.
    pub struct DebugDemo {
        /// What the operator typed.
        text: Option<Box<str>> = "debug_str";
    }
}

impl Effect for DebugDemo {
    fn person(&self) -> Person<'_> {
        Person::Nobody
    }
}
