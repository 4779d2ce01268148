//! `program.toml` and `messages.toml`, compiled: who earns what, who hears what, in which words.

/// The compiled program. Immutable; a change is a new one with another [`Program::ruleset`].
#[derive(Debug, Default)]
pub struct Program {
    ruleset: Box<str>,
}

impl Program {
    /// First 8 hex digits of the hash over both files: every event names the rules that judged it.
    #[must_use]
    pub fn ruleset(&self) -> &str {
        &self.ruleset
    }
}
