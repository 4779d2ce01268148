//! `scripts/release` and `scripts/bench` with a cargo, a load program and an llvm-profdata that do little but say that they
//! have run: the real ones take some twenty minutes. Redis and PostgreSQL are real, and the load program knocks at both.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::tree;

/// Puts a program for each of the three where cargo would; each is the load program.
const CARGO: &str = r#"#!/usr/bin/env bash
set -euo pipefail
echo "cargo ${CARGO_ENCODED_RUSTFLAGS-without flags}" >>"$SAID"
folder=$CARGO_TARGET_DIR host=''
while [ $# -gt 0 ]; do
  case "$1" in --target) host=$2/ ;; --target-dir) folder=$2 ;; esac
  shift
done
mkdir -p "$folder/${host}release"
for program in wechat-gateway mock-wechat load; do
  cp "$STUBS/load" "$folder/${host}release/$program"
done
"#;
/// Fails where it is told to; what it has counted is a word.
const LOAD: &str = r#"#!/usr/bin/env bash
set -euo pipefail
echo "load ${*: -1}" >>"$SAID"
while [ $# -gt 0 ]; do
  case "$1" in
    --redis) redis=$2 ;;
    --redis-tls) redis_tls=$2 ;;
    --redis-pid) kill -0 "$2" ;;
    --postgres) postgres=${2#*@} ;;
    --postgres-pid) kill -0 "$2" ;;
    --certificate) certificate=$2 ;;
  esac
  shift
done
redis-cli -u "$redis" ping >/dev/null
redis-cli -u "$redis_tls" --cacert "$certificate" ping >/dev/null
openssl s_client -starttls postgres -connect "${postgres%/*}" -CAfile "$certificate" -verify_ip 127.0.0.1 \
  -verify_return_error </dev/null >/dev/null 2>&1
[ -z "${LLVM_PROFILE_FILE:-}" ] || echo counted >"${LLVM_PROFILE_FILE/\%p/1}"
exit "$LOAD_EXITS"
"#;
/// Only says of another place that it is there that the compiler's parts are.
const RUSTC: &str = r#"#!/usr/bin/env bash
if [ "$*" = "--print sysroot" ]; then echo "$STUBS/sysroot"; else PATH=$REAL_PATH exec rustc "$@"; fi
"#;
/// Of the version of the real compiler; a merged profile has what was counted.
const PROFDATA: &str = r#"#!/usr/bin/env bash
set -euo pipefail
if [ "$1" = --version ]; then
  PATH=$REAL_PATH rustc -vV | sed 's/^LLVM version:/LLVM version/'
else
  cat "${@:3}" >"${2#--output=}"
fi
"#;

#[test]
fn a_plain_release_is_built_once_and_without_flags() {
    let release = Release::new();

    let output = release.run("release", &["--plain"]);

    assert!(output.status.success(), "{}", words(&output));
    assert_eq!(release.said(), ["cargo without flags"]);
    for program in ["wechat-gateway", "mock-wechat", "load"] {
        assert!(release.shipped(program).exists(), "{program} is missing");
    }
    let shipped = release.target().join("shipped");
    assert!(words(&output).trim_end().ends_with(shipped.to_str().unwrap()), "{}", words(&output));
}

#[test]
fn a_release_is_counted_once_and_built_by_what_was_counted() {
    let release = Release::new();
    let counting = format!("cargo -Cprofile-generate={}/profile/counts", release.target().display());

    let first = release.run("release", &[]);
    let profile = release.profile().unwrap();
    let building = format!("cargo -Cprofile-use={}", profile.display());
    let second = release.run("release", &[]);

    assert!(first.status.success(), "{}", words(&first));
    assert!(second.status.success(), "{}", words(&second));
    assert_eq!(release.said(), [counting, "load --profile".to_owned(), building.clone(), building]);
    assert_eq!(fs::read_to_string(profile).unwrap(), "counted\n");
}

#[test]
fn a_folder_of_cargo_may_be_relative_to_the_checkout() {
    let release = Release::new();
    let up = "../".repeat(tree::root().components().count() - 1);
    let relative = format!("{up}{}", release.target().strip_prefix("/").unwrap().display());

    let output = release.script("release", &[]).env("CARGO_TARGET_DIR", relative).output().unwrap();

    assert!(output.status.success(), "{}", words(&output));
    assert!(release.shipped("wechat-gateway").exists());
}

#[test]
fn flags_of_the_environment_are_kept_beside_the_profile() {
    let release = Release::new();

    let output =
        release.script("release", &[]).env("RUSTFLAGS", "-Ctarget-cpu=native  -g ").output().unwrap();

    assert!(output.status.success(), "{}", words(&output));
    let building = format!(
        "cargo -Ctarget-cpu=native\u{1f}-g\u{1f}-Cprofile-use={}",
        release.profile().unwrap().display()
    );
    assert_eq!(release.said().last(), Some(&building));
}

#[test]
fn a_load_that_fails_ships_nothing_and_leaves_no_profile() {
    let release = Release::new();
    fs::create_dir_all(release.target().join("shipped")).unwrap();
    fs::write(release.shipped("wechat-gateway"), "of yesterday").unwrap();

    let output = release.script("release", &[]).env("LOAD_EXITS", "3").output().unwrap();

    assert_eq!(output.status.code(), Some(3), "{}", words(&output));
    assert_eq!(fs::read_to_string(release.shipped("wechat-gateway")).unwrap(), "of yesterday");
    assert_eq!(release.profile(), None);
}

#[test]
fn the_bench_ends_as_the_load_program_does() {
    let release = Release::new();

    let output = release
        .script("bench", &["--plain", "--only", "verify + parse"])
        .env("LOAD_EXITS", "1")
        .output()
        .unwrap();

    assert_eq!(output.status.code(), Some(1), "{}", words(&output));
    assert_eq!(release.said(), ["cargo without flags", "load verify + parse"]);
    assert!(words(&output).contains("==> Measuring\n"), "{}", words(&output));
}

#[test]
fn an_unknown_option_is_refused_before_anything_is_built() {
    for script in ["release", "bench"] {
        let release = Release::new();

        let output = release.run(script, &["--fast"]);

        assert_eq!(output.status.code(), Some(1));
        assert!(words(&output).contains("unknown option --fast"), "{}", words(&output));
        assert_eq!(release.said(), Vec::<String>::new());
    }
}

/// A folder with programs instead of cargo, rustc and llvm-profdata, and a target folder with a blank in its name.
struct Release {
    folder: TempDir,
}

impl Release {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let version = Command::new("rustc").arg("-vV").output().unwrap();
        let version = String::from_utf8(version.stdout).unwrap();
        let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
        let profdata = format!("sysroot/lib/rustlib/{host}/bin/llvm-profdata");
        let stubs =
            [("bin/cargo", CARGO), ("bin/rustc", RUSTC), ("load", LOAD), (profdata.as_str(), PROFDATA)];
        for (name, script) in stubs {
            let file = folder.path().join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, script).unwrap();
            fs::set_permissions(&file, PermissionsExt::from_mode(0o755)).unwrap();
        }
        fs::write(folder.path().join("said"), "").unwrap();
        fs::create_dir(folder.path().join("tmp")).unwrap();
        // PostgreSQL runs as somebody else where this does as root, and must be able to walk through.
        for open in [folder.path(), &folder.path().join("tmp")] {
            fs::set_permissions(open, PermissionsExt::from_mode(0o711)).unwrap();
        }
        Self { folder }
    }

    fn run(&self, script: &str, arguments: &[&str]) -> Output {
        self.script(script, arguments).output().unwrap()
    }

    fn script(&self, script: &str, arguments: &[&str]) -> Command {
        let stubs = self.folder.path();
        let mut command = Command::new("bash");
        command
            .args(["-c", r#"REAL_PATH=$PATH PATH="$STUBS/bin:$PATH" exec "$0" "$@""#])
            .arg(tree::root().join("scripts").join(script))
            .args(arguments)
            .env("STUBS", stubs)
            .env("TMPDIR", stubs.join("tmp"))
            .env("SAID", stubs.join("said"))
            .env("LOAD_EXITS", "0")
            .env("CARGO_TARGET_DIR", self.target())
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS");
        command
    }

    fn target(&self) -> PathBuf {
        self.folder.path().join("the target")
    }

    fn shipped(&self, program: &str) -> PathBuf {
        self.target().join("shipped").join(program)
    }

    /// What ran, in its order.
    fn said(&self) -> Vec<String> {
        let said = fs::read_to_string(self.folder.path().join("said")).unwrap();
        said.lines().map(str::to_owned).collect()
    }

    /// The one profile that there is.
    fn profile(&self) -> Option<PathBuf> {
        let files = fs::read_dir(self.target().join("profile")).unwrap().map(|entry| entry.unwrap().path());
        let mut profiles = files.filter(|file| file.extension().is_some_and(|kind| kind == "profdata"));
        let profile = profiles.next();
        assert_eq!(profiles.next(), None, "there are two");
        profile
    }
}

impl Drop for Release {
    /// Whatever became of the script, its servers have ended and taken their folders with them.
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let left: Vec<_> = fs::read_dir(self.folder.path().join("tmp")).unwrap().collect();
            assert!(left.is_empty(), "{left:?}");
        }
    }
}

/// What a script has printed.
fn words(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text)).concat()
}
