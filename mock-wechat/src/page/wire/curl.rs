//! An entry as a command line that does it again.

use crate::{
    journal::{CallRecord, Delivery},
    page::view::encode,
};

/// The push, byte for byte.
pub(super) fn push(delivery: &Delivery) -> String {
    let json = delivery.request.body.trim_start().starts_with('{');
    let content_type = if json { "application/json" } else { "text/xml" };
    let signed = delivery.request.headers.iter().map(|(name, value)| format!("{name}: {value}"));
    let headers: String = std::iter::once(format!("Content-Type: {content_type}"))
        .chain(signed)
        .map(|header| format!(" \\\n  -H {}", quoted(&header)))
        .collect();
    format!(
        "curl -i {}{headers} \\\n  --data-binary {}",
        quoted(&delivery.request.url),
        quoted(&delivery.request.body)
    )
}

/// The call, to the mock that was asked.
pub(super) fn call(call: &CallRecord, host: &str) -> String {
    let query: Vec<String> =
        call.query.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    let separator = if query.is_empty() { "" } else { "?" };
    let url = format!("http://{host}{}{separator}{}", call.path, query.join("&"));
    let mut command = format!("curl -i {}", quoted(&url));
    if call.method != "GET" {
        command.push_str(&format!(" -X {}", call.method));
    }
    if !call.request.is_empty() {
        let body = String::from_utf8_lossy(&call.request);
        command.push_str(&format!(" \\\n  --data-binary {}", quoted(&body)));
    }
    command
}

/// For a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_in_a_body_do_not_end_the_argument() {
        assert_eq!(quoted("it's; rm -rf $HOME"), r"'it'\''s; rm -rf $HOME'");
    }
}
