//! Frames: a length in four bytes, big-endian, and as many bytes of one encoded message.

use kanhe_types::codec::{self, Decode, Encode};
use kanhe_types::hash::Hash;
use kanhe_types::keys::{PublicKey, Signature};
use kanhe_types::signer::{STATEMENT_BYTES_MAX, Statement};
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

/// The version of this protocol.
pub(super) const VERSION: u16 = 1;
/// Bytes of one frame's message.
pub(super) const FRAME_BYTES_MAX: usize = STATEMENT_BYTES_MAX + 64;
/// Characters of a refusal's reason.
const REASON_CHARS_MAX: usize = 300;

/// What is said to a signer.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub(super) enum Request {
    /// First: for which chain.
    Hello { version: u16, genesis: Hash },
    /// Sign this. Numbers rise within a connection.
    Sign { number: u64, statement: Statement },
    /// Show that you are there.
    Ping { number: u64 },
}

/// What a signer says.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub(super) enum Answer {
    /// To a hello: the key that it holds.
    Hello { version: u16, key: PublicKey },
    /// To a statement.
    Signed { number: u64, signature: Signature },
    /// To a statement, or to a hello (number 0).
    Refused { number: u64, reason: String },
    /// To a ping.
    Here { number: u64 },
}

impl Answer {
    /// The number of the request that it answers.
    pub(super) fn number(&self) -> u64 {
        match self {
            Self::Hello { .. } => 0,
            Self::Signed { number, .. } | Self::Refused { number, .. } | Self::Here { number } => {
                *number
            }
        }
    }

    pub(super) fn refused(number: u64, reason: impl Into<String>) -> Self {
        let reason = reason.into().chars().take(REASON_CHARS_MAX).collect();
        Self::Refused { number, reason }
    }
}

/// A connection whose every step ends by a moment.
pub(super) struct Wire {
    stream: UnixStream,
}

impl Wire {
    pub(super) fn new(stream: UnixStream) -> Self {
        Self { stream }
    }

    pub(super) fn send<T: Encode>(&mut self, message: &T, until: Instant) -> io::Result<()> {
        let bytes = codec::encode(message);
        let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
        let mut frame = length.to_be_bytes().to_vec();
        frame.extend(bytes);
        self.stream.set_write_timeout(Some(left(until)?))?;
        self.stream.write_all(&frame)
    }

    /// The next message; none when the other end is done.
    pub(super) fn receive<T: Decode<()> + Encode>(
        &mut self,
        until: Option<Instant>,
    ) -> io::Result<Option<T>> {
        let mut length = [0; 4];
        if !self.fill(&mut length, until)? {
            return Ok(None);
        }
        let length = usize::try_from(u32::from_be_bytes(length)).map_err(io::Error::other)?;
        if FRAME_BYTES_MAX < length {
            return Err(io::Error::other(format!("a frame of {length} bytes is too long")));
        }
        let mut bytes = vec![0; length];
        // What has begun must come to its end.
        let until = until.unwrap_or_else(|| Instant::now() + FRAME_TIMEOUT);
        if !self.fill(&mut bytes, Some(until))? {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        codec::decode(&bytes, FRAME_BYTES_MAX).map(Some).map_err(io::Error::other)
    }

    /// Fills a buffer; `false` when nothing came before the end.
    fn fill(&mut self, buffer: &mut [u8], until: Option<Instant>) -> io::Result<bool> {
        let mut filled = 0;
        while filled < buffer.len() {
            let wait = until.map(left).transpose()?;
            self.stream.set_read_timeout(wait)?;
            let rest = buffer.get_mut(filled..).unwrap_or_default();
            match self.stream.read(rest) {
                Ok(0) if filled == 0 => return Ok(false),
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }
}

/// How long the rest of a frame may take.
const FRAME_TIMEOUT: Duration = Duration::from_secs(5);

fn left(until: Instant) -> io::Result<Duration> {
    let left = until.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
}

/// The user at the other end, as the kernel states it.
pub(super) fn user_of(stream: &UnixStream) -> io::Result<u32> {
    let credentials = rustix::net::sockopt::socket_peercred(stream)?;
    Ok(credentials.uid.as_raw())
}

/// The user of this process.
pub(super) fn own_user() -> u32 {
    rustix::process::geteuid().as_raw()
}
