//! Retries and duplicates. WeChat sends a push again when the answer was late or lost, and shows the answer to the last
//! try: a retry that is recognised and answered with nothing loses the reply.

use futures::{FutureExt, future::join_all};

use super::{Check, always, bench::Bench, card::Finding, letter::Letter, reaction::Reaction};
use crate::{
    push::{Push, Replies, Sender},
    wire::fields::Fields,
};

const STORE: &str = "store the reply with the event and give it to every retry (by MsgId and sender, or by sender, \
                     CreateTime, Event and EventKey)";

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "repeat.same",
        title: "the same push again, byte for byte",
        applies: always,
        run: |bench| byte_for_byte(bench).boxed(),
    },
    Check {
        id: "repeat.event",
        title: "a retried event, signed anew",
        applies: always,
        run: |bench| event(bench).boxed(),
    },
    Check {
        id: "repeat.message",
        title: "a retried message, signed anew",
        applies: always,
        run: |bench| message(bench).boxed(),
    },
    Check {
        id: "repeat.at-once",
        title: "five copies at the same moment",
        applies: always,
        run: |bench| at_once(bench).boxed(),
    },
    Check {
        id: "repeat.one-second",
        title: "different events of one person in one second",
        applies: always,
        run: |bench| one_second(bench).boxed(),
    },
];

async fn byte_for_byte(bench: &Bench) -> Finding {
    let letter = Letter::of(bench, bench.arrival(bench.someone()));
    let first = bench.post(&letter).await;
    compared(&first, &bench.post(&letter).await)
}

async fn event(bench: &Bench) -> Finding {
    resigned(bench, bench.arrival(bench.someone())).await
}

async fn message(bench: &Bench) -> Finding {
    resigned(bench, bench.text(bench.someone(), "hello again")).await
}

async fn resigned(bench: &Bench, push: Push) -> Finding {
    let first = bench.post(&Letter::of(bench, push.clone())).await;
    compared(&first, &bench.post(&Letter::of(bench, push)).await)
}

async fn at_once(bench: &Bench) -> Finding {
    let push = bench.arrival(bench.someone());
    let letters: Vec<Letter> = (0..5).map(|_| Letter::of(bench, push.clone())).collect();
    let reactions = join_all(letters.iter().map(|letter| bench.post(letter))).await;
    let (first, others) = reactions.split_at(1);
    let findings = others.iter().map(|other| compared(&first[0], other));
    findings
        .into_iter()
        .find(|finding| !finding.passed())
        .unwrap_or_else(|| Finding::pass("five times the same answer"))
}

/// What the second answer is, measured by the first.
fn compared(first: &Reaction, second: &Reaction) -> Finding {
    if !first.is_well() {
        return Finding::skip(format!("the first one was not answered well: {}", first.in_words()));
    }
    if !second.is_well() {
        return Finding::fail(
            format!("the first one was accepted, the copy was not: {}", second.in_words()),
            STORE,
        );
    }
    match (first.words(), second.words()) {
        (None, None) => Finding::pass("acknowledged both times"),
        (Some(first), Some(second)) if first == second => Finding::pass("the same reply both times"),
        (Some(_), Some(_)) => Finding::fail("the two replies differ: the event was handled twice", STORE),
        _ => Finding::fail(
            "one got a reply, the other none: a person whose first answer was lost sees nothing",
            STORE,
        ),
    }
}

/// All have the same sender and `CreateTime`, which WeChat's document calls the key of an event. What each gets when it
/// comes alone, from somebody else, tells whether it was taken for the one before it.
async fn one_second(bench: &Bench) -> Finding {
    const APART: &str = "tell events apart by Event and EventKey too";
    let sender = bench.someone();
    let (arrival, later) = (bench.arrival(sender.clone()), taps(bench, &sender));
    let welcome = match bench.is_served(arrival).await {
        Ok(reaction) => reaction.words(),
        Err(words) => return Finding::skip(format!("the first one was not answered well: {words}")),
    };
    for (push, alone) in later.into_iter().zip(taps(bench, &bench.someone())) {
        let kind = push.kind.clone();
        let (together, alone) = (bench.is_served(push).await, bench.is_served(alone).await);
        let (together, alone) = match (together, alone) {
            (Ok(together), Ok(alone)) => (together.words(), alone.words()),
            (Err(words), _) | (_, Err(words)) => return Finding::fail(format!("{kind}: {words}"), APART),
        };
        if alone.is_none() && together.is_some() && together == welcome {
            return Finding::fail(format!("{kind} got the reply to the event before it"), APART);
        }
        if alone.is_some() && together.is_none() {
            return Finding::fail(format!("{kind} was taken for the event before it: no reply came"), APART);
        }
    }
    Finding::pass("all four answered well")
}

fn taps(bench: &Bench, sender: &Sender) -> Vec<Push> {
    let key = |key: &str| Fields::new().text("EventKey", key);
    vec![
        bench.event(sender.clone(), "CLICK", Replies::ToEvent, key("POINTS")),
        bench.event(sender.clone(), "CLICK", Replies::ToEvent, key("SHOP")),
        bench.event(sender.clone(), "VIEW", Replies::Ignored, key("https://m.example.com/")),
    ]
}
