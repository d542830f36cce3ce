//! Opening and accepting the streams of a connection: one per channel and direction.
//!
//! A connection offers streams only as a complete set, all three at once. On request it opens the
//! outgoing set; the incoming set is whatever the peer opens first for each channel. A second
//! incoming stream for the same channel is dropped, so a peer cannot pile streams up.

use crate::channel::Channel;
use crate::limits;
use crate::peer::keypair;
use libp2p::core::transport::PortUse;
use libp2p::core::{Endpoint, InboundUpgrade, Multiaddr, OutboundUpgrade, UpgradeInfo};
use libp2p::swarm::handler::{
    ConnectionEvent, DialUpgradeError, FullyNegotiatedInbound, FullyNegotiatedOutbound,
};
use libp2p::swarm::{
    ConnectionDenied, ConnectionHandler, ConnectionHandlerEvent, ConnectionId, FromSwarm,
    NetworkBehaviour, NotifyHandler, Stream, StreamProtocol, StreamUpgradeError, SubstreamProtocol,
    Swarm, ToSwarm,
};
use libp2p::{PeerId, SwarmBuilder, allow_block_list, connection_limits, noise, tcp, yamux};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::task::{Context, Poll};

/// One stream per channel, in the order of [`Channel::ALL`].
pub(crate) type StreamSet = [Stream; 3];

/// What the node does on a connection.
#[derive(NetworkBehaviour)]
#[behaviour(to_swarm = "StreamEvent")]
pub(crate) struct Behaviour {
    // The list comes first: a stranger is refused as such, whatever the counts say.
    pub(crate) allowed: allow_block_list::Behaviour<allow_block_list::AllowedPeers>,
    limits: connection_limits::Behaviour,
    pub(crate) streams: Streams,
}

/// A connection has a complete set of streams, or will never have one.
#[derive(Debug)]
pub(crate) struct StreamEvent {
    pub(crate) peer: PeerId,
    pub(crate) connection: ConnectionId,
    pub(crate) outcome: StreamOutcome,
}

#[derive(Debug)]
pub(crate) enum StreamOutcome {
    /// The outgoing streams that were asked for.
    Opened(StreamSet),
    /// The incoming streams.
    Accepted(StreamSet),
    /// The outgoing streams cannot be had.
    OpenFailed(String),
}

impl From<Infallible> for StreamEvent {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// Opens and accepts streams on all connections.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    actions: VecDeque<ToSwarm<StreamEvent, OpenStreams>>,
}

/// Tells a connection to open its outgoing streams.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OpenStreams;

impl Streams {
    /// Opens the outgoing streams of a connection. Takes effect when the swarm is polled next.
    pub(crate) fn open(&mut self, peer: PeerId, connection: ConnectionId) {
        self.actions.push_back(ToSwarm::NotifyHandler {
            peer_id: peer,
            handler: NotifyHandler::One(connection),
            event: OpenStreams,
        });
    }
}

impl NetworkBehaviour for Streams {
    type ConnectionHandler = StreamHandler;
    type ToSwarm = StreamEvent;

    fn handle_established_inbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: &Multiaddr,
    ) -> Result<StreamHandler, ConnectionDenied> {
        Ok(StreamHandler::default())
    }

    fn handle_established_outbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<StreamHandler, ConnectionDenied> {
        Ok(StreamHandler::default())
    }

    fn on_swarm_event(&mut self, _: FromSwarm) {}

    fn on_connection_handler_event(
        &mut self,
        peer: PeerId,
        connection: ConnectionId,
        outcome: StreamOutcome,
    ) {
        let event = StreamEvent { peer, connection, outcome };
        self.actions.push_back(ToSwarm::GenerateEvent(event));
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<StreamEvent, OpenStreams>> {
        // No waker: the queue only grows within calls after which the swarm polls again.
        self.actions.pop_front().map_or(Poll::Pending, Poll::Ready)
    }
}

/// The streams of one connection.
#[derive(Debug, Default)]
pub(crate) struct StreamHandler {
    to_open: VecDeque<Channel>,
    outgoing: PartialSet,
    incoming: PartialSet,
    outcomes: VecDeque<StreamOutcome>,
}

/// Collects one stream per channel.
#[derive(Debug, Default)]
struct PartialSet {
    slots: [Option<Stream>; 3],
    complete: bool,
}

impl PartialSet {
    /// Adds a stream; returns the set when it has become complete. Drops a stream too many.
    fn add(&mut self, channel: Channel, stream: Stream) -> Option<StreamSet> {
        let slot = &mut self.slots[channel.index()];
        if self.complete || slot.is_some() {
            tracing::debug!(%channel, "a second stream for the channel is dropped");
            return None;
        }
        *slot = Some(stream);
        if self.slots.iter().any(Option::is_none) {
            return None;
        }
        self.complete = true;
        Some(std::mem::take(&mut self.slots).map(|slot| slot.expect("all slots are filled")))
    }
}

impl ConnectionHandler for StreamHandler {
    type FromBehaviour = OpenStreams;
    type ToBehaviour = StreamOutcome;
    type InboundProtocol = ChannelUpgrade;
    type OutboundProtocol = ChannelUpgrade;
    type InboundOpenInfo = ();
    type OutboundOpenInfo = ();

    fn listen_protocol(&self) -> SubstreamProtocol<ChannelUpgrade> {
        SubstreamProtocol::new(ChannelUpgrade(Channel::ALL.to_vec()), ())
            .with_timeout(limits::HANDSHAKE_MAX)
    }

    fn connection_keep_alive(&self) -> bool {
        // The driver closes connections; an idle spare one costs nothing.
        true
    }

    fn on_behaviour_event(&mut self, OpenStreams: OpenStreams) {
        self.to_open.extend(Channel::ALL);
    }

    fn poll(
        &mut self,
        _: &mut Context<'_>,
    ) -> Poll<ConnectionHandlerEvent<ChannelUpgrade, (), StreamOutcome>> {
        if let Some(outcome) = self.outcomes.pop_front() {
            return Poll::Ready(ConnectionHandlerEvent::NotifyBehaviour(outcome));
        }
        if let Some(channel) = self.to_open.pop_front() {
            let protocol = SubstreamProtocol::new(ChannelUpgrade(vec![channel]), ())
                .with_timeout(limits::HANDSHAKE_MAX);
            return Poll::Ready(ConnectionHandlerEvent::OutboundSubstreamRequest { protocol });
        }
        // No waker: the connection polls again after each call that changes something here.
        Poll::Pending
    }

    fn on_connection_event(&mut self, event: ConnectionEvent<'_, ChannelUpgrade, ChannelUpgrade>) {
        let outcome = match event {
            ConnectionEvent::FullyNegotiatedOutbound(FullyNegotiatedOutbound {
                protocol: (channel, stream),
                ..
            }) => self.outgoing.add(channel, stream).map(StreamOutcome::Opened),
            ConnectionEvent::FullyNegotiatedInbound(FullyNegotiatedInbound {
                protocol: (channel, stream),
                ..
            }) => self.incoming.add(channel, stream).map(StreamOutcome::Accepted),
            ConnectionEvent::DialUpgradeError(DialUpgradeError { error, .. }) => {
                Some(StreamOutcome::OpenFailed(open_failure(error)))
            }
            _ => None,
        };
        self.outcomes.extend(outcome);
    }
}

fn open_failure(error: StreamUpgradeError<Infallible>) -> String {
    match error {
        StreamUpgradeError::Timeout => "opening a stream took too long".to_owned(),
        StreamUpgradeError::NegotiationFailed => {
            "the peer does not know our channels; is its software of the same version?".to_owned()
        }
        StreamUpgradeError::Apply(never) => match never {},
        StreamUpgradeError::Io(error) => format!("opening a stream failed: {error}"),
    }
}

/// Agrees with the other side for which channel a new stream is.
#[derive(Clone, Debug)]
pub(crate) struct ChannelUpgrade(Vec<Channel>);

impl UpgradeInfo for ChannelUpgrade {
    type Info = ChannelName;
    type InfoIter = std::vec::IntoIter<ChannelName>;

    fn protocol_info(&self) -> Self::InfoIter {
        let names = self.0.iter().map(|&channel| ChannelName(channel, channel.protocol()));
        names.collect::<Vec<_>>().into_iter()
    }
}

/// A channel with its name on the wire.
#[derive(Clone, Debug)]
pub(crate) struct ChannelName(Channel, StreamProtocol);

impl AsRef<str> for ChannelName {
    fn as_ref(&self) -> &str {
        self.1.as_ref()
    }
}

impl InboundUpgrade<Stream> for ChannelUpgrade {
    type Output = (Channel, Stream);
    type Error = Infallible;
    type Future = Ready<Result<Self::Output, Infallible>>;

    fn upgrade_inbound(self, stream: Stream, name: ChannelName) -> Self::Future {
        ready(Ok((name.0, stream)))
    }
}

impl OutboundUpgrade<Stream> for ChannelUpgrade {
    type Output = (Channel, Stream);
    type Error = Infallible;
    type Future = Ready<Result<Self::Output, Infallible>>;

    fn upgrade_outbound(self, stream: Stream, name: ChannelName) -> Self::Future {
        ready(Ok((name.0, stream)))
    }
}

/// TCP, Noise and Yamux with the key of `seed`; nobody is allowed yet.
pub(crate) fn build_swarm(seed: &[u8; 32]) -> Swarm<Behaviour> {
    let connection_limits = connection_limits::ConnectionLimits::default()
        .with_max_pending_incoming(Some(limits::PENDING_INCOMING_MAX))
        .with_max_pending_outgoing(Some(limits::PENDING_OUTGOING_MAX))
        .with_max_established_per_peer(Some(limits::CONNECTIONS_PER_PEER_MAX));
    let behaviour = Behaviour {
        allowed: allow_block_list::Behaviour::default(),
        limits: connection_limits::Behaviour::new(connection_limits),
        streams: Streams::default(),
    };
    let multiplexer = || {
        let mut config = yamux::Config::default();
        config.set_max_num_streams(limits::STREAMS_PER_CONNECTION_MAX);
        config
    };
    SwarmBuilder::with_existing_identity(keypair(seed))
        .with_tokio()
        .with_tcp(tcp::Config::default().nodelay(true), noise::Config::new, multiplexer)
        .expect("a noise key can be derived from an Ed25519 key")
        .with_behaviour(|_| behaviour)
        .expect("the behaviour is already built")
        .with_swarm_config(|config| config)
        .with_connection_timeout(limits::HANDSHAKE_MAX)
        .build()
}
