//! Command line of the mock; see [`mock_wechat::cli`].

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    mock_wechat::cli::main().await
}
