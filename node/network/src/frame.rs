//! Frames on a stream: a length in bytes (`u32`, big-endian), then that many bytes.

use crate::limits::COALESCE_FRAME_BYTES_MAX;
use crate::tap::Tap;
use bytes::Bytes;
use futures::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use std::io;
use std::time::Duration;

/// A frame cannot be read; the link it came on is of no more use.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FrameError {
    #[error("stream closed by the peer")]
    Closed,
    #[error("frame of {length} bytes announced, at most {length_max} are allowed")]
    TooLong { length: usize, length_max: usize },
    #[error("nothing received for {} s", .0.as_secs())]
    Silent(Duration),
    #[error("stream broken: {0}")]
    Broken(io::Error),
}

impl From<io::Error> for FrameError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::UnexpectedEof {
            return FrameError::Closed;
        }
        FrameError::Broken(error)
    }
}

/// Reads frames, and gives up when the peer is silent for too long.
pub(crate) struct FrameReader<R> {
    stream: R,
    silence_max: Option<Duration>,
}

impl<R: AsyncRead + Unpin> FrameReader<R> {
    /// `silence_max`: how long the peer may send nothing while a frame is awaited.
    pub(crate) fn new(stream: R, silence_max: Option<Duration>) -> Self {
        Self { stream, silence_max }
    }

    /// Reads the length of the next frame. Nothing is allocated for a length above `length_max`.
    pub(crate) async fn read_length(&mut self, length_max: usize) -> Result<usize, FrameError> {
        let mut header = [0; 4];
        self.fill(&mut header).await?;
        let length = usize::try_from(u32::from_be_bytes(header)).unwrap_or(usize::MAX);
        if length > length_max {
            return Err(FrameError::TooLong { length, length_max });
        }
        Ok(length)
    }

    /// Reads the `length` bytes that [`Self::read_length`] announced.
    pub(crate) async fn read_body(&mut self, length: usize) -> Result<Vec<u8>, FrameError> {
        let mut body = vec![0; length];
        self.fill(&mut body).await?;
        Ok(body)
    }

    async fn fill(&mut self, buffer: &mut [u8]) -> Result<(), FrameError> {
        let mut filled = 0;
        while filled < buffer.len() {
            let read = self.stream.read(&mut buffer[filled..]);
            let count = match self.silence_max {
                None => read.await?,
                Some(limit) => tokio::time::timeout(limit, read)
                    .await
                    .map_err(|_| FrameError::Silent(limit))??,
            };
            if count == 0 {
                return Err(FrameError::Closed);
            }
            filled += count;
        }
        Ok(())
    }
}

/// Writes frames, many small ones in one write.
pub(crate) struct FrameWriter<W> {
    stream: W,
    tap: Tap,
    buffer: Vec<u8>,
}

impl<W: AsyncWrite + Unpin> FrameWriter<W> {
    pub(crate) fn new(stream: W, tap: Tap) -> Self {
        Self { stream, tap, buffer: Vec::new() }
    }

    /// Writes one frame per message and flushes.
    pub(crate) async fn write(&mut self, messages: &[Bytes]) -> io::Result<()> {
        for message in messages {
            let length = u32::try_from(message.len()).expect("messages are bounded when queued");
            let header = length.to_be_bytes();
            self.tap.append(&[&header, message])?;
            self.buffer.extend_from_slice(&header);
            if message.len() <= COALESCE_FRAME_BYTES_MAX {
                self.buffer.extend_from_slice(message);
                continue;
            }
            self.write_buffer().await?;
            self.stream.write_all(message).await?;
        }
        self.write_buffer().await?;
        self.stream.flush().await
    }

    async fn write_buffer(&mut self) -> io::Result<()> {
        self.stream.write_all(&self.buffer).await?;
        self.buffer.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::io::Cursor;

    async fn written(messages: &[Bytes]) -> Vec<u8> {
        let mut bytes = Vec::new();
        FrameWriter::new(&mut bytes, Tap::default()).write(messages).await.expect("memory");
        bytes
    }

    #[tokio::test]
    async fn small_and_large_frames_are_read_as_written() {
        let sizes = [1, COALESCE_FRAME_BYTES_MAX, COALESCE_FRAME_BYTES_MAX + 1, 3];
        let messages = sizes.map(|size| Bytes::from(vec![7; size]));
        let mut reader = FrameReader::new(Cursor::new(written(&messages).await), None);
        for message in &messages {
            let length = reader.read_length(1 << 20).await.expect("a length");
            assert_eq!(reader.read_body(length).await.expect("a body"), message[..]);
        }
        assert!(matches!(reader.read_length(1).await, Err(FrameError::Closed)));
    }

    #[tokio::test]
    async fn a_frame_is_its_length_in_big_endian_and_its_bytes() {
        let bytes = written(&[Bytes::from_static(b"abc"), Bytes::new()]).await;
        assert_eq!(bytes, [0, 0, 0, 3, b'a', b'b', b'c', 0, 0, 0, 0]);
    }

    #[tokio::test]
    async fn the_longest_frame_is_read_and_one_byte_more_is_not() {
        for (length_max, accepted) in [(3, true), (2, false)] {
            let bytes = written(&[Bytes::from_static(b"abc")]).await;
            let read = FrameReader::new(Cursor::new(bytes), None).read_length(length_max).await;
            assert_eq!(read.is_ok(), accepted, "{read:?}");
        }
    }

    #[tokio::test]
    async fn a_frame_cut_short_is_an_error() {
        let mut bytes = written(&[Bytes::from_static(b"abc")]).await;
        bytes.pop();
        let mut reader = FrameReader::new(Cursor::new(bytes), None);
        let length = reader.read_length(3).await.expect("a length");
        assert!(matches!(reader.read_body(length).await, Err(FrameError::Closed)));
    }

    #[tokio::test]
    async fn a_silent_peer_is_given_up() {
        let limit = Duration::from_millis(10);
        let (_writer, stream) = tokio::io::duplex(1);
        let stream = tokio_util::compat::TokioAsyncReadCompatExt::compat(stream);
        let read = FrameReader::new(stream, Some(limit)).read_length(1).await;
        assert!(matches!(read, Err(FrameError::Silent(_))), "{read:?}");
    }
}
