//! TLS to PostgreSQL and to Redis: which authorities are believed.
//!
//! - `query.rs`: what a URL says about TLS, in libpq's words
//! - `words.rs`: what to do about a handshake that failed
//!
//! What TLS is spoken at all is said where it is spoken: `store/postgres/security.rs`, `session/redis/security.rs`. The
//! rule of both: a certificate that is shown is verified, and the gateway says nothing to a server that fails.

mod query;
mod words;

pub(crate) use query::Query;
pub(crate) use words::{advice, explained};

use std::path::Path;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

/// libpq's name for the authorities that the platform believes.
const SYSTEM: &str = "system";

/// Why the authorities are not known. To be read after the name of the URL's key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AuthorityError {
    /// The file cannot be read, or holds something else.
    #[error("sslrootcert={file}: {why}; name a file with the authorities' certificates in PEM")]
    File {
        /// As named.
        file: String,
        /// What is wrong with it.
        why: String,
    },
    /// The platform believes nobody.
    #[error(
        "this machine has no certificate authorities{why}; install them (on Debian: ca-certificates), or name a file with sslrootcert=FILE"
    )]
    None {
        /// What went wrong, or nothing.
        why: String,
    },
}

/// Those whose signature under a server's certificate is believed. Read once: a new file needs a new start.
pub(crate) struct Authorities(Vec<CertificateDer<'static>>);

impl Authorities {
    /// Those of the file that `sslrootcert` names, or the platform's where it names none, or says `system`.
    pub(crate) fn read(named: Option<&str>) -> Result<Self, AuthorityError> {
        match named {
            None | Some(SYSTEM) => Self::platform(),
            Some(file) => Self::file(Path::new(file)),
        }
    }

    /// True when `sslrootcert` names a file.
    pub(crate) fn are_own(named: Option<&str>) -> bool {
        named.is_some_and(|named| named != SYSTEM)
    }

    /// What of the platform's store cannot be used is passed over, as everybody does: one odd entry must not stop it all.
    fn platform() -> Result<Self, AuthorityError> {
        let found = rustls_native_certs::load_native_certs();
        let usable: Vec<_> = found
            .certs
            .into_iter()
            .filter(|certificate| RootCertStore::empty().add(certificate.clone()).is_ok())
            .collect();
        match usable.is_empty() {
            false => Ok(Self(usable)),
            true => Err(AuthorityError::None {
                why: found.errors.first().map(|error| format!(" ({error})")).unwrap_or_default(),
            }),
        }
    }

    /// All of a file that somebody has named must be usable.
    fn file(path: &Path) -> Result<Self, AuthorityError> {
        let bad = |why: String| AuthorityError::File { file: path.display().to_string(), why };
        let pem = std::fs::read(path).map_err(|error| bad(error.to_string()))?;
        let certificates = CertificateDer::pem_slice_iter(&pem)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| bad(error.to_string()))?;
        if certificates.is_empty() {
            return Err(bad("no certificate is in it".into()));
        }
        for certificate in &certificates {
            RootCertStore::empty().add(certificate.clone()).map_err(|error| bad(error.to_string()))?;
        }
        Ok(Self(certificates))
    }

    /// As rustls takes them.
    pub(crate) fn roots(&self) -> RootCertStore {
        install_provider();
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(self.0.iter().cloned());
        roots
    }

    /// As redis takes them, which otherwise reads those of the platform again for every connection.
    pub(crate) fn pem(&self) -> Vec<u8> {
        install_provider();
        let armoured = self.0.iter().map(|certificate| {
            let body = BASE64_STANDARD.encode(certificate);
            format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n")
        });
        armoured.collect::<String>().into_bytes()
    }
}

/// Installed once in the process; that another part has done it already is as good.
fn install_provider() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate() -> String {
        rcgen::generate_simple_self_signed(["a.example".into()]).unwrap().cert.pem()
    }

    #[test]
    fn a_file_is_believed_with_all_that_is_in_it() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let name = file.path().to_str().unwrap();
        std::fs::write(name, format!("# of two years\n{}{}", certificate(), certificate())).unwrap();

        let authorities = Authorities::read(Some(name)).unwrap();

        assert_eq!(authorities.roots().len(), 2);
        std::fs::write(name, authorities.pem()).unwrap();
        assert_eq!(Authorities::read(Some(name)).unwrap().0, authorities.0);
    }

    #[test]
    fn a_file_with_something_else_in_it_is_refused_by_name() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let name = file.path().to_str().unwrap();
        let broken = "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n";
        for content in [String::new(), "hello".into(), certificate() + broken, broken.replace("END", "AND")] {
            std::fs::write(name, &content).unwrap();

            let refusal = Authorities::read(Some(name)).err().unwrap().to_string();

            assert!(refusal.starts_with(&format!("sslrootcert={name}: ")), "{content}: {refusal}");
        }
    }
}
