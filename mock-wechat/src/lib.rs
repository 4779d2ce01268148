#![doc = include_str!("../README.md")]
//!
//! # Where things are
//!
//! | room | what it does |
//! |---|---|
//! | [`testkit`] | the library: a WeChat per test, people, accounts, chats |
//! | `acts` | what a person can do |
//! | `push` | tells an account's server, judges its answer |
//! | `api` | WeChat's own paths |
//! | `control` | the control API under `/_mock` |
//! | `page` | the phone and the wire at `/` |
//! | [`mod@grade`] | a receiver's examination |
//! | [`cli`] | the command line |
//! | [`world`] | what exists |
//! | [`wire`] | signatures, envelopes, XML and JSON, byte for byte |
//! | `scenario` | a world as a file describes it |
//! | `faults`, `journal`, `clock` | what goes wrong, what happened, what time it is |
//! | `platform` | the one state behind all of it |
//! | `fitting` | JSON read into types |
//! | `state` | that state as text, to be loaded again |
//! | `server` | the listener |

mod acts;
mod api;
pub mod cli;
mod clock;
mod control;
mod duration;
mod faults;
mod fitting;
pub mod grade;
mod ids;
mod journal;
mod page;
mod platform;
mod push;
mod scenario;
mod server;
mod state;
pub mod testkit;
pub mod wire;
pub mod world;

pub use faults::{Action, ActiveFault, Fault, FaultError};
pub use journal::{CallRecord, Delivery, DeliveryRequest, DeliveryResponse, Verdict};
pub use push::PendingNotice;
pub use scenario::{Beginning, Scenario, ScenarioError};
pub use server::ControlFrom;
pub use state::StateError;
pub use testkit::MockWechat;

use std::{io, net::SocketAddr, sync::Arc};

/// A server for the command line: listens, and runs until it is dropped.
#[derive(Debug)]
pub struct Server {
    listener: tokio::net::TcpListener,
    control_from: ControlFrom,
    platform: Arc<platform::Platform>,
}

impl Server {
    /// Listens on an address; port 0 takes a free one.
    ///
    /// # Errors
    /// The address cannot be listened on.
    pub async fn bind(address: SocketAddr, control_from: ControlFrom) -> io::Result<Self> {
        Self::bind_with(address, control_from, Beginning::default()).await
    }

    /// The same with another world than the local one, or another seed.
    ///
    /// # Errors
    /// The address cannot be listened on.
    pub async fn bind_with(
        address: SocketAddr,
        control_from: ControlFrom,
        beginning: Beginning,
    ) -> io::Result<Self> {
        let platform = Arc::new(platform::Platform::beginning(beginning));
        Ok(Self { listener: server::bind(address).await?, control_from, platform })
    }

    /// What faults by probability are drawn from.
    pub fn seed(&self) -> u64 {
        self.platform.faults.seed()
    }

    /// Where it listens.
    ///
    /// # Errors
    /// The system does not tell.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// The whole state as JSON, for [`Server::load`]: accounts, people, chats, tokens, faults, clock; not the journals.
    ///
    /// # Errors
    /// It cannot be written as JSON.
    pub fn state(&self) -> Result<Vec<u8>, StateError> {
        self.platform.state()
    }

    /// Puts a saved state in the place of the one that there is.
    ///
    /// # Errors
    /// It is no state, of an unknown version, or damaged; nothing is changed then.
    pub fn load(&self, state: &[u8]) -> Result<(), StateError> {
        self.platform.load(state)
    }

    /// Serves until the future is dropped.
    pub async fn run(&self) -> std::convert::Infallible {
        server::run(&self.listener, self.platform.clone(), self.control_from).await
    }
}
