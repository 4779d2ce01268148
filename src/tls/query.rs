//! What a URL says about TLS, in libpq's words.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

/// What stands in a URL after its `?`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Query {
    /// The parameters whose names begin with `ssl`, decoded; of several with one name the last.
    pub(crate) ssl: BTreeMap<String, String>,
    /// The other parameters, as they were written.
    pub(crate) rest: String,
}

impl Query {
    /// Takes `query` apart, which stands after the `?`.
    pub(crate) fn parse(query: &str) -> Self {
        let is_ssl = |parameter: &&str| pair(parameter).0.starts_with("ssl");
        let (ssl, rest): (Vec<_>, Vec<_>) = query.split('&').partition(is_ssl);
        Self { ssl: ssl.into_iter().map(pair).collect(), rest: rest.join("&") }
    }

    /// `base` with the other parameters.
    pub(crate) fn onto(&self, base: &str) -> String {
        match self.rest.as_str() {
            "" => base.to_owned(),
            rest => format!("{base}?{rest}"),
        }
    }

    /// A parameter that is none of `known`.
    pub(crate) fn unknown(&self, known: &[&str]) -> Option<&str> {
        self.ssl.keys().map(String::as_str).find(|key| !known.contains(key))
    }

    /// The names of the other parameters, decoded.
    pub(crate) fn others(&self) -> impl Iterator<Item = String> {
        self.rest.split('&').filter(|parameter| !parameter.is_empty()).map(|parameter| pair(parameter).0)
    }

    /// What is said of `key`.
    pub(crate) fn ssl(&self, key: &str) -> Option<&str> {
        self.ssl.get(key).map(String::as_str)
    }
}

/// Name and value of a parameter, decoded.
fn pair(parameter: &str) -> (String, String) {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let (key, value) = parameter.split_once('=').unwrap_or((parameter, ""));
    (decoded(key), decoded(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_tls_is_taken_out_and_the_rest_stays_as_it_is() {
        let query = Query::parse("options=-c%20a%3Db&sslmode=verify-full&x=1&sslrootcert=/etc/my%20ca.pem");

        assert_eq!(query.ssl("sslmode"), Some("verify-full"));
        assert_eq!(query.ssl("sslrootcert"), Some("/etc/my ca.pem"));
        assert_eq!(query.onto("postgres://h/d"), "postgres://h/d?options=-c%20a%3Db&x=1");
    }

    #[test]
    fn a_url_that_says_only_that_has_no_query_left() {
        assert_eq!(Query::parse("sslmode=disable").onto("postgres://h"), "postgres://h");
        assert_eq!(Query::parse("").onto("postgres://h"), "postgres://h");
    }

    #[test]
    fn a_name_may_be_encoded() {
        let query = Query::parse("%73slmode=require&%61pplication_name=a%26b");

        assert_eq!(query.ssl("sslmode"), Some("require"));
        assert_eq!(query.others().collect::<Vec<_>>(), ["application_name"]);
        assert_eq!(query.onto("postgres://h"), "postgres://h?%61pplication_name=a%26b");
    }

    #[test]
    fn the_last_word_counts() {
        assert_eq!(Query::parse("sslmode=disable&sslmode=require").ssl("sslmode"), Some("require"));
    }

    #[test]
    fn an_unknown_word_is_found() {
        let query = Query::parse("sslmode=require&sslcert=client.pem");

        assert_eq!(query.unknown(&["sslmode", "sslrootcert"]), Some("sslcert"));
        assert_eq!(query.unknown(&["sslmode", "sslcert"]), None);
    }
}
