//! A body, in whichever of the two formats it is written.

use super::error::ParseError;
use super::tree::{Builder, Tree};
use super::{json, xml};
use crate::account::Format;

/// Reads a body in the format that its first character tells.
pub(super) fn read(body: &[u8]) -> Result<Tree<'_>, ParseError> {
    let text = std::str::from_utf8(body).map_err(|_| ParseError::Encoding)?;
    if body.contains(&0) {
        return Err(ParseError::Encoding);
    }
    let format = match text.trim_ascii_start().as_bytes().first() {
        None => return Err(ParseError::Empty),
        Some(b'{') => Format::Json,
        Some(b'<') => Format::Xml,
        Some(_) => return Err(ParseError::Root),
    };
    let mut tree = Builder::new();
    match format {
        Format::Xml => xml::read(text, &mut tree)?,
        Format::Json => json::read(text, &mut tree)?,
    }
    Ok(tree.finish(format))
}
