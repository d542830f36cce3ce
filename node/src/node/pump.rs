//! The thread that reads the network: from bytes to the core's events.

use super::{NodeHandle, lock};
use crate::core::Event;
use crate::core::message::Message;
use kanhe_network::{NetworkEvent, NetworkEvents, PeerKey};
use kanhe_types::code::OrganisationCode;
use kanhe_types::hash::{Domain, Hash};
use kanhe_types::keys::PublicKey;
use kanhe_types::limits::MESSAGES_VERSION;
use std::sync::mpsc::SyncSender;

/// What peers show each other first: protocol and chain.
pub(super) fn hello(genesis: &Hash) -> Vec<u8> {
    let digest = Hash::of(Domain::Hello, &[genesis.as_bytes(), &MESSAGES_VERSION.to_le_bytes()]);
    [genesis.as_bytes().as_slice(), &MESSAGES_VERSION.to_le_bytes(), digest.as_bytes()].concat()
}

/// What a peer's hello says that ours does not.
fn hello_difference(own: &[u8], theirs: &[u8]) -> Option<String> {
    if own == theirs {
        return None;
    }
    let genesis = theirs.get(..32).map_or_else(|| "nothing".to_owned(), hex::encode);
    let version = theirs.get(32..34).and_then(|bytes| bytes.try_into().ok());
    let version = version.map_or(0, u16::from_le_bytes);
    Some(format!(
        "peer follows genesis {genesis} with messages of version {version}, expected {} with {MESSAGES_VERSION}; \
         give both nodes the same genesis.json and release",
        own.get(..32).map(hex::encode).unwrap_or_default(),
    ))
}

/// The thread that reads the network.
pub(super) struct Pump {
    pub(super) events: SyncSender<Event>,
    pub(super) handle: NodeHandle,
    pub(super) own_hello: Vec<u8>,
}

impl Pump {
    pub(super) async fn run(self, mut network: NetworkEvents) {
        while let Some(event) = network.recv().await {
            let Some(event) = self.translate(event) else { continue };
            if self.events.send(event).is_err() {
                return;
            }
        }
    }

    fn translate(&self, event: NetworkEvent) -> Option<Event> {
        let shared = &self.handle.shared;
        match event {
            NetworkEvent::Listening { address } => {
                tracing::info!(%address, "listening for peers");
                None
            }
            NetworkEvent::Connected { peer, hello } => {
                let key = self.identity(&peer)?;
                let name = self.name(&key);
                if let Some(difference) = hello_difference(&self.own_hello, &hello) {
                    tracing::error!(peer = %name, difference, "peer not used");
                    if let Some(code) = self.organisation(&key) {
                        lock(&shared.other_genesis).insert(code, difference);
                    }
                    return None;
                }
                tracing::info!(peer = %name, "connected");
                if let Some(code) = self.organisation(&key) {
                    lock(&shared.other_genesis).remove(&code);
                }
                lock(&shared.connected).insert(key, true);
                Some(Event::Connected(key))
            }
            NetworkEvent::Disconnected { peer, reason } => {
                let key = self.identity(&peer)?;
                tracing::info!(peer = %self.name(&key), reason, "disconnected");
                lock(&shared.connected).insert(key, false);
                Some(Event::Disconnected(key))
            }
            NetworkEvent::Message { peer, bytes, .. } => {
                let from = self.identity(&peer)?;
                if !lock(&shared.connected).get(&from).copied().unwrap_or(false) {
                    return None;
                }
                match Message::decode(&bytes) {
                    Ok(message) => Some(Event::Message { from, message: Box::new(message) }),
                    Err(error) => {
                        tracing::warn!(peer = %self.name(&from), %error, "message ignored");
                        None
                    }
                }
            }
            NetworkEvent::Refused { key, address } => {
                let key = key.map_or_else(|| "unknown".to_owned(), |key| key.to_string());
                tracing::warn!(key, address, "a peer that is not registered was refused");
                None
            }
        }
    }

    /// Whom the core knows a node as.
    fn identity(&self, peer: &PeerKey) -> Option<PublicKey> {
        lock(&self.handle.shared.identities).get(peer).copied()
    }

    /// The agency of a validator's key.
    fn organisation(&self, key: &PublicKey) -> Option<OrganisationCode> {
        let ledger = &self.handle.ledger;
        let members = ledger.schedule().members(ledger.decided_height().saturating_add(1));
        members.into_iter().find(|own| own.key == *key).map(|own| own.organisation)
    }

    /// The same, for people; the key itself of whom the chain does not know.
    fn name(&self, key: &PublicKey) -> String {
        self.organisation(key).map_or_else(|| key.short(), |code| code.to_string())
    }
}
