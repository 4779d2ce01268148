//! The Dockerfile, read rather than built: what it copies and runs exists, and nothing runs as root.

use std::collections::BTreeMap;
use std::process::Command;

use crate::local_world::{LocalWorld, said_by};
use crate::tree;

const TARGETS: [&str; 2] = ["gateway", "mock-wechat"];
/// Where `scripts/release` puts what it has built, as `release.rs` shows.
const SHIPPED: &str = "target/shipped/";

#[test]
fn there_is_a_target_for_each_program() {
    let file = Dockerfile::read();

    for target in TARGETS {
        assert!(file.stages.iter().any(|stage| stage.name == target), "no stage named {target}");
    }
}

#[test]
fn what_is_copied_from_the_checkout_exists() {
    let ignored = tree::read(".dockerignore");
    let file = Dockerfile::read();

    for build in ["build", "build-static"] {
        assert!(file.stage(build).all("COPY").contains(&". ."), "{build} copies the whole context");
    }
    for line in ignored.lines().filter_map(|line| line.strip_prefix('!')) {
        assert!(tree::root().join(line).exists(), ".dockerignore lets {line} in, which is not there");
    }
    for needed in [".cargo", "Cargo.toml", "Cargo.lock", "benches", "config", "mock-wechat", "scripts", "src"]
    {
        assert!(ignored.contains(&format!("!{needed}\n")), ".dockerignore keeps {needed} from the build");
    }
}

#[test]
fn what_is_copied_from_another_stage_was_made_there() {
    let file = Dockerfile::read();
    for stage in &file.stages {
        for copy in stage.all("COPY").iter().filter_map(|copy| copy.strip_prefix("--from=")) {
            let [from, source, _] = copy.split(' ').collect::<Vec<_>>().try_into().unwrap();
            let (run, options) = (file.stage(from).all("RUN").join("\n"), file.stage(from).last("ARG"));
            let made = source.strip_prefix("/programs/").map_or_else(
                // The only other file is Debian's own, in every image of Rust's.
                || source == "/etc/ssl/certs/ca-certificates.crt",
                |program| {
                    let shipped = run.contains(&format!(
                        "scripts/release ${{RELEASE_OPTIONS}} && install -D -t /programs {SHIPPED}{program}"
                    ));
                    let package = run.contains(&format!("--package {program} --bins"));
                    let installed =
                        run.contains(" -t /programs ") && run.contains(&format!("/release/{program}"));
                    let shipped = shipped && options == Some("RELEASE_OPTIONS=");
                    (shipped || package && installed) && built().contains_key(program)
                },
            );
            assert!(made, "{}: nothing in {from} makes {source}", stage.name);
        }
    }
}

#[test]
fn the_mock_needs_nothing_around_it() {
    let file = Dockerfile::read();
    let mock = file.stage("mock-wechat");
    let build = file.stage("build-static").all("RUN").join("\n");

    assert_eq!(mock.base, "scratch");
    assert!(mock.all("RUN").is_empty(), "there is no shell to run it");
    let files: Vec<&str> = mock.all("COPY").iter().filter_map(|copy| copy.split(' ').next_back()).collect();
    assert_eq!(files, ["/etc/ssl/certs/ca-certificates.crt", "/usr/local/bin/mock-wechat"]);
    let target = "\"$(uname -m)-unknown-linux-musl\"";
    assert!(build.contains(&format!("--target {target}")) && build.contains("--strip"), "{build}");
    assert!(build.contains(&format!("rustup target add {target}")), "{build}");
}

#[test]
fn every_target_runs_a_command_that_the_program_knows() {
    let file = Dockerfile::read();
    for target in TARGETS {
        let stage = file.stage(target);
        let entry = strings(stage.last("ENTRYPOINT").unwrap());
        let arguments = strings(stage.last("CMD").unwrap());
        let name = entry[0].trim_start_matches("/usr/local/bin/");
        let copied = format!("/usr/local/bin/{name}");
        assert!(
            stage.all("COPY").iter().any(|copy| copy.ends_with(&copied)),
            "{target}: {copied} is not copied"
        );

        let program = &built()[name];
        let output = Command::new(program).args(&arguments).arg("--help").output().unwrap();

        said_by(&output, &format!("{program} {arguments:?} --help"));
    }
}

#[test]
fn no_target_runs_as_root() {
    let file = Dockerfile::read();
    for target in TARGETS {
        let user = file.lineage(target).find_map(|stage| stage.last("USER")).unwrap();

        assert!(
            user.parse::<u32>().is_ok_and(|id| id != 0),
            "{target} runs as {user}; Kubernetes wants a number"
        );
    }
}

#[test]
fn the_health_checks_find_a_running_program_healthy_and_a_missing_one_not() {
    let file = Dockerfile::read();
    let mut world = LocalWorld::start();
    let addresses = [("gateway", "8080", world.gateway.clone()), ("mock-wechat", "9090", world.mock.clone())];
    let check = |target: &str, port: &str, address: &str| {
        let check = file.stage(target).last("HEALTHCHECK").unwrap();
        let command = strings(check.split_once("CMD ").unwrap().1);
        let (_, real_port) = address.split_once(':').unwrap();
        let arguments = command[1..].iter().map(|argument| {
            let argument = argument.replace(&format!("/{port} "), &format!("/{real_port} "));
            argument.replace(&format!(":{port}"), &format!(":{real_port}"))
        });
        let program = match command[0].strip_prefix("/usr/local/bin/") {
            Some(ours) => built()[ours].clone(),
            None => command[0].clone(),
        };
        Command::new(program).args(arguments).output().unwrap().status.success()
    };

    for (target, port, address) in &addresses {
        assert!(check(target, port, address), "{target} runs, and its health check says no");
    }
    world.stop();
    for (target, port, address) in &addresses {
        assert!(!check(target, port, address), "{target} has ended, and its health check says yes");
    }
}

#[test]
fn each_program_listens_where_its_target_exposes_it() {
    let file = Dockerfile::read();
    for (target, variable) in [("gateway", "GATEWAY_HTTP__LISTEN"), ("mock-wechat", "MOCK_WECHAT_LISTEN")] {
        let stage = file.stage(target);

        let port = stage.last("EXPOSE").unwrap();

        assert_eq!(stage.last("ENV"), Some(format!("{variable}=0.0.0.0:{port}").as_str()), "{target}");
    }
}

/// The programs that cargo has just built, by name.
fn built() -> BTreeMap<&'static str, String> {
    let gateway = env!("CARGO_BIN_EXE_wechat-gateway");
    let mock = gateway.replace("/wechat-gateway", "/mock-wechat");
    BTreeMap::from([("wechat-gateway", gateway.to_owned()), ("mock-wechat", mock)])
}

/// The JSON form of a command.
fn strings(json: &str) -> Vec<String> {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("not the JSON form: {json}: {error}"))
}

struct Dockerfile {
    stages: Vec<Stage>,
}

#[derive(Clone)]
struct Stage {
    name: String,
    base: String,
    instructions: Vec<(String, String)>,
}

impl Dockerfile {
    fn read() -> Self {
        let text = tree::read("Dockerfile");
        let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with('#')).collect();
        let mut stages: Vec<Stage> = Vec::new();
        for line in code.join("\n").replace("\\\n", " ").lines().filter(|line| !line.trim().is_empty()) {
            let (instruction, rest) =
                line.split_once(' ').unwrap_or_else(|| panic!("not an instruction: {line}"));
            let rest = rest.split_whitespace().collect::<Vec<_>>().join(" ");
            match (instruction, stages.last_mut()) {
                ("FROM", _) => {
                    let (base, name) =
                        rest.split_once(" AS ").unwrap_or_else(|| panic!("a stage without a name: {line}"));
                    stages.push(Stage {
                        name: name.to_owned(),
                        base: base.to_owned(),
                        instructions: Vec::new(),
                    });
                }
                (_, Some(stage)) => stage.instructions.push((instruction.to_owned(), rest)),
                ("ARG", None) => {}
                (_, None) => panic!("before the first FROM: {line}"),
            }
        }
        Self { stages }
    }

    fn stage(&self, name: &str) -> &Stage {
        self.stages.iter().find(|stage| stage.name == name).unwrap_or_else(|| panic!("no stage named {name}"))
    }

    /// The stage, what it is made from, and so on.
    fn lineage<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Stage> {
        std::iter::successors(Some(self.stage(name)), |stage| {
            self.stages.iter().find(|s| s.name == stage.base)
        })
    }
}

impl Stage {
    fn all(&self, instruction: &str) -> Vec<&str> {
        self.instructions
            .iter()
            .filter(|(name, _)| name == instruction)
            .map(|(_, rest)| rest.as_str())
            .collect()
    }

    fn last(&self, instruction: &str) -> Option<&str> {
        self.all(instruction).pop()
    }
}
