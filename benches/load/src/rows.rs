//! Which servers are measured, and what is required of each.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Command;

use wechat_gateway::ledger::Program;

use crate::Arguments;
use crate::baseline::Baseline;
use crate::contender::{Contender, Crowd, Requirement};
use crate::process::{Server, free_address};
use crate::pushes::Mode;
use crate::stores::{Database, Made, Stores, settings};

const PEOPLE: usize = 100_000;
/// Slower by so much at most with encryption, and with a thousand times the people.
const SAFE: f64 = 0.85;
const FLAT: f64 = 0.85;

/// Beside the stock rules, all of which are looked at: what is pushed earns, for ever.
const PUSHES_EARN: &str = r#"
[[rule]]
id = "scan"
on = "oa.scan"
points = 1
cap = [{ per = "day", points = 1_000_000 }, { per = "year", points = 10_000_000 }]
group = "wechat"

[[rule]]
id = "enter"
on = "mp.enter"
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
    /// Spoken with Redis and with the database.
    tls: bool,
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
    Plan { name, mode, redis, database, tls: false, people: Some(PEOPLE), requirement, long: false }
}

const MEMORY_SQLITE: &str = "known people, memory + SQLite";
const REDIS_SQLITE: &str = "known people, Redis + SQLite";
const MEMORY_POSTGRES: &str = "known people, memory + PostgreSQL";
const REDIS_POSTGRES: &str = "known people, Redis + PostgreSQL";
const FEW: &str = "1,000 known people, memory + SQLite";

#[rustfmt::skip]
const PLANS: [Plan; 13] = [
    known(MEMORY_SQLITE, Mode::Plain, false, Database::Sqlite, Wanted::OfBare(0.35)),
    known("known people, memory + SQLite, safe", Mode::Safe, false, Database::Sqlite, Wanted::Of(SAFE, MEMORY_SQLITE)),
    Plan { long: true, ..known("known people, memory + SQLite, JSON", Mode::Json, false, Database::Sqlite, Wanted::Nothing) },
    known(REDIS_SQLITE, Mode::Plain, true, Database::Sqlite, Wanted::OfBare(0.30)),
    Plan { long: true, ..known("known people, Redis + SQLite, safe", Mode::Safe, true, Database::Sqlite, Wanted::Of(SAFE, REDIS_SQLITE)) },
    Plan { long: true, ..known(MEMORY_POSTGRES, Mode::Plain, false, Database::Postgres, Wanted::Nothing) },
    Plan { long: true, ..known("known people, memory + PostgreSQL, safe", Mode::Safe, false, Database::Postgres, Wanted::Of(SAFE, MEMORY_POSTGRES)) },
    known(REDIS_POSTGRES, Mode::Plain, true, Database::Postgres, Wanted::OfBare(0.20)),
    Plan { long: true, ..known("known people, Redis + PostgreSQL, safe", Mode::Safe, true, Database::Postgres, Wanted::Of(SAFE, REDIS_POSTGRES)) },
    Plan { tls: true, long: true, ..known("known people, Redis + PostgreSQL, TLS", Mode::Plain, true, Database::Postgres, Wanted::Nothing) },
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
        .filter(|plan| chosen(plan.name))
        .filter(|plan| !(arguments.quick && plan.long))
        // What more people need is time, and code that is in the profile without them.
        .filter(|plan| !(arguments.profile && plan.people > Some(PEOPLE)))
        .collect();
    fs::write(folder.join("program.toml"), format!("{}{PUSHES_EARN}", Program::STOCK_RULES))?;
    let mock = start_mock(folder).await?;

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

/// The program of that name beside this one: `scripts/release` puts them together.
fn program(name: &str) -> std::io::Result<Command> {
    Ok(Command::new(std::env::current_exe()?.with_file_name(name)))
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

async fn start_mock(folder: &Path) -> Result<Server, Box<dyn Error>> {
    let address = free_address()?;
    let mut command = program("mock-wechat")?;
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
    let Made { url: mut store, places } = stores.of(plan.database, plan.people.unwrap_or(0), &name).await?;
    let mut pids = Vec::new();
    if plan.database == Database::Postgres {
        pids.push(arguments.postgres_pid.ok_or("--postgres-pid is missing; run scripts/bench")?);
    }
    let mut sessions = "memory:".to_owned();
    if plan.redis {
        pids.push(arguments.redis_pid.ok_or("--redis-pid is missing; run scripts/bench")?);
        let url = if plan.tls { &arguments.redis_tls } else { &arguments.redis };
        sessions = url.clone().ok_or("--redis or --redis-tls is missing; run scripts/bench")?;
    }
    if plan.tls {
        let certificate =
            arguments.certificate.as_ref().ok_or("--certificate is missing; run scripts/bench")?;
        let certificate = certificate.display();
        sessions = format!("{sessions}/?sslrootcert={certificate}");
        store = format!("{store}?sslmode=verify-full&sslrootcert={certificate}");
    }
    let address = free_address()?;
    let platform = format!("http://{}", mock.address);
    let file = stores.folder.join(format!("{name}.toml"));
    let text = settings(&store, &sessions, &format!("{name}:"), &platform, plan.mode, address, stores.folder);
    fs::write(&file, text)?;
    let mut command = program("wechat-gateway")?;
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
    contender.places = places;
    Ok(contender)
}
