//! JSON read into a type: what does not fit is told with its key.

use serde::de::DeserializeOwned;
use serde_json::{Deserializer, Value};

/// A value as that type.
pub(crate) fn fitted<T: DeserializeOwned>(value: Value) -> Result<T, String> {
    serde_path_to_error::deserialize(value).map_err(told)
}

/// A whole text as that type.
pub(crate) fn fitted_text<T: DeserializeOwned>(text: &[u8]) -> Result<T, String> {
    let mut reader = Deserializer::from_slice(text);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(told)?;
    reader.end().map_err(|error| error.to_string())?;
    Ok(value)
}

fn told(error: serde_path_to_error::Error<serde_json::Error>) -> String {
    match error.path().to_string().as_str() {
        "." => error.inner().to_string(),
        key => format!("{key}: {}", error.inner()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    type Table = BTreeMap<String, Vec<u8>>;

    #[test]
    fn what_does_not_fit_is_told_with_its_key() {
        let error = fitted::<Table>(json!({"a": [1, -2]})).unwrap_err();
        assert_eq!(error, "a[1]: invalid value: integer `-2`, expected u8");

        let error = fitted_text::<Table>(br#"{"a": 7}"#).unwrap_err();
        assert_eq!(error, "a: invalid type: integer `7`, expected a sequence at line 1 column 7");
        assert_eq!(fitted::<u8>(json!("x")).unwrap_err(), "invalid type: string \"x\", expected u8");
    }

    #[test]
    fn a_text_ends_where_its_value_ends() {
        assert!(fitted_text::<u8>(b" 7 ").is_ok());
        assert_eq!(fitted_text::<u8>(b"7 8").unwrap_err(), "trailing characters at line 1 column 3");
    }
}
