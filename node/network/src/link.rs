//! The life of one peer's streams, from the hello to the first of them that breaks.
//!
//! # Correctness
//! A link announces `Connected` before it starts readers, and `Disconnected` after they have ended;
//! and it waits for the peer's previous link to have ended before it begins. So events of one peer
//! never mix between links.

use crate::channel::Channel;
use crate::events::{EventSender, NetworkEvent};
use crate::frame::{FrameError, FrameReader, FrameWriter};
use crate::limits;
use crate::outbox::{Outbox, bytes_of};
use crate::peer::PeerKey;
use crate::streams::StreamSet;
use crate::tap::Tap;
use bytes::Bytes;
use futures::io::BufReader;
use libp2p::swarm::Stream;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, RwLock};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::{JoinHandle, JoinSet};

type Reader = FrameReader<BufReader<Stream>>;
type Writer = FrameWriter<Stream>;

/// The outgoing queues of one peer, one per channel.
pub(crate) type Outboxes = [Outbox; 3];

/// The queues of the peers that are connected. No lock is held across an `await`.
#[derive(Debug, Default)]
pub(crate) struct Connected {
    outboxes: RwLock<BTreeMap<PeerKey, Arc<Outboxes>>>,
}

impl Connected {
    pub(crate) fn outboxes(&self, peer: PeerKey) -> Option<Arc<Outboxes>> {
        self.outboxes.read().expect(LOCK).get(&peer).cloned()
    }

    pub(crate) fn peers(&self) -> Vec<PeerKey> {
        self.outboxes.read().expect(LOCK).keys().copied().collect()
    }

    fn insert(&self, peer: PeerKey, outboxes: Arc<Outboxes>) {
        self.outboxes.write().expect(LOCK).insert(peer, outboxes);
    }

    fn remove(&self, peer: PeerKey) {
        self.outboxes.write().expect(LOCK).remove(&peer);
    }
}

const LOCK: &str = "nobody panics while looking up a queue";

/// Counts of one peer since it was registered, over all its links.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) messages_sent: AtomicU64,
    pub(crate) bytes_sent: AtomicU64,
    pub(crate) messages_received: AtomicU64,
    pub(crate) bytes_received: AtomicU64,
    pub(crate) queue_full: AtomicU64,
    pub(crate) links: AtomicU64,
}

/// Adds to a counter.
pub(crate) fn count(counter: &AtomicU64, amount: usize) {
    counter.fetch_add(u64::try_from(amount).unwrap_or(u64::MAX), Ordering::Relaxed);
}

/// A complete set of streams of the link's peer.
#[derive(Debug)]
pub(crate) enum LinkStreams {
    Outgoing(StreamSet),
    Incoming(StreamSet),
}

/// A link has ended; the driver closes what is left of the peer's connections.
#[derive(Debug)]
pub(crate) struct LinkEnded {
    pub(crate) peer: PeerKey,
    pub(crate) generation: u64,
    pub(crate) reason: String,
}

/// Everything a link needs except its streams.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) peer: PeerKey,
    pub(crate) generation: u64,
    pub(crate) hello: Bytes,
    pub(crate) connected: Arc<Connected>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) events: EventSender,
    pub(crate) tap: Tap,
    pub(crate) ended: mpsc::Sender<LinkEnded>,
}

/// Streams over which hellos have been exchanged.
struct Ready {
    readers: [Reader; 3],
    writers: [Writer; 3],
    hello: Vec<u8>,
}

impl Link {
    /// Lives until a stream breaks or `stop` brings a reason to end.
    pub(crate) async fn run(
        self,
        previous: Option<JoinHandle<()>>,
        streams: mpsc::Receiver<LinkStreams>,
        mut stop: oneshot::Receiver<String>,
    ) {
        if let Some(previous) = previous {
            // If it panicked, that has been reported; it is over in any case.
            let _ = previous.await;
        }
        let reason = tokio::select! {
            reason = &mut stop => stop_reason(reason),
            ready = tokio::time::timeout(limits::HANDSHAKE_MAX, self.shake_hands(streams)) => {
                match ready {
                    Ok(Ok(ready)) => self.live(ready, stop).await,
                    Ok(Err(error)) => format!("greeting failed: {error}"),
                    Err(_) => {
                        format!("no greeting within {} s", limits::HANDSHAKE_MAX.as_secs())
                    }
                }
            }
        };
        tracing::debug!(peer = %self.peer, reason, "link ended");
        let ended = LinkEnded { peer: self.peer, generation: self.generation, reason };
        // The driver is gone only when the whole network stops.
        let _ = self.ended.send(ended).await;
    }

    /// Waits for both sets of streams, sends our hello as soon as it can, and reads the peer's.
    async fn shake_hands(
        &self,
        mut streams: mpsc::Receiver<LinkStreams>,
    ) -> Result<Ready, FrameError> {
        let (mut writers, mut readers) = (None, None);
        let (mut readers, writers) = loop {
            match streams.recv().await.ok_or(FrameError::Closed)? {
                LinkStreams::Outgoing(set) => {
                    let mut set = set.map(|stream| FrameWriter::new(stream, self.tap.clone()));
                    set[0].write(std::slice::from_ref(&self.hello)).await?;
                    writers = Some(set);
                }
                LinkStreams::Incoming(set) => readers = Some(incoming(set)),
            }
            // Our hello may be what the peer waits for, so none is read before ours is sent.
            match (readers, writers) {
                (Some(complete), Some(ours)) => break (complete, ours),
                partial => (readers, writers) = partial,
            }
        };
        let length = readers[0].read_length(limits::HELLO_BYTES_MAX).await?;
        let hello = readers[0].read_body(length).await?;
        Ok(Ready { readers, writers, hello })
    }

    /// Announces the peer, lets messages flow, and announces that it is gone. Returns the reason.
    async fn live(&self, ready: Ready, stop: oneshot::Receiver<String>) -> String {
        let peer = self.peer;
        let outboxes = Arc::new(Channel::ALL.map(Outbox::new));
        self.connected.insert(peer, outboxes.clone());
        count(&self.counters.links, 1);
        let event = NetworkEvent::Connected { peer, hello: ready.hello };
        let announced = self.events.send(event).await;
        let reason = match announced {
            Ok(()) => self.flow(ready.readers, ready.writers, outboxes, stop).await,
            Err(_) => "the network stops".to_owned(),
        };
        self.connected.remove(peer);
        let event = NetworkEvent::Disconnected { peer, reason: reason.clone() };
        // Without a consumer nobody needs to know.
        let _ = self.events.send(event).await;
        reason
    }

    /// Runs three readers and three writers until the first of them ends; then ends them all.
    async fn flow(
        &self,
        readers: [Reader; 3],
        writers: [Writer; 3],
        outboxes: Arc<Outboxes>,
        mut stop: oneshot::Receiver<String>,
    ) -> String {
        let mut tasks = JoinSet::new();
        for ((channel, reader), writer) in Channel::ALL.into_iter().zip(readers).zip(writers) {
            tasks.spawn(
                Inlet { channel, reader, peer: self.peer }
                    .run(self.events.clone(), self.counters.clone()),
            );
            tasks.spawn(Outlet { channel, writer }.run(outboxes.clone(), self.counters.clone()));
        }
        let reason = tokio::select! {
            reason = &mut stop => stop_reason(reason),
            ended = tasks.join_next() => match ended {
                Some(Ok(reason)) => reason,
                Some(Err(error)) => format!("internal failure: {error}"),
                None => unreachable!("six tasks were started"),
            },
        };
        tasks.shutdown().await;
        reason
    }
}

fn stop_reason(reason: Result<String, oneshot::error::RecvError>) -> String {
    // The driver drops its end only when it stops itself.
    reason.unwrap_or_else(|_| "the network stops".to_owned())
}

fn incoming(set: StreamSet) -> [Reader; 3] {
    let [agreement, bulk, sync] =
        set.map(|stream| BufReader::with_capacity(limits::READ_BUFFER_BYTES, stream));
    // Only the agreement stream is kept alive, so only there silence means something.
    [
        FrameReader::new(agreement, Some(limits::PEER_SILENCE_MAX)),
        FrameReader::new(bulk, None),
        FrameReader::new(sync, None),
    ]
}

/// Turns one incoming stream into events.
struct Inlet {
    peer: PeerKey,
    channel: Channel,
    reader: Reader,
}

impl Inlet {
    /// Returns why it ended.
    async fn run(mut self, events: EventSender, counters: Arc<Counters>) -> String {
        let max = self.channel.message_bytes_max();
        let inbox = Arc::new(Semaphore::new(limits::INBOX_MESSAGES_OF_MAXIMUM * max));
        loop {
            if let Err(reason) = self.pass_on_one(&events, &counters, &inbox).await {
                return format!("{} channel: {reason}", self.channel);
            }
        }
    }

    async fn pass_on_one(
        &mut self,
        events: &EventSender,
        counters: &Counters,
        inbox: &Arc<Semaphore>,
    ) -> Result<(), String> {
        let (peer, channel) = (self.peer, self.channel);
        let length = self.reader.read_length(channel.message_bytes_max()).await.map_err(text)?;
        if length == 0 {
            return match channel {
                Channel::Agreement => Ok(()),
                Channel::Bulk | Channel::Sync => Err("empty frame".to_owned()),
            };
        }
        let charge = u32::try_from(length + limits::MESSAGE_OVERHEAD_BYTES)
            .expect("limits.rs asserts that a message and its overhead fit u32");
        // Before the message is allocated: here a reader waits while its consumer lags.
        let room = inbox.clone().acquire_many_owned(charge).await.expect("never closed");
        let bytes = self.reader.read_body(length).await.map_err(text)?;
        count(&counters.messages_received, 1);
        count(&counters.bytes_received, length);
        let event = NetworkEvent::Message { peer, channel, bytes };
        events.send_message(event, room).await.map_err(|_| "the consumer is gone".to_owned())
    }
}

#[expect(clippy::needless_pass_by_value, reason = "used with map_err, which hands the error over")]
fn text(error: FrameError) -> String {
    error.to_string()
}

/// Writes the messages of one channel.
struct Outlet {
    channel: Channel,
    writer: Writer,
}

impl Outlet {
    /// Returns why it ended.
    async fn run(mut self, outboxes: Arc<Outboxes>, counters: Arc<Counters>) -> String {
        let outbox = &outboxes[self.channel.index()];
        loop {
            let batch = next_batch(self.channel, outbox).await;
            if let Err(error) = self.writer.write(&batch).await {
                return format!("{} channel: writing failed: {error}", self.channel);
            }
            if batch.iter().any(|message| !message.is_empty()) {
                outbox.written(&batch);
                count(&counters.messages_sent, batch.len());
                count(&counters.bytes_sent, bytes_of(&batch));
            }
        }
    }
}

/// The next messages, or on an idle agreement channel one empty message to keep it alive.
async fn next_batch(channel: Channel, outbox: &Outbox) -> Vec<Bytes> {
    let batch = outbox.next_batch();
    match channel {
        Channel::Agreement => tokio::time::timeout(limits::KEEP_ALIVE_INTERVAL, batch)
            .await
            .unwrap_or_else(|_| vec![Bytes::new()]),
        Channel::Bulk | Channel::Sync => batch.await,
    }
}
