//! Safe and compatible mode: the envelope, what it protects, and how it is opened.
//!
//! WeChat's document "消息加解密" asks for `msg_signature`, which covers the ciphertext; `signature` is sent too and
//! proves nothing about the body.

use std::collections::BTreeSet;

use futures::FutureExt;

use super::{
    Check,
    bench::Bench,
    card::Finding,
    encrypted,
    letter::{Letter, Stamp},
    reaction::Reaction,
};
use crate::world::account::Mode;

const COVERED: &str =
    "in safe mode verify msg_signature over token, timestamp, nonce and Encrypt, and look at nothing else";

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "safe.downgrade",
        title: "a plaintext push to an encrypted account",
        applies: encrypted,
        run: |bench| downgrade(bench).boxed(),
    },
    Check {
        id: "safe.raw",
        title: "a plaintext push that says encrypt_type=raw",
        applies: encrypted,
        run: |bench| raw(bench).boxed(),
    },
    Check {
        id: "safe.signature-only",
        title: "a good signature without msg_signature",
        applies: encrypted,
        run: |bench| signature_only(bench).boxed(),
    },
    Check {
        id: "safe.wrong-msg-signature",
        title: "a good signature with a wrong msg_signature",
        applies: encrypted,
        run: |bench| wrong_msg_signature(bench).boxed(),
    },
    Check {
        id: "safe.changed",
        title: "a ciphertext changed on its way",
        applies: encrypted,
        run: |bench| changed(bench).boxed(),
    },
    Check {
        id: "safe.outside",
        title: "other fields beside the ciphertext than in it",
        applies: encrypted,
        run: |bench| outside(bench).boxed(),
    },
    Check {
        id: "safe.other-appid",
        title: "an envelope for another AppID",
        applies: encrypted,
        run: |bench| other_app_id(bench).boxed(),
    },
    Check {
        id: "safe.broken",
        title: "signed envelopes that do not open",
        applies: encrypted,
        run: |bench| broken(bench).boxed(),
    },
    Check {
        id: "safe.padding",
        title: "padding of every length, 1 to 32",
        applies: encrypted,
        run: |bench| padding(bench).boxed(),
    },
];

async fn downgrade(bench: &Bench) -> Finding {
    let push = bench.text(bench.someone(), "in clear");
    let text = push.plaintext.clone();
    let letter = Letter::in_clear(bench, push, &Stamp::fresh(bench), text);
    bench.post(&letter).await.must_be_refused(downgraded)
}

async fn raw(bench: &Bench) -> Finding {
    let push = bench.text(bench.someone(), "in clear");
    let text = push.plaintext.clone();
    let letter = Letter::in_clear(bench, push, &Stamp::fresh(bench), text).with("encrypt_type", "raw");
    bench.post(&letter).await.must_be_refused(downgraded)
}

fn downgraded(words: String) -> Finding {
    Finding::fail(
        format!("accepted plaintext ({words}): whoever has seen one signature can forge any event"),
        "refuse every push without an envelope once the account is in safe (or compatible) mode",
    )
}

async fn signature_only(bench: &Bench) -> Finding {
    let letter = Letter::of(bench, bench.text(bench.someone(), "half signed")).without(&["msg_signature"]);
    bench.post(&letter).await.must_be_refused(uncovered)
}

async fn wrong_msg_signature(bench: &Bench) -> Finding {
    let letter = Letter::of(bench, bench.text(bench.someone(), "half signed"));
    let letter = letter.with("msg_signature", "0123456789abcdef0123456789abcdef01234567");
    bench.post(&letter).await.must_be_refused(uncovered)
}

async fn changed(bench: &Bench) -> Finding {
    let letter = Letter::of(bench, bench.text(bench.someone(), "changed"));
    let other = Letter::of(bench, bench.text(bench.someone(), "changed"));
    bench.post(&letter.saying(other.body).pretending(other.push)).await.must_be_refused(uncovered)
}

fn uncovered(words: String) -> Finding {
    Finding::fail(format!("accepted a ciphertext that msg_signature does not cover ({words})"), COVERED)
}

async fn outside(bench: &Bench) -> Finding {
    let (inside, outside) = (bench.arrival(bench.someone()), bench.someone().open_id);
    let letter = Letter::of(bench, inside.clone());
    let body = String::from_utf8_lossy(&letter.body).into_owned();
    let sender = inside.person.as_ref().map(|sender| sender.open_id.clone()).unwrap_or_default();
    let body = match (bench.account().mode, body.contains(&sender)) {
        (Mode::Compatible, true) => body.replace(&sender, &outside),
        _ if body.starts_with('{') => body.replacen('{', &format!("{{\"FromUserName\":\"{outside}\","), 1),
        _ => body.replacen("<xml>", &format!("<xml><FromUserName><![CDATA[{outside}]]></FromUserName>"), 1),
    };
    let reaction = bench.post(&letter.saying(body)).await;
    match reaction.reply.as_deref() {
        Some(reply) if reply.contains(&outside) => Finding::fail(
            "the reply is addressed to a sender whom msg_signature does not cover",
            "take every field from the decrypted message",
        ),
        _ => Finding::pass(reaction.in_words()),
    }
}

async fn other_app_id(bench: &Bench) -> Finding {
    let push = bench.text(bench.someone(), "for another");
    let Ok(key) = bench.key() else { return Finding::skip("the account has no key") };
    let encrypt = key.encrypt(&bench.platform.sequence.random16(), &push.plaintext, "wxffffffffffffffff");
    let letter = Letter::sealed(bench, push, &Stamp::fresh(bench), &encrypt);
    bench.post(&letter).await.must_be_refused(|words| {
        Finding::fail(
            format!("accepted an envelope that ends in another AppID ({words})"),
            "compare the AppID behind the message with your own, in constant time",
        )
    })
}

async fn broken(bench: &Bench) -> Finding {
    let Ok(key) = bench.key() else { return Finding::skip("the account has no key") };
    let app_id = bench.account().app_id.clone();
    let plain = |length: u32, pad: u8| {
        let mut text = b"0123456789abcdef".to_vec();
        text.extend(length.to_be_bytes());
        text.extend(b"hello");
        text.extend(app_id.as_bytes());
        text.resize(64, pad);
        text
    };
    let envelopes = [
        ("padding of 0", key.encrypt_blocks(plain(5, 0))),
        ("padding of 33", key.encrypt_blocks(plain(5, 33))),
        ("a length beyond the end", key.encrypt_blocks(plain(u32::MAX, 21))),
        ("no base64", "!!!!".to_owned()),
        ("half a block", "QUJD".to_owned()),
        ("nothing", String::new()),
    ];
    let mut answers = BTreeSet::new();
    for (what, encrypt) in envelopes {
        let push = bench.text(bench.someone(), "broken");
        let letter = Letter::sealed(bench, push, &Stamp::fresh(bench), &encrypt);
        let reaction = bench.post(&letter).await;
        let finding = reaction.must_be_refused(|words| {
            Finding::fail(
                format!("accepted an envelope with {what} ({words})"),
                "refuse what does not open: it is lost, and nobody knows",
            )
        });
        if !finding.passed() {
            return Finding { reason: format!("{what}: {}", finding.reason), ..finding };
        }
        answers.insert((reaction.status, reaction.text()));
    }
    match answers.len() {
        1 => Finding::pass("all refused, and all alike"),
        many => Finding::warn(
            format!("refused in {many} different ways, which tells how far the envelope was opened"),
            "answer every envelope that does not open alike",
        ),
    }
}

async fn padding(bench: &Bench) -> Finding {
    let mut refused = Vec::new();
    let mut last = None;
    for more in 0..32 {
        let push = bench.text(bench.someone(), &"x".repeat(16 + more));
        let pad = 32 - (20 + push.plaintext.len() + bench.account().app_id.len()) % 32;
        let reaction = bench.post(&Letter::of(bench, push)).await;
        if !reaction.is_well() {
            refused.push(pad);
            last = Some(reaction);
        }
    }
    refused.sort_unstable();
    match last.as_ref().map(Reaction::in_words) {
        None => Finding::pass("all 32 were opened"),
        Some(words) if refused.iter().all(|pad| *pad > 16) => Finding::fail(
            format!("padding of {refused:?} is refused ({words})"),
            "strip PKCS#7 with a block of 32, not AES's own 16",
        ),
        Some(words) => Finding::fail(
            format!("padding of {refused:?} is refused ({words})"),
            "strip as many bytes as the last one says, 1 to 32; if all are refused, compare keys and AppID",
        ),
    }
}
