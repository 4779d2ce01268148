//! `redis://` is plain, `rediss://` is TLS. Its certificates are always verified: signed by an authority of
//! `?sslrootcert=FILE`, or of the platform where the URL names no file, and in the name of the URL's host. The nodes of a
//! cluster are known by the names that it gives them itself (`cluster-announce-hostname`, or else addresses).

use deadpool::managed::PoolError;
use deadpool_redis::redis::{
    Client, ConnectionInfo, IntoConnectionInfo as _, RedisError, RedisResult, TlsCertificates,
};

use crate::session::OpenError;
use crate::tls::{self, Authorities, Query};

/// Names nothing of it: the `?` may be one of the password.
const UNSUPPORTED: &str = "behind the ? there may be sslrootcert=FILE (with rediss://, which is TLS) and protocol; the number of the database \
     is a path (/2), and in user and password ? is %3F";

/// Where a server is, and whom its certificate must come from.
pub(super) struct Address {
    /// What the Redis client understands.
    pub(super) url: String,
    /// None where TLS is not spoken.
    pub(super) certificates: Option<TlsCertificates>,
}

/// What `url` says. Connects to nothing yet.
pub(super) fn parse(url: &str) -> Result<Address, OpenError> {
    if url.contains('#') {
        return Err(OpenError::Fragment);
    }
    let (base, query) = url.split_once('?').unwrap_or((url, ""));
    let query = Query::parse(query);
    // The client takes no notice of what it does not know, such as a misspelt sslrootcert.
    if query.unknown(&["sslrootcert"]).is_some() || query.others().any(|key| key != "protocol") {
        return Err(OpenError::Security(UNSUPPORTED.into()));
    }
    let root = query.ssl("sslrootcert");
    let certificates = match base.starts_with("rediss:") {
        true => {
            let authorities = Authorities::read(root).map_err(|why| OpenError::Security(why.to_string()))?;
            Some(TlsCertificates { client_tls: None, root_cert: Some(authorities.pem()) })
        }
        false if root.is_some() => {
            let why = "sslrootcert is of no use with redis://, which is without TLS; write rediss://";
            return Err(OpenError::Security(why.into()));
        }
        false => None,
    };
    Ok(Address { url: query.onto(base), certificates })
}

/// Why no connection could be made, and what to do next where TLS may be the reason.
pub(super) fn explained(error: &PoolError<RedisError>, secure: bool) -> String {
    let why = error.to_string();
    match error {
        // Of a failure in a cluster there are only the words.
        _ if secure && why.contains("timed out") => {
            format!(
                "{why}; a port without TLS does not answer either: name the one with TLS, or write redis:// where the \
                 network is yours alone"
            )
        }
        PoolError::Backend(error) if !secure && error.is_connection_dropped() && !why.contains("refused") => {
            format!("{why}; if this port is one with TLS, write rediss://")
        }
        _ => tls::explained(why),
    }
}

impl Address {
    /// Whether TLS is spoken there.
    pub(super) fn is_secure(&self) -> bool {
        self.certificates.is_some()
    }

    /// One server there.
    pub(super) fn server(self) -> RedisResult<ConnectionInfo> {
        match self.certificates {
            None => self.url.into_connection_info(),
            Some(certificates) => Client::build_with_tls(self.url, certificates)
                .map(|client| client.get_connection_info().clone()),
        }
    }
}
