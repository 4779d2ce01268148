//! One API, and whether it may be asked twice.

/// One API of WeChat.
#[derive(Clone, Copy, Debug)]
pub(super) struct Api {
    /// Its path.
    pub(super) path: &'static str,
    /// Whether asking twice does it twice.
    pub(super) acts: bool,
}

impl Api {
    /// Asking twice does no harm.
    pub(super) const fn read(path: &'static str) -> Self {
        Self { path, acts: false }
    }

    /// Asking twice does it twice.
    pub(super) const fn act(path: &'static str) -> Self {
        Self { path, acts: true }
    }
}
