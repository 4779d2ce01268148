//! What the handlers may reach.

use std::collections::HashMap;
use std::sync::Arc;

use metrics_exporter_prometheus::PrometheusHandle;

use crate::account::Account;
use crate::clock::Clock;
use crate::config::{Api, Http};
use crate::flow::Flow;
use crate::ports::Ports;

/// One gateway, as its handlers see it.
pub(crate) struct Parts {
    pub(crate) accounts: HashMap<String, Arc<Account>>,
    pub(crate) flow: Flow,
    pub(crate) ports: Ports,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) http: Http,
    pub(crate) api: Api,
    pub(crate) metrics: PrometheusHandle,
}
