//! What the parts of a node cost on this machine: the yardstick of `kanhe bench`.
//!
//! Each part is measured by itself on one thread, in microseconds of CPU of the whole process (the
//! store's own threads included), with the code that the node runs.

use kanhe_contracts::document::Document;
use kanhe_contracts::fixture;
use kanhe_ledger::store::{Column, Durability, Store, WriteBatch};
use kanhe_ledger::tree::{LeafChange, Tree};
use kanhe_ledger::{LedgerError, RocksStore, StoreError};
use kanhe_network::{
    Channel, Network, NetworkConfig, NetworkError, NetworkEvent, PeerAddress, PeerKey,
};
use kanhe_privacy::oprf::{Blinded, EvaluationKey};
use kanhe_types::hash::{Domain, Hash, sha256_of};
use kanhe_types::keys::{Scheme, SecretKey, Signed, verify_all};
use kanhe_types::limits::EVALUATIONS_MAX;
use kanhe_types::pseudonym::PseudonymScope;
use rustix::time::{ClockId, clock_gettime};
use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;
use zeroize::Zeroizing;

/// Keys of a batched signature check.
const SIGNATURES: usize = 1_024;
/// Keys of the check of SM2 signatures.
const SM2_SIGNATURES: usize = 256;
/// Keys that the store and the tree hold before they are measured.
const KEYS: u64 = 1_000_000;
/// Keys that are read or written in one go.
const BLOCK: u64 = 10_000;
/// Blocks that are measured.
const BLOCKS: u64 = 8;
/// Bytes of a stored value, half of them random.
const VALUE_BYTES: usize = 400;
/// Bytes of one message over a stream, and how many messages.
const MESSAGE_BYTES: usize = 512 * 1024;
const MESSAGES: usize = 96;
/// How long two networks may take to find each other, and to carry the messages.
const NETWORK_TIMEOUT: Duration = Duration::from_secs(20);

/// Microseconds of CPU.
#[derive(Clone, Copy, Debug, Default)]
pub struct PartCosts {
    /// Signing once.
    pub sign_us: f64,
    /// One signature checked by itself.
    pub verify_single_us: f64,
    /// One signature in a batch of 1,024 by different keys.
    pub verify_batch_us: f64,
    /// Signing once with SM2.
    pub sm2_sign_us: f64,
    /// One SM2 signature; there are no batches of these.
    pub sm2_verify_us: f64,
    /// SHA-256 of 400 bytes.
    pub sha256_us: f64,
    /// Decoding an order, with the check for canonical bytes.
    pub codec_us: f64,
    /// Writing 400 bytes under a key of 32, in batches of 10,000, flushes and compaction included.
    pub put_us: f64,
    /// Reading one key of a million, sorted and in batches.
    pub read_us: f64,
    /// Changing one key of a state tree of a million, in blocks of 10,000, its store included.
    pub state_us: f64,
    /// A megabyte over an authenticated stream, both ends.
    pub stream_us_per_mb: f64,
    /// One value evaluated by the pseudonym service, in a request of the most values.
    pub evaluate_us: f64,
    /// One value's pseudonym, both ends: blinded, evaluated, checked and unblinded.
    pub pseudonym_us: f64,
}

/// A part cannot be measured.
#[derive(Debug, thiserror::Error)]
pub enum PartsError {
    /// The store fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The tree fails.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The network fails.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// The system refuses.
    #[error("the system refuses")]
    Io(#[from] std::io::Error),
    /// Two ends on this machine do not reach each other.
    #[error("two ends of a stream on 127.0.0.1 do not reach each other; check the firewall")]
    Silent,
}

/// Measures every part; `folder` is for files that are removed by the caller.
///
/// # Errors
/// When the machine cannot write to the folder or talk to itself.
pub fn measure(folder: &Path) -> Result<PartCosts, PartsError> {
    let mut costs = PartCosts::default();
    signatures(&mut costs);
    sm2_signatures(&mut costs);
    hashing(&mut costs);
    pseudonyms(&mut costs);
    storage(&folder.join("store"), &mut costs)?;
    costs.state_us = state(&folder.join("tree"))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    costs.stream_us_per_mb = runtime.block_on(stream())?;
    runtime.shutdown_background();
    Ok(costs)
}

/// CPU seconds of the process.
fn cpu() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Microseconds of CPU for one of `count` repetitions of `work`.
fn each(count: usize, mut work: impl FnMut(usize)) -> f64 {
    let started = cpu();
    for index in 0..count {
        work(index);
    }
    (cpu() - started) * 1e6 / count as f64
}

fn signatures(costs: &mut PartCosts) {
    let secrets: Vec<SecretKey> = (0..SIGNATURES).map(secret).collect();
    let digest = Hash::of(Domain::Submission, &[b"a digest to be signed"]);
    let mut signed: Vec<Signed> = Vec::with_capacity(SIGNATURES);
    costs.sign_us = each(SIGNATURES, |index| {
        let secret = secrets.get(index).expect("there are as many keys");
        signed.push((secret.public_key(), digest, secret.sign(&digest)));
    });
    costs.verify_single_us = each(SIGNATURES, |index| {
        let (key, digest, signature) = signed.get(index).expect("there are as many signatures");
        assert!(key.verify(digest, signature).is_ok(), "what was signed is valid");
    });
    costs.verify_batch_us = each(8, |_| {
        assert!(verify_all(&signed).iter().all(|valid| *valid), "what was signed is valid");
    }) / SIGNATURES as f64;
}

fn sm2_signatures(costs: &mut PartCosts) {
    let secrets = (0..SM2_SIGNATURES).map(|number| *secret(number).bytes());
    let secrets: Vec<SecretKey> =
        secrets.filter_map(|bytes| SecretKey::new(Scheme::Sm2, bytes).ok()).collect();
    let digest = Hash::of(Domain::Submission, &[b"a digest to be signed"]);
    let mut signed: Vec<Signed> = Vec::with_capacity(secrets.len());
    costs.sm2_sign_us = each(secrets.len(), |index| {
        let secret = secrets.get(index).expect("there are as many keys");
        signed.push((secret.public_key(), digest, secret.sign(&digest)));
    });
    costs.sm2_verify_us = each(1, |_| {
        assert!(verify_all(&signed).iter().all(|valid| *valid), "what was signed is valid");
    }) / signed.len() as f64;
}

fn pseudonyms(costs: &mut PartCosts) {
    let key = EvaluationKey::derive(&[7; 32], PseudonymScope { key_id: 1, epoch: 2026 });
    let inputs = || (0..EVALUATIONS_MAX).map(|number| number.to_le_bytes().to_vec()).collect();
    let blinded = Blinded::new(inputs()).expect("as many values as one request may have");
    costs.evaluate_us = each(2, |_| {
        assert!(key.evaluate(blinded.elements()).is_ok(), "the elements are well formed");
    }) / EVALUATIONS_MAX as f64;
    costs.pseudonym_us = each(2, |_| {
        let blinded = Blinded::new(inputs()).expect("as many values as one request may have");
        let evaluated = key.evaluate(blinded.elements()).expect("the elements are well formed");
        let outputs = blinded.finish(key.public_key(), &evaluated);
        assert!(outputs.is_ok(), "the answer was made with the key");
    }) / EVALUATIONS_MAX as f64;
}

fn secret(number: usize) -> SecretKey {
    SecretKey::from_seed(sha256_of(&number.to_le_bytes()).0)
}

fn hashing(costs: &mut PartCosts) {
    let bytes = [7u8; VALUE_BYTES];
    costs.sha256_us = each(50_000, |_| {
        black_box(sha256_of(black_box(&bytes)));
    });
    let document = fixture::order(&fixture::Trade::new(1)).encode();
    costs.codec_us = each(20_000, |_| {
        assert!(Document::decode(black_box(&document)).is_ok(), "it was encoded here");
    });
}

/// A key that is spread like a hash.
fn key(number: u64) -> Hash {
    sha256_of(&number.to_le_bytes())
}

fn value(number: u64) -> Vec<u8> {
    let mut bytes = vec![b'v'; VALUE_BYTES];
    let random: Vec<u8> = (0..7u64).flat_map(|part| key(number ^ (part << 48)).0).collect();
    bytes.iter_mut().zip(random.iter().take(VALUE_BYTES / 2)).for_each(|(to, from)| *to = *from);
    bytes
}

fn storage(folder: &Path, costs: &mut PartCosts) -> Result<(), PartsError> {
    let store = RocksStore::open(folder)?;
    let mut spent = 0.0;
    for block in 0..KEYS / BLOCK {
        let mut batch = WriteBatch::default();
        for number in block * BLOCK..(block + 1) * BLOCK {
            batch.put(Column::State, key(number).0.to_vec(), value(number));
        }
        let started = cpu();
        store.write(batch, Durability::Reproducible)?;
        spent += cpu() - started;
    }
    costs.put_us = spent * 1e6 / KEYS as f64;
    let mut spent = 0.0;
    for block in 0..BLOCKS {
        let mut keys: Vec<Vec<u8>> = (0..BLOCK)
            .map(|index| key((block * BLOCK + index) * 7_919 % KEYS).0.to_vec())
            .collect();
        keys.sort();
        let started = cpu();
        let found = store.multi_get(Column::State, &keys)?;
        spent += cpu() - started;
        assert!(found.iter().all(Option::is_some), "what was written is there");
    }
    costs.read_us = spent * 1e6 / (BLOCKS * BLOCK) as f64;
    Ok(())
}

/// Half of the changes are of keys that exist.
fn state(folder: &Path) -> Result<f64, PartsError> {
    let store = RocksStore::open(folder)?;
    let mut tree = Tree::open(&store)?;
    let mut change = |numbers: &mut dyn Iterator<Item = u64>| -> Result<f64, PartsError> {
        let mut changes: Vec<LeafChange> =
            numbers.map(|number| (key(number), Some(key(number ^ u64::MAX)))).collect();
        changes.sort();
        changes.dedup_by_key(|(place, _)| *place);
        let started = cpu();
        let mut batch = WriteBatch::default();
        let update = tree.update(&store, &changes, &mut batch)?;
        store.write(batch, Durability::Reproducible)?;
        tree.apply(update);
        Ok((cpu() - started) * 1e6 / changes.len() as f64)
    };
    for block in 0..KEYS / (2 * BLOCK) {
        change(&mut (block * 2 * BLOCK..(block + 1) * 2 * BLOCK))?;
    }
    let mut spent = 0.0;
    for block in 0..BLOCKS {
        let fresh = KEYS + block * BLOCK / 2..KEYS + (block + 1) * BLOCK / 2;
        let known = (0..BLOCK / 2).map(|index| (block * BLOCK + index) * 7_919 % KEYS);
        spent += change(&mut fresh.chain(known))?;
    }
    Ok(spent / BLOCKS as f64)
}

/// One end of a stream.
fn end(number: usize) -> (NetworkConfig, PeerKey) {
    let secret = secret(number);
    let public = PeerKey::from_seed(secret.bytes());
    let config = NetworkConfig {
        secret_key: Zeroizing::new(*secret.bytes()),
        listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
        peers: Vec::new(),
        hello: b"parts".to_vec(),
        tap: None,
    };
    (config, public)
}

async fn stream() -> Result<f64, PartsError> {
    let ((mut one, one_key), (two, two_key)) = (end(1), end(2));
    one.peers = vec![PeerAddress { key: two_key, address: None }];
    let (sender, mut sender_events) = Network::start(one).await?;
    let address = loop {
        match tokio::time::timeout(NETWORK_TIMEOUT, sender_events.recv()).await {
            Ok(Some(NetworkEvent::Listening { address })) => break address,
            Ok(Some(_)) => {}
            Ok(None) | Err(_) => return Err(PartsError::Silent),
        }
    };
    let peers = vec![PeerAddress { key: one_key, address: Some(address.to_string()) }];
    let (receiver, mut events) = Network::start(NetworkConfig { peers, ..two }).await?;
    wait_for(&mut sender_events, |event| matches!(event, NetworkEvent::Connected { .. })).await?;
    let message = bytes::Bytes::from(vec![7; MESSAGE_BYTES]);
    let started = cpu();
    let mut sent = 0;
    for _ in 0..MESSAGES {
        while sender.send(two_key, Channel::Bulk, message.clone()).is_err() {
            wait_for(&mut events, |event| matches!(event, NetworkEvent::Message { .. })).await?;
            sent -= 1;
        }
        sent += 1;
    }
    for _ in 0..sent {
        wait_for(&mut events, |event| matches!(event, NetworkEvent::Message { .. })).await?;
    }
    let spent = cpu() - started;
    sender.shutdown().await;
    receiver.shutdown().await;
    Ok(spent * 1e6 / (MESSAGES * MESSAGE_BYTES) as f64 * 1e6)
}

async fn wait_for(
    events: &mut kanhe_network::NetworkEvents,
    is_wanted: impl Fn(&NetworkEvent) -> bool,
) -> Result<(), PartsError> {
    loop {
        match tokio::time::timeout(NETWORK_TIMEOUT, events.recv()).await {
            Ok(Some(event)) if is_wanted(&event) => return Ok(()),
            Ok(Some(_)) => {}
            Ok(None) | Err(_) => return Err(PartsError::Silent),
        }
    }
}
