//! Signatures: wrong ones, old ones, and good ones that are made to say something else.
//!
//! `signature` is SHA-1 over the sorted token, timestamp and nonce without separators, so the same digits give the same
//! signature in another order or cut elsewhere; and in plain mode it does not cover the body.

use futures::FutureExt;

use super::{
    Check, always,
    bench::Bench,
    card::Finding,
    in_clear,
    letter::{Letter, Stamp},
};
use crate::world::account::Mode;

const VERIFY: &str = "verify the signature before the body is looked at, and answer 403";
const REPLAY: &str = "remember each signature (not timestamp and nonce: they can be re-cut) with a hash of its body for as long \
                      as a timestamp is accepted, and refuse it for anything else; or choose safe mode, whose signature \
                      covers the message";
const WINDOW: &str =
    "refuse timestamps more than five minutes from now; WeChat signs each push when it is sent";

pub(super) const CHECKS: &[Check] = &[
    Check { id: "sign.missing", title: "no signature", applies: always, run: |bench| missing(bench).boxed() },
    Check {
        id: "sign.wrong",
        title: "a wrong signature",
        applies: always,
        run: |bench| wrong(bench).boxed(),
    },
    Check {
        id: "sign.other-token",
        title: "a signature with another token",
        applies: always,
        run: |bench| other_token(bench).boxed(),
    },
    Check {
        id: "sign.duplicate-parameter",
        title: "the signed parameters twice",
        applies: always,
        run: |bench| duplicate_parameter(bench).boxed(),
    },
    Check {
        id: "sign.swapped",
        title: "a seen signature, timestamp and nonce swapped",
        applies: always,
        run: |bench| swapped(bench).boxed(),
    },
    Check {
        id: "sign.recut",
        title: "a seen signature, its digits cut elsewhere",
        applies: always,
        run: |bench| recut(bench).boxed(),
    },
    Check {
        id: "sign.other-body",
        title: "a seen signature with another body",
        applies: in_clear,
        run: |bench| other_body(bench).boxed(),
    },
    Check {
        id: "sign.day-old",
        title: "a push that was signed yesterday",
        applies: always,
        run: |bench| stale(bench, -86_400).boxed(),
    },
    Check {
        id: "sign.ten-minutes-old",
        title: "a push that was signed ten minutes ago",
        applies: always,
        run: |bench| stale(bench, -600).boxed(),
    },
    Check {
        id: "sign.from-the-future",
        title: "a push that will be signed in an hour",
        applies: always,
        run: |bench| stale(bench, 3600).boxed(),
    },
    Check {
        id: "sign.openid",
        title: "another openid in the query than in the message",
        applies: always,
        run: |bench| open_id(bench).boxed(),
    },
];

async fn missing(bench: &Bench) -> Finding {
    let letter = Letter::of(bench, bench.text(bench.someone(), "unsigned"));
    let letter = letter.without(&["signature", "msg_signature", "timestamp", "nonce"]);
    bench.post(&letter).await.must_be_refused(forgery)
}

async fn wrong(bench: &Bench) -> Finding {
    let letter = Letter::of(bench, bench.text(bench.someone(), "wrongly signed"));
    let wrong = "0123456789abcdef0123456789abcdef01234567";
    let letter = match bench.account().mode {
        Mode::Plain => letter.with("signature", wrong),
        _ => letter.with("signature", wrong).with("msg_signature", wrong),
    };
    bench.post(&letter).await.must_be_refused(forgery)
}

async fn other_token(bench: &Bench) -> Finding {
    use crate::wire::signature::signature;
    let stamp = Stamp::fresh(bench);
    let forged = signature("", &stamp.timestamp, &stamp.nonce);
    let letter = Letter::stamped(bench, bench.text(bench.someone(), "signed by another"), &stamp);
    let letter = match bench.account().mode {
        Mode::Plain => letter.with("signature", forged),
        _ => letter.with("signature", forged.clone()).with("msg_signature", forged),
    };
    bench.post(&letter).await.must_be_refused(forgery)
}

fn forgery(words: String) -> Finding {
    Finding::fail(format!("accepted a push that WeChat did not sign ({words})"), VERIFY)
}

async fn duplicate_parameter(bench: &Bench) -> Finding {
    let letter = Letter::of(bench, bench.text(bench.someone(), "twice"));
    let letter = letter.twice("timestamp", "1").twice("nonce", "1");
    bench.post(&letter).await.must_be_refused(|words| {
        Finding::warn(
            format!("accepted a query that says timestamp and nonce twice ({words})"),
            "refuse repeated parameters: a proxy in front may read the other one",
        )
    })
}

async fn swapped(bench: &Bench) -> Finding {
    // Both numbers are times of this minute, so that only the memory of signatures tells them apart.
    let stamp = Stamp { timestamp: bench.now().to_string(), nonce: fresh_second(bench).to_string() };
    let swapped = Stamp { timestamp: stamp.nonce.clone(), nonce: stamp.timestamp.clone() };
    again_with(bench, &stamp, &swapped).await
}

async fn recut(bench: &Bench) -> Finding {
    // Sorted, the nonce comes first: `earlier more now` is `earlier` and `more now` too. `more` is little larger than
    // the beginning of `earlier`, so that no ciphertext is sorted in between.
    let earlier = fresh_second(bench);
    let (now, more) = (bench.now(), earlier / 1_000_000 + 1);
    let stamp = Stamp { timestamp: now.to_string(), nonce: format!("{earlier}{more}") };
    let recut = Stamp { timestamp: earlier.to_string(), nonce: format!("{more}{now}") };
    again_with(bench, &stamp, &recut).await
}

/// A second of the last minutes that no other check uses.
fn fresh_second(bench: &Bench) -> i64 {
    bench.now() - 2 - i64::try_from(bench.platform.sequence.next() % 100).unwrap_or(0)
}

/// Sends a genuine push, and then another under the same signature. In safe mode the ciphertext is signed as well, and
/// all that can be sent is the same again.
async fn again_with(bench: &Bench, stamp: &Stamp, forged: &Stamp) -> Finding {
    let genuine = Letter::stamped(bench, bench.text(bench.someone(), "genuine"), stamp);
    let first = bench.post(&genuine).await;
    if !first.is_well() {
        return Finding::skip(format!("the genuine push before it was not accepted: {}", first.in_words()));
    }
    let in_clear = bench.account().mode == Mode::Plain;
    let letter = match in_clear {
        true => {
            let forged = bench.text(bench.someone(), "forged");
            genuine.saying(forged.plaintext.clone()).pretending(forged)
        }
        false => genuine,
    };
    bench.post(&letter.restamped(forged)).await.must_be_refused(|words| match in_clear {
        true => {
            Finding::fail(format!("accepted a forged push under a signature seen before ({words})"), REPLAY)
        }
        false => Finding::warn(
            format!(
                "accepted the same push under other parameters ({words}); only deduplication stands behind it"
            ),
            REPLAY,
        ),
    })
}

async fn other_body(bench: &Bench) -> Finding {
    let genuine = Letter::of(bench, bench.text(bench.someone(), "genuine"));
    let first = bench.post(&genuine).await;
    if !first.is_well() {
        return Finding::skip(format!("the genuine push before it was not accepted: {}", first.in_words()));
    }
    let forged = bench.text(bench.someone(), "forged");
    let letter = genuine.saying(forged.plaintext.clone()).pretending(forged);
    bench.post(&letter).await.must_be_refused(|words| {
        Finding::fail(format!("accepted another body under a signature seen before ({words})"), REPLAY)
    })
}

async fn stale(bench: &Bench, seconds: i64) -> Finding {
    let stamp = Stamp::at(bench, bench.now() + seconds);
    let letter = Letter::stamped(bench, bench.text(bench.someone(), "out of time"), &stamp);
    bench.post(&letter).await.must_be_refused(|words| match seconds {
        ..-3600 => Finding::fail(format!("accepted a push signed a day ago ({words})"), WINDOW),
        -3600..0 => Finding::warn(format!("accepted a push signed {} s ago ({words})", -seconds), WINDOW),
        _ => Finding::warn(format!("accepted a push dated {seconds} s ahead ({words})"), WINDOW),
    })
}

/// Whatever the query says, the reply must go to the sender in the message.
async fn open_id(bench: &Bench) -> Finding {
    let push = bench.arrival(bench.someone());
    let other = bench.someone().open_id;
    let letter = Letter::of(bench, push).with("openid", other.clone());
    let reaction = bench.post(&letter).await;
    match reaction.reply.as_deref() {
        Some(reply) if reply.contains(&other) => Finding::fail(
            "the reply is addressed to the query's openid, which nobody signs",
            "address the reply to the message's FromUserName",
        ),
        _ => Finding::pass(reaction.in_words()),
    }
}
