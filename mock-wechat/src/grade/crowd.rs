//! Many people at once, slow senders, and the time that it all takes.

use std::time::Duration;

use futures::{
    FutureExt, StreamExt,
    future::join_all,
    stream::{self, FuturesUnordered},
};

use super::{Check, always, bench::Bench, card::Finding, letter::Letter};
use crate::push::Push;

/// People who arrive at once.
const CROWD: usize = 100;
/// Senders that stop in the middle of a body, or hardly go on.
const SLOW: usize = 40;
/// How long a receiver may wait for the rest of a body.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "crowd.replies",
        title: "a hundred people at once, each with their own reply",
        applies: always,
        run: |bench| crowd(bench).boxed(),
    },
    Check {
        id: "crowd.slow-bodies",
        title: "forty senders that stop half-way, or come a byte at a time",
        applies: always,
        run: |bench| slow(bench).boxed(),
    },
    Check {
        id: "crowd.alive",
        title: "a genuine push after all that",
        applies: always,
        run: |b| alive(b).boxed(),
    },
    Check {
        id: "crowd.time",
        title: "the slowest genuine answer",
        applies: always,
        run: |b| time(b).boxed(),
    },
];

async fn crowd(bench: &Bench) -> Finding {
    let pushes: Vec<Push> = (0..CROWD)
        .map(|n| match n % 2 {
            0 => bench.arrival(bench.someone()),
            _ => bench.text(bench.someone(), &format!("I am number {n}")),
        })
        .collect();
    let served = join_all(pushes.into_iter().map(|push| bench.is_served(push))).await;
    let bad: Vec<&String> = served.iter().filter_map(|served| served.as_ref().err()).collect();
    match bad.as_slice() {
        [] => Finding::pass(format!("{CROWD} answered well")),
        [first, ..] if bad.iter().any(|words| words.contains("UserName")) => Finding::fail(
            format!("{} of {CROWD} wrong, for instance {first}", bad.len()),
            "keep nothing about a request where another request can see it (a field of a shared object, a global)",
        ),
        [first, ..] => Finding::fail(
            format!("{} of {CROWD} not answered well, for instance {first}", bad.len()),
            "a campaign sends thousands in seconds: answer success at once and do the work behind it",
        ),
    }
}

async fn slow(bench: &Bench) -> Finding {
    const LIMIT: &str = "give a body two seconds to arrive and then close the connection; put a proxy in front that reads \
                         bodies whole";
    let letters: Vec<Letter> =
        (0..SLOW).map(|_| Letter::of(bench, bench.text(bench.someone(), "slow"))).collect();
    // A wait that begins anew with every byte ends the one kind and not the other.
    let mut slow: FuturesUnordered<_> = letters
        .iter()
        .enumerate()
        .map(|(n, letter)| match n % 2 {
            0 => bench.post_half(letter, LONGEST_WAIT).boxed(),
            _ => bench.post_slowly(letter, LONGEST_WAIT).boxed(),
        })
        .collect();
    let genuine = async {
        // The half bodies are under way by then.
        tokio::time::sleep(Duration::from_millis(300)).await;
        bench.is_served(bench.arrival(bench.someone())).await
    };
    let mut ended = Vec::new();
    let rest = async {
        while let Some(reaction) = slow.next().await {
            ended.push(reaction);
        }
    };
    let (served, ()) = futures::future::join(genuine, rest).await;
    if let Err(words) = served {
        return Finding::fail(
            format!("{SLOW} of them keep everybody else from being served: {words}"),
            LIMIT,
        );
    }
    match ended.iter().filter(|reaction| reaction.waits).count() {
        0 => {
            let longest = ended.iter().map(|reaction| reaction.ms).max().unwrap_or_default();
            Finding::pass(format!("given up after {longest} ms; others were served meanwhile"))
        }
        many => Finding::warn(
            format!(
                "{many} of {SLOW} still held after {} s; others were served meanwhile",
                LONGEST_WAIT.as_secs()
            ),
            LIMIT,
        ),
    }
}

async fn alive(bench: &Bench) -> Finding {
    let pushes = [bench.arrival(bench.someone()), bench.text(bench.someone(), "still there?")];
    let served: Vec<_> = stream::iter(pushes).then(|push| bench.is_served(push)).collect().await;
    match served.into_iter().find_map(Result::err) {
        None => Finding::pass("answered well"),
        Some(words) => Finding::fail(
            words,
            "something above broke it for good; run the checks against a fresh one to see which",
        ),
    }
}

async fn time(bench: &Bench) -> Finding {
    const FAST: &str = "WeChat hangs up after 5 s: answer success at once, and send what takes time by the customer-service API";
    match bench.slowest_ms() {
        ms @ 0..2_500 => Finding::pass(format!("{ms} ms")),
        ms @ 2_500..5_000 => Finding::warn(format!("{ms} ms, near the 5 s at which WeChat hangs up"), FAST),
        ms => Finding::fail(format!("{ms} ms: WeChat has hung up by then"), FAST),
    }
}
