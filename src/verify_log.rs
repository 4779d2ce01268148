//! `wechat-gateway verify`: the log folded again, with a progress bar, and every difference told.

use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressStyle};

use crate::config::Settings;
use crate::ports::Ports;
use crate::store;

/// Folds, compares, prints; success when nothing differs.
///
/// # Errors
/// When the store cannot be opened or read.
#[expect(clippy::print_stdout, reason = "the command line's own voice")]
pub async fn run(settings: &Settings) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let ports = Ports::open(settings).await?;
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} events, {eta} left") {
        bar.set_style(style);
    }
    let report = store::verify(&*ports.store, &|done, total| {
        bar.set_length(total);
        bar.set_position(done);
    })
    .await?;
    bar.finish_and_clear();
    for difference in &report.differences {
        println!("{difference}");
    }
    let (events, persons, differences) = (report.events, report.persons, report.differences.len());
    println!("{events} events folded, {persons} persons compared, {differences} differences");
    Ok(if differences == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
