//! Customer-service message windows: after which act of a person an account may write to them, how often and how
//! long. WeChat's document "客服消息" of 2024 to 2026, and the tables before it as editions.

use serde::{Deserialize, Serialize};

use super::account::Kind;

const MINUTE: i64 = 60;
const TWO_DAYS: i64 = 48 * 3600;

/// What a person did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// Sent a message.
    Message,
    /// Tapped a menu button of type click or scancode.
    Menu,
    /// Followed.
    Follow,
    /// Scanned a parametric QR code.
    Scan,
    /// Paid.
    Payment,
    /// Entered a mini-program's customer-service chat.
    Enter,
}

/// Which edition of the rules applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub enum Edition {
    /// Message 5 in 48 h; menu, follow and scan 3 in a minute; payment without limit in 48 h.
    #[default]
    #[serde(rename = "current")]
    Current,
    /// Message and payment 20 in 48 h; menu, follow and scan 3 in a minute.
    #[serde(rename = "2021-06")]
    June2021,
    /// Everything 20 in 48 h.
    #[serde(rename = "legacy-2014")]
    Legacy2014,
}

/// One open window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Window {
    /// What opened it.
    pub trigger: Trigger,
    /// Unix seconds.
    pub closes_at: i64,
    /// Messages left in it; `null` for no limit.
    pub left: Option<u32>,
}

/// All windows of one person towards one account.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Windows(Vec<Window>);

/// Why an account may not write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Closed {
    /// No window is open: 45015.
    None,
    /// Windows are open, their messages are used up: 45047.
    Exhausted,
}

impl Windows {
    /// Opens the window of that trigger, or renews it with its full count.
    pub(crate) fn open(&mut self, trigger: Trigger, kind: Kind, edition: Edition, now: i64) {
        let Some((left, seconds)) = allowance(trigger, kind, edition) else { return };
        self.0.retain(|window| window.trigger != trigger && window.closes_at > now);
        self.0.push(Window { trigger, closes_at: now + seconds, left });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn close_all(&mut self) {
        self.0.clear();
    }

    /// Windows open at that time.
    pub(crate) fn open_at(&self, now: i64) -> impl Iterator<Item = &Window> {
        self.0.iter().filter(move |window| window.closes_at > now)
    }

    /// Takes one message from the window that closes first and has any left.
    ///
    /// WeChat does not document which of several open windows a message is charged to; this order wastes least.
    pub(crate) fn charge(&mut self, now: i64) -> Result<(), Closed> {
        self.0.retain(|window| window.closes_at > now);
        if self.0.is_empty() {
            return Err(Closed::None);
        }
        let window = self.0.iter_mut().filter(|w| w.left != Some(0)).min_by_key(|w| w.closes_at);
        let window = window.ok_or(Closed::Exhausted)?;
        window.left = window.left.map(|left| left - 1);
        Ok(())
    }
}

/// Messages (`None` for no limit) and seconds, or nothing where the act opens no window.
fn allowance(trigger: Trigger, kind: Kind, edition: Edition) -> Option<(Option<u32>, i64)> {
    match (kind, trigger, edition) {
        (Kind::MiniProgram, Trigger::Message, _) => Some((Some(5), TWO_DAYS)),
        (Kind::MiniProgram, Trigger::Enter, _) => Some((Some(2), MINUTE)),
        (Kind::MiniProgram | Kind::Component, ..) | (Kind::OfficialAccount, Trigger::Enter, _) => None,
        (_, _, Edition::Legacy2014) => Some((Some(20), TWO_DAYS)),
        (_, Trigger::Message | Trigger::Payment, Edition::June2021) => Some((Some(20), TWO_DAYS)),
        (_, Trigger::Message, Edition::Current) => Some((Some(5), TWO_DAYS)),
        (_, Trigger::Payment, Edition::Current) => Some((None, TWO_DAYS)),
        (_, Trigger::Menu | Trigger::Follow | Trigger::Scan, _) => Some((Some(3), MINUTE)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(triggers: &[Trigger]) -> Windows {
        let mut windows = Windows::default();
        for trigger in triggers {
            windows.open(*trigger, Kind::OfficialAccount, Edition::Current, 1000);
        }
        windows
    }

    #[test]
    fn a_follow_allows_three_messages_in_a_minute() {
        let mut windows = opened(&[Trigger::Follow]);

        for _ in 0..3 {
            assert_eq!(windows.charge(1059), Ok(()));
        }
        assert_eq!(windows.charge(1059), Err(Closed::Exhausted));
        assert_eq!(windows.charge(1060), Err(Closed::None));
    }

    #[test]
    fn the_window_that_closes_first_is_charged_first() {
        let mut windows = opened(&[Trigger::Message, Trigger::Follow]);

        windows.charge(1001).unwrap();

        let left: Vec<_> = windows.open_at(1001).map(|w| (w.trigger, w.left)).collect();
        assert_eq!(left, [(Trigger::Message, Some(5)), (Trigger::Follow, Some(2))]);
    }

    #[test]
    fn a_new_message_renews_the_message_window() {
        let mut windows = opened(&[Trigger::Message]);
        for _ in 0..5 {
            windows.charge(1001).unwrap();
        }

        windows.open(Trigger::Message, Kind::OfficialAccount, Edition::Current, 2000);

        assert_eq!(windows.charge(2000 + TWO_DAYS - 1), Ok(()));
        assert_eq!(windows.charge(2000 + TWO_DAYS), Err(Closed::None));
    }

    #[test]
    fn a_mini_program_may_write_after_a_message_or_an_entered_chat_only() {
        let mut windows = Windows::default();
        for trigger in [Trigger::Follow, Trigger::Scan, Trigger::Menu, Trigger::Payment] {
            windows.open(trigger, Kind::MiniProgram, Edition::Current, 0);
        }
        assert_eq!(windows.charge(1), Err(Closed::None));

        windows.open(Trigger::Enter, Kind::MiniProgram, Edition::Current, 0);
        assert_eq!([windows.charge(1), windows.charge(1)], [Ok(()), Ok(())]);
        assert_eq!(windows.charge(1), Err(Closed::Exhausted));
    }
}
