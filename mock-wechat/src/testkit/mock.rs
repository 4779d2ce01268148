//! The mock itself: starts, stops, clock, faults, journals.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
    time::Duration,
};

use tokio::{
    runtime::{Builder, Handle},
    sync::oneshot,
};

use super::{
    account::{Account, AccountBuilder},
    expect::{Counts, Expectation},
    person::Person,
    report,
};
use crate::{
    faults::Fault,
    journal::{CallRecord, Delivery},
    platform::Platform,
    push::PendingNotice,
    scenario::Beginning,
    server::{self, ControlFrom},
    world::{account::Kind, tokens::Kill},
};

/// A WeChat of its own, on a free port of this machine, until it is dropped.
///
/// It begins with the local world: the Official Account `brand` and the mini-program `shop`, bound to one
/// open-platform account, and nobody in it.
///
/// When it is dropped, the [`MockWechat::expect_call`] expectations are verified and failures panic.
#[derive(Debug)]
pub struct MockWechat {
    shared: Arc<Shared>,
    address: SocketAddr,
    expectations: Mutex<Vec<Arc<Counts>>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What the handles of accounts, people and chats hold on to.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) platform: Arc<Platform>,
    runtime: Handle,
}

impl MockWechat {
    /// Starts a WeChat on a free port.
    ///
    /// # Panics
    /// When there is no port, thread or runtime to be had.
    pub async fn start() -> Self {
        Self::start_with(Beginning::default()).await
    }

    /// Starts with another world than the local one, or another seed.
    ///
    /// # Panics
    /// When there is no port, thread or runtime to be had.
    pub async fn start_with(beginning: Beginning) -> Self {
        let platform = Arc::new(Platform::beginning(beginning));
        let (ready, is_ready) = oneshot::channel();
        let (stop, stopped) = oneshot::channel();
        let served = platform.clone();
        let thread = std::thread::Builder::new()
            .name("mock-wechat".into())
            .spawn(move || serve(served, ready, stopped))
            .unwrap_or_else(|error| panic!("mock-wechat has no thread to run on: {error}"));
        let (address, runtime) = match is_ready.await {
            Ok(Ok(ready)) => ready,
            Ok(Err(error)) => panic!("mock-wechat could not start: {error}"),
            Err(_) => panic!("mock-wechat ended before it was ready"),
        };
        Self {
            shared: Arc::new(Shared { platform, runtime }),
            address,
            expectations: Mutex::default(),
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// Where a client finds it, in the place of `https://api.weixin.qq.com`: `http://127.0.0.1:41234`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Its address and port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The Official Account of that name: an existing one, or a new one in safe mode. Await it to have it.
    pub fn official_account(&self, name: &str) -> AccountBuilder {
        AccountBuilder::new(self.shared.clone(), name, Kind::OfficialAccount)
    }

    /// The mini-program of that name: an existing one, or a new one in safe mode with JSON. Await it to have it.
    pub fn mini_program(&self, name: &str) -> AccountBuilder {
        AccountBuilder::new(self.shared.clone(), name, Kind::MiniProgram)
    }

    /// The third-party platform of that name: an existing one, or a new one. Its callback is the URL for tickets and
    /// authorisations. Await it to have it.
    pub fn third_party_platform(&self, name: &str) -> AccountBuilder {
        AccountBuilder::new(self.shared.clone(), name, Kind::Component)
    }

    /// The person of that name, created on first use. The same name has the same ids in every mock.
    pub fn person(&self, name: &str) -> Person {
        Person::new(self.shared.clone(), name)
    }

    /// A template for subscription messages that an account has, as if it had been added in WeChat's console; its id.
    pub fn subscription_template(&self, account: &Account, title: &str, content: &str) -> String {
        self.shared.platform.world_mut().templates.add(account.app_id(), title, content, true)
    }

    /// Moves the mock's clock forward: tokens expire and windows close without waiting, and what falls due by then happens
    /// in the background.
    pub fn advance(&self, by: Duration) {
        self.shared.platform.clock.advance(by);
    }

    /// The mock's time in Unix seconds.
    pub fn now(&self) -> i64 {
        self.shared.platform.clock.seconds()
    }

    /// Lets something go wrong. See [`Fault`] for what; once, unless it says otherwise.
    ///
    /// # Panics
    /// When the fault makes no sense, with what would.
    #[track_caller]
    pub fn fault(&self, fault: Fault) {
        if let Err(error) = self.shared.platform.faults.add(fault) {
            panic!("this fault cannot be: {error}");
        }
    }

    /// Draws faults by probability from a seed, from its beginning: the same seed, the same faults.
    pub fn seed(&self, seed: u64) {
        self.shared.platform.faults.set_seed(seed);
    }

    /// Back to the start: the local world or the scenario, empty journals, no faults but the scenario's.
    pub fn reset(&self) {
        self.shared.platform.reset();
    }

    /// The whole state as JSON, for [`MockWechat::load`] in this or another mock: accounts, people, chats, tokens, faults and
    /// clock, but not the journals.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn state(&self) -> Vec<u8> {
        match self.shared.platform.state() {
            Ok(state) => state,
            Err(error) => panic!("{error}"),
        }
    }

    /// Puts a saved state in the place of what there is; the journals stay.
    ///
    /// # Panics
    /// When it is no state, of an unknown version, or damaged, with what is wrong.
    #[track_caller]
    pub fn load(&self, state: &[u8]) {
        if let Err(error) = self.shared.platform.load(state) {
            panic!("{error}");
        }
    }

    /// Ends all faults.
    pub fn clear_faults(&self) {
        self.shared.platform.faults.clear();
    }

    /// Makes all live tokens of an account (name or AppID) answer 40001, as if another server had fetched newer ones.
    pub fn supersede_tokens(&self, account: &str) {
        self.kill_tokens(account, Kill::Supersede);
    }

    /// Makes all live tokens of an account (name or AppID) answer 42001.
    pub fn expire_tokens(&self, account: &str) {
        self.kill_tokens(account, Kill::Expire);
    }

    /// All API calls so far, oldest first.
    pub fn calls(&self) -> Vec<Arc<CallRecord>> {
        self.shared.platform.calls.find(|_| true).entries
    }

    /// The API calls to a path so far, oldest first.
    pub fn calls_to(&self, path: &str) -> Vec<Arc<CallRecord>> {
        self.shared.platform.calls.find(|call| call.path == path).entries
    }

    /// All attempted deliveries so far, oldest first.
    pub fn deliveries(&self) -> Vec<Arc<Delivery>> {
        self.shared.platform.deliveries.find(|_| true).entries
    }

    /// Waits, at most five seconds, until an event or message type was pushed that often, every attempt counted; what
    /// follows from [`MockWechat::advance`] happens behind its back.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # let wechat = mock_wechat::MockWechat::start().await;
    /// # let brand = wechat.official_account("brand").callback("http://127.0.0.1:1/").await;
    /// wechat.person("lin").follows(&brand).await;
    /// let attempts = wechat.wait_for_deliveries("subscribe", 3).await;
    /// assert!(attempts.iter().all(|attempt| attempt.status.is_none()));
    /// # });
    /// ```
    ///
    /// # Panics
    /// When it was not.
    pub async fn wait_for_deliveries(&self, event: &str, count: usize) -> Vec<Arc<Delivery>> {
        let (platform, wanted) = (self.shared.platform.clone(), event.to_owned());
        let wait = async move {
            let matches = |delivery: &Delivery| delivery.event == wanted;
            platform.deliveries.wait(matches, count, PATIENCE).await.entries
        };
        let deliveries = self.shared.run(wait).await;
        assert!(
            deliveries.len() >= count,
            "{}",
            report::missing_deliveries(event, count, &self.deliveries())
        );
        deliveries
    }

    /// Notifications of WeChat Pay that their merchants have not taken, by the first attempt. Each is told again when
    /// its time comes by the mock's clock, see [`MockWechat::advance`].
    ///
    /// ```
    /// # use std::time::Duration;
    /// # futures::executor::block_on(async {
    /// # let wechat = mock_wechat::MockWechat::start().await;
    /// let brand = wechat.official_account("brand").without_callback().pay_notify_url("http://127.0.0.1:1/").await;
    /// wechat.person("lin").pays(&brand, 12_900).await;
    /// assert_eq!(wechat.pending_notices()[0].left, 15);
    ///
    /// wechat.advance(Duration::from_secs(15));
    /// wechat.wait_for_deliveries("TRANSACTION.SUCCESS", 2).await;
    /// # });
    /// ```
    pub fn pending_notices(&self) -> Vec<PendingNotice> {
        self.shared.platform.pending_notices(None)
    }

    /// Waits, at most five seconds, until a path was called that often.
    ///
    /// # Panics
    /// When it was not.
    pub async fn wait_for_calls(&self, path: &str, count: usize) -> Vec<Arc<CallRecord>> {
        let (platform, path) = (self.shared.platform.clone(), path.to_owned());
        let wait = {
            let path = path.clone();
            async move { platform.calls.wait(|call| call.path == path, count, PATIENCE).await.entries }
        };
        let calls = self.shared.run(wait).await;
        assert!(calls.len() >= count, "{}", report::missing_calls(&path, count, &self.calls()));
        calls
    }

    /// Expects a path to be called a number of times until the mock is dropped or [`MockWechat::verify`] is called.
    #[must_use = "say how often: .exactly(1), .at_least(1), .at_most(1) or .never()"]
    pub fn expect_call(&self, path: &str) -> Expectation<'_> {
        Expectation::new(self, path)
    }

    /// Verifies the expectations now; they are not verified again when the mock is dropped.
    ///
    /// # Panics
    /// When one is not met, with all calls that were made.
    #[track_caller]
    pub fn verify(&self) {
        let expected = std::mem::take(&mut *self.expectations());
        let calls = self.calls();
        let failures: Vec<String> = expected.iter().filter_map(|counts| counts.failure(&calls)).collect();
        assert!(failures.is_empty(), "{}", report::unmet(&failures, &calls));
    }

    pub(super) fn expect(&self, counts: Counts) {
        self.expectations().push(Arc::new(counts));
    }

    fn expectations(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Counts>>> {
        self.expectations.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn kill_tokens(&self, account: &str, how: Kill) {
        let platform = &self.shared.platform;
        let mut world = platform.world_mut();
        let app_id = world.account(account).map(|registered| registered.account.app_id.clone());
        let Some(app_id) = app_id else { panic!("there is no account {account:?}") };
        world.tokens.kill(&app_id, how, platform.clock.seconds());
    }
}

/// How long assertions wait for what happens in the background.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

impl Shared {
    /// Runs something on the mock's runtime, where its timers and connections live.
    pub(super) async fn run<T: Send + 'static>(&self, future: impl Future<Output = T> + Send + 'static) -> T {
        match self.runtime.spawn(future).await {
            Ok(value) => value,
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(_) => panic!("the MockWechat was dropped while something was going on"),
        }
    }
}

impl Drop for MockWechat {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        if !std::thread::panicking() {
            self.verify();
        }
    }
}

type Ready = oneshot::Sender<std::io::Result<(SocketAddr, Handle)>>;

fn serve(platform: Arc<Platform>, ready: Ready, stopped: oneshot::Receiver<()>) {
    let runtime = match Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return drop(ready.send(Err(error))),
    };
    runtime.block_on(async {
        let listener = match server::bind((Ipv4Addr::LOCALHOST, 0).into()).await {
            Ok(listener) => listener,
            Err(error) => return drop(ready.send(Err(error))),
        };
        let address = listener.local_addr().map(|address| (address, Handle::current()));
        if ready.send(address).is_ok() {
            tokio::select! {
                never = server::run(listener, platform, ControlFrom::Loopback) => match never {},
                _ = stopped => {}
            }
        }
    });
}
