//! The limits that mock-wechat keeps, measured on its program as it is shipped.
//!
//! ```console
//! $ cargo bench -p mock-wechat --bench limits
//! ```
//!
//! One line a limit: what was measured, the limit, and whether it is kept; the exit status is 1 when one is not. Client and
//! program share the machine's cores, so that calls per second are a lower bound.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that fails says where, and prints"
)]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, ExitCode, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

const STARTS: usize = 10;
const PEOPLE: usize = 10_000;
const ACCOUNTS: usize = 100;
/// Accounts that each person follows.
const FOLLOWED: usize = 10;
const CONNECTIONS: usize = 8;
const SECONDS: u64 = 5;

fn main() -> ExitCode {
    // `cargo test --benches` only wants to know that it runs; the names of benches are not looked at.
    let short = std::env::args().any(|argument| argument == "--test");
    let mut kept = size();
    kept &= start(if short { 1 } else { STARTS });
    let mock = Mock::start();
    kept &= memory(&mock, if short { 100 } else { PEOPLE });
    kept &= calls(&mock, Duration::from_secs(if short { 1 } else { SECONDS }));
    kept &= full(&mock);
    if kept || short { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The program, which is all but 0.2 MB of its image. One that is built to be debugged is not what is shipped.
fn size() -> bool {
    let megabytes = std::fs::metadata(env!("CARGO_BIN_EXE_mock-wechat")).unwrap().len() as f64 / 1e6;
    row("the program", &format!("{megabytes:.1} MB"), "20 MB", megabytes < 20.0 || cfg!(debug_assertions))
}

/// From the start of the process to the first answer, the slowest of several.
fn start(times: usize) -> bool {
    let slowest = (0..times)
        .map(|_| {
            let began = Instant::now();
            let mock = Mock::start();
            mock.connect().get("/_mock/health");
            began.elapsed()
        })
        .max();
    let ms = slowest.unwrap_or_default().as_secs_f64() * 1000.0;
    row("start to first answer", &format!("{ms:.0} ms (slowest of {times})"), "100 ms", ms < 100.0)
}

/// People who follow accounts and have written to one of them.
fn memory(mock: &Mock, people: usize) -> bool {
    let mut http = mock.connect();
    let bare = mock.megabytes();
    for n in 0..ACCOUNTS {
        let account = json!({"name": format!("account-{n}"), "callback": null});
        http.send("PUT", &format!("/_mock/accounts/wx{n:016x}"), &account);
    }
    for n in 0..10 {
        let follow: Vec<String> =
            (0..FOLLOWED).map(|of| format!("account-{}", (n * FOLLOWED + of) % ACCOUNTS)).collect();
        let many = json!({"count": people / 10, "prefix": format!("group-{n}"), "follow": follow});
        http.send("POST", "/_mock/people", &many);
    }
    for n in 0..people {
        let (group, person) = (n / (people / 10), n % (people / 10));
        let text = json!({"account": format!("account-{}", group * FOLLOWED), "content": "我要兑换积分"});
        http.send("POST", &format!("/_mock/people/group-{group}-{person}/text"), &text);
    }
    let used = mock.megabytes();
    let what = format!("{used:.0} MB ({bare:.0} MB at start)");
    row(&format!("{people} people, {ACCOUNTS} accounts, a chat each"), &what, "200 MB", used < 200.0)
}

/// Calls of several APIs over connections that are kept.
fn calls(mock: &Mock, time: Duration) -> bool {
    let mut http = mock.connect();
    let credential = json!({
        "grant_type": "client_credential", "appid": "wx00000000000000aa", "secret": "00000000000000000000000000000aaa",
    });
    let token = http.send("POST", "/cgi-bin/stable_token", &credential);
    let token = token["access_token"].as_str().unwrap().to_owned();
    let lin = http.send("POST", "/_mock/people/lin/follow", &json!({"account": "wx00000000000000aa"}));
    assert!(lin.get("error").is_none(), "{lin}");
    let open_id =
        http.get("/_mock/people/lin")["open_ids"]["wx00000000000000aa"].as_str().unwrap().to_owned();
    let paths = [
        format!("/cgi-bin/user/info?access_token={token}&openid={open_id}&lang=zh_CN"),
        format!("/cgi-bin/tags/get?access_token={token}"),
        format!("/cgi-bin/getcallbackip?access_token={token}"),
    ];
    let began = Instant::now();
    let counts: Vec<u64> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..CONNECTIONS)
            .map(|_| {
                let mut http = mock.connect();
                let paths = &paths;
                scope.spawn(move || {
                    let mut made = 0;
                    while began.elapsed() < time {
                        for path in paths {
                            let answer = http.get(path);
                            assert_eq!(answer["errcode"].as_i64().unwrap_or(0), 0, "{answer}");
                            made += 1;
                        }
                    }
                    made
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let rate = counts.iter().sum::<u64>() as f64 / began.elapsed().as_secs_f64();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let what = format!("{rate:.0} a second ({CONNECTIONS} connections, {cores} cores with their client)");
    row("API calls", &what, "5000 a second", rate >= 5000.0)
}

/// Everything before, and the journal of calls full.
fn full(mock: &Mock) -> bool {
    let mut http = mock.connect();
    let journal = http.get("/_mock/calls?path=/nothing");
    let used = mock.megabytes();
    let what = format!("{used:.0} MB, {} calls dropped up to {}", journal["dropped"], journal["dropped_to"]);
    row("all of it with a full journal", &what, "200 MB", used < 200.0)
}

fn row(what: &str, measured: &str, limit: &str, kept: bool) -> bool {
    let verdict = if kept { "kept" } else { "MISSED" };
    println!("{what:<44} {measured:<60} limit {limit:<14} {verdict}");
    kept
}

/// The program, running.
struct Mock {
    child: Child,
    address: String,
}

impl Mock {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_mock-wechat"))
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address =
            line.split("http://").nth(1).and_then(|rest| rest.split(',').next()).unwrap().to_owned();
        let mock = Self { child, address };
        // Nobody listens at the local world's callbacks.
        mock.connect().send("PUT", "/_mock/accounts/brand", &json!({"callback": null}));
        mock
    }

    fn connect(&self) -> Http {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_nodelay(true).unwrap();
        Http { stream: BufReader::new(stream) }
    }

    /// What it occupies, from the kernel.
    fn megabytes(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A client as light as can be: it must not be what is measured.
struct Http {
    stream: BufReader<TcpStream>,
}

impl Http {
    fn get(&mut self, path: &str) -> Value {
        self.exchange(&format!("GET {path} HTTP/1.1\r\nHost: mock\r\n\r\n"))
    }

    fn send(&mut self, method: &str, path: &str, body: &Value) -> Value {
        let body = body.to_string();
        let length = body.len();
        self.exchange(&format!(
            "{method} {path} HTTP/1.1\r\nHost: mock\r\nContent-Length: {length}\r\n\r\n{body}"
        ))
    }

    fn exchange(&mut self, request: &str) -> Value {
        self.stream.get_mut().write_all(request.as_bytes()).unwrap();
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert!(self.stream.read_line(&mut line).unwrap() > 0, "the connection ended: {request}");
            let lower = line.to_ascii_lowercase();
            if let Some(value) = lower.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).unwrap();
        serde_json::from_slice(&body).unwrap_or(Value::Null)
    }
}
