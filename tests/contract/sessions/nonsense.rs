//! A Redis that answers what no Redis answers.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use wechat_gateway::clock::SystemClock;
use wechat_gateway::session::{self, Sessions};

use crate::wait::until;

const MINUTE: Duration = Duration::from_secs(60);

/// Answers every command but those of the handshake with the same bytes.
struct Scripted {
    address: SocketAddr,
    answer: Arc<Mutex<Vec<u8>>>,
}

impl Scripted {
    fn start(answer: &[u8]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let answer = Arc::new(Mutex::new(answer.to_vec()));
        let shared = answer.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = shared.clone();
                thread::spawn(move || serve(&stream, &shared));
            }
        });
        Self { address, answer }
    }

    fn answers(&self, answer: &[u8]) {
        *self.answer.lock().unwrap() = answer.to_vec();
    }

    async fn sessions(&self) -> Arc<dyn Sessions> {
        session::open(&format!("redis://{}", self.address), "p:", Arc::new(SystemClock)).await.unwrap()
    }
}

/// Empty bytes: closes the connection.
fn serve(stream: &TcpStream, answer: &Mutex<Vec<u8>>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    loop {
        let command = read_command(&mut reader)?;
        if command == "CLIENT" {
            writer.write_all(b"+OK\r\n").ok()?;
            continue;
        }
        let bytes = answer.lock().unwrap().clone();
        if bytes.is_empty() {
            return None;
        }
        writer.write_all(&bytes).ok()?;
    }
}

/// The name of the next command; its arguments are read and dropped.
fn read_command(reader: &mut BufReader<&TcpStream>) -> Option<String> {
    let count = read_number(reader, '*')?;
    let mut name = String::new();
    for n in 0..count {
        let mut bytes = vec![0; read_number(reader, '$')? + 2];
        reader.read_exact(&mut bytes).ok()?;
        if n == 0 {
            name = String::from_utf8_lossy(&bytes).trim().to_uppercase();
        }
    }
    Some(name)
}

fn read_number(reader: &mut BufReader<&TcpStream>, mark: char) -> Option<usize> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    line.trim().strip_prefix(mark)?.parse().ok()
}

const NONSENSE: [(&str, &[u8]); 14] = [
    ("loading", b"-LOADING Redis is loading the dataset in memory\r\n"),
    ("no primary", b"-MASTERDOWN Link with MASTER is down\r\n"),
    ("no permission", b"-NOPERM this user has no permissions\r\n"),
    ("a script hangs", b"-BUSY Redis is busy running a script\r\n"),
    ("an error without a code", b"-\r\n"),
    ("another protocol", b"HTTP/1.1 400 Bad Request\r\n\r\n"),
    ("bytes without sense", b"\x00\xff\xfe\x01garbage\r\n\r\n"),
    ("a number", b":17\r\n"),
    ("a list", b"*2\r\n$1\r\na\r\n$1\r\nb\r\n"),
    ("half an answer", b"$10\r\nhalf"),
    ("a length beyond all memory", b"$99999999999999\r\nx"),
    ("a length in words", b"$five\r\n"),
    ("lists within lists", b"*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n"),
    ("the end", b""),
];

#[tokio::test]
async fn nonsense_is_never_a_value() {
    for (name, answer) in NONSENSE {
        let server = Scripted::start(answer);
        let sessions = server.sessions().await;

        for _ in 0..20 {
            assert!(sessions.fetch("k").await.is_err(), "{name}");
        }
    }
}

#[tokio::test]
async fn nonsense_is_never_a_taken_lock() {
    for (name, answer) in NONSENSE {
        let server = Scripted::start(answer);
        let sessions = server.sessions().await;

        for _ in 0..20 {
            assert!(sessions.keep_if_absent("k", Bytes::from_static(b"v"), MINUTE).await.is_err(), "{name}");
        }
    }
}

#[tokio::test]
async fn a_redis_that_has_come_to_its_senses_is_believed() {
    for (name, answer) in NONSENSE {
        let server = Scripted::start(answer);
        let sessions = server.sessions().await;
        for _ in 0..6 {
            sessions.fetch("k").await.unwrap_err();
        }

        server.answers(b"$5\r\nvalue\r\n");

        until(Duration::from_secs(10), name, || async {
            sessions.fetch("k").await.is_ok_and(|value| value.is_some_and(|value| value == "value"))
        })
        .await;
    }
}
