//! Which HTTP a connection speaks, by its first bytes: the port takes HTTP/1.1 from everybody and HTTP/2 from racks.

use bytes::{Bytes, BytesMut};
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// What every HTTP/2 connection begins with (RFC 9113 section 3.4), and no HTTP/1.1 request.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What a connection began with; the bytes were taken from it and belong before what it sends next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// Not the preface.
    Http1(Bytes),
    /// The preface.
    Http2(Bytes),
}

/// Reads until it is clear. A stream that ends before is left to HTTP/1.1, which makes nothing of it.
///
/// # Errors
/// When the stream breaks off.
pub async fn read(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Begun> {
    let mut begun = BytesMut::with_capacity(PREFACE.len());
    while begun.len() < PREFACE.len() {
        let rest = PREFACE.len() - begun.len();
        let read = (&mut *stream).take(rest as u64).read_buf(&mut begun).await?;
        if read == 0 || !PREFACE.starts_with(&begun) {
            return Ok(Begun::Http1(begun.freeze()));
        }
    }
    Ok(Begun::Http2(begun.freeze()))
}

#[cfg(test)]
mod tests {
    use super::{Begun, PREFACE, read};
    use bytes::Bytes;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    #[tokio::test]
    async fn preface_is_known_however_it_is_cut_and_what_follows_is_left() {
        for cut in 0..PREFACE.len() {
            let (mut client, mut server) = duplex(64);
            let reading = async {
                let begun = read(&mut server).await.unwrap();
                assert_eq!(begun, Begun::Http2(Bytes::from_static(PREFACE)));
                assert_eq!(server.read_u8().await.unwrap(), b'x');
            };
            let writing = async {
                client.write_all(&PREFACE[..cut]).await.unwrap();
                tokio::task::yield_now().await;
                client.write_all(&[&PREFACE[cut..], b"x"].concat()).await.unwrap();
            };
            tokio::join!(reading, writing);
        }
    }

    #[tokio::test]
    async fn anything_else_is_http_1_as_soon_as_it_differs() {
        for text in ["GET / HTTP/1.1\r\n", "PUT / HTTP/1.1\r\n", "PRI * HTTP/1", "\0"] {
            let (mut client, mut server) = duplex(64);
            client.write_all(text.as_bytes()).await.unwrap();
            let Begun::Http1(taken) = read(&mut server).await.unwrap() else { panic!("{text}") };
            assert!(text.as_bytes().starts_with(&taken) && !taken.is_empty(), "{text}");
        }
        let (client, mut server) = duplex(64);
        drop(client);
        assert_eq!(read(&mut server).await.unwrap(), Begun::Http1(Bytes::new()));
    }
}
