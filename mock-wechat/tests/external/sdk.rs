//! A program in another language, with the SDKs that scripts/test has installed.

use std::path::Path;

use tokio::process::Command;

/// The program of that name in a folder of this one, ready to be given arguments.
pub(crate) fn program(folder: &str, name: &str) -> Command {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/external").join(folder).join(name);
    let mut command = match path.extension().unwrap().to_str() {
        Some("py") => Command::new(told("TEST_PYTHON")),
        _ => Command::new("node"),
    };
    if name.ends_with(".js") {
        command.env("NODE_PATH", told("TEST_NODE_MODULES"));
    }
    command.arg(path).kill_on_drop(true);
    command
}

/// What scripts/test says about where it put something.
#[expect(clippy::disallowed_methods, reason = "scripts/test tells where it put Python's and Node's packages")]
fn told(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set; run scripts/test, which sets it"))
}
