//! What the network tells its one consumer.

use crate::channel::Channel;
use crate::limits;
use crate::peer::PeerKey;
use std::net::SocketAddr;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio_util::sync::CancellationToken;

/// Something happened on the network.
///
/// Per peer the order is always `Connected`, any number of `Message`, `Disconnected`, and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NetworkEvent {
    /// The node accepts connections at this address. One event per address, so several where the
    /// configured address is unspecified (`0.0.0.0`).
    Listening {
        /// The real address, also where the configured port is 0.
        address: SocketAddr,
    },
    /// A peer can be sent to, and its messages follow.
    Connected {
        /// The peer.
        peer: PeerKey,
        /// The peer's hello, at most [`limits::HELLO_BYTES_MAX`] bytes.
        hello: Vec<u8>,
    },
    /// A peer is gone. Messages queued for it are lost. Dialing goes on while it is registered.
    Disconnected {
        /// The peer.
        peer: PeerKey,
        /// Why, for the operator.
        reason: String,
    },
    /// A peer sent a message.
    Message {
        /// Who sent it; authenticated.
        peer: PeerKey,
        /// On which channel.
        channel: Channel,
        /// What it says; never empty, at most [`Channel::message_bytes_max`] bytes.
        bytes: Vec<u8>,
    },
    /// Somebody who is not registered tried to connect and was turned away. Rate limited.
    Refused {
        /// The key it proved to hold; `None` if it is not an Ed25519 key.
        key: Option<PeerKey>,
        /// Where it came from, `ip:port`.
        address: String,
    },
}

/// The consumer's end. Dropping it stops the network.
///
/// A consumer that lags makes the readers of the peers' streams stop, and through them the peers:
/// the messages that wait here are bounded in number and, per peer and channel, in bytes.
#[derive(Debug)]
pub struct NetworkEvents {
    receiver: mpsc::Receiver<Queued>,
}

/// An event, and the room it occupies in its sender's inbox until the consumer takes it.
#[derive(Debug)]
struct Queued {
    event: NetworkEvent,
    _room: Option<OwnedSemaphorePermit>,
}

/// The end that tasks inside the network hold.
#[derive(Clone, Debug)]
pub(crate) struct EventSender {
    sender: mpsc::Sender<Queued>,
    shutdown: CancellationToken,
}

/// The consumer is gone or the network is being shut down: nobody is there to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ConsumerGone;

impl NetworkEvents {
    /// The next event; `None` once the network has stopped. Safe to cancel.
    pub async fn recv(&mut self) -> Option<NetworkEvent> {
        Some(self.receiver.recv().await?.event)
    }

    /// The next event if one waits; `None` if none does.
    pub fn try_recv(&mut self) -> Option<NetworkEvent> {
        Some(self.receiver.try_recv().ok()?.event)
    }
}

impl EventSender {
    /// Waits until the consumer has room, unless the network is being shut down.
    pub(crate) async fn send(&self, event: NetworkEvent) -> Result<(), ConsumerGone> {
        self.queue(Queued { event, _room: None }).await
    }

    /// Like [`Self::send`], for a message that occupies `room` until the consumer takes it.
    pub(crate) async fn send_message(
        &self,
        event: NetworkEvent,
        room: OwnedSemaphorePermit,
    ) -> Result<(), ConsumerGone> {
        self.queue(Queued { event, _room: Some(room) }).await
    }

    /// For an event that may be lost when the consumer lags.
    pub(crate) fn send_or_drop(&self, event: NetworkEvent) {
        if self.sender.try_send(Queued { event, _room: None }).is_err() {
            tracing::debug!("an event is dropped because its consumer lags");
        }
    }

    /// Completes when the consumer has dropped its end.
    pub(crate) async fn closed(&self) {
        self.sender.closed().await;
    }

    async fn queue(&self, queued: Queued) -> Result<(), ConsumerGone> {
        tokio::select! {
            () = self.shutdown.cancelled() => Err(ConsumerGone),
            sent = self.sender.send(queued) => sent.map_err(|_| ConsumerGone),
        }
    }
}

/// A bounded queue of events. Senders give up waiting when `shutdown` is cancelled.
pub(crate) fn event_channel(shutdown: CancellationToken) -> (EventSender, NetworkEvents) {
    let (sender, receiver) = mpsc::channel(limits::EVENTS_MAX);
    (EventSender { sender, shutdown }, NetworkEvents { receiver })
}
