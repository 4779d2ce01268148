//! Connections to a cluster. deadpool-redis has a manager for them too, which takes no certificates.

use deadpool::managed::{self, Metrics, RecycleResult};
use deadpool_redis::redis::cluster::{ClusterClient, ClusterClientBuilder};
use deadpool_redis::redis::cluster_async::ClusterConnection;
use deadpool_redis::redis::{RedisError, RedisResult, cmd};

use super::security::Address;

/// Connections to a cluster, each one to every node that it has needed so far.
pub(super) type Pool = managed::Pool<Manager>;
/// One of them.
pub(super) type Object = managed::Object<Manager>;

/// Makes them.
pub(super) struct Manager(ClusterClient);

impl Manager {
    /// For the cluster that is found through any of `nodes`.
    pub(super) fn new(nodes: Vec<Address>) -> RedisResult<Self> {
        let certificates = nodes.first().and_then(|node| node.certificates.clone());
        let client = ClusterClientBuilder::new(nodes.into_iter().map(|node| node.url));
        let client = match certificates {
            None => client,
            Some(certificates) => client.certs(certificates),
        };
        client.build().map(Self)
    }
}

impl managed::Manager for Manager {
    type Type = ClusterConnection;
    type Error = RedisError;

    async fn create(&self) -> Result<ClusterConnection, RedisError> {
        self.0.get_async_connection().await
    }

    async fn recycle(&self, connection: &mut ClusterConnection, _: &Metrics) -> RecycleResult<RedisError> {
        cmd("PING").query_async::<()>(connection).await.map_err(Into::into)
    }
}
