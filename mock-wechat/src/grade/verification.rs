//! The GET with which WeChat verifies a URL. It may come at any time, also long after the account was set up.

use futures::FutureExt;

use super::{
    Check, always,
    bench::Bench,
    card::Finding,
    letter::{Stamp, signed},
    reaction::{Reaction, shortened},
};

/// What an attacker would like to see in a page of the brand's host.
const SCRIPT: &str = "%3Cscript%3Ealert(1)%3C/script%3E";
const SCRIPT_DECODED: &str = "<script>alert(1)</script>";

const REMEDY: &str =
    "compare signature with sha1 over the sorted token, timestamp and nonce, and answer 403 otherwise";

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "verify.echo",
        title: "URL verification with a good signature",
        applies: always,
        run: |bench| good(bench).boxed(),
    },
    Check {
        id: "verify.wrong-signature",
        title: "URL verification with a wrong signature",
        applies: always,
        run: |bench| wrong(bench).boxed(),
    },
    Check {
        id: "verify.no-signature",
        title: "URL verification without a signature",
        applies: always,
        run: |bench| missing(bench).boxed(),
    },
    Check {
        id: "verify.html",
        title: "URL verification with HTML for an echostr",
        applies: always,
        run: |bench| html(bench).boxed(),
    },
];

async fn good(bench: &Bench) -> Finding {
    let echo = format!("{}{}", bench.platform.sequence.nonce(), bench.platform.sequence.nonce());
    let reaction = ask(bench, &bench.account().token, &echo).await;
    match reaction.status {
        Some(200) if reaction.text() == echo => Finding::pass("the echostr came back unchanged"),
        Some(200) if reaction.text().trim().trim_matches('"') == echo => Finding::fail(
            format!("the echostr came back inside {:?}", shortened(&reaction.text())),
            "answer the echostr's bytes and nothing else: no quotes, no line break, no JSON",
        ),
        Some(200) => Finding::fail(
            format!("the body is {:?}", shortened(&reaction.text())),
            "answer the echostr's bytes and nothing else",
        ),
        _ => Finding::fail(
            reaction.in_words(),
            format!("WeChat refuses to save such a URL; answer 200 and the echostr. {REMEDY}"),
        ),
    }
}

async fn wrong(bench: &Bench) -> Finding {
    not_echoed(&ask(bench, "not the token", "4375120948345356249").await)
}

async fn missing(bench: &Bench) -> Finding {
    not_echoed(&bench.get(&[("echostr", "4375120948345356249".to_owned())]).await)
}

fn not_echoed(reaction: &Reaction) -> Finding {
    match reaction.status {
        Some(_) if reaction.text().contains("4375120948345356249") => {
            Finding::fail("the echostr came back though nobody signed for it", REMEDY)
        }
        Some(status @ 400..500) => Finding::pass(format!("refused with status {status}")),
        Some(200) => Finding::pass("answered without the echostr"),
        _ => Finding::warn(reaction.in_words(), REMEDY),
    }
}

/// The signature does not cover the echostr, so that whoever has seen one push can choose what is echoed.
async fn html(bench: &Bench) -> Finding {
    for token in ["not the token", &bench.account().token] {
        let reaction = ask(bench, token, SCRIPT).await;
        if !reaction.text().contains(SCRIPT_DECODED) {
            continue;
        }
        let plain = reaction.content_type.starts_with("text/plain");
        if !plain && (reaction.content_type.contains("html") || reaction.content_type.is_empty()) {
            return Finding::fail(
                format!("a script came back as {:?}: a browser runs it", reaction.content_type),
                "answer the echostr as text/plain with X-Content-Type-Options: nosniff, and digits only",
            );
        }
        if reaction.sniffs {
            return Finding::warn(
                "a script came back as text that a browser may take for HTML",
                "add X-Content-Type-Options: nosniff",
            );
        }
    }
    Finding::pass("a script is not echoed, or only as plain text")
}

async fn ask(bench: &Bench, token: &str, echo: &str) -> Reaction {
    let mut query = signed(token, &Stamp::fresh(bench));
    query.insert(1, ("echostr", echo.to_owned()));
    bench.get(&query).await
}
