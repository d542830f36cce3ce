//! Every bound of the network, in one place. Sizes are in bytes.

use std::time::Duration;

/// One message on the agreement channel.
pub const AGREEMENT_MESSAGE_BYTES_MAX: usize = 1024 * 1024;
/// One message on the bulk channel.
pub const BULK_MESSAGE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// One message on the sync channel.
pub const SYNC_MESSAGE_BYTES_MAX: usize = 32 * 1024 * 1024;
/// The hello, the first frame of a link.
pub const HELLO_BYTES_MAX: usize = 1024;

/// Messages waiting to be written to one peer on the agreement channel.
pub const AGREEMENT_QUEUE_MESSAGES_MAX: usize = 4096;
/// Bytes waiting to be written to one peer on the agreement channel.
pub const AGREEMENT_QUEUE_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Messages waiting to be written to one peer on the bulk channel.
pub const BULK_QUEUE_MESSAGES_MAX: usize = 1024;
/// Bytes waiting to be written to one peer on the bulk channel.
pub const BULK_QUEUE_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Messages waiting to be written to one peer on the sync channel.
pub const SYNC_QUEUE_MESSAGES_MAX: usize = 64;
/// Bytes waiting to be written to one peer on the sync channel.
pub const SYNC_QUEUE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Largest messages that wait for the consumer, per peer and channel: a reader stops when the
/// messages it has read and the consumer has not taken fill this many times the channel's maximum.
pub const INBOX_MESSAGES_OF_MAXIMUM: usize = 2;
/// What a waiting message is charged beside its bytes, so that tiny messages are bounded too.
pub const MESSAGE_OVERHEAD_BYTES: usize = 128;
/// Events of all peers that wait for the consumer.
pub const EVENTS_MAX: usize = 1024;

/// Frames up to this size are copied together into one write; larger ones are written as they are.
pub const COALESCE_FRAME_BYTES_MAX: usize = 16 * 1024;
/// A writer takes queued messages up to this sum (and at least one) before it flushes.
pub const WRITE_BATCH_BYTES_MAX: usize = 256 * 1024;
/// Buffer of a reader, so that small frames do not cost a read each.
pub const READ_BUFFER_BYTES: usize = 32 * 1024;

/// First wait before dialing a peer again; doubles up to [`REDIAL_DELAY_MAX`].
pub const REDIAL_DELAY_MIN: Duration = Duration::from_millis(100);
/// Longest wait before dialing a peer again. A link that lived shorter than this counts as a
/// failed attempt, so that a peer which breaks every link at once is not dialed in a tight loop.
pub const REDIAL_DELAY_MAX: Duration = Duration::from_secs(2);
/// Time to find the address of a host name, time to connect and authenticate, and then again time
/// to open all streams and exchange hellos.
pub const HANDSHAKE_MAX: Duration = Duration::from_secs(5);
/// An idle agreement channel carries an empty frame this often.
pub const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(2);
/// A peer that sends nothing on the agreement channel for this long is disconnected: its machine
/// may have died without closing the connection.
pub const PEER_SILENCE_MAX: Duration = Duration::from_secs(10);

/// Incoming connections in their handshake. The handshake is paid before the key is known.
pub const PENDING_INCOMING_MAX: u32 = 64;
/// Outgoing connections in their handshake.
pub const PENDING_OUTGOING_MAX: u32 = 128;
/// Connections per peer. Two live ones after simultaneous dialing; the rest is room for a peer that
/// comes back while its dead connections are still being closed.
pub const CONNECTIONS_PER_PEER_MAX: u32 = 8;
/// Streams on one connection, counting both directions: three each, and some being refused.
pub const STREAMS_PER_CONNECTION_MAX: usize = 32;

/// Refused connections reported within [`REFUSED_EVENTS_WINDOW`]; further ones are only counted.
pub const REFUSED_EVENTS_MAX: u32 = 8;
/// The time over which [`REFUSED_EVENTS_MAX`] counts.
pub const REFUSED_EVENTS_WINDOW: Duration = Duration::from_secs(10);

// A frame's length is a u32, and so are the permits that a waiting message takes.
const _: () = assert!(SYNC_MESSAGE_BYTES_MAX <= u32::MAX as usize - MESSAGE_OVERHEAD_BYTES);
const _: () = assert!(AGREEMENT_MESSAGE_BYTES_MAX <= BULK_MESSAGE_BYTES_MAX);
const _: () = assert!(BULK_MESSAGE_BYTES_MAX <= SYNC_MESSAGE_BYTES_MAX);
const _: () = assert!(HELLO_BYTES_MAX <= AGREEMENT_MESSAGE_BYTES_MAX);
// The largest message must fit an empty queue and an empty inbox, or it could never be sent.
const _: () = assert!(AGREEMENT_MESSAGE_BYTES_MAX <= AGREEMENT_QUEUE_BYTES_MAX);
const _: () = assert!(BULK_MESSAGE_BYTES_MAX <= BULK_QUEUE_BYTES_MAX);
const _: () = assert!(SYNC_MESSAGE_BYTES_MAX <= SYNC_QUEUE_BYTES_MAX);
const _: () = assert!(
    AGREEMENT_MESSAGE_BYTES_MAX + MESSAGE_OVERHEAD_BYTES
        <= INBOX_MESSAGES_OF_MAXIMUM * AGREEMENT_MESSAGE_BYTES_MAX
);
// A frame that is copied must fit a batch, and three keep-alives may be lost.
const _: () = assert!(COALESCE_FRAME_BYTES_MAX <= WRITE_BATCH_BYTES_MAX);
const _: () = assert!(KEEP_ALIVE_INTERVAL.as_millis() * 4 <= PEER_SILENCE_MAX.as_millis());
