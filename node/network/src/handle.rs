//! What the caller holds: configuration, the handle, and the errors.

use crate::channel::Channel;
use crate::driver::{Driver, Membership};
use crate::events::{NetworkEvents, event_channel};
use crate::limits;
use crate::link::{Connected, count};
use crate::peer::{PeerAddress, PeerKey};
use crate::tap::Tap;
use bytes::Bytes;
use std::collections::BTreeMap;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

/// How a node takes part in the network.
pub struct NetworkConfig {
    /// Seed of the Ed25519 key with which the node authenticates.
    pub secret_key: Zeroizing<[u8; 32]>,
    /// Where to accept connections. Port 0 lets the system choose; see
    /// [`NetworkEvent::Listening`](crate::NetworkEvent::Listening).
    pub listen: SocketAddr,
    /// The registered peers. The node itself may be among them and is skipped.
    pub peers: Vec<PeerAddress>,
    /// Sent first on every link; at most [`limits::HELLO_BYTES_MAX`] bytes. Not understood here.
    pub hello: Vec<u8>,
    /// For tests of what leaves the node: every outgoing frame, before encryption, is appended to
    /// this file. `None` in operation.
    pub tap: Option<PathBuf>,
}

/// Counts of one peer since it was registered. Bytes are those of messages, without frames,
/// hellos and encryption.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PeerStats {
    /// Messages handed to the operating system.
    pub messages_sent: u64,
    /// Bytes of those messages.
    pub bytes_sent: u64,
    /// Messages read, whether or not the consumer has taken them.
    pub messages_received: u64,
    /// Bytes of those messages.
    pub bytes_received: u64,
    /// Messages refused with [`SendError::QueueFull`].
    pub queue_full: u64,
    /// How many times the peer was connected.
    pub links: u64,
}

/// The network cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    /// Another process, or another network of this one, listens there.
    #[error(
        "listen address {address} is in use by another process; \
         stop that process or set another listen address"
    )]
    ListenAddressInUse {
        /// The configured address.
        address: SocketAddr,
    },
    /// The system does not let us listen there.
    #[error("cannot listen on {address}; set an address that this machine has")]
    Listen {
        /// The configured address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The hello is too long.
    #[error("hello has {length} bytes, at most {} are allowed", limits::HELLO_BYTES_MAX)]
    HelloTooLong {
        /// Its size in bytes.
        length: usize,
    },
    /// The tap file cannot be opened.
    #[error("cannot open the tap file {}", .path.display())]
    Tap {
        /// The configured path.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// A message was not queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The peer is not registered or not connected at the moment.
    #[error("peer is not connected")]
    NotConnected,
    /// The peer takes messages more slowly than they are sent.
    #[error("queue of the {channel} channel is full; the peer takes messages too slowly")]
    QueueFull {
        /// The channel whose queue is full.
        channel: Channel,
    },
    /// The message is larger than the channel allows.
    #[error("message has {length} bytes, the {channel} channel allows {}", .channel.message_bytes_max())]
    TooLong {
        /// The channel.
        channel: Channel,
        /// Size of the message in bytes.
        length: usize,
    },
    /// The message has no bytes; empty frames keep links alive and are no messages.
    #[error("message is empty")]
    Empty,
}

/// The way to start a network.
#[derive(Debug)]
pub struct Network;

impl Network {
    /// Listens, and starts to dial. The network runs until [`NetworkHandle::shutdown`], or until
    /// all handles or the events are dropped.
    ///
    /// # Errors
    /// [`NetworkError`], before anything is sent.
    #[expect(clippy::unused_async, reason = "needs a running tokio, which async callers have")]
    pub async fn start(
        config: NetworkConfig,
    ) -> Result<(NetworkHandle, NetworkEvents), NetworkError> {
        let length = config.hello.len();
        if length > limits::HELLO_BYTES_MAX {
            return Err(NetworkError::HelloTooLong { length });
        }
        let tap = match config.tap {
            None => Tap::default(),
            Some(path) => Tap::to_file(&path)
                .map_err(|source| NetworkError::Tap { path: path.clone(), source })?,
        };
        check_port_is_free(config.listen)?;

        let shutdown = CancellationToken::new();
        let (events, consumer) = event_channel(shutdown.clone());
        let (set_peers, wanted_peers) = watch::channel(config.peers);
        let (connected, membership) = (Arc::default(), Arc::default());
        let handle = NetworkHandle {
            connected: Arc::clone(&connected),
            membership: Arc::clone(&membership),
            set_peers: Arc::new(set_peers),
            shutdown: shutdown.clone(),
            stopped: CancellationToken::new(),
        };
        let hello = Bytes::from(config.hello);
        let mut driver =
            Driver::new(&config.secret_key, hello, tap, events, shutdown, connected, membership);
        driver.listen(config.listen).map_err(|error| listen_error(config.listen, error))?;
        let stopped = handle.stopped.clone().drop_guard();
        tokio::spawn(async move {
            Box::pin(driver.run(wanted_peers)).await;
            drop(stopped);
        });
        Ok((handle, consumer))
    }
}

/// libp2p listens with `SO_REUSEPORT`, under which a second node on the same port would start and
/// take half of the first one's connections. An ordinary listener finds the port taken.
fn check_port_is_free(address: SocketAddr) -> Result<(), NetworkError> {
    if address.port() == 0 {
        return Ok(());
    }
    TcpListener::bind(address).map(drop).map_err(|error| listen_error(address, error))
}

fn listen_error(address: SocketAddr, error: io::Error) -> NetworkError {
    match error.kind() {
        io::ErrorKind::AddrInUse => NetworkError::ListenAddressInUse { address },
        _ => NetworkError::Listen { address, source: error },
    }
}

/// Sends messages and changes membership. Cheap to clone; no call blocks.
#[derive(Clone, Debug)]
pub struct NetworkHandle {
    connected: Arc<Connected>,
    membership: Arc<Membership>,
    set_peers: Arc<watch::Sender<Vec<PeerAddress>>>,
    shutdown: CancellationToken,
    stopped: CancellationToken,
}

impl NetworkHandle {
    /// Queues a message for a peer. Being queued does not mean that it arrives.
    ///
    /// # Errors
    /// [`SendError`]; the message is then dropped.
    pub fn send(&self, peer: PeerKey, channel: Channel, bytes: Bytes) -> Result<(), SendError> {
        if bytes.is_empty() {
            return Err(SendError::Empty);
        }
        if bytes.len() > channel.message_bytes_max() {
            return Err(SendError::TooLong { channel, length: bytes.len() });
        }
        let outboxes = self.connected.outboxes(peer).ok_or(SendError::NotConnected)?;
        outboxes[channel.index()].push(bytes).map_err(|_| {
            if let Some(counters) = self.membership.counters(peer) {
                count(&counters.queue_full, 1);
            }
            SendError::QueueFull { channel }
        })
    }

    /// Replaces the registered peers: removed ones are disconnected, new ones are dialed. Takes
    /// effect soon after. The node itself may be in the list; of one key's entries the last counts.
    pub fn set_peers(&self, peers: Vec<PeerAddress>) {
        self.set_peers.send_replace(peers);
    }

    /// The peers that can be sent to now, in the order of their keys.
    pub fn connected(&self) -> Vec<PeerKey> {
        self.connected.peers()
    }

    /// Counts of every registered peer.
    pub fn stats(&self) -> BTreeMap<PeerKey, PeerStats> {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let all = self.membership.all_counters();
        all.into_iter()
            .map(|(peer, counters)| {
                let stats = PeerStats {
                    messages_sent: load(&counters.messages_sent),
                    bytes_sent: load(&counters.bytes_sent),
                    messages_received: load(&counters.messages_received),
                    bytes_received: load(&counters.bytes_received),
                    queue_full: load(&counters.queue_full),
                    links: load(&counters.links),
                };
                (peer, stats)
            })
            .collect()
    }

    /// Closes everything and waits until the listen port is free. Queued messages are lost.
    pub async fn shutdown(self) {
        self.shutdown.cancel();
        self.stopped.cancelled().await;
    }
}
