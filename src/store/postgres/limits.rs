//! How much is committed together, and how long anybody waits.

use std::time::Duration;

/// Commands of one commit at most.
pub(super) const GROUP: usize = 256;
/// Commands that wait at most; whoever comes then is refused at once, so that the sender repeats it later.
pub(super) const QUEUE: usize = 8_192;
/// Tasks that commit groups.
pub(super) const TASKS: usize = 2;
/// How long a group has to itself; then the other task takes the next one.
pub(super) const TURN: Duration = Duration::from_millis(10);
/// How long a group may take, its repetitions included.
pub(super) const GROUP_TIME: Duration = Duration::from_millis(400);
/// How long anybody waits for an answer.
pub(super) const PATIENCE: Duration = Duration::from_millis(450);
/// How often a group is tried while other gateways are quicker.
pub(super) const ATTEMPTS: usize = 5;
/// How many locks a group waits for in vain: twice the server's `lock_timeout` leaves those behind it time enough.
pub(super) const LOCKS: usize = 2;
