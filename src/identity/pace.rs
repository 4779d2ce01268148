//! When the next question goes out.
//!
//! A caller that comes first waits a moment for company; those who come while a question is under way go together in the
//! next one. Under load the callers who have just been answered are back a few milliseconds later, so the next question
//! waits for about as many as there were: without that, half of a crowd is always under way while the other half waits,
//! and each question names half as many people as it could.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use crate::ids::OpenId;

/// What one `user/info/batchget` takes.
const BATCH: usize = 100;
/// The first one waits this long for company.
const WINDOW: Duration = Duration::from_millis(3);
/// The time in which those just answered come back: a commit, a reply and the next push. Simulated with 64 callers,
/// 10 ms let a crowd that takes 8 to 20 ms fall apart into questions of 35 people; 20 ms keep it at 60, and as fast.
const RETURN: Duration = Duration::from_millis(20);
/// A crowd that was here this long ago may have gone home.
const CROWD_LASTS: Duration = Duration::from_millis(50);
/// Nobody waits longer than this behind a question that is under way: it may hang.
const BEHIND: Duration = Duration::from_millis(100);
/// Questions under way at once.
const UNDER_WAY: usize = 8;

/// The line of those who have not been asked about yet.
#[derive(Debug, Default)]
pub(super) struct Pace {
    line: VecDeque<OpenId>,
    /// When the line began.
    since: Option<Instant>,
    /// How many there were when the last question was answered, and when that was.
    crowd: Option<(usize, Instant)>,
}

/// What to do now.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Ask about these.
    Ask(Vec<OpenId>),
    /// Nothing before this moment, unless somebody comes or a question is answered.
    Wait(Option<Instant>),
    /// Nothing at all.
    Rest,
}

impl Pace {
    /// Somebody joins the line; true when [`Pace::next`] may have something new to say.
    pub(super) fn join(&mut self, open_id: OpenId, now: Instant) -> bool {
        self.line.push_back(open_id);
        self.since.get_or_insert(now);
        self.line.len() == 1 || self.line.len() >= self.company(now)
    }

    /// A question has been answered; `crowd` is how many it named and how many still wait.
    pub(super) fn answered(&mut self, crowd: usize, now: Instant) {
        self.crowd = Some((crowd, now));
    }

    /// What to do at `now`, with so many questions under way.
    pub(super) fn next(&mut self, now: Instant, under_way: usize) -> Next {
        let Some(since) = self.since else {
            return if under_way == 0 { Next::Rest } else { Next::Wait(None) };
        };
        if under_way >= UNDER_WAY {
            return Next::Wait(None);
        }
        let full = self.line.len() >= if under_way == 0 { self.company(now) } else { BATCH };
        let until = match self.recent_crowd(now) {
            _ if under_way > 0 => since + BEHIND,
            Some((_, answered)) => since.max(answered) + RETURN,
            None => since + WINDOW,
        };
        if full || now >= until { self.ask(now) } else { Next::Wait(Some(until)) }
    }

    fn ask(&mut self, now: Instant) -> Next {
        let batch = self.line.drain(..self.line.len().min(BATCH)).collect();
        self.since = (!self.line.is_empty()).then_some(now);
        Next::Ask(batch)
    }

    /// How many are worth a question without waiting for more.
    fn company(&self, now: Instant) -> usize {
        self.recent_crowd(now).map_or(BATCH, |(crowd, _)| (crowd - crowd / 10).clamp(1, BATCH))
    }

    fn recent_crowd(&self, now: Instant) -> Option<(usize, Instant)> {
        self.crowd.filter(|(_, answered)| now.saturating_duration_since(*answered) < CROWD_LASTS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(n: usize) -> OpenId {
        OpenId::parse(&format!("oPerson{n:05}")).unwrap()
    }

    fn asked(next: Next) -> usize {
        match next {
            Next::Ask(batch) => batch.len(),
            other => panic!("{other:?}"),
        }
    }

    fn join(pace: &mut Pace, people: std::ops::Range<usize>, now: Instant) {
        for n in people {
            pace.join(person(n), now);
        }
    }

    #[test]
    fn the_first_one_waits_three_milliseconds_for_company() {
        let (mut pace, now) = (Pace::default(), Instant::now());
        join(&mut pace, 0..7, now);

        assert_eq!(pace.next(now, 0), Next::Wait(Some(now + WINDOW)));
        assert_eq!(asked(pace.next(now + WINDOW, 0)), 7);
        assert_eq!(pace.next(now + WINDOW, 0), Next::Rest);
    }

    #[test]
    fn a_hundred_do_not_wait() {
        let (mut pace, now) = (Pace::default(), Instant::now());
        join(&mut pace, 0..250, now);

        assert_eq!(asked(pace.next(now, 0)), 100);
        assert_eq!(asked(pace.next(now, 1)), 100);
        assert!(matches!(pace.next(now, 2), Next::Wait(_)));
    }

    #[test]
    fn one_caller_after_another_is_not_kept_waiting() {
        let (mut pace, now) = (Pace::default(), Instant::now());
        pace.answered(1, now);
        join(&mut pace, 0..1, now);

        assert_eq!(asked(pace.next(now, 0)), 1);
    }

    #[test]
    fn half_a_crowd_waits_for_the_other_half_to_come_back() {
        let (mut pace, now) = (Pace::default(), Instant::now());
        join(&mut pace, 0..32, now);
        pace.answered(64, now);
        assert_eq!(pace.next(now, 0), Next::Wait(Some(now + RETURN)));

        join(&mut pace, 32..60, now + Duration::from_millis(4));

        assert_eq!(asked(pace.next(now + Duration::from_millis(4), 0)), 60);
    }

    #[test]
    fn a_crowd_that_does_not_come_back_is_waited_for_once() {
        let (mut pace, now) = (Pace::default(), Instant::now());
        pace.answered(64, now);
        join(&mut pace, 0..2, now);

        assert_eq!(asked(pace.next(now + RETURN, 0)), 2);
    }

    #[test]
    fn nobody_waits_long_behind_a_question_that_hangs() {
        let (mut pace, now) = (Pace::default(), Instant::now());
        join(&mut pace, 0..1, now);

        assert_eq!(pace.next(now, 1), Next::Wait(Some(now + BEHIND)));
        assert_eq!(asked(pace.next(now + BEHIND, 1)), 1);
    }

    #[test]
    fn there_are_never_more_than_eight_questions_under_way() {
        let (mut pace, now) = (Pace::default(), Instant::now());
        join(&mut pace, 0..100, now);

        assert_eq!(pace.next(now, 8), Next::Wait(None));
    }
}
