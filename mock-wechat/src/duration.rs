//! Spans of time as people write them: `5s`, `2h`, `1m30s`, `500ms`, `3d`.

use std::time::Duration;

use jiff::{Span, SpanRelativeTo};

/// Reads a span of time; a day has 24 hours.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let wrong = || format!("{text:?} is not a span of time such as 5s, 500ms, 2h or 1d");
    let span: Span = text.trim().parse().map_err(|_| wrong())?;
    let days_are_24_hours = SpanRelativeTo::days_are_24_hours();
    let duration = span.to_duration(days_are_24_hours).map_err(|_| wrong())?;
    Duration::try_from(duration).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_spellings_are_understood() {
        for (text, seconds) in
            [("5s", 5.0), ("500ms", 0.5), ("2h", 7200.0), ("1m30s", 90.0), ("3d", 259_200.0)]
        {
            assert_eq!(parse(text).unwrap().as_secs_f64(), seconds, "{text}");
        }
    }

    #[test]
    fn others_are_refused_with_examples() {
        for text in ["", "soon", "-5s", "1y"] {
            assert!(parse(text).unwrap_err().contains("5s"), "{text}");
        }
    }
}
