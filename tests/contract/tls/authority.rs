//! A certificate authority for one test.

use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use tempfile::TempDir;

/// Signs whatever it is asked to.
pub(super) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its own certificate and key.
    own: Identity,
    folder: TempDir,
}

/// A certificate and its key, in PEM.
pub(super) struct Identity {
    pub(super) certificate: String,
    pub(super) key: String,
}

impl Authority {
    pub(super) fn new() -> Self {
        Self::named(&uuid::Uuid::now_v7().to_string())
    }

    pub(super) fn named(name: &str) -> Self {
        let mut params = params(&[]);
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap().pem();
        let own = Identity { certificate, key: key.serialize_pem() };
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("my authority.pem"), &own.certificate).unwrap();
        Self { issuer: Issuer::new(params, key), own, folder }
    }

    /// A good certificate for a server that has these names or addresses.
    pub(super) fn certifies(&self, names: &[&str]) -> Identity {
        self.signs(&params(names))
    }

    /// One for `localhost` that was good until some time ago.
    pub(super) fn certified_once(&self) -> Identity {
        let mut params = params(&["localhost"]);
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
        self.signs(&params)
    }

    /// One for `localhost` that will be good long after this test.
    pub(super) fn will_certify(&self) -> Identity {
        let mut params = params(&["localhost"]);
        params.not_before = date_time_ymd(3000, 1, 1);
        self.signs(&params)
    }

    /// Its own certificate, as `openssl req -x509` makes one for a server in a hurry.
    pub(super) fn own(&self) -> &Identity {
        &self.own
    }

    /// The file with its own certificate.
    pub(super) fn file(&self) -> PathBuf {
        self.folder.path().join("my authority.pem")
    }

    /// `sslrootcert=` with that file, as a URL has it.
    pub(super) fn as_parameter(&self) -> String {
        let file = self.file().display().to_string().replace(' ', "%20");
        format!("sslrootcert={file}")
    }

    fn signs(&self, params: &CertificateParams) -> Identity {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap().pem();
        Identity { certificate, key: key.serialize_pem() }
    }
}

impl Identity {
    /// Writes `server.crt` and `server.key`.
    pub(super) fn write(&self, folder: &Path) {
        std::fs::write(folder.join("server.crt"), &self.certificate).unwrap();
        std::fs::write(folder.join("server.key"), &self.key).unwrap();
    }
}

fn params(names: &[&str]) -> CertificateParams {
    CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap()
}
