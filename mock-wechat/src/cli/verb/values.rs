//! Arguments that several verbs share, and what is read into one.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Serialize;
use serde_json::Value;

/// What a button that scans gets.
#[derive(Debug, Clone, clap::Args, Serialize)]
pub(in crate::cli) struct Scanned {
    /// The button's key
    #[arg(long)]
    key: String,
    /// What the camera reads; of a bar code its kind too: EAN_13,6901234567892
    #[arg(long)]
    result: String,
    /// qrcode or barcode
    #[arg(long, default_value = "qrcode", value_parser = ["qrcode", "barcode"])]
    scan_type: String,
}

/// What a button that sends pictures gets.
#[derive(Debug, Clone, clap::Args, Serialize)]
pub(in crate::cli) struct Photographed {
    /// The button's key
    #[arg(long)]
    key: String,
    /// JPEG, PNG or GIF, up to nine times; one is made up where absent
    #[arg(long = "file", value_name = "FILE", value_parser = picture)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pictures: Vec<Picture>,
}

/// A picture, read.
#[derive(Debug, Clone, Serialize)]
struct Picture {
    data: String,
}

/// What is sent as a film.
#[derive(Debug, Clone, clap::Args, Serialize)]
pub(in crate::cli) struct Filmed {
    /// MP4; a film of nothing where absent
    #[arg(long = "file", value_name = "FILE", value_parser = file)]
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<String>,
}

/// A file's content in base64.
pub(super) fn file(path: &str) -> Result<String, String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    Ok(STANDARD.encode(bytes))
}

fn picture(path: &str) -> Result<Picture, String> {
    Ok(Picture { data: file(path)? })
}

/// A number is a number, as it was when the QR code was made.
#[expect(clippy::unnecessary_wraps, reason = "the shape of a value parser")]
pub(super) fn scene(text: &str) -> Result<Value, String> {
    Ok(text.parse::<u32>().map_or_else(|_| text.into(), Value::from))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_scene_of_digits_is_a_number() {
        assert_eq!(scene("12"), Ok(json!(12)));
        assert_eq!(scene("store-12"), Ok(json!("store-12")));
    }
}
