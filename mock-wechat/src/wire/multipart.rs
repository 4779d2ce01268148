//! `multipart/form-data`, read from the body alone: its first line is the boundary, so that a missing or wrong content
//! type does not matter.

use bytes::Bytes;

/// One part of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The field's name.
    pub name: String,
    /// Of a file.
    pub filename: Option<String>,
    /// As the client says.
    pub content_type: Option<String>,
    /// The content.
    pub bytes: Bytes,
}

/// The parts of a form in order; none where the body is no form.
pub fn parts(body: &Bytes) -> Vec<Part> {
    let mut parts = Vec::new();
    let Some(end) = find(body, b"\r\n", 0) else { return parts };
    if !body.starts_with(b"--") || end < 3 {
        return parts;
    }
    let boundary = [b"\r\n", &body[..end]].concat();
    let mut at = end + 2;
    while let Some(head_end) = find(body, b"\r\n\r\n", at) {
        let Some(content_end) = find(body, &boundary, head_end + 2) else { break };
        let start = (head_end + 4).min(content_end);
        if let Some(part) = part(&body[at..head_end], body.slice(start..content_end)) {
            parts.push(part);
        }
        at = content_end + boundary.len() + 2;
        if body[content_end + boundary.len()..].starts_with(b"--") {
            break;
        }
    }
    parts
}

fn part(head: &[u8], bytes: Bytes) -> Option<Part> {
    let head = String::from_utf8_lossy(head);
    let header = |name: &str| {
        head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.trim().eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    };
    let disposition = header("content-disposition")?;
    Some(Part {
        name: parameter(&disposition, "name")?,
        filename: parameter(&disposition, "filename"),
        content_type: header("content-type"),
        bytes,
    })
}

/// `name="value"` or `name=value` among parameters.
fn parameter(header: &str, name: &str) -> Option<String> {
    header.split(';').find_map(|parameter| {
        let (key, value) = parameter.split_once('=')?;
        (key.trim() == name).then(|| value.trim().trim_matches('"').to_owned())
    })
}

fn find(body: &[u8], needle: &[u8], from: usize) -> Option<usize> {
    let found = body.get(from..)?.windows(needle.len()).position(|window| window == needle)?;
    Some(from + found)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FORM: &[u8] = b"--x1\r\nContent-Disposition: form-data; name=\"media\"; filename=\"a.jpg\"\r\n\
        Content-Type: image/jpeg\r\n\r\n\xff\xd8\r\n--x\r\n--x1\r\ncontent-disposition: form-data; name=description\r\n\r\n\
        {}\r\n--x1--\r\n";

    #[test]
    fn files_and_fields_are_read_and_line_breaks_in_files_stay() {
        let parts = parts(&Bytes::from_static(FORM));

        assert_eq!(parts.len(), 2);
        assert_eq!((parts[0].name.as_str(), parts[0].filename.as_deref()), ("media", Some("a.jpg")));
        assert_eq!(parts[0].content_type.as_deref(), Some("image/jpeg"));
        assert_eq!(&parts[0].bytes[..], b"\xff\xd8\r\n--x");
        assert_eq!((parts[1].name.as_str(), &parts[1].bytes[..]), ("description", &b"{}"[..]));
    }

    #[test]
    fn what_is_no_form_has_no_parts() {
        for body in [&b""[..], b"{}", b"--", b"--x\r\n", b"--x\r\nContent-Disposition: form-data\r\n\r\nabc"]
        {
            assert_eq!(parts(&Bytes::copy_from_slice(body)), [], "{body:?}");
        }
    }

    proptest! {
        #[test]
        fn no_form_however_cut_or_altered_makes_it_panic(cut in 0..FORM.len(), at in 0..FORM.len(), byte: u8) {
            let mut body = FORM.to_vec();
            body[at] = byte;
            parts(&Bytes::copy_from_slice(&body[..cut]));
        }
    }
}
