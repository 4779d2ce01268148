//! The worked examples of mock-wechat: other languages' SDKs, tested by their own runners against the program.

use std::path::{Path, PathBuf};
use std::process::Command;

/// What scripts/test says about where it put something.
#[expect(clippy::disallowed_methods, reason = "scripts/test tells where it put Python's and Node's packages")]
fn told(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set; run scripts/test, which sets it"))
}

/// Beside the tests, where cargo puts the programs of a workspace.
fn mock_wechat() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let program = tests.parent().and_then(Path::parent).unwrap().join("mock-wechat");
    assert!(program.exists(), "{} is missing; run cargo build --workspace --bins", program.display());
    program
}

fn passes(command: &mut Command, example: &str, says: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("mock-wechat/examples").join(example);

    let output = command.current_dir(folder).env("MOCK_WECHAT", mock_wechat()).output().unwrap();

    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains(says), "{said}");
}

#[test]
fn pytest_drives_an_account_in_werobot() {
    let mut pytest = Command::new(told("TEST_PYTHON"));
    // Nothing is left behind in the checkout.
    pytest.args(["-B", "-m", "pytest", "-q", "-p", "no:cacheprovider"]);

    passes(&mut pytest, "pytest-werobot", "21 passed");
}

#[test]
fn node_drives_an_account_in_co_wechat() {
    let mut node = Command::new("node");
    node.args(["--test", "--test-reporter=tap"]).env("NODE_PATH", told("TEST_NODE_MODULES"));

    passes(&mut node, "node-co-wechat", "# pass 18");
}
