//! Which nodes are admitted, and whose they are. It follows what the core says, which follows the
//! chain.

use super::{Shared, lock, peer_key};
use crate::core::Event;
use bytes::Bytes;
use kanhe_ledger::Ledger;
use kanhe_ledger::store::RocksStore;
use kanhe_network::{Channel, NetworkHandle, PeerAddress, PeerKey, SendError};
use kanhe_types::keys::{PublicKey, Scheme};
use kanhe_types::validator::Validator;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The nodes that are admitted.
pub(super) struct Peers {
    ledger: Arc<Ledger<RocksStore>>,
    network: NetworkHandle,
    shared: Arc<Shared>,
    /// Where the operator says nodes are, by node key.
    addresses: BTreeMap<PublicKey, String>,
    own_node: PublicKey,
    /// Key that signs → node key; a node that only the operator knows stands for itself.
    nodes: BTreeMap<PublicKey, PublicKey>,
    /// Validators whose address the operator has been asked for.
    asked: BTreeSet<PublicKey>,
}

impl Peers {
    pub(super) fn new(
        ledger: Arc<Ledger<RocksStore>>,
        network: NetworkHandle,
        shared: Arc<Shared>,
        addresses: BTreeMap<PublicKey, String>,
        own_node: PublicKey,
    ) -> Self {
        let (nodes, asked) = Default::default();
        Self { ledger, network, shared, addresses, own_node, nodes, asked }
    }

    /// Queues a message for whoever has this key.
    pub(super) fn send(
        &self,
        to: &PublicKey,
        channel: Channel,
        bytes: Bytes,
    ) -> Result<(), SendError> {
        let node = self.nodes.get(to).ok_or(SendError::NotConnected)?;
        self.network.send(peer_key(node), channel, bytes)
    }

    /// Admits the nodes of these validators, and those that the operator named and the chain never
    /// knew; disconnects all others. The events tell the core of connected nodes whose name for
    /// it has changed.
    pub(super) fn admit(&mut self, members: &[Validator]) -> Vec<Event> {
        let mut nodes: BTreeMap<PublicKey, PublicKey> =
            members.iter().map(|validator| (validator.key, validator.node)).collect();
        let schedule = self.ledger.schedule();
        let sets = schedule.validator_sets().iter();
        let known: BTreeSet<PublicKey> = sets
            .flat_map(|one| one.set.validators())
            .chain(members)
            .map(|validator| validator.node)
            .collect();
        // Connections know Ed25519 keys only; any other in the file is nobody's.
        let is_stranger =
            |node: &&PublicKey| node.scheme() == Scheme::Ed25519 && !known.contains(node);
        let strangers = self.addresses.keys().filter(is_stranger);
        nodes.extend(strangers.map(|node| (*node, *node)));
        nodes.retain(|_, node| *node != self.own_node);
        self.ask_for_addresses(members);
        let identities = nodes.iter().map(|(key, node)| (peer_key(node), *key)).collect();
        let events = self.rename(identities);
        let peers = nodes.values().map(|node| PeerAddress {
            key: peer_key(node),
            address: self.addresses.get(node).cloned(),
        });
        self.network.set_peers(peers.collect());
        self.nodes = nodes;
        events
    }

    /// Puts the new names in the place of the old ones.
    fn rename(&self, identities: BTreeMap<PeerKey, PublicKey>) -> Vec<Event> {
        let mut events = Vec::new();
        let mut current = lock(&self.shared.identities);
        let mut connected = lock(&self.shared.connected);
        for (peer, before) in current.iter() {
            let after = identities.get(peer);
            let was_connected = connected.get(before).copied().unwrap_or(false);
            if after == Some(before) || !was_connected {
                continue;
            }
            connected.remove(before);
            events.push(Event::Disconnected(*before));
            if let Some(after) = after {
                connected.insert(*after, true);
                events.push(Event::Connected(*after));
            }
        }
        *current = identities;
        events
    }

    /// Whoever has no address is waited for: it has to know ours.
    fn ask_for_addresses(&mut self, members: &[Validator]) {
        for validator in members {
            let is_known =
                validator.node == self.own_node || self.addresses.contains_key(&validator.node);
            if !is_known && self.asked.insert(validator.node) {
                tracing::warn!(
                    organisation = %validator.organisation, node = %validator.node,
                    "node.json has no address of this validator's node; it connects only if its \
                     own names ours. Add it under `peers` and restart"
                );
            }
        }
    }
}
