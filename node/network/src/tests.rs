//! Whole networks on real sockets of this machine. Ports are chosen by the system, and every wait
//! is for an event.

use crate::limits::{HELLO_BYTES_MAX, SYNC_MESSAGE_BYTES_MAX};
use crate::streams::{Behaviour, StreamOutcome, StreamSet, build_swarm};
use crate::{
    Channel, Network, NetworkConfig, NetworkError, NetworkEvent, NetworkEvents, NetworkHandle,
    PeerAddress, PeerKey, SendError,
};
use bytes::Bytes;
use futures::io::{AsyncReadExt, AsyncWriteExt};
use futures::{FutureExt, StreamExt};
use libp2p::Multiaddr;
use libp2p::multiaddr::Protocol;
use libp2p::swarm::dial_opts::DialOpts;
use libp2p::swarm::{Swarm, SwarmEvent};
use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;
use zeroize::Zeroizing;

/// Longer than anything here takes, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

struct Node {
    key: PeerKey,
    address: SocketAddr,
    handle: NetworkHandle,
    events: NetworkEvents,
}

fn key(seed: u8) -> PeerKey {
    PeerKey::from_seed(&[seed; 32])
}

fn config(seed: u8, peers: Vec<PeerAddress>) -> NetworkConfig {
    NetworkConfig {
        secret_key: Zeroizing::new([seed; 32]),
        listen: "127.0.0.1:0".parse().expect("an address"),
        peers,
        hello: vec![seed; 3],
        tap: None,
    }
}

fn silent(seed: u8) -> PeerAddress {
    PeerAddress { key: key(seed), address: None }
}

async fn in_time<T>(what: &str, future: impl Future<Output = T>) -> T {
    let result = tokio::time::timeout(PATIENCE, future).await;
    result.unwrap_or_else(|_| panic!("not in time: {what}"))
}

impl Node {
    async fn start(config: NetworkConfig) -> Node {
        let key = PeerKey::from_seed(&config.secret_key);
        let (handle, mut events) = Network::start(config).await.expect("the network starts");
        let Some(NetworkEvent::Listening { address }) = events.recv().await else {
            panic!("the first event is not Listening");
        };
        Node { key, address, handle, events }
    }

    fn peer(&self) -> PeerAddress {
        PeerAddress { key: self.key, address: Some(self.address.to_string()) }
    }

    async fn next(&mut self) -> NetworkEvent {
        in_time("an event", self.events.recv()).await.expect("the network runs")
    }

    /// Skips events until `wanted` gives something.
    async fn until<T>(&mut self, wanted: impl Fn(NetworkEvent) -> Option<T>) -> T {
        loop {
            if let Some(found) = wanted(self.next().await) {
                return found;
            }
        }
    }

    async fn until_connected(&mut self, wanted: PeerKey) {
        self.until(|event| {
            matches!(event, NetworkEvent::Connected { peer, .. } if peer == wanted).then_some(())
        })
        .await;
    }

    async fn until_disconnected(&mut self, wanted: PeerKey) -> String {
        self.until(|event| match event {
            NetworkEvent::Disconnected { peer, reason } if peer == wanted => Some(reason),
            _ => None,
        })
        .await
    }

    async fn next_message(&mut self) -> (PeerKey, Channel, Vec<u8>) {
        match self.next().await {
            NetworkEvent::Message { peer, channel, bytes } => (peer, channel, bytes),
            event => panic!("a message was expected: {event:?}"),
        }
    }

    fn send(&self, to: PeerKey, channel: Channel, bytes: impl Into<Bytes>) {
        self.handle.send(to, channel, bytes.into()).expect("the message is queued");
    }
}

/// Node 1 knows node 2 but not where it is; node 2 dials.
async fn connected_pair() -> (Node, Node) {
    let mut one = Node::start(config(1, vec![silent(2)])).await;
    let mut two = Node::start(config(2, vec![one.peer()])).await;
    one.until_connected(two.key).await;
    two.until_connected(one.key).await;
    (one, two)
}

#[tokio::test]
async fn messages_arrive_in_order_on_every_channel_in_both_directions() {
    const COUNT: u32 = 500;
    let (mut one, mut two) = connected_pair().await;
    for number in 0..COUNT {
        // The rates differ so that one channel is not the other's clock.
        one.send(two.key, Channel::Agreement, number.to_be_bytes().to_vec());
        two.send(one.key, Channel::Agreement, number.to_be_bytes().to_vec());
        one.send(two.key, Channel::Bulk, number.to_be_bytes().repeat(300));
        if number < 50 {
            one.send(two.key, Channel::Sync, number.to_be_bytes().repeat(6000));
        }
    }
    let mut next = [0; 3];
    for _ in 0..COUNT + COUNT + 50 {
        let (from, channel, bytes) = two.next_message().await;
        assert_eq!(from, one.key);
        let number = u32::from_be_bytes(bytes[..4].try_into().expect("four bytes"));
        assert_eq!(number, next[channel.index()], "{channel}");
        next[channel.index()] += 1;
    }
    assert_eq!(next, [COUNT, COUNT, 50]);
    for number in 0..COUNT {
        assert_eq!(one.next_message().await.2, number.to_be_bytes());
    }
    let stats = two.handle.stats()[&one.key];
    assert_eq!(stats.messages_received, u64::from(COUNT + COUNT + 50));
    assert_eq!(stats.bytes_received, u64::from(COUNT * 4 + COUNT * 1200 + 50 * 24000));
}

#[tokio::test]
async fn a_peers_hello_comes_with_its_connection() {
    let mut one = Node::start(config(1, vec![silent(2)])).await;
    let hello = vec![9; HELLO_BYTES_MAX];
    let two = NetworkConfig { hello: hello.clone(), ..config(2, vec![one.peer()]) };
    let mut two = Node::start(two).await;
    assert_eq!(one.next().await, NetworkEvent::Connected { peer: two.key, hello });
    assert_eq!(two.next().await, NetworkEvent::Connected { peer: one.key, hello: vec![1; 3] });
    assert_eq!(one.handle.connected(), [two.key]);
}

#[tokio::test]
async fn a_hello_that_is_too_long_is_refused_at_start() {
    let config = NetworkConfig { hello: vec![0; HELLO_BYTES_MAX + 1], ..config(1, vec![]) };
    let error = Network::start(config).await.expect_err("the hello is too long");
    assert!(matches!(error, NetworkError::HelloTooLong { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_that_dial_each_other_at_once_are_all_connected() {
    let mut nodes = Vec::new();
    for seed in 1..=4 {
        nodes.push(Node::start(config(seed, vec![])).await);
    }
    let peers: Vec<PeerAddress> = nodes.iter().map(Node::peer).collect();
    for node in &nodes {
        node.handle.set_peers(peers.clone());
    }
    let keys: Vec<PeerKey> = nodes.iter().map(|node| node.key).collect();
    for node in &mut nodes {
        let own = node.key;
        for &key in keys.iter().filter(|&&key| key != own) {
            // A link may be rebuilt while all dial at once; what counts is that all are up.
            while !node.handle.connected().contains(&key) {
                node.next().await;
            }
        }
    }
    for from in &nodes {
        for &to in keys.iter().filter(|&&key| key != from.key) {
            from.send(to, Channel::Agreement, vec![7]);
        }
    }
    for node in &mut nodes {
        for _ in 0..3 {
            node.until(|event| matches!(event, NetworkEvent::Message { .. }).then_some(())).await;
        }
        let links: u64 = node.handle.stats().values().map(|stats| stats.links).sum();
        assert_eq!(links, 3, "simultaneous dialing broke a link");
    }
}

/// A node written by somebody else: a swarm without our driver.
struct RawPeer {
    swarm: Swarm<Behaviour>,
    node: PeerKey,
}

impl RawPeer {
    fn dialing(seed: u8, node: &Node) -> RawPeer {
        let mut swarm = build_swarm(&[seed; 32]);
        swarm.behaviour_mut().allowed.allow_peer(node.key.to_peer_id());
        let address = Multiaddr::from(node.address.ip()).with(Protocol::Tcp(node.address.port()));
        let options = DialOpts::peer_id(node.key.to_peer_id()).addresses(vec![address]).build();
        swarm.dial(options).expect("dialing begins");
        RawPeer { swarm, node: node.key }
    }

    /// Opens its streams and waits for both sets; returns (outgoing, incoming).
    async fn streams(&mut self) -> (StreamSet, StreamSet) {
        let (mut opened, mut accepted) = (None, None);
        loop {
            match in_time("a swarm event", self.swarm.select_next_some()).await {
                SwarmEvent::ConnectionEstablished { connection_id, .. } => {
                    let node = self.node.to_peer_id();
                    self.swarm.behaviour_mut().streams.open(node, connection_id);
                }
                SwarmEvent::Behaviour(event) => match event.outcome {
                    StreamOutcome::Opened(set) => opened = Some(set),
                    StreamOutcome::Accepted(set) => accepted = Some(set),
                    StreamOutcome::OpenFailed(reason) => panic!("{reason}"),
                },
                _ => {}
            }
            match (opened, accepted) {
                (Some(opened), Some(accepted)) => return (opened, accepted),
                partial => (opened, accepted) = partial,
            }
        }
    }
}

fn frame(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).expect("a short frame");
    [&length.to_be_bytes(), bytes].concat()
}

#[tokio::test]
async fn an_outsider_is_refused_and_reported_and_gets_no_bytes() {
    let (mut one, two) = connected_pair().await;
    let mut outsider = RawPeer::dialing(66, &one);
    let refused = async {
        loop {
            match outsider.swarm.select_next_some().await {
                // The dialing side completes the handshake before the other side looks at its key.
                SwarmEvent::ConnectionEstablished { connection_id, .. } => {
                    let node = outsider.node.to_peer_id();
                    outsider.swarm.behaviour_mut().streams.open(node, connection_id);
                }
                SwarmEvent::Behaviour(event) => {
                    let failed = matches!(event.outcome, StreamOutcome::OpenFailed(_));
                    assert!(failed, "the outsider got streams: {event:?}");
                }
                SwarmEvent::ConnectionClosed { .. }
                | SwarmEvent::OutgoingConnectionError { .. } => return,
                _ => {}
            }
        }
    };
    in_time("the refusal", refused).await;
    let NetworkEvent::Refused { key: knocked, address } = one.next().await else {
        panic!("no refusal reported");
    };
    assert_eq!(knocked, Some(key(66)));
    assert!(address.starts_with("127.0.0.1:"), "{address}");
    assert_eq!(one.handle.connected(), [two.key]);
}

#[tokio::test]
async fn messages_to_an_outsider_or_of_a_wrong_size_are_not_queued() {
    let (one, two) = connected_pair().await;
    let send = |to, size| one.handle.send(to, Channel::Agreement, vec![0; size].into());
    let max = Channel::Agreement.message_bytes_max();
    assert_eq!(send(key(66), 1), Err(SendError::NotConnected));
    assert_eq!(send(two.key, 0), Err(SendError::Empty));
    assert_eq!(send(two.key, max), Ok(()));
    let too_long = SendError::TooLong { channel: Channel::Agreement, length: max + 1 };
    assert_eq!(send(two.key, max + 1), Err(too_long));
}

#[tokio::test]
async fn a_peer_that_restarts_is_connected_again_by_the_one_that_dials() {
    let mut one = Node::start(config(1, vec![silent(2)])).await;
    let mut two = Node::start(config(2, vec![one.peer()])).await;
    two.until_connected(one.key).await;

    let listen = one.address;
    in_time("shutdown", one.handle.shutdown()).await;
    two.until_disconnected(key(1)).await;
    let again = NetworkConfig { listen, ..config(1, vec![silent(2)]) };
    one = Node::start(again).await;
    two.until_connected(one.key).await;
    one.until_connected(two.key).await;
    two.send(one.key, Channel::Agreement, vec![5]);
    assert_eq!(one.next_message().await, (two.key, Channel::Agreement, vec![5]));
}

#[tokio::test]
async fn a_peer_that_begins_anew_replaces_its_old_link() {
    let mut one = Node::start(config(1, vec![silent(2)])).await;
    // The first connection stays open, as that of a machine that lost its power does.
    let mut before = RawPeer::dialing(2, &one);
    let (mut outgoing, _incoming) = before.streams().await;
    outgoing[0].write_all(&frame(b"before")).await.expect("hello");
    outgoing[0].flush().await.expect("hello");
    let hello = b"before".to_vec();
    let connected = async {
        tokio::select! {
            event = one.next() => event,
            () = before.swarm.by_ref().for_each(|_| async {}) => unreachable!("swarms do not end"),
        }
    };
    assert_eq!(connected.await, NetworkEvent::Connected { peer: key(2), hello });

    let mut two = Node::start(config(2, vec![one.peer()])).await;
    let reason = one.until_disconnected(two.key).await;
    assert_eq!(reason, "the peer connected again");
    let hello = vec![2; 3];
    assert_eq!(one.next().await, NetworkEvent::Connected { peer: two.key, hello });
    two.until_connected(one.key).await;
    drop((before, outgoing));
}

/// What becomes of a peer that sends `hello` and then `rest` on `channel`.
async fn reason_after(hello: &[u8], channel: Channel, rest: &[u8]) -> String {
    let mut one = Node::start(config(1, vec![silent(2)])).await;
    let mut peer = RawPeer::dialing(2, &one);
    let (mut outgoing, mut incoming) = peer.streams().await;
    let mut wire = tokio::spawn(async move {
        peer.swarm.for_each(|_| async {}).await;
    });
    outgoing[0].write_all(hello).await.expect("hello");
    outgoing[0].flush().await.expect("hello");
    one.until_connected(key(2)).await;
    let mut ours = [0; 7];
    incoming[0].read_exact(&mut ours).await.expect("the node's hello");
    assert_eq!(ours, [0, 0, 0, 3, 1, 1, 1]);
    outgoing[channel.index()].write_all(rest).await.expect("the rest");
    outgoing[channel.index()].flush().await.expect("the rest");
    let reason = one.until_disconnected(key(2)).await;
    // The whole connection is closed, not only the stream.
    let end = in_time("the end", incoming[0].read(&mut ours)).await;
    assert!(matches!(end, Ok(0) | Err(_)), "{end:?}");
    assert!((&mut wire).now_or_never().is_none());
    wire.abort();
    reason
}

#[tokio::test]
async fn a_frame_longer_than_its_channel_allows_closes_the_connection() {
    for channel in Channel::ALL {
        let length = u32::try_from(channel.message_bytes_max() + 1).expect("fits");
        let reason = reason_after(&frame(b"x"), channel, &length.to_be_bytes()).await;
        assert!(reason.contains("bytes announced"), "{reason}");
    }
}

#[tokio::test]
async fn an_empty_frame_outside_the_agreement_channel_closes_the_connection() {
    let reason = reason_after(&frame(b"x"), Channel::Sync, &[0; 4]).await;
    assert_eq!(reason, "sync channel: empty frame");
}

#[tokio::test]
async fn a_stream_that_a_peer_ends_ends_the_link() {
    let mut one = Node::start(config(1, vec![silent(2)])).await;
    let mut peer = RawPeer::dialing(2, &one);
    let (mut outgoing, _incoming) = peer.streams().await;
    let wire = tokio::spawn(async move {
        peer.swarm.for_each(|_| async {}).await;
    });
    outgoing[0].write_all(&frame(b"x")).await.expect("hello");
    outgoing[0].flush().await.expect("hello");
    one.until_connected(key(2)).await;
    outgoing[1].close().await.expect("closing");
    let reason = one.until_disconnected(key(2)).await;
    assert_eq!(reason, "bulk channel: stream closed by the peer");
    wire.abort();
}

#[tokio::test]
async fn a_full_queue_is_reported_and_empties_when_the_peer_reads() {
    let (one, mut two) = connected_pair().await;
    let message = Bytes::from(vec![3; Channel::Agreement.message_bytes_max()]);
    let mut queued = 0;
    // Node 2 does not take its events, so its reader stops. What the connection's windows hold is
    // not ours to know, but it is less than this.
    let full = async {
        loop {
            match one.handle.send(two.key, Channel::Agreement, message.clone()) {
                Ok(()) => queued += 1,
                Err(error) => return error,
            }
            assert!(queued < 1000, "no bound found");
            tokio::task::yield_now().await;
        }
    };
    let error = in_time("a full queue", full).await;
    assert_eq!(error, SendError::QueueFull { channel: Channel::Agreement });
    assert_eq!(one.handle.stats()[&two.key].queue_full, 1);
    for _ in 0..queued {
        assert_eq!(two.next_message().await.2.len(), message.len());
    }
    one.send(two.key, Channel::Agreement, message);
    two.next_message().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_messages_do_not_hold_up_a_vote() {
    let (one, mut two) = connected_pair().await;
    let large = Bytes::from(vec![4; 8 * 1024 * 1024]);
    for _ in 0..7 {
        one.send(two.key, Channel::Bulk, large.clone());
    }
    one.send(two.key, Channel::Agreement, vec![1]);
    // Queued behind 56 MiB, the vote arrives when at most a part of them has.
    let mut before = 0;
    while two.next_message().await.1 == Channel::Bulk {
        before += 1;
    }
    assert!(before < 7, "the vote came last");
    for _ in before..7 {
        assert_eq!(two.next_message().await.2.len(), large.len());
    }
}

#[tokio::test]
async fn the_largest_message_arrives() {
    let (one, mut two) = connected_pair().await;
    one.send(two.key, Channel::Sync, vec![8; SYNC_MESSAGE_BYTES_MAX]);
    assert_eq!(two.next_message().await.2.len(), SYNC_MESSAGE_BYTES_MAX);
}

#[tokio::test]
async fn a_taken_port_is_an_error_that_names_the_address() {
    let one = Node::start(config(1, vec![])).await;
    let second = NetworkConfig { listen: one.address, ..config(2, vec![]) };
    let error = Network::start(second).await.expect_err("the port is taken");
    assert!(matches!(error, NetworkError::ListenAddressInUse { .. }), "{error}");
    assert!(error.to_string().contains(&one.address.to_string()), "{error}");
}

#[tokio::test]
async fn a_peer_removed_from_the_list_is_disconnected_and_stays_out() {
    let (mut one, mut two) = connected_pair().await;
    one.handle.set_peers(vec![]);
    let reason = one.until_disconnected(two.key).await;
    assert_eq!(reason, "removed from the registered peers");
    two.until_disconnected(one.key).await;
    // It dials again and finds itself an outsider.
    let refused = one.until(|event| match event {
        NetworkEvent::Refused { key, .. } => Some(key),
        _ => None,
    });
    assert_eq!(refused.await, Some(two.key));
    assert!(one.handle.stats().is_empty());

    one.handle.set_peers(vec![silent(2)]);
    one.until_connected(two.key).await;
    two.until_connected(one.key).await;
}

#[tokio::test]
async fn the_tap_holds_every_frame_that_leaves() {
    let folder = tempfile::tempdir().expect("a folder");
    let tap = folder.path().join("tap");
    let mut one = Node::start(config(1, vec![silent(2)])).await;
    let two = NetworkConfig { tap: Some(tap.clone()), ..config(2, vec![one.peer()]) };
    let mut two = Node::start(two).await;
    two.until_connected(one.key).await;
    one.until_connected(two.key).await;
    two.send(one.key, Channel::Agreement, &b"vote"[..]);
    one.next_message().await;
    let bytes = std::fs::read(&tap).expect("the tap");
    assert_eq!(bytes[..15], [frame(&[2; 3]), frame(b"vote")].concat());
}

#[tokio::test]
async fn dropping_the_handle_stops_the_network() {
    let mut one = Node::start(config(1, vec![])).await;
    drop(one.handle);
    assert_eq!(in_time("the end", one.events.recv()).await, None);
}

#[tokio::test]
async fn an_idle_link_carries_empty_frames() {
    let mut one = Node::start(config(1, vec![silent(2)])).await;
    let mut peer = RawPeer::dialing(2, &one);
    let (mut outgoing, mut incoming) = peer.streams().await;
    let wire = tokio::spawn(async move {
        peer.swarm.for_each(|_| async {}).await;
    });
    outgoing[0].write_all(&frame(b"x")).await.expect("hello");
    outgoing[0].flush().await.expect("hello");
    one.until_connected(key(2)).await;
    let mut received = [9; 11];
    in_time("an empty frame", incoming[0].read_exact(&mut received)).await.expect("frames");
    assert_eq!(received, [0, 0, 0, 3, 1, 1, 1, 0, 0, 0, 0]);
    wire.abort();
}
