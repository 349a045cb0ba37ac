//! One HTTP/1.1 connection that is kept alive: sends bytes, reads one answer, looks at no more than it must.

use std::io;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Largest answer.
const ANSWER_BYTES_MAX: usize = 1 << 20;
/// Bytes read at once.
const READ_BYTES: usize = 4096;

/// A connection; opened when it is first used, and again after it broke.
pub struct Connection {
    host: String,
    stream: Option<TcpStream>,
    buffer: Vec<u8>,
}

impl Connection {
    /// To `host:port`.
    #[must_use]
    pub const fn new(host: String) -> Self {
        Self { host, stream: None, buffer: Vec::new() }
    }

    /// Sends a request and gives the status of its answer.
    ///
    /// # Errors
    /// When the connection breaks; the next request opens another one.
    pub async fn ask(&mut self, request: &[u8]) -> io::Result<u16> {
        Ok(self.exchange(request).await?.status)
    }

    /// Sends a request and gives the body of its answer, which came in one piece.
    ///
    /// # Errors
    /// As [`Self::ask`], and when the answer is not a good one.
    pub async fn ask_for_body(&mut self, request: &[u8]) -> io::Result<&[u8]> {
        match self.exchange(request).await? {
            Head { status: 200..=299, body_start, body_bytes: Some(bytes) } => {
                Ok(&self.buffer[body_start..body_start + bytes])
            }
            Head { status, .. } => Err(io::Error::other(format!("status {status}, or in chunks"))),
        }
    }

    async fn exchange(&mut self, request: &[u8]) -> io::Result<Head> {
        let answered = self.send_and_read(request).await;
        if answered.is_err() {
            self.stream = None;
        }
        answered
    }

    async fn send_and_read(&mut self, request: &[u8]) -> io::Result<Head> {
        if self.stream.is_none() {
            let stream = TcpStream::connect(&self.host).await?;
            stream.set_nodelay(true)?;
            self.stream = Some(stream);
        }
        let Some(stream) = &mut self.stream else { return Err(io::ErrorKind::NotConnected.into()) };
        stream.write_all(request).await?;
        self.buffer.clear();
        loop {
            if let Some(head) = Head::read(&self.buffer)?
                && head.is_whole(&self.buffer)
            {
                return Ok(head);
            }
            if self.buffer.len() > ANSWER_BYTES_MAX {
                return Err(io::ErrorKind::InvalidData.into());
            }
            self.buffer.reserve(READ_BYTES);
            if stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

/// What the lines before the body say.
struct Head {
    status: u16,
    body_start: usize,
    /// `None` if it comes in chunks.
    body_bytes: Option<usize>,
}

impl Head {
    fn read(answer: &[u8]) -> io::Result<Option<Self>> {
        const END: &[u8] = b"\r\n\r\n";
        let Some(end) = answer.windows(END.len()).position(|window| window == END) else {
            return Ok(None);
        };
        let invalid = || io::Error::from(io::ErrorKind::InvalidData);
        let text = std::str::from_utf8(&answer[..end]).map_err(|_| invalid())?;
        let mut lines = text.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok());
        let length = lines.find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
        });
        let status = status.ok_or_else(invalid)?;
        Ok(Some(Self { status, body_start: end + END.len(), body_bytes: length }))
    }

    fn is_whole(&self, answer: &[u8]) -> bool {
        match self.body_bytes {
            Some(bytes) => answer.len() >= self.body_start + bytes,
            None => answer.ends_with(b"\r\n0\r\n\r\n"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Head;

    fn status_of(answer: &[u8]) -> Option<u16> {
        let head = Head::read(answer).unwrap()?;
        head.is_whole(answer).then_some(head.status)
    }

    #[test]
    fn answer_is_whole_when_its_length_is_there() {
        let answer = b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}";
        assert_eq!(status_of(answer), Some(201));
        assert_eq!(status_of(&answer[..answer.len() - 1]), None);
        assert_eq!(status_of(&answer[..20]), None);
    }

    #[test]
    fn answer_in_chunks_ends_with_an_empty_one() {
        let answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n";
        assert_eq!(status_of(answer), Some(200));
        assert_eq!(status_of(&answer[..answer.len() - 2]), None);
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        assert!(Head::read(b"SSH-2.0-OpenSSH\r\n\r\n").is_err());
    }
}
