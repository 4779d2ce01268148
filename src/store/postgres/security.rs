//! `sslmode` and its kin, named as libpq names them.
//!
//! | `sslmode` | TLS | the server's certificate |
//! |---|---|---|
//! | none, `disable` | no | |
//! | `prefer` | where the server offers it | as with `verify-full` |
//! | `require` | always | as with `verify-full` |
//! | `verify-ca` | always | signed by an authority of `sslrootcert=FILE`; in any name |
//! | `verify-full` | always | signed by an authority of `sslrootcert=FILE` or of the platform, in the name of the URL's host |
//!
//! Where libpq would take any certificate, with `prefer` and `require`, the gateway does not: what is sent are a password and
//! people's data, and encryption towards whoever happens to answer protects neither. `allow` is refused: with it the
//! server decides.

use std::str::FromStr as _;
use std::sync::Arc;

use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_cert_signed_by_trust_anchor;
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::super::OpenError;
use crate::tls::{self, Authorities, Query};

const KNOWN: [&str; 2] = ["sslmode", "sslrootcert"];
/// tokio-postgres' words where the server answers that it speaks no TLS.
const NOT_OFFERED: &str = "server does not support TLS";
/// And where `channel_binding=require` cannot be had.
const NOT_BOUND: &str = "server did not use channel binding";

/// How a connection is secured.
#[derive(Clone)]
pub(super) struct Security {
    mode: Mode,
    /// None where TLS is not spoken.
    pub(super) tls: Option<MakeRustlsConnect>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Disable,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

/// What `url` says of the server, and of the way there. Connects to nothing yet.
pub(super) fn parse(url: &str) -> Result<(Config, Security), OpenError> {
    let (base, query) = split(url).map_err(|why| OpenError::Url(why.into()))?;
    let query = Query::parse(query);
    let security = Security::parse(&query).map_err(OpenError::Url)?;
    // The parser's own error may quote the URL, and the password with it.
    let mut config = Config::from_str(&query.onto(base)).map_err(|_| {
        OpenError::Url("not a PostgreSQL URL; write postgres://USER:PASSWORD@HOST:PORT/DATABASE".into())
    })?;
    security.fits(&config).map_err(|why| OpenError::Url(why.into()))?;
    config.ssl_mode(match security.mode {
        Mode::Disable => SslMode::Disable,
        Mode::Prefer => SslMode::Prefer,
        Mode::Require | Mode::VerifyCa | Mode::VerifyFull => SslMode::Require,
    });
    Ok((config, security))
}

/// At the `?`. tokio-postgres takes everything before the first `@` for user and password, a host with its database and query
/// too, and whatever follows for the host, the rest of a password too. What may be one of these is refused, and nothing of it
/// shown.
fn split(url: &str) -> Result<(&str, &str), &'static str> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (credentials, place) = rest.split_once('@').unwrap_or(("", rest));
    if credentials.contains(['/', '?']) || place.contains('@') {
        return Err(
            "the first @ ends user and password: in them write %40 for @, %2F for / and %3F for ?, and %40 for \
             an @ anywhere else",
        );
    }
    Ok(url.split_once('?').unwrap_or((url, "")))
}

impl Security {
    fn parse(query: &Query) -> Result<Self, String> {
        if let Some(key) = query.unknown(&KNOWN) {
            let key: String = key.chars().take(20).collect();
            return Err(format!("{key} is not supported; of TLS it may say {}", KNOWN.join(" and ")));
        }
        let root = query.ssl("sslrootcert");
        let mode = match query.ssl("sslmode") {
            Some(mode) => Mode::parse(mode)?,
            None if root.is_some() => {
                return Err("sslrootcert without sslmode; add sslmode=verify-full".into());
            }
            None => Mode::Disable,
        };
        if mode == Mode::VerifyCa && !Authorities::are_own(root) {
            return Err("sslmode=verify-ca needs sslrootcert=FILE, for a certificate of any public authority would do without; \
                 name the file, or write sslmode=verify-full"
                .into());
        }
        if mode == Mode::Disable {
            return Ok(Self { mode, tls: None });
        }
        let authorities = Authorities::read(root).map_err(|error| error.to_string())?;
        Ok(Self { mode, tls: Some(connector(mode, &authorities)) })
    }

    /// Whether this can be had of the hosts.
    fn fits(&self, config: &Config) -> Result<(), &'static str> {
        let hosts = config.get_hosts();
        let is_socket = |host: &Host| !matches!(host, Host::Tcp(_));
        if self.tls.is_some() && hosts.is_empty() {
            return Err("sslmode needs a host, in whose name the certificate is; hostaddr is not enough");
        }
        if self.tls.is_some() && self.mode != Mode::Prefer && hosts.iter().any(is_socket) {
            return Err(
                "on a Unix socket PostgreSQL speaks no TLS: name none beside sslmode, or write sslmode=prefer",
            );
        }
        Ok(())
    }

    /// The same URL without a way round TLS, where it has one across a network.
    pub(super) fn insisting(&self, config: &Config) -> Option<Config> {
        let across = config.get_hosts().iter().any(|host| matches!(host, Host::Tcp(_)));
        (self.mode == Mode::Prefer && across).then(|| {
            let mut insisting = config.clone();
            insisting.ssl_mode(SslMode::Require);
            insisting
        })
    }

    /// Why a handshake failed, with what a user of libpq may not expect of the mode, and what to do next; nothing where
    /// `why` is not about TLS.
    pub(super) fn trouble(&self, why: &str) -> Option<(String, &'static str)> {
        if why == NOT_OFFERED {
            let hint =
                "turn it on there (ssl = on), or write sslmode=disable where the network is yours alone";
            return Some((why.to_owned(), hint));
        }
        if why == NOT_BOUND {
            let hint = "channel_binding=require needs TLS, scram-sha-256 in pg_hba.conf, and a certificate signed by RSA (not \
                 PSS) or by ECDSA with SHA-256 or SHA-384";
            return Some((why.to_owned(), hint));
        }
        let remark = match self.mode {
            Mode::Prefer => " (sslmode=prefer verifies a certificate that is shown, as verify-full does)",
            Mode::Require => " (sslmode=require verifies as verify-full does)",
            Mode::Disable | Mode::VerifyCa | Mode::VerifyFull => "",
        };
        tls::advice(why).map(|hint| (format!("{why}{remark}"), hint))
    }
}

/// Whether a connection that insists on TLS was refused because the server has none to offer.
pub(super) fn is_not_offered(error: &tokio_postgres::Error) -> bool {
    std::error::Error::source(error).is_some_and(|why| why.to_string() == NOT_OFFERED)
}

impl Mode {
    fn parse(mode: &str) -> Result<Self, String> {
        match mode {
            "disable" => Ok(Self::Disable),
            "prefer" => Ok(Self::Prefer),
            "require" => Ok(Self::Require),
            "verify-ca" => Ok(Self::VerifyCa),
            "verify-full" => Ok(Self::VerifyFull),
            "allow" => {
                Err("sslmode=allow is not supported, for with it the server decides; write verify-full"
                    .into())
            }
            other => {
                let other: String = other.chars().take(20).collect();
                Err(format!(
                    "sslmode={other} is unknown; write disable, prefer, require, verify-ca or verify-full"
                ))
            }
        }
    }
}

fn connector(mode: Mode, authorities: &Authorities) -> MakeRustlsConnect {
    let roots = authorities.roots();
    let config = ClientConfig::builder();
    let config = match mode {
        Mode::VerifyCa => {
            let algorithms = config.crypto_provider().signature_verification_algorithms;
            config.dangerous().with_custom_certificate_verifier(Arc::new(AnyName { roots, algorithms }))
        }
        _ => config.with_root_certificates(roots),
    };
    let mut config = config.with_no_client_auth();
    // A session that is resumed shows no certificate, and one that has expired or was replaced would go on being believed.
    config.resumption = Resumption::disabled();
    MakeRustlsConnect::new(config)
}

/// Verifies who has signed, and until when; not in which name.
#[derive(Debug)]
struct AnyName {
    roots: RootCertStore,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let shown = ParsedCertificate::try_from(end_entity)?;
        verify_server_cert_signed_by_trust_anchor(
            &shown,
            &self.roots,
            intermediates,
            now,
            self.algorithms.all,
        )?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(query: &str) -> String {
        let url = format!("postgres://gateway:hunter2@db.example/gateway?{query}");
        let refusal = parse(&url).err().expect(query).to_string();
        assert!(!refusal.contains("hunter2"), "{refusal}");
        refusal
    }

    fn mode(query: &str) -> SslMode {
        parse(&format!("postgres://gateway:hunter2@db.example/gateway{query}")).expect(query).0.get_ssl_mode()
    }

    #[test]
    fn without_a_word_of_it_no_tls_is_spoken() {
        assert_eq!(mode(""), SslMode::Disable);
        assert_eq!(mode("?sslmode=disable"), SslMode::Disable);
        assert_eq!(mode("?application_name=a"), SslMode::Disable);
    }

    #[test]
    fn what_is_not_supported_is_refused_with_what_to_write_instead() {
        for (query, said) in [
            ("sslmode=allow", "write verify-full"),
            ("%73slmode=allow", "write verify-full"),
            ("sslmode=yes", "sslmode=yes is unknown"),
            ("sslrootcert=/etc/ca.pem", "add sslmode=verify-full"),
            ("sslmode=verify-ca", "needs sslrootcert=FILE"),
            ("sslmode=verify-ca&sslrootcert=system", "needs sslrootcert=FILE"),
            ("sslmode=verify-full&sslcert=client.pem", "sslcert is not supported"),
            ("sslmode=require&sslnegotiation=direct", "sslnegotiation is not supported"),
            ("sslmode=require&sslrootcert=/nowhere/ca.pem", "sslrootcert=/nowhere/ca.pem: No such file"),
        ] {
            let refusal = refusal(query);
            assert!(refusal.starts_with("store.url: ") && refusal.contains(said), "{refusal}");
        }
    }

    #[test]
    fn a_file_without_a_certificate_is_refused() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");

        assert!(refusal(&format!("sslmode=require&sslrootcert={file}")).contains("no certificate is in it"));
    }

    #[test]
    fn a_url_that_would_be_taken_apart_in_the_wrong_place_is_refused() {
        for url in [
            // The rest of the password would be part of the host.
            "postgres://gateway:p@hunter2@db.example/gateway?sslmode=verify-full",
            "postgres://gateway:p@hun/ter-hunter2@db.example/gateway?sslmode=verify-full",
            "postgres://gateway:p@/hunter2@db.example/gateway",
            "postgres://gateway:p@a?sslhunter2@db.example/gateway",
            "postgres://gateway:what?sslmode=allow-hunter2@db.example/gateway",
            // Everything before the last @ would be user and password, and sslmode with them.
            "postgres://db.example/gateway?user=g&password=hunter2&sslmode=verify-full&application_name=a@b",
            "postgres://db.example:5432/gateway?password=hunter2&sslmode=verify-full&sslrootcert=/etc/a@b.pem",
            "postgres://db.example?user=g&password=hunter2&sslmode=verify-full&application_name=a@b",
            "postgres://db.example:5432?user=g&password=hunter2&sslmode=verify-full&application_name=a@b",
            "postgres://[::1]?user=g&sslmode=require&password=hunter2@ter",
            "postgres://gateway:hunter2/x@db.example/gateway?sslmode=verify-full",
        ] {
            let refusal = parse(url).err().expect(url).to_string();

            assert!(refusal.starts_with("store.url: ") && refusal.contains("%40"), "{refusal}");
            assert!(!refusal.contains("hunter2"), "{refusal}");
        }
    }

    #[test]
    fn tls_without_a_name_or_over_a_socket_is_refused() {
        for (url, said) in [
            ("postgres://g:hunter2@/gateway?hostaddr=10.0.0.1&sslmode=require", "needs a host"),
            ("postgres://g:hunter2@%2Fvar%2Frun%2Fpostgresql/gateway?sslmode=require", "Unix socket"),
        ] {
            let refusal = parse(url).err().expect(url).to_string();

            assert!(refusal.contains(said), "{refusal}");
        }
        parse("postgres://g:hunter2@%2Fvar%2Frun%2Fpostgresql/gateway").unwrap();
    }

    #[test]
    fn tls_is_insisted_on_for_a_look_only_where_a_network_is_crossed_and_a_way_round_it_left() {
        for (url, insists) in [
            ("postgres://g@db.example/gateway?sslmode=prefer", true),
            ("postgres://g@%2Fvar%2Frun%2Fpostgresql/gateway?sslmode=prefer", false),
            ("postgres://g@db.example/gateway?sslmode=verify-full", false),
            ("postgres://g@db.example/gateway?sslmode=disable", false),
            ("postgres://g@db.example/gateway", false),
        ] {
            let (config, security) = parse(url).unwrap();

            let insisting = security.insisting(&config).map(|config| config.get_ssl_mode());

            assert_eq!(insisting, insists.then_some(SslMode::Require), "{url}");
        }
    }

    #[test]
    fn what_a_password_may_not_hold_can_be_encoded() {
        let (config, _) =
            parse("postgres://u:a%40b%2Fc%3Fd:e@[::1]:6432/d%40e?application_name=a%40b").unwrap();

        assert_eq!(config.get_password(), Some(&b"a@b/c?d:e"[..]));
        assert_eq!(config.get_hosts(), [Host::Tcp("::1".into())]);
        assert_eq!(config.get_dbname(), Some("d@e"));
        assert_eq!(config.get_application_name(), Some("a@b"));
    }
}
