//! The command line.
//!
//! | file | holds |
//! |---|---|
//! | `serve.rs` | `serve`: be WeChat |
//! | `trigger.rs` | `trigger`: let a person do something, show what came of it |
//! | `grade.rs` | `grade`: examine any receiver, print its report card |
//! | `load/` | `load`: followers by the second, and whether each was heard |
//! | `health.rs` | `health`: whether a mock runs |
//! | `verb/` | what a person can do, as arguments |
//! | `wechat.rs` | the WeChat that does it: a running mock, or one of this process |
//! | `account.rs` | the account of a receiver that no mock knows, as arguments |
//! | `outcome.rs` | what came of it, read and printed |
//!
//! To add a command: a file with its arguments and a `run` that returns an `Ended`, and a variant of `Command`.
//!
//! Exit status: 0 when all is well, 1 when the receiver failed, 2 when the command could not be carried out.

mod account;
mod grade;
mod health;
mod load;
mod outcome;
mod serve;
mod trigger;
mod verb;
mod wechat;

use std::{
    io::{IsTerminal, Write, stderr, stdout},
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

/// The WeChat platform on a laptop.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: serve::Serve,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Be WeChat (the default)
    Serve(serve::Serve),
    /// Let a person do something and see how the receiver answers
    Trigger(trigger::Trigger),
    /// Put any receiver through what WeChat and attackers do, and print its report card
    Grade(grade::GradeArguments),
    /// Let people follow by the second, and see whether each of them was heard
    Load(load::Load),
    /// Ask whether a mock runs
    Health(health::Health),
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// All is well.
    Well,
    /// It was carried out, and what it looked at failed.
    Failed,
}

/// Reads the process's arguments, does what they say, and gives the exit status.
pub async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info")))
        .with_ansi(stderr().is_terminal())
        .with_writer(stderr)
        .init();
    let arguments = Arguments::parse();
    let ended = match arguments.command.unwrap_or(Command::Serve(arguments.serve)) {
        Command::Serve(serve) => serve.run().await,
        Command::Trigger(trigger) => trigger.run().await,
        Command::Grade(grade) => grade.run().await,
        Command::Load(load) => load.run().await,
        Command::Health(health) => health.run().await,
    };
    match ended {
        Ok(Ended::Well) => ExitCode::SUCCESS,
        Ok(Ended::Failed) => ExitCode::from(1),
        Err(message) => {
            let _ = writeln!(stderr(), "error: {message}");
            ExitCode::from(2)
        }
    }
}

/// Prints a line. A reader that has gone away, as `head` does, is no reason to fail.
fn say(line: impl std::fmt::Display) {
    let _ = writeln!(stdout(), "{line}");
}
