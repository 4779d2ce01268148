//! How much gathers before it is worked off.

/// As measured; tests lower it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Keys that stay in memory when others are indexed: those of some seconds under the highest load, of an hour under
    /// a low one.
    pub(super) held: usize,
    /// Keys that are indexed at once.
    pub(super) slice: usize,
    /// States that are appended while the writer comes by about half of the persons.
    pub(super) behind: usize,
    /// Pages in the log from which on it is copied. A page that has changed several times until then is copied once.
    pub(super) full: i32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { held: 32_768, slice: 4_096, behind: 65_536, full: 16_384 }
    }
}
