//! Connections, dialing and membership: the one task that owns the libp2p swarm.
//!
//! # Which connection is used
//! When both sides dial at once there are two connections. Each side opens its outgoing streams on
//! the first connection it sees and accepts the incoming ones on whichever the peer chose. So the
//! two need not agree, and no connection that works is closed to make them agree. Per link a side
//! opens its streams once; a peer that opens them again has begun anew (it restarted, and its old
//! connection is not yet known to be dead), so we begin anew too. When a link ends, all connections
//! that the peer had are closed, so that the other side sees it and both begin anew.

use crate::events::{EventSender, NetworkEvent};
use crate::limits;
use crate::link::{Connected, Counters, Link, LinkEnded, LinkStreams};
use crate::peer::{PeerAddress, PeerKey};
use crate::streams::{Behaviour, StreamEvent, StreamOutcome, build_swarm};
use crate::tap::Tap;
use bytes::Bytes;
use futures::StreamExt;
use libp2p::multiaddr::Protocol;
use libp2p::swarm::dial_opts::{DialOpts, PeerCondition};
use libp2p::swarm::{ConnectionId, DialError, ListenError, Swarm, SwarmEvent};
use libp2p::{Multiaddr, PeerId, core::transport::TransportError};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, RwLock};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// The counters of the registered peers. No lock is held across an `await`.
#[derive(Debug, Default)]
pub(crate) struct Membership {
    counters: RwLock<BTreeMap<PeerKey, Arc<Counters>>>,
}

const LOCK: &str = "nobody panics while looking up counters";

impl Membership {
    pub(crate) fn counters(&self, peer: PeerKey) -> Option<Arc<Counters>> {
        self.counters.read().expect(LOCK).get(&peer).cloned()
    }

    pub(crate) fn all_counters(&self) -> BTreeMap<PeerKey, Arc<Counters>> {
        self.counters.read().expect(LOCK).clone()
    }

    fn add(&self, peer: PeerKey) -> Arc<Counters> {
        let counters = Arc::<Counters>::default();
        self.counters.write().expect(LOCK).insert(peer, counters.clone());
        counters
    }

    fn remove(&self, peer: PeerKey) {
        self.counters.write().expect(LOCK).remove(&peer);
    }
}

/// A registered peer.
struct Peer {
    address: Option<String>,
    counters: Arc<Counters>,
    /// Connections that are open and that we have not asked to close.
    connections: BTreeSet<ConnectionId>,
    link: Option<RunningLink>,
    dial: Dial,
    redial_delay: Duration,
}

/// What the driver knows of a link.
struct RunningLink {
    generation: u64,
    started: Instant,
    outgoing: ConnectionId,
    incoming: Option<ConnectionId>,
    streams: mpsc::Sender<LinkStreams>,
    stop: oneshot::Sender<String>,
}

/// Whether a peer is being dialed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dial {
    NotBefore(Instant),
    LookingUp,
    Connecting(ConnectionId),
}

/// The outcome of looking up a peer's address.
type LookedUp = (PeerKey, io::Result<Vec<SocketAddr>>);

/// Owns the swarm. Made by `Network::start`, consumed by [`Driver::run`].
pub(crate) struct Driver {
    swarm: Swarm<Behaviour>,
    own_key: PeerKey,
    hello: Bytes,
    tap: Tap,
    events: EventSender,
    shutdown: CancellationToken,
    connected: Arc<Connected>,
    membership: Arc<Membership>,
    peers: BTreeMap<PeerKey, Peer>,
    /// The latest link of a peer that has not ended, also of peers no longer registered.
    tasks: BTreeMap<PeerKey, (u64, JoinHandle<()>)>,
    generation: u64,
    lookups: JoinSet<LookedUp>,
    ended_sender: mpsc::Sender<LinkEnded>,
    ended: mpsc::Receiver<LinkEnded>,
    refused: RefusedBudget,
}

impl Driver {
    pub(crate) fn new(
        seed: &[u8; 32],
        hello: Bytes,
        tap: Tap,
        events: EventSender,
        shutdown: CancellationToken,
        connected: Arc<Connected>,
        membership: Arc<Membership>,
    ) -> Self {
        let (ended_sender, ended) = mpsc::channel(limits::EVENTS_MAX);
        Self {
            swarm: build_swarm(seed),
            own_key: PeerKey::from_seed(seed),
            hello,
            tap,
            events,
            shutdown,
            connected,
            membership,
            peers: BTreeMap::new(),
            tasks: BTreeMap::new(),
            generation: 0,
            lookups: JoinSet::new(),
            ended_sender,
            ended,
            refused: RefusedBudget::new(Instant::now()),
        }
    }

    /// Starts to listen.
    pub(crate) fn listen(&mut self, address: SocketAddr) -> io::Result<()> {
        match self.swarm.listen_on(multiaddr_of(address)) {
            Ok(_) => Ok(()),
            Err(TransportError::Other(error)) => Err(error),
            Err(error) => Err(io::Error::other(error.to_string())),
        }
    }

    /// Runs until shutdown, or until nobody holds the handle or the events.
    pub(crate) async fn run(mut self, mut wanted_peers: watch::Receiver<Vec<PeerAddress>>) {
        let shutdown = self.shutdown.clone();
        let events = self.events.clone();
        wanted_peers.mark_changed();
        loop {
            let wake = self.dial_what_is_due();
            tokio::select! {
                () = shutdown.cancelled() => break,
                () = events.closed() => break,
                changed = wanted_peers.changed() => {
                    if changed.is_err() {
                        break;
                    }
                    let wanted = wanted_peers.borrow_and_update().clone();
                    self.set_peers(wanted);
                }
                event = self.swarm.select_next_some() => self.on_swarm_event(event).await,
                Some(ended) = self.ended.recv() => self.on_link_ended(&ended),
                Some(looked_up) = self.lookups.join_next(), if !self.lookups.is_empty() => {
                    if let Ok((peer, addresses)) = looked_up {
                        self.dial(peer, addresses);
                    }
                }
                () = sleep_until(wake) => {}
            }
        }
        self.stop().await;
    }

    /// Ends all links, and with the swarm all connections.
    async fn stop(mut self) {
        // Links neither wait for the consumer any more nor for us.
        self.shutdown.cancel();
        self.ended.close();
        self.peers.clear();
        for (_, task) in std::mem::take(&mut self.tasks).into_values() {
            // If it panicked, that has been reported; it is over in any case.
            let _ = task.await;
        }
    }

    fn set_peers(&mut self, wanted: Vec<PeerAddress>) {
        let mut wanted: BTreeMap<PeerKey, Option<String>> =
            wanted.into_iter().map(|peer| (peer.key, peer.address)).collect();
        wanted.remove(&self.own_key);
        let gone: Vec<PeerKey> =
            self.peers.keys().filter(|key| !wanted.contains_key(key)).copied().collect();
        for key in gone {
            self.end_link(key, "removed from the registered peers");
            self.swarm.behaviour_mut().allowed.disallow_peer(key.to_peer_id());
            self.membership.remove(key);
            self.peers.remove(&key);
        }
        for (key, address) in wanted {
            self.set_peer(key, address);
        }
    }

    fn set_peer(&mut self, key: PeerKey, address: Option<String>) {
        let membership = &self.membership;
        let swarm = &mut self.swarm;
        let peer = self.peers.entry(key).or_insert_with(|| {
            swarm.behaviour_mut().allowed.allow_peer(key.to_peer_id());
            Peer {
                address: None,
                counters: membership.add(key),
                connections: BTreeSet::new(),
                link: None,
                dial: Dial::NotBefore(Instant::now()),
                redial_delay: limits::REDIAL_DELAY_MIN,
            }
        });
        if peer.address != address {
            peer.address = address;
            peer.redial_delay = limits::REDIAL_DELAY_MIN;
            if matches!(peer.dial, Dial::NotBefore(_)) {
                peer.dial = Dial::NotBefore(Instant::now());
            }
        }
    }

    /// Begins to dial every peer that waits for it. Returns when the next one will be due.
    fn dial_what_is_due(&mut self) -> Option<Instant> {
        let now = Instant::now();
        let mut next: Option<Instant> = None;
        for (&key, peer) in &mut self.peers {
            let (None, Some(address), Dial::NotBefore(due)) =
                (&peer.link, &peer.address, peer.dial)
            else {
                continue;
            };
            if due > now {
                next = Some(next.map_or(due, |next| next.min(due)));
                continue;
            }
            peer.dial = Dial::LookingUp;
            let address = address.clone();
            self.lookups.spawn(async move { (key, look_up(&address).await) });
        }
        next
    }

    fn dial(&mut self, key: PeerKey, addresses: io::Result<Vec<SocketAddr>>) {
        let Some(peer) = self.peers.get_mut(&key) else { return };
        let addresses = match addresses {
            Ok(addresses) => addresses,
            Err(error) => {
                let address = peer.address.as_deref().unwrap_or_default();
                tracing::warn!(peer = %key, address, %error, "cannot look up a peer's address");
                return peer.dial_again_later();
            }
        };
        if peer.link.is_some() {
            // The peer was faster.
            peer.dial = Dial::NotBefore(Instant::now());
            return;
        }
        let options = DialOpts::peer_id(key.to_peer_id())
            .addresses(addresses.into_iter().map(multiaddr_of).collect())
            // A dead connection that is still being closed must not stop a new one.
            .condition(PeerCondition::Always)
            // From the listen port two nodes that dial each other at once would get one TCP
            // connection on which both believe to be the dialing side.
            .allocate_new_port()
            .build();
        peer.dial = Dial::Connecting(options.connection_id());
        if let Err(error) = self.swarm.dial(options) {
            tracing::debug!(peer = %key, %error, "cannot dial");
            peer.dial_again_later();
        }
    }

    async fn on_swarm_event(&mut self, event: SwarmEvent<StreamEvent>) {
        match event {
            SwarmEvent::Behaviour(event) => self.on_stream_event(event),
            SwarmEvent::ConnectionEstablished { peer_id, connection_id, .. } => {
                self.on_connection_established(&peer_id, connection_id);
            }
            SwarmEvent::ConnectionClosed { peer_id, connection_id, cause, .. } => {
                let cause =
                    cause.map_or("closed by the peer".to_owned(), |cause| cause.to_string());
                self.on_connection_closed(&peer_id, connection_id, &cause);
            }
            SwarmEvent::OutgoingConnectionError { connection_id, error, .. } => {
                self.on_dial_failed(connection_id, &error);
            }
            SwarmEvent::IncomingConnectionError { error, peer_id, send_back_addr, .. } => {
                self.on_incoming_failed(&error, peer_id, &send_back_addr);
            }
            SwarmEvent::NewListenAddr { address, .. } => {
                if let Some(address) = socket_address_of(&address) {
                    tracing::info!(%address, "listening for peers");
                    // Without a consumer the loop ends by itself.
                    let _ = self.events.send(NetworkEvent::Listening { address }).await;
                }
            }
            SwarmEvent::ListenerError { error, .. } => {
                tracing::warn!(%error, "cannot accept a connection");
            }
            SwarmEvent::ListenerClosed { reason, .. } => {
                tracing::error!(?reason, "no longer listening for peers");
            }
            _ => {}
        }
    }

    fn on_connection_established(&mut self, peer_id: &PeerId, connection: ConnectionId) {
        let known = PeerKey::from_peer_id(peer_id);
        let Some((key, peer)) = known.and_then(|key| Some((key, self.peers.get_mut(&key)?))) else {
            // Removed since the list was asked.
            self.swarm.close_connection(connection);
            return;
        };
        if peer.dial == Dial::Connecting(connection) {
            peer.dial = Dial::NotBefore(Instant::now());
        }
        peer.connections.insert(connection);
        if peer.link.is_none() {
            self.start_link(key, connection);
        }
    }

    /// Begins a link whose outgoing streams are on `connection`.
    fn start_link(&mut self, key: PeerKey, connection: ConnectionId) {
        let Some(peer) = self.peers.get_mut(&key) else { return };
        self.generation += 1;
        // Room for both sets, so that handing them over never waits.
        let (streams, streams_receiver) = mpsc::channel(2);
        let (stop, stop_receiver) = oneshot::channel();
        let link = Link {
            peer: key,
            generation: self.generation,
            hello: self.hello.clone(),
            connected: self.connected.clone(),
            counters: peer.counters.clone(),
            events: self.events.clone(),
            tap: self.tap.clone(),
            ended: self.ended_sender.clone(),
        };
        peer.link = Some(RunningLink {
            generation: self.generation,
            started: Instant::now(),
            outgoing: connection,
            incoming: None,
            streams,
            stop,
        });
        let previous = self.tasks.remove(&key).map(|(_, task)| task);
        let task = tokio::spawn(link.run(previous, streams_receiver, stop_receiver));
        self.tasks.insert(key, (self.generation, task));
        self.swarm.behaviour_mut().streams.open(key.to_peer_id(), connection);
    }

    fn on_stream_event(&mut self, event: StreamEvent) {
        let StreamEvent { peer, connection, outcome } = event;
        let Some(key) = PeerKey::from_peer_id(&peer) else { return };
        let Some(peer) = self.peers.get_mut(&key) else { return };
        if !peer.connections.contains(&connection) {
            // It is being closed.
            return;
        }
        let Some(link) = &mut peer.link else { return };
        match outcome {
            StreamOutcome::Opened(set) if link.outgoing == connection => {
                link.hand_over(LinkStreams::Outgoing(set));
            }
            StreamOutcome::OpenFailed(reason) if link.outgoing == connection => {
                self.end_link(key, &reason);
            }
            StreamOutcome::Opened(_) | StreamOutcome::OpenFailed(_) => {}
            StreamOutcome::Accepted(set) if link.incoming.is_none() => {
                link.incoming = Some(connection);
                link.hand_over(LinkStreams::Incoming(set));
            }
            StreamOutcome::Accepted(set) => {
                // The peer has begun anew on this connection. If our old link used it for sending,
                // its streams are spent and a new connection is needed.
                let spent = link.outgoing == connection;
                if !spent {
                    peer.connections.remove(&connection);
                }
                self.end_link(key, "the peer connected again");
                if spent {
                    return;
                }
                self.begin_anew(key, connection, LinkStreams::Incoming(set));
            }
        }
    }

    fn begin_anew(&mut self, key: PeerKey, connection: ConnectionId, incoming: LinkStreams) {
        if let Some(peer) = self.peers.get_mut(&key) {
            peer.connections.insert(connection);
        }
        self.start_link(key, connection);
        let link = self.peers.get_mut(&key).and_then(|peer| peer.link.as_mut());
        if let Some(link) = link {
            link.incoming = Some(connection);
            link.hand_over(incoming);
        }
    }

    fn on_connection_closed(&mut self, peer_id: &PeerId, connection: ConnectionId, cause: &str) {
        let Some(key) = PeerKey::from_peer_id(peer_id) else { return };
        let Some(peer) = self.peers.get_mut(&key) else { return };
        let was_open = peer.connections.remove(&connection);
        let used = peer.link.as_ref().is_some_and(|link| link.uses(connection));
        if was_open && used {
            self.end_link(key, &format!("connection closed: {cause}"));
        }
    }

    fn on_link_ended(&mut self, ended: &LinkEnded) {
        let key = ended.peer;
        if self.tasks.get(&key).is_some_and(|(generation, _)| *generation == ended.generation) {
            self.tasks.remove(&key);
        }
        let running = self.peers.get(&key).and_then(|peer| peer.link.as_ref());
        if running.is_some_and(|link| link.generation == ended.generation) {
            self.end_link(key, &ended.reason);
        }
    }

    /// Ends a peer's link if it runs, closes all its connections, and dials it again soon.
    fn end_link(&mut self, key: PeerKey, reason: &str) {
        let Some(peer) = self.peers.get_mut(&key) else { return };
        for connection in std::mem::take(&mut peer.connections) {
            self.swarm.close_connection(connection);
        }
        let Some(link) = peer.link.take() else { return };
        // The link may have ended by itself.
        let _ = link.stop.send(reason.to_owned());
        if link.started.elapsed() > limits::REDIAL_DELAY_MAX {
            peer.redial_delay = limits::REDIAL_DELAY_MIN;
        }
        if matches!(peer.dial, Dial::NotBefore(_)) {
            peer.dial_again_later();
        }
    }

    fn on_dial_failed(&mut self, connection: ConnectionId, error: &DialError) {
        let dialed = self.peers.iter_mut().find(|(_, p)| p.dial == Dial::Connecting(connection));
        let Some((key, peer)) = dialed else { return };
        if let DialError::WrongPeerId { obtained, address } = error {
            let found = PeerKey::from_peer_id(obtained).map(|key| key.to_string());
            tracing::warn!(expected = %key, ?found, %address, "another key answers at a peer's address");
        } else {
            tracing::debug!(peer = %key, %error, "dialing failed");
        }
        peer.dial_again_later();
    }

    fn on_incoming_failed(&mut self, error: &ListenError, peer: Option<PeerId>, from: &Multiaddr) {
        let key = peer.as_ref().and_then(PeerKey::from_peer_id);
        let registered = key.is_some_and(|key| self.peers.contains_key(&key));
        let stranger = peer.is_some() && !registered && matches!(error, ListenError::Denied { .. });
        if !stranger {
            // A handshake that failed, or too many connections at once.
            tracing::debug!(%from, %error, "incoming connection failed");
            return;
        }
        if !self.refused.take(Instant::now()) {
            return;
        }
        let address = socket_address_of(from).map_or(from.to_string(), |from| from.to_string());
        self.events.send_or_drop(NetworkEvent::Refused { key, address });
    }
}

impl Peer {
    /// Waits before the next attempt, longer each time.
    fn dial_again_later(&mut self) {
        self.dial = Dial::NotBefore(Instant::now() + self.redial_delay);
        self.redial_delay = (self.redial_delay * 2).min(limits::REDIAL_DELAY_MAX);
    }
}

impl RunningLink {
    fn hand_over(&self, streams: LinkStreams) {
        // If the link has ended, its end is about to be handled; each set comes once, so two fit.
        if self.streams.try_send(streams).is_err() {
            tracing::debug!("a link ended before its streams were complete");
        }
    }

    fn uses(&self, connection: ConnectionId) -> bool {
        self.outgoing == connection || self.incoming == Some(connection)
    }
}

/// How many refused connections may still be reported.
#[derive(Debug)]
struct RefusedBudget {
    window_start: Instant,
    reported: u32,
    suppressed: u32,
}

impl RefusedBudget {
    fn new(now: Instant) -> Self {
        Self { window_start: now, reported: 0, suppressed: 0 }
    }

    /// Whether one more may be reported now.
    fn take(&mut self, now: Instant) -> bool {
        if now.duration_since(self.window_start) >= limits::REFUSED_EVENTS_WINDOW {
            if self.suppressed > 0 {
                tracing::warn!(count = self.suppressed, "further refused connections not reported");
            }
            *self = Self::new(now);
        }
        if self.reported >= limits::REFUSED_EVENTS_MAX {
            self.suppressed = self.suppressed.saturating_add(1);
            return false;
        }
        self.reported += 1;
        true
    }
}

async fn look_up(address: &str) -> io::Result<Vec<SocketAddr>> {
    let found = tokio::time::timeout(limits::HANDSHAKE_MAX, tokio::net::lookup_host(address))
        .await
        .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    Ok(found.collect())
}

async fn sleep_until(instant: Option<Instant>) {
    match instant {
        Some(instant) => tokio::time::sleep_until(instant).await,
        None => std::future::pending().await,
    }
}

fn multiaddr_of(address: SocketAddr) -> Multiaddr {
    Multiaddr::from(address.ip()).with(Protocol::Tcp(address.port()))
}

fn socket_address_of(address: &Multiaddr) -> Option<SocketAddr> {
    let mut parts = address.iter();
    let ip: IpAddr = match parts.next()? {
        Protocol::Ip4(ip) => ip.into(),
        Protocol::Ip6(ip) => ip.into(),
        _ => return None,
    };
    let Protocol::Tcp(port) = parts.next()? else { return None };
    Some(SocketAddr::new(ip, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refused_connections_are_reported_up_to_the_limit_per_window() {
        let start = Instant::now();
        let mut budget = RefusedBudget::new(start);
        for _ in 0..limits::REFUSED_EVENTS_MAX {
            assert!(budget.take(start));
        }
        assert!(!budget.take(start));
        assert!(budget.take(start + limits::REFUSED_EVENTS_WINDOW));
    }

    #[test]
    fn socket_addresses_survive_the_way_through_libp2p() {
        for text in ["127.0.0.1:7", "[::1]:65535"] {
            let address: SocketAddr = text.parse().expect("an address");
            assert_eq!(socket_address_of(&multiaddr_of(address)), Some(address));
        }
    }
}
