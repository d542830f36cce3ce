//! A home for a node that joins a zone which runs already.

use super::{
    GENESIS_FILE, Home, HomeError, HttpConfig, NODE_FILE, NodeFile, PeerConfig, TimeoutsConfig,
    store_json,
};
use crate::keystore::{self, Cost, Passphrase};
use kanhe_genesis::Genesis;
use kanhe_types::code::OrganisationCode;
use kanhe_types::keys::{PublicKey, Scheme};
use std::net::SocketAddr;

/// What a new node is to be like.
#[derive(Clone, Debug)]
pub struct NewNode {
    /// Whose node it is.
    pub organisation: OrganisationCode,
    /// How its validator signs. Nodes connect with Ed25519 in any case.
    pub scheme: Scheme,
    /// Where it accepts other validators.
    pub listen: SocketAddr,
    /// Where its HTTP API listens.
    pub http: SocketAddr,
    /// Where the other validators are.
    pub peers: Vec<PeerConfig>,
    /// How long the steps of the agreement wait; the program's own choice where it is absent.
    pub timeouts: Option<TimeoutsConfig>,
}

/// The public keys of a new node, which the agencies add or put in another's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeKeys {
    /// Signs votes, batches and acknowledgements.
    pub validator: PublicKey,
    /// Shown on connections.
    pub node: PublicKey,
}

/// Makes the home: new keys, an empty log, the genesis and the configuration.
///
/// # Errors
/// When the folder holds a node already, or cannot be written.
pub fn init(
    home: &Home,
    genesis: &Genesis,
    new: NewNode,
    passphrase: &Passphrase,
    cost: Cost,
) -> Result<NodeKeys, HomeError> {
    let path = home.validator_key_path();
    let validator = keystore::create(&path, new.scheme, passphrase, cost)?;
    let node = keystore::create(&home.node_key_path(), Scheme::Ed25519, passphrase, cost)?;
    let text = format!("{}\n", genesis.to_json());
    keystore::write_private(&home.path().join(GENESIS_FILE), text.as_bytes())?;
    // These keys have signed nothing yet. A home without a log has signed nobody knows what.
    keystore::write_private(&home.wal_path(), &[])?;
    let NewNode { organisation, scheme: _, listen, http, peers, timeouts } = new;
    let http = HttpConfig { listen: http };
    let file = NodeFile {
        organisation,
        listen,
        peers,
        http,
        heartbeat_ms: None,
        timeouts,
        tap: None,
        pseudonym_service: None,
        signer: None,
    };
    store_json(&home.path().join(NODE_FILE), &file)?;
    Ok(NodeKeys { validator, node })
}
