//! What to do about a handshake that failed.
//!
//! Known by the words of rustls: of a failure in a cluster the Redis client passes on nothing else. The tests here
//! have rustls say them.

/// What rustls says, and what to do about it.
const ADVICE: [(&str, &str); 11] = [
    (
        "UnknownIssuer",
        "nobody whom this machine believes has signed the server's certificate: save its authority's certificate (a managed \
         service offers it for download), name the file in the URL with sslrootcert=FILE and start the gateway again; or have \
         the server send the certificates between its own and the authority's too",
    ),
    (
        "BadSignature",
        "the authority that is believed has the name of the one that signed, and another key: name the file of the authority \
         of today with sslrootcert=FILE and start the gateway again",
    ),
    (
        "not valid for any names",
        "the server's certificate has no subjectAltName, and its common name does not count: have one made with the name of \
         the URL's host as subjectAltName",
    ),
    (
        "certificate not valid for name",
        "connect by a name that the server's certificate has, or give the server a certificate for this one",
    ),
    ("certificate expired", "renew the server's certificate; if it is a fresh one, set this machine's clock"),
    ("certificate not valid yet", "set this machine's clock, and the one of whoever made the certificate"),
    (
        "CaUsedAsEndEntity",
        "the server shows the certificate of an authority (self-signed, CA:TRUE): have that authority sign one for the server",
    ),
    (
        "received corrupt message",
        "no TLS is spoken on this port: name the one with TLS, or turn TLS on there",
    ),
    ("tls handshake eof", "the server hangs up on TLS: name the port with TLS, or turn TLS on there"),
    (
        "CertificateRequired",
        "the server wants a certificate of the gateway, which has none: turn that off there (Redis: tls-auth-clients no)",
    ),
    ("received fatal alert", "the server refuses this TLS: see its log for why"),
];

/// What to do next, where `why` is the word of a TLS handshake that failed.
pub(crate) fn advice(why: &str) -> Option<&'static str> {
    ADVICE.iter().find(|(words, _)| why.contains(words)).map(|(_, advice)| *advice)
}

/// `why`, and what to do next where that is known.
pub(crate) fn explained(why: String) -> String {
    match advice(&why) {
        Some(advice) => format!("{why}; {advice}"),
        None => why,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rustls::pki_types::{ServerName, UnixTime};
    use rustls::{AlertDescription, CertificateError, Error, InvalidMessage};

    use super::*;

    fn said_of(error: impl Into<Error>) -> &'static str {
        advice(&error.into().to_string()).unwrap_or("nothing")
    }

    #[test]
    fn what_rustls_finds_wrong_with_a_certificate_has_an_advice_of_its_own() {
        let time = UnixTime::since_unix_epoch(Duration::from_secs(1_700_000_000));
        let expected = ServerName::try_from("db.example").unwrap();

        assert!(said_of(CertificateError::UnknownIssuer).contains("sslrootcert=FILE"));
        assert!(said_of(CertificateError::BadSignature).contains("another key"));
        let presented = vec!["DnsName(\"cache.example\")".into()];
        let name = CertificateError::NotValidForNameContext { expected: expected.clone(), presented };
        assert!(said_of(name).contains("connect by a name"));
        let nameless = CertificateError::NotValidForNameContext { expected, presented: vec![] };
        assert!(said_of(nameless).contains("subjectAltName"));
        let expired = CertificateError::ExpiredContext { time, not_after: time };
        assert!(said_of(expired).contains("renew"));
        let early = CertificateError::NotValidYetContext { time, not_before: time };
        assert!(said_of(early).contains("clock"));
    }

    #[test]
    fn what_is_no_tls_has_an_advice_of_its_own() {
        assert!(said_of(InvalidMessage::InvalidContentType).contains("no TLS is spoken on this port"));
        assert!(said_of(Error::AlertReceived(AlertDescription::HandshakeFailure)).contains("its log"));
    }

    #[test]
    fn what_has_nothing_to_do_with_tls_is_left_as_it_is() {
        assert_eq!(explained("Connection refused".into()), "Connection refused");
    }
}
