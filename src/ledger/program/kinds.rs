//! Touchpoints that a rule or an answer may listen on.

use smol_str::SmolStr;

use super::source::{Item, LoadError};

/// Kinds that the brand sends, and those callbacks that every account has. Accounts have more (`oa.poi_check_notify`):
/// those are accepted by their shape.
const KNOWN: [&str; 20] = [
    "pay.success",
    "pay.refund",
    "ad.click",
    "mp.visit",
    "event.checkin",
    "event.signup",
    "live.view",
    "ugc.post",
    "store.visit",
    "cart.abandoned",
    "order.update",
    "oa.subscribe",
    "oa.unsubscribe",
    "oa.scan",
    "oa.click",
    "oa.view",
    "oa.message",
    "oa.location",
    "mp.message",
    "mp.enter",
];

/// A kind that exists, the brand's own `x.name`, or another callback of an account; a misspelt one is refused.
pub(super) fn kind(item: &Item<'_>) -> Result<SmolStr, LoadError> {
    let kind = item.text()?;
    let shaped = kind.split_once('.').is_some_and(|(family, name)| {
        matches!(family, "oa" | "mp" | "x")
            && !name.is_empty()
            && kind.len() <= 64
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b))
    });
    let near = || KNOWN.into_iter().find(|known| distance(known, kind) <= 2);
    if KNOWN.contains(&kind) || kind.starts_with("x.") && shaped {
        return Ok(kind.into());
    }
    match near() {
        Some(near) => Err(item.error(format!("`{kind}` is no touchpoint; did you mean `{near}`?"))),
        None if shaped => Ok(kind.into()),
        None => Err(item.error(format!(
            "`{kind}` is no touchpoint; use one of {}, another callback as oa.name or mp.name, or your own as x.name",
            KNOWN.join(", ")
        ))),
    }
}

/// Levenshtein's distance, in octets.
fn distance(a: &str, b: &str) -> usize {
    if a.len().abs_diff(b.len()) > 2 {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let next = (corner + usize::from(x != y)).min(row[j] + 1).min(row[j + 1] + 1);
            corner = row[j + 1];
            row[j + 1] = next;
        }
    }
    row[b.len()]
}
