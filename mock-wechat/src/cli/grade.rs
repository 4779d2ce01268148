//! `mock-wechat grade`: examine any receiver, print its report card.

use std::io::{IsTerminal, stderr, stdout};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Ended, account::AccountArguments, say};
use crate::{
    grade::{Line, Mark, Progress, ReportCard, grade},
    world::account::Kind,
};

/// Exit status 0: nothing failed; 1: something did; 2: the receiver could not be examined.
#[derive(Debug, clap::Args)]
pub(super) struct GradeArguments {
    /// The callback's URL
    url: String,
    /// Print the report card as JSON
    #[arg(long)]
    json: bool,
    /// Count a warning as a failure
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    account: AccountArguments,
}

impl GradeArguments {
    pub(super) async fn run(self) -> Result<Ended, String> {
        let account = self.account.account(&self.url, Kind::OfficialAccount)?;
        let bar = bar();
        let card = grade(&account, |progress| match progress {
            Progress::Begins { title, done, of } => {
                bar.set_length(of as u64);
                bar.set_position(done as u64);
                bar.set_message(title);
            }
            Progress::Done(line) if !self.json => bar.suspend(|| print(line)),
            Progress::Done(_) => {}
        })
        .await;
        bar.finish_and_clear();
        let card = card.map_err(|error| error.to_string())?;
        if self.json {
            say(serde_json::to_string_pretty(&card).map_err(|error| error.to_string())?);
        } else {
            say(summary(&card));
        }
        Ok(if card.failed > 0 || self.strict && card.warnings > 0 { Ended::Failed } else { Ended::Well })
    }
}

/// On a terminal only; where the output is kept in a file there is nobody to watch it.
fn bar() -> ProgressBar {
    let target =
        if stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}");
    ProgressBar::with_draw_target(None, target)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn print(line: &Line) {
    let finding = &line.finding;
    say(format_args!("{}  {:24} {}: {}", coloured(finding.mark), line.id, line.title, finding.reason));
    if let Some(remedy) = &finding.remedy {
        say(format_args!("      {:24} do: {remedy}", ""));
    }
}

fn coloured(mark: Mark) -> String {
    let (word, colour) = match mark {
        Mark::Pass => ("pass", "32"),
        Mark::Warn => ("warn", "33"),
        Mark::Fail => ("FAIL", "31"),
        Mark::Skip => ("skip", "2"),
    };
    if stdout().is_terminal() { format!("\x1b[{colour}m{word}\x1b[0m") } else { word.to_owned() }
}

fn summary(card: &ReportCard) -> String {
    let ReportCard { grade, passed, warnings, failed, skipped, .. } = card;
    let skipped = if *skipped > 0 { format!(", {skipped} skipped") } else { String::new() };
    format!("\ngrade {grade:?}: {passed} passed, {warnings} warnings, {failed} failed{skipped}")
}
