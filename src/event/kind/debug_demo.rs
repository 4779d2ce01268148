//! Event `debug_demo`.

use smol_str::SmolStr;

use super::{Effect, Person};
use crate::event::value::wire;

wire! {
    /// WeChat's console tries out the callback.
    pub struct DebugDemo {
        /// What the operator typed.
        text: Option<SmolStr> = "debug_str";
    }
}

impl Effect for DebugDemo {
    fn person(&self) -> Person<'_> {
        Person::Nobody
    }
}
