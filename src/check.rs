//! `wechat-gateway check`: finds what would fail in production before it does, a line each, with what to do.

use std::fmt::Display;
use std::net::TcpListener;
use std::process::ExitCode;

use secrecy::ExposeSecret as _;

use crate::account::{Account, AccountKind, Mode};
use crate::clock::{SECOND, UnixMs};
use crate::config::{ConfigError, Settings};
use crate::platform::{Platform as _, PlatformError};
use crate::ports::Ports;
use crate::session;

/// Skew at which something is wrong, although WeChat would still accept it.
const NOTICEABLE: UnixMs = 30 * SECOND;

/// Checks everything, prints a line each, fails when one of them would fail in production.
pub async fn run(loaded: Result<Settings, ConfigError>) -> ExitCode {
    let mut report = Report::default();
    if let Some(settings) = report.take("configuration", "fix the lines above it names", loaded) {
        if settings.accounts.is_empty() {
            report.fail("accounts", "none is configured", "add one table per account: [accounts.NAME]");
        }
        for account in &settings.accounts {
            mode(account, &mut report);
        }
        listen(&settings, &mut report);
        match Ports::open(&settings).await {
            Ok(ports) => reach(&settings, &ports, &mut report).await,
            Err(error) => report.fail("start", error, "the gateway would not start"),
        }
    }
    report.conclude()
}

fn mode(account: &Account, report: &mut Report) {
    let name = format!("account {}", account.name);
    match account.mode {
        Mode::Safe => report.pass(&name, "safe mode"),
        Mode::Compatible => {
            report.warn(&name, "compatible mode: three times the bytes; choose safe mode when it works")
        }
        Mode::Plain => {
            report.warn(&name, "plain mode does not sign the body; choose safe mode in WeChat's console")
        }
    }
}

fn listen(settings: &Settings, report: &mut Report) {
    let address = &settings.http.listen;
    match TcpListener::bind(address) {
        Ok(_) => report.pass("listen", format!("{address} is free")),
        Err(why) if why.kind() == std::io::ErrorKind::AddrInUse => {
            report.warn("listen", format!("{address} is in use; fine if that is the gateway itself"));
        }
        Err(why) => {
            report.fail("listen", format!("{address}: {why}"), "choose another with GATEWAY_HTTP__LISTEN")
        }
    }
}

async fn reach(settings: &Settings, ports: &Ports, report: &mut Report) {
    report.pass("program", format!("ruleset {}", ports.program.ruleset()));
    let store = ports.store.ready().await;
    report.take(
        "store",
        "check store.url, and that `wechat-gateway migrate` was run",
        store.map(|()| "answers"),
    );
    if let Some(misgiving) = ports.store.misgiving().await {
        report.warn("store", misgiving);
    }
    let sessions = session::probe(settings.sessions.url.expose_secret(), &settings.sessions.prefix).await;
    report.take(
        "sessions",
        "check sessions.url; callbacks work without, but slower",
        sessions.map(|()| "answer"),
    );
    match ports.wechat.server_time().await {
        Ok(theirs) => skew(ports.clock.now() - theirs, settings.verify.window_s, report),
        Err(error) => report.fail("WeChat", error, "check platform.api, DNS, and the firewall's way out"),
    }
    for account in &settings.accounts {
        token(account, ports, report).await;
    }
}

fn skew(skew: UnixMs, window_s: u64, report: &mut Report) {
    let told = format!("our clock differs from WeChat's by {:.1} s", skew as f64 / 1000.0);
    if skew.unsigned_abs() >= window_s * SECOND.unsigned_abs() {
        report.fail("clock", told, "every push would be refused: set the machine's clock (NTP)");
    } else if skew.abs() >= NOTICEABLE {
        report.warn("clock", format!("{told}; set the machine's clock (NTP)"));
    } else {
        report.pass("clock", told);
    }
}

async fn token(account: &Account, ports: &Ports, report: &mut Report) {
    let name = format!("account {}", account.name);
    match ports.wechat.token_life(account).await {
        Ok(life) => report.pass(&name, format!("access token obtained, {} s left", life / SECOND)),
        Err(PlatformError::Refused { code, hint }) => {
            return report.fail(&name, format!("WeChat refuses a token with {code}"), hint);
        }
        Err(error) => return report.fail(&name, error, "see the line about WeChat"),
    }
    if account.kind == AccountKind::MiniProgram {
        return;
    }
    match ports.wechat.bound(account).await {
        Ok(Some(true)) => report.pass(&name, "bound to an open-platform account: followers have a UnionID"),
        Ok(Some(false)) => report.fail(
            &name,
            "not bound to an open-platform account: followers have no UnionID",
            "bind it at open.weixin.qq.com under 管理中心 - 公众账号",
        ),
        Ok(None) => report.warn(&name, "has no follower yet, so its open-platform binding cannot be seen"),
        Err(error) => report.fail(&name, error, "the account must be allowed to call user/get and user/info"),
    }
}

#[derive(Default)]
struct Report {
    failures: usize,
}

impl Report {
    fn take<T, E: Display>(&mut self, what: &str, remedy: &str, result: Result<T, E>) -> Option<T> {
        match result {
            Ok(value) => {
                self.pass(what, "ok");
                Some(value)
            }
            Err(error) => {
                self.fail(what, error, remedy);
                None
            }
        }
    }

    fn pass(&mut self, what: &str, told: impl Display) {
        line("ok  ", what, &told.to_string());
    }

    fn warn(&mut self, what: &str, told: impl Display) {
        line("warn", what, &told.to_string());
    }

    fn fail(&mut self, what: &str, told: impl Display, remedy: impl Display) {
        self.failures += 1;
        line("FAIL", what, &format!("{told} -> {remedy}"));
    }

    fn conclude(self) -> ExitCode {
        if self.failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

#[expect(clippy::print_stdout, reason = "the command line's own voice")]
fn line(verdict: &str, what: &str, told: &str) {
    println!("{verdict}  {what}: {told}");
}
