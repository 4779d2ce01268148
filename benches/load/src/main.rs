//! The gateway under load, beside the same HTTP server doing nothing: `scripts/bench` runs it to measure, `scripts/release`
//! to see what the code does.
//!
//! - `main.rs`: the command line, the rounds, the verdict
//! - `rows.rs`: which servers are measured, and what is required of each
//! - `contender.rs`: a server under load, and what its turns have shown
//! - `generator.rs`, `http.rs`: 64 connections that send pushes and time the answers
//! - `pushes.rs`: signed, unique pushes
//! - `stores.rs`: stores with people in them
//! - `process.rs`: child processes, their memory and CPU time
//! - `baseline.rs`: the servers to compare with, which this program is itself
//! - `report.rs`: the table and the JSON
//!
//! All servers run from the beginning to the end; in every round each has one turn, after another one than
//! the last time, so that what the machine does meanwhile hits all of them alike.
//!
//! To add a row: add a `Plan` in `rows.rs`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the table is what this program is for")]

mod baseline;
mod contender;
mod generator;
mod http;
mod process;
mod pushes;
mod report;
mod rows;
mod stores;

use std::error::Error;
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::signal::unix::{SignalKind, signal};

use crate::baseline::Baseline;
use crate::contender::{Contender, Crowd, Requirement};
use crate::generator::Span;
use crate::pushes::Signer;
use crate::report::Row;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The gateway under load; scripts/bench gives the arguments.
#[derive(Parser)]
struct Arguments {
    /// Two rounds of three seconds, fewer rows, nobody beyond 100,000 people: two minutes.
    #[arg(long)]
    quick: bool,
    /// Write the rows to FILE too.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// One short round, without a table and a verdict: the work by which scripts/release has a build profiled.
    #[arg(long, conflicts_with_all = ["quick", "json"])]
    profile: bool,
    /// Only rows whose name holds TEXT, beside the bare server.
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// redis://HOST:PORT
    #[arg(long)]
    redis: Option<String>,
    /// rediss://HOST:PORT of the same server.
    #[arg(long)]
    redis_tls: Option<String>,
    /// The certificate that this server and PostgreSQL show, PEM.
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
    /// Process of that server.
    #[arg(long)]
    redis_pid: Option<u32>,
    /// postgres://USER:PASSWORD@HOST:PORT/DATABASE of a user who may create databases.
    #[arg(long)]
    postgres: Option<String>,
    /// Process of that server.
    #[arg(long)]
    postgres_pid: Option<u32>,
    /// Be a server to compare with.
    #[arg(long, hide = true, requires = "listen")]
    serve: Option<Baseline>,
    #[arg(long, hide = true)]
    listen: Option<SocketAddr>,
}

#[actix_web::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match (arguments.serve, arguments.listen) {
        (Some(baseline), Some(address)) => baseline::serve(baseline, address).await.map(|()| true),
        // A run that is dropped stops its servers and removes its folder.
        _ => tokio::select! {
            result = run(&arguments) => result,
            signal = interrupted() => Err(signal.into()),
        },
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("load: {error}");
            ExitCode::from(2)
        }
    }
}

/// True when nothing that is required is missed.
async fn run(arguments: &Arguments) -> Result<bool, Box<dyn Error>> {
    let (rounds, span) = if arguments.profile {
        (1, Span { warm_up: Duration::ZERO, measured: Duration::from_secs(3) })
    } else if arguments.quick {
        (2, Span { warm_up: Duration::from_millis(500), measured: Duration::from_secs(3) })
    } else {
        (5, Span { warm_up: Duration::from_secs(1), measured: Duration::from_secs(5) })
    };
    let folder = tempfile::Builder::new().prefix("load-").tempdir()?;
    // The mock has to outlive whom it serves.
    let (mut mock, mut contenders) = rows::start(arguments, folder.path()).await?;
    let mut signer = Signer::new()?;

    let turns = rounds * contenders.len();
    let style = ProgressStyle::with_template("round {prefix} [{bar:30}] {msg}, {eta} left")?;
    let bar = ProgressBar::new(turns as u64).with_style(style);
    bar.set_prefix(format!("0 of {rounds}"));
    for contender in &mut contenders {
        bar.set_message(format!("everybody once, {}", contender.name));
        contender.meet(&mut signer).await?;
    }
    for round in 1..=rounds {
        bar.set_prefix(format!("{round} of {rounds}"));
        for turn in 0..contenders.len() {
            let row = whose(turn, round, contenders.len());
            let contender = &mut contenders[row];
            bar.set_message(contender.name.clone());
            process::settle_disk()?;
            let rate = contender.turn(&mut signer, span).await?;
            if bar.is_hidden() {
                eprintln!("round {round} of {rounds}: {:>7.0} a second: {}", rate, contender.name);
            }
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    for contender in &mut contenders {
        contender.audit().await?;
    }
    if arguments.profile {
        for contender in &contenders {
            contender.import().await.map_err(|error| format!("{}: {error}", contender.name))?;
        }
        for contender in &mut contenders {
            contender.leave().map_err(|error| format!("{}: {error}", contender.name))?;
        }
        mock.end().map_err(|error| format!("mock-wechat: {error}"))?;
        return Ok(true);
    }

    let rows = judged(&contenders);
    print!("{}", report::table(&rows));
    if let Some(file) = &arguments.json {
        fs::write(file, serde_json::to_string_pretty(&rows)? + "\n")?;
    }
    Ok(rows.iter().all(|row| row.failings.is_empty()))
}

/// The row whose turn it is. The bare server begins; the others come from another place on in every round, backwards every
/// second time, so that nobody always comes after the same one.
fn whose(turn: usize, round: usize, rows: usize) -> usize {
    let others = rows - 1;
    match turn {
        0 => 0,
        turn if round.is_multiple_of(2) => 1 + (turn - 1 + round / 2) % others,
        turn => 1 + (2 * others - turn + round / 2) % others,
    }
}

async fn interrupted() -> &'static str {
    match signal(SignalKind::terminate()) {
        Err(_) => std::future::pending().await,
        Ok(mut terminate) => tokio::select! {
            _ = terminate.recv() => "terminated",
            _ = tokio::signal::ctrl_c() => "interrupted",
        },
    }
}

fn judged(contenders: &[Contender]) -> Vec<Row> {
    let rate = |contender: &Contender| median(contender.rates.clone());
    let ratio = |contender: &Contender| {
        let bare = &contenders[0].rates;
        median(contender.rates.iter().zip(bare).map(|(rate, bare)| rate / bare).collect())
    };
    let row = |contender: &Contender| {
        let ms = |us: u64| us as f64 / 1e3;
        let (required, because) = match contender.requirement {
            Requirement::None => (None, String::new()),
            Requirement::OfBare(part) => (Some(part), format!("{part:.2} of bare")),
            Requirement::OfRow(part, other) => {
                let other = &contenders[other];
                (Some(part * ratio(other)), format!("{part:.2} of {}", other.name))
            }
            Requirement::PerSecond(least) => {
                (Some(least / rate(&contenders[0])), format!("{least} a second"))
            }
        };
        let mut row = Row {
            name: contender.name.clone(),
            requests_per_second: rate(contender),
            p50_ms: ms(contender.latencies.value_at_quantile(0.5)),
            p99_ms: ms(contender.latencies.value_at_quantile(0.99)),
            p999_ms: ms(contender.latencies.value_at_quantile(0.999)),
            max_ms: ms(contender.latencies.max()),
            rss_mib: contender.resident_mib,
            cpu_us_per_request: contender.cpu_us as f64 / contender.answered.max(1) as f64,
            ratio: ratio(contender),
            required,
            because,
            failings: contender.failings.clone(),
        };
        if let Crowd::Strangers { calls, .. } = contender.crowd {
            row.because += ", 50 people a platform call";
            if calls * 50 > contender.answered {
                row.failings.push(format!("{calls} platform calls for {} people", contender.answered));
            }
        }
        row.judge();
        row
    };
    contenders.iter().map(row).collect()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    match values.len() {
        0 => 0.0,
        n if n % 2 == 0 => (values[n / 2 - 1] + values[n / 2]) / 2.0,
        n => values[n / 2],
    }
}
