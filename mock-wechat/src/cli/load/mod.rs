//! `mock-wechat load`: followers by the second, and whether each of them was heard.
//!
//! | file | holds |
//! |---|---|
//! | `mod.rs` | the arguments, the timetable |
//! | `ledger.rs` | who followed, what was acknowledged, what the receiver then did about them |
//! | `watch.rs` | the receiver's calls of WeChat's API, as they come |
//! | `report.rs` | the figures, in words or as JSON |
//!
//! What was acknowledged is compared with what arrived: a receiver that looks up or writes to a follower at this mock
//! has heard of them, and so has one that replied by name. An acknowledged follower of whom nothing is ever seen is
//! lost; one who is told the same thing twice is a duplicate.

mod ledger;
mod report;
mod watch;

use std::{
    io::{IsTerminal, stderr},
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::{
    sync::Semaphore,
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval},
};

use self::{ledger::Ledger, report::Report, watch::Watch};
use super::{Ended, account::AccountArguments, outcome::Outcome, say, verb::Verb, wechat::Wechat};
use crate::{duration, world::account::Kind};

/// Exit status 0: every follower was acknowledged, none lost, none told twice.
#[derive(Debug, clap::Args)]
pub(super) struct Load {
    /// Followers per second
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    rate: u32,
    /// For how long: 500ms, 10s, 5m
    #[arg(long = "for", default_value = "10s", value_parser = duration::parse)]
    lasts: Duration,
    /// Deliveries under way at once, at most
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=50_000))]
    at_once: u32,
    /// How long to wait afterwards for the receiver to look up or write to the last followers
    #[arg(long, default_value = "5s", value_parser = duration::parse)]
    settle: Duration,
    /// How the followers' names begin; people who follow already push nothing
    #[arg(long)]
    prefix: Option<String>,
    /// Whom they follow, by name or AppID
    #[arg(long, default_value = "brand", conflicts_with = "callback")]
    account: String,
    /// The mock that runs
    #[arg(long, env = "MOCK_WECHAT_URL", default_value = "http://127.0.0.1:9090")]
    mock: String,
    /// Print the figures as JSON
    #[arg(long)]
    json: bool,
    /// Push to this URL, with no mock running; takes --token and, in safe mode, --aes-key
    #[arg(long)]
    callback: Option<String>,
    /// With --callback: where the receiver finds WeChat's API meanwhile
    #[arg(long, requires = "callback")]
    listen: Option<SocketAddr>,
    #[command(flatten)]
    receiver: AccountArguments,
}

impl Load {
    pub(super) async fn run(self) -> Result<Ended, String> {
        let (wechat, account) = self.wechat().await?;
        let watch = Watch::begin(&wechat).await?;
        let total = self.total();
        let bar = bar(total);
        let (ledger, took) = self.follow(&wechat, &account, total, &bar).await?;
        bar.set_message("waiting for the receiver's calls");
        // Nothing else draws it now.
        bar.enable_steady_tick(Duration::from_millis(100));
        let ledger = watch.settle(ledger, self.settle).await;
        bar.finish_and_clear();
        let report = Report::of(&ledger, took);
        if self.json {
            say(serde_json::to_string_pretty(&report).map_err(|error| error.to_string())?);
        } else {
            report.print();
        }
        Ok(if report.is_well() { Ended::Well } else { Ended::Failed })
    }

    fn total(&self) -> u64 {
        let millis = u64::try_from(self.lasts.as_millis()).unwrap_or(u64::MAX);
        (u64::from(self.rate).saturating_mul(millis) / 1000).max(1)
    }

    /// Everybody on time, however long the ones before them take: an open loop, as a campaign is.
    async fn follow(
        &self,
        wechat: &Wechat,
        account: &str,
        total: u64,
        bar: &ProgressBar,
    ) -> Result<(Ledger, Duration), String> {
        let ledger = Arc::new(Mutex::new(Ledger::default()));
        let room = Arc::new(Semaphore::new(self.at_once as usize));
        let prefix = self.prefix.clone().unwrap_or_else(|| format!("load-{}", std::process::id()));
        let mut ticks = interval(Duration::from_secs(1) / self.rate);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let started = Instant::now();
        let mut under_way = JoinSet::new();
        for number in 0..total {
            let due = ticks.tick().await;
            let turn = room.clone().acquire_owned().await.map_err(|error| error.to_string())?;
            let (wechat, account, name) = (wechat.clone(), account.to_owned(), format!("{prefix}-{number}"));
            let (ledger, bar) = (ledger.clone(), bar.clone());
            under_way.spawn(async move {
                let late = due.elapsed();
                let follow = Verb::Follow { scene: None, transaction_id: None };
                let answer = wechat.perform(&name, &account, &follow).await.and_then(Outcome::read);
                ledger.lock().unwrap_or_else(PoisonError::into_inner).enter(answer, late);
                bar.inc(1);
                drop(turn);
            });
            while under_way.try_join_next().is_some() {}
        }
        while under_way.join_next().await.is_some() {}
        let took = started.elapsed();
        let mut ledger = ledger.lock().unwrap_or_else(PoisonError::into_inner);
        Ok((std::mem::take(&mut *ledger), took))
    }

    async fn wechat(&self) -> Result<(Wechat, String), String> {
        let Some(callback) = &self.callback else {
            return Ok((Wechat::running(&self.mock)?, self.account.clone()));
        };
        let account = self.receiver.account(callback, Kind::OfficialAccount)?;
        let app_id = account.app_id.clone();
        let wechat = Wechat::own(account)?;
        if let Some(listen) = self.listen {
            wechat.listen(listen).await?;
        }
        Ok((wechat, app_id))
    }
}

fn bar(total: u64) -> ProgressBar {
    let target =
        if stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} followers, {per_sec}, {eta} left {msg}");
    ProgressBar::with_draw_target(Some(total), target)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
