//! Real nodes on loopback within one process: real sockets, real RocksDB, real clocks.

use crate::simulator::world::World;
use kanhe_node::node::{Node, NodeConfig, NodeError, NodeHandle, ValidatorSigner};
use kanhe_types::hash::Hash;
use kanhe_types::keys::PublicKey;
use kanhe_types::receipt::Receipt;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::time::Duration;

/// A zone whose validators run as nodes under one folder.
pub struct Network {
    world: World,
    addresses: Vec<SocketAddr>,
    folder: tempfile::TempDir,
    nodes: Vec<Option<(NodeHandle, Node)>>,
}

/// An address on loopback that nobody uses at the moment.
fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has ports");
    listener.local_addr().expect("it is bound")
}

impl Network {
    /// Founds a zone of `validators`; nothing runs yet.
    pub fn found(validators: usize, submissions: usize) -> Self {
        Self {
            world: World::new(validators, submissions),
            addresses: (0..validators).map(|_| free_address()).collect(),
            folder: tempfile::tempdir().expect("a folder"),
            nodes: (0..validators).map(|_| None).collect(),
        }
    }

    /// The zone.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// The folder of a node.
    pub fn home(&self, index: usize) -> std::path::PathBuf {
        self.folder.path().join(format!("node{index}"))
    }

    /// What node `index` is started with.
    pub fn config(&self, index: usize) -> NodeConfig {
        let home = self.home(index);
        if !home.exists() {
            std::fs::create_dir_all(&home).expect("a folder");
            // Whose key has signed nothing yet has an empty log.
            std::fs::write(home.join("agreement.wal"), []).expect("a file");
        }
        let nodes = self.world.genesis.validators.iter().map(|validator| validator.node);
        let peers: BTreeMap<PublicKey, String> =
            nodes.zip(&self.addresses).map(|(key, address)| (key, address.to_string())).collect();
        NodeConfig {
            organisation: self.world.genesis.validators[index].organisation.clone(),
            genesis: self.world.genesis.clone(),
            data: home.join("data"),
            log: home.join("agreement.wal"),
            evidence: home.join("evidence"),
            reads: home.join("reads.log"),
            signer: ValidatorSigner::Key(self.world.secrets[index].clone()),
            node_secret: self.world.node_secrets[index].clone(),
            listen: self.addresses[index],
            peers,
            timeouts: self.world.timeouts,
            heartbeat_ms: 1_000,
            tap: None,
        }
    }

    /// Starts node `index`.
    ///
    /// # Errors
    /// What the node says.
    pub async fn start(&mut self, index: usize) -> Result<(), NodeError> {
        self.start_with(index, self.config(index)).await
    }

    /// Starts node `index` with a changed configuration.
    ///
    /// # Errors
    /// What the node says.
    pub async fn start_with(&mut self, index: usize, config: NodeConfig) -> Result<(), NodeError> {
        self.nodes[index] = Some(Node::start(config).await?);
        Ok(())
    }

    /// Starts every node that is down.
    pub async fn start_all(&mut self) {
        for index in 0..self.nodes.len() {
            if self.nodes[index].is_none() {
                self.start(index).await.expect("the node starts");
            }
        }
    }

    /// Stops node `index` in an orderly way.
    pub async fn stop(&mut self, index: usize) {
        if let Some((handle, node)) = self.nodes[index].take() {
            drop(handle);
            node.shutdown().await;
        }
    }

    /// Stops every node.
    pub async fn stop_all(&mut self) {
        for index in 0..self.nodes.len() {
            self.stop(index).await;
        }
    }

    /// The handle of a running node.
    pub fn handle(&self, index: usize) -> &NodeHandle {
        &self.nodes[index].as_ref().expect("the node runs").0
    }

    /// Submits a submission of the world at a node and waits for its receipts there.
    pub async fn submit_and_wait(&self, index: usize, number: usize) -> Vec<Receipt> {
        let submission = self.world.submissions[number].clone();
        let id = submission.id();
        let answers = self.handle(index).submit(vec![submission]).await.expect("the node runs");
        assert_eq!(answers, vec![Ok(id)]);
        self.receipts(index, &id).await
    }

    /// Waits until a node has the receipts of a submission.
    pub async fn receipts(&self, index: usize, id: &Hash) -> Vec<Receipt> {
        let handle = self.handle(index);
        let mut executed = handle.executed();
        let waiting = async {
            loop {
                if let Some(receipts) = handle.ledger.receipts_of(id).expect("readable") {
                    return receipts;
                }
                executed.changed().await.expect("the node runs");
            }
        };
        tokio::time::timeout(Duration::from_secs(30), waiting).await.expect("a receipt in time")
    }

    /// Waits until a node has executed `height`.
    pub async fn reach(&self, index: usize, height: u64) {
        let mut executed = self.handle(index).executed();
        let waiting = executed.wait_for(|executed| height <= *executed);
        tokio::time::timeout(Duration::from_secs(30), waiting)
            .await
            .unwrap_or_else(|_| panic!("node {index}: {:?}", self.handle(index).status()))
            .expect("the node runs");
    }
}
