//! A server that speaks HTTP as badly as it is told to. `stable_token` alone is answered well.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

const TOKEN: &str = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 55\r\n\r\n\
    {\"access_token\":\"81_planted-token\",\"expires_in\":  7200}";

/// What it does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Wire {
    /// Writes this and closes.
    Answer(Arc<[u8]>),
    /// The same, one byte in so many milliseconds after the first so many bytes.
    Drip { bytes: Arc<[u8]>, at_once: usize, pause: Duration },
    /// Says nothing, and does not close.
    Hang,
    /// Closes without a word.
    Close,
}

impl Wire {
    pub(crate) fn answer(bytes: &[u8]) -> Self {
        Self::Answer(bytes.into())
    }

    pub(crate) fn ok(body: &str) -> Self {
        Self::answer(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()).as_bytes())
    }
}

pub(crate) struct Peer {
    address: SocketAddr,
    calls: Arc<AtomicUsize>,
    stopped: Arc<AtomicBool>,
}

impl Peer {
    pub(crate) fn start(wire: Wire) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (calls, stopped) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let (counted, over) = (calls.clone(), stopped.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if over.load(Ordering::SeqCst) {
                    return;
                }
                let (wire, counted) = (wire.clone(), counted.clone());
                thread::spawn(move || serve(stream, &wire, &counted));
            }
        });
        Self { address, calls, stopped }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Requests so far, but for those of tokens.
    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    /// Nobody listens at the address when this returns.
    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
        while TcpStream::connect(self.address).is_ok() {
            thread::yield_now();
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(mut stream: TcpStream, wire: &Wire, calls: &AtomicUsize) -> Option<()> {
    let path = read_request(&stream)?;
    if path.starts_with("/cgi-bin/stable_token") {
        return stream.write_all(TOKEN.as_bytes()).ok();
    }
    calls.fetch_add(1, Ordering::SeqCst);
    match wire {
        Wire::Answer(bytes) => stream.write_all(bytes).ok(),
        Wire::Drip { bytes, at_once, pause } => {
            stream.write_all(&bytes[..*at_once]).ok()?;
            bytes[*at_once..].chunks(1).try_for_each(|byte| {
                thread::sleep(*pause);
                stream.write_all(byte).ok()
            })
        }
        Wire::Hang => {
            // Until the other side gives up.
            let _ = stream.read(&mut [0]);
            None
        }
        Wire::Close => None,
    }
}

fn read_request(stream: &TcpStream) -> Option<String> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    reader.read_exact(&mut vec![0; length]).ok()?;
    Some(first.split_whitespace().nth(1)?.to_owned())
}
