//! As much HTTP/1.1 as a load generator needs: whole requests are written, answers are read by their length.

use std::error::Error;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// An answer inside a connection's buffer.
#[derive(Clone, Copy)]
pub(crate) struct Answer<'a> {
    /// Status code.
    pub(crate) status: u16,
    /// Body.
    pub(crate) body: &'a [u8],
}

/// A keep-alive connection.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: vec![0; 16 << 10] })
    }

    /// Writes one request and reads its answer.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Result<Answer<'_>, Box<dyn Error>> {
        self.stream.write_all(request).await?;
        let mut filled = 0;
        let Head { status, length: head, body } = loop {
            let read = self.stream.read(&mut self.buffer[filled..]).await?;
            if read == 0 {
                return Err("the server closed the connection".into());
            }
            filled += read;
            if let Some(head) = Head::of(&self.buffer[..filled])? {
                break head;
            }
            if filled == self.buffer.len() {
                return Err("the head of the answer is too long".into());
            }
        };
        let whole = head + body;
        if whole > self.buffer.len() {
            self.buffer.resize(whole, 0);
        }
        if filled < whole {
            self.stream.read_exact(&mut self.buffer[filled..whole]).await?;
        }
        Ok(Answer { status, body: &self.buffer[head..whole] })
    }
}

/// One request on a connection of its own; anything but 2xx is an error.
pub(crate) async fn call(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &str,
    body: &str,
) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut connection = Connection::open(address).await?;
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = connection.exchange(request.as_bytes()).await?;
    if !(200..300).contains(&answer.status) {
        let text = String::from_utf8_lossy(answer.body);
        return Err(format!("{method} {path} answers {}: {text}", answer.status).into());
    }
    Ok(answer.body.to_vec())
}

struct Head {
    status: u16,
    /// Of the head.
    length: usize,
    /// Of the body.
    body: usize,
}

impl Head {
    /// `None` until the head is complete.
    fn of(bytes: &[u8]) -> Result<Option<Self>, Box<dyn Error>> {
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
        let text = std::str::from_utf8(&bytes[..end])?;
        let status = text.get(9..12).ok_or("no status line")?.parse()?;
        let body = text
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .map_or(Ok(0), |(_, value)| value.trim().parse())?;
        Ok(Some(Self { status, length: end + 4, body }))
    }
}
