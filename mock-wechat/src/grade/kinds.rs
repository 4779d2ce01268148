//! Every kind of message and event: acknowledged or answered with status 200, and a reply as WeChat wants it.

use futures::{FutureExt, future::BoxFuture};

use super::{Check, always, bench::Bench, card::Finding, catalogue, kind::Kind, letter::Letter};
use crate::{
    push::{Push, Replies},
    wire::fields::Fields,
    world::account::{self, Account},
};

const ACKNOWLEDGE: &str = "answer 200 with success (or nothing) to whatever you do not use; anything else is tried three times \
                           and shows the person an error";

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "kinds.messages",
        title: "every type of message",
        applies: official,
        run: |b| all(b, catalogue::MESSAGES),
    },
    Check {
        id: "kinds.following",
        title: "follow, scan, location, unfollow",
        applies: official,
        run: |b| all(b, catalogue::FOLLOWING),
    },
    Check { id: "kinds.menu", title: "menu events", applies: official, run: |b| all(b, catalogue::MENU) },
    Check {
        id: "kinds.sending",
        title: "results of sending, subscription notices",
        applies: official,
        run: |b| all(b, catalogue::SENDING),
    },
    Check {
        id: "kinds.service",
        title: "customer-service sessions",
        applies: official,
        run: |b| all(b, catalogue::SERVICE),
    },
    Check {
        id: "kinds.privacy",
        title: "withdrawn consent, closed accounts",
        applies: always,
        run: |b| all(b, catalogue::PRIVACY),
    },
    Check {
        id: "kinds.account",
        title: "the account's own affairs",
        applies: official,
        run: |b| all(b, catalogue::ACCOUNT),
    },
    Check {
        id: "kinds.cards",
        title: "cards and stores",
        applies: official,
        run: |b| all(b, catalogue::CARDS),
    },
    Check {
        id: "kinds.mini-program",
        title: "a mini-program's messages and events",
        applies: mini_program,
        run: |b| all(b, catalogue::MINI_PROGRAM),
    },
    Check {
        id: "kinds.unknown",
        title: "kinds that nobody knows yet",
        applies: always,
        run: |b| all(b, catalogue::UNKNOWN),
    },
    Check {
        id: "kinds.words",
        title: "texts that are hard to quote",
        applies: always,
        run: |b| words(b).boxed(),
    },
];

fn official(account: &Account) -> bool {
    account.kind == account::Kind::OfficialAccount
}

fn mini_program(account: &Account) -> bool {
    account.kind == account::Kind::MiniProgram
}

fn all<'a>(bench: &'a Bench, kinds: &'static [Kind]) -> BoxFuture<'a, Finding> {
    async move {
        let mut bad = Vec::new();
        for kind in kinds {
            let reaction = bench.post(&Letter::of(bench, push(bench, kind))).await;
            if !reaction.is_well() {
                bad.push(format!("{}: {}", kind.name, reaction.in_words()));
            }
        }
        match bad.len() {
            0 => Finding::pass(format!("{} answered well", kinds.len())),
            some => Finding::fail(format!("{some} of {}: {}", kinds.len(), bad.join("; ")), ACKNOWLEDGE),
        }
    }
    .boxed()
}

fn push(bench: &Bench, kind: &Kind) -> Push {
    match kind.is_event {
        true => bench.event(bench.someone(), kind.name, kind.replies, kind.fields()),
        false => {
            let id = bench.platform.sequence.message_id();
            let fields = Fields::new().text("MsgType", kind.name).and(kind.fields()).number("MsgId", id);
            Push::new(&bench.registered, bench.someone(), bench.now(), kind.name, Replies::ToMessage, fields)
        }
    }
}

/// What breaks templates, regular expressions and CDATA when it is quoted in a reply.
async fn words(bench: &Bench) -> Finding {
    let texts = [
        "$1 $& \\0 \\u0041 %s %n {0} {{name}} ${name}",
        "a ]]> b <b>&amp;</b> & < > \" '",
        " \t leading blanks\nand a second line ",
        "👩‍👩‍👧‍👦 🇨🇳 é é \u{202e}txet",
        "【收到不支持的消息类型，暂无法显示】",
        "'; DROP TABLE users; --",
        &"长".repeat(600),
    ];
    for text in texts {
        if let Err(words) = bench.is_served(bench.text(bench.someone(), text)).await {
            return Finding::fail(
                format!("to {:?}: {words}", super::reaction::shortened(text)),
                "build replies with an XML writer that splits ]]> inside CDATA, and never by replacing patterns",
            );
        }
    }
    Finding::pass(format!("{} answered well", texts.len()))
}
