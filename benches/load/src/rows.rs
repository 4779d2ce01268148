//! Which servers are measured, and what is required of each.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use wechat_gateway::ledger::Program;

use crate::Arguments;
use crate::baseline::Baseline;
use crate::contender::{Contender, Crowd, Requirement};
use crate::process::{Server, free_address};
use crate::pushes::Mode;
use crate::stores::{Database, Stores, settings};

const PEOPLE: usize = 100_000;
/// Slower by so much at most with encryption, and with a thousand times the people.
const SAFE: f64 = 0.85;
const FLAT: f64 = 0.85;

/// Beside the stock rules, all of which are looked at: a scan earns, for ever.
const SCANS_EARN: &str = r#"
[[rule]]
id = "scan"
on = "oa.scan"
points = 1
cap = [{ per = "day", points = 1_000_000 }, { per = "year", points = 10_000_000 }]
group = "wechat"
"#;

/// One gateway.
struct Plan {
    name: &'static str,
    mode: Mode,
    redis: bool,
    database: Database,
    /// Nobody is known where it is `None`.
    people: Option<usize>,
    requirement: Wanted,
    /// Left out where two minutes have to do.
    long: bool,
}

/// A requirement that names other rows.
enum Wanted {
    Nothing,
    OfBare(f64),
    Of(f64, &'static str),
    PerSecond(f64),
}

const fn known(name: &'static str, mode: Mode, redis: bool, database: Database, requirement: Wanted) -> Plan {
    Plan { name, mode, redis, database, people: Some(PEOPLE), requirement, long: false }
}

const MEMORY_SQLITE: &str = "known people, memory + SQLite";
const REDIS_SQLITE: &str = "known people, Redis + SQLite";
const MEMORY_POSTGRES: &str = "known people, memory + PostgreSQL";
const REDIS_POSTGRES: &str = "known people, Redis + PostgreSQL";
const FEW: &str = "1,000 known people, memory + SQLite";

#[rustfmt::skip]
const PLANS: [Plan; 11] = [
    known(MEMORY_SQLITE, Mode::Plain, false, Database::Sqlite, Wanted::OfBare(0.35)),
    known("known people, memory + SQLite, safe", Mode::Safe, false, Database::Sqlite, Wanted::Of(SAFE, MEMORY_SQLITE)),
    known(REDIS_SQLITE, Mode::Plain, true, Database::Sqlite, Wanted::OfBare(0.30)),
    Plan { long: true, ..known("known people, Redis + SQLite, safe", Mode::Safe, true, Database::Sqlite, Wanted::Of(SAFE, REDIS_SQLITE)) },
    Plan { long: true, ..known(MEMORY_POSTGRES, Mode::Plain, false, Database::Postgres, Wanted::Nothing) },
    Plan { long: true, ..known("known people, memory + PostgreSQL, safe", Mode::Safe, false, Database::Postgres, Wanted::Of(SAFE, MEMORY_POSTGRES)) },
    known(REDIS_POSTGRES, Mode::Plain, true, Database::Postgres, Wanted::OfBare(0.20)),
    Plan { long: true, ..known("known people, Redis + PostgreSQL, safe", Mode::Safe, true, Database::Postgres, Wanted::Of(SAFE, REDIS_POSTGRES)) },
    Plan { people: None, ..known("first follows, memory + SQLite", Mode::Plain, false, Database::Sqlite, Wanted::PerSecond(5_000.0)) },
    Plan { people: Some(1_000), ..known(FEW, Mode::Plain, false, Database::Sqlite, Wanted::Nothing) },
    Plan { people: Some(1_000_000), long: true, ..known("1,000,000 known people, memory + SQLite", Mode::Plain, false, Database::Sqlite, Wanted::Of(FLAT, FEW)) },
];

/// Starts everything that will have a turn, the bare server first, and WeChat.
pub(crate) async fn start(
    arguments: &Arguments,
    folder: &Path,
) -> Result<(Server, Vec<Contender>), Box<dyn Error>> {
    let chosen = |name: &str| arguments.only.as_ref().is_none_or(|text| name.contains(text.as_str()));
    let plans: Vec<&Plan> = PLANS
        .iter()
        .filter(|plan| chosen(plan.name) && !(plan.long && (arguments.quick || arguments.profile)))
        .collect();
    fs::write(folder.join("program.toml"), format!("{}{SCANS_EARN}", Program::STOCK_RULES))?;
    let mock = start_mock(arguments, folder).await?;

    let mut contenders = vec![baseline("bare actix-web", Baseline::Bare, folder).await?];
    if chosen("verify + parse") {
        contenders.push(baseline("verify + parse", Baseline::Verified, folder).await?);
    }
    let stores = Stores { folder, postgres: arguments.postgres.as_deref().unwrap_or_default() };
    for (number, plan) in plans.into_iter().enumerate() {
        let contender = gateway(arguments, plan, number, &stores, &mock, &contenders).await?;
        contenders.push(contender);
    }
    Ok((mock, contenders))
}

/// The chosen program, or the one of that name beside this one: `scripts/release` puts them together.
fn program(chosen: Option<&PathBuf>, name: &str) -> std::io::Result<Command> {
    let beside = std::env::current_exe()?.with_file_name(name);
    Ok(Command::new(chosen.unwrap_or(&beside)))
}

async fn baseline(name: &str, what: Baseline, folder: &Path) -> Result<Contender, Box<dyn Error>> {
    let address = free_address()?;
    let role = if what == Baseline::Bare { "bare" } else { "verified" };
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--serve", role, "--listen", &address.to_string()]);
    let mut server = Server::start(&mut command, address, &folder.join(format!("{role}.log")))?;
    server.ready("/readyz").await.map_err(|error| format!("{name}: {error}"))?;
    Contender::new(name.into(), Mode::Plain, Crowd::Anybody, Requirement::None, server, Vec::new())
}

async fn start_mock(arguments: &Arguments, folder: &Path) -> Result<Server, Box<dyn Error>> {
    let address = free_address()?;
    let mut command = program(arguments.mock.as_ref(), "mock-wechat")?;
    command.args(["serve", "--listen", &address.to_string()]).env("RUST_LOG", "warn");
    let mut server = Server::start(&mut command, address, &folder.join("mock-wechat.log"))?;
    server.ready("/_mock/calls").await.map_err(|error| format!("mock-wechat: {error}"))?;
    Ok(server)
}

async fn gateway(
    arguments: &Arguments,
    plan: &Plan,
    number: usize,
    stores: &Stores<'_>,
    mock: &Server,
    before: &[Contender],
) -> Result<Contender, Box<dyn Error>> {
    let name = format!("gateway{number}");
    let store = stores.of(plan.database, plan.people.unwrap_or(0), &name).await?;
    let mut pids = Vec::new();
    if plan.database == Database::Postgres {
        pids.push(arguments.postgres_pid.ok_or("--postgres-pid is missing; run scripts/bench")?);
    }
    let sessions = if plan.redis {
        pids.push(arguments.redis_pid.ok_or("--redis-pid is missing; run scripts/bench")?);
        arguments.redis.as_deref().ok_or("--redis is missing; run scripts/bench")?
    } else {
        "memory:"
    };
    let address = free_address()?;
    let mode = if plan.mode == Mode::Safe { "safe" } else { "plain" };
    let platform = format!("http://{}", mock.address);
    let file = stores.folder.join(format!("{name}.toml"));
    let text = settings(&store, sessions, &format!("{name}:"), &platform, mode, address, stores.folder);
    fs::write(&file, text)?;
    let mut command = program(arguments.gateway.as_ref(), "wechat-gateway")?;
    command.arg("serve").arg("--config").arg(&file);
    let mut server = Server::start(&mut command, address, &stores.folder.join(format!("{name}.log")))?;
    server.ready("/readyz").await.map_err(|error| format!("{}: {error}", plan.name))?;
    let crowd = match plan.people {
        Some(people) => Crowd::Known(people),
        None => Crowd::Strangers { mock: mock.address, created: 0, calls: 0 },
    };
    let requirement = match plan.requirement {
        Wanted::Nothing => Requirement::None,
        Wanted::OfBare(part) => Requirement::OfBare(part),
        Wanted::PerSecond(least) => Requirement::PerSecond(least),
        Wanted::Of(part, name) => before
            .iter()
            .position(|contender| contender.name == name)
            .map_or(Requirement::None, |row| Requirement::OfRow(part, row)),
    };
    let mut contender = Contender::new(plan.name.into(), plan.mode, crowd, requirement, server, pids)?;
    if plan.database == Database::Sqlite {
        contender.files = ["db", "db-wal"].map(|kind| stores.folder.join(format!("{name}.{kind}"))).into();
    }
    Ok(contender)
}
