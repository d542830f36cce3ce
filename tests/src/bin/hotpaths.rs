//! The paths that every document takes, each once over a fixed load, for a tool that counts
//! instructions: `.ci/instructions`. Names, load and order are fixed, so that counts compare.
//!
//! Usage: `hotpaths decode|verify|execute`. Each path is one function whose name begins with
//! `hot_path_`: the tool counts inside it only.

use kanhe_contracts::fixture;
use kanhe_ledger::Ledger;
use kanhe_ledger::store::MemoryStore;
use kanhe_node::core::message::Message;
use kanhe_node::node::genesis_state;
use kanhe_tests::simulator::world::{FOUNDED_MS, World};
use kanhe_types::block::{Block, Decision, Header, batches_root};
use kanhe_types::certificate::{Certificate, CertifiedBatch};
use kanhe_types::hash::Hash;
use kanhe_types::limits::PROTOCOL_VERSION;
use kanhe_types::submission::{Batch, VerifiedSubmission};
use kanhe_types::time::Millis;
use std::hint::black_box;
use std::process::ExitCode;
use std::sync::Arc;

/// Documents of one submission.
const DOCUMENTS: u64 = 50;
/// Submissions of each kind of document.
const SUBMISSIONS: u64 = 2;

/// Everything prepared before counting begins.
struct Load {
    genesis: Hash,
    batch: Arc<Batch>,
    bytes: Vec<u8>,
    ledger: Ledger<MemoryStore>,
}

fn main() -> ExitCode {
    let load = prepare();
    match std::env::args().nth(1).as_deref() {
        Some("decode") => hot_path_decode(&load),
        Some("verify") => hot_path_verify(&load),
        Some("execute") => hot_path_execute(&load),
        _ => return ExitCode::from(2),
    }
    ExitCode::SUCCESS
}

/// A peer's batch, from bytes.
#[inline(never)]
fn hot_path_decode(load: &Load) {
    black_box(Message::decode(black_box(&load.bytes)).expect("it was encoded here"));
}

/// A batch's commitments and signatures.
#[inline(never)]
fn hot_path_verify(load: &Load) {
    black_box(&load.batch).verify(&load.genesis).expect("it was signed here");
}

/// A height: rules, state tree, receipts, events, indexes, into a store in memory.
#[inline(never)]
fn hot_path_execute(load: &Load) {
    black_box(&load.ledger).execute_next().expect("it was decided here");
}

/// Trades complete in one block, each kind of document signed by its sender.
fn prepare() -> Load {
    let world = World::new(4, 0);
    let genesis = world.genesis.hash();
    let makers = [fixture::order, fixture::payment, fixture::waybill, fixture::list];
    let mut submissions: Vec<VerifiedSubmission> = Vec::new();
    for number in 0..SUBMISSIONS {
        for make in makers {
            let trades = number * DOCUMENTS..(number + 1) * DOCUMENTS;
            let documents: Vec<_> = trades.map(|trade| make(&fixture::Trade::new(trade))).collect();
            let trade = fixture::Trade::new(0);
            let signer = fixture::signer(&trade, documents.first().expect("there are some"));
            let submission = fixture::submission(&genesis, &signer, 50_000, &documents);
            submissions.push(submission.verify(&genesis).expect("it was signed here"));
        }
    }
    let set = world.genesis.validator_set();
    let batch = Arc::new(Batch::sign(&genesis, &world.secrets[0], 1, set.hash(), submissions));
    let bytes = Message::Batch(Arc::clone(&batch)).encode();
    let ledger = Ledger::open(MemoryStore::default(), genesis_state(&world.genesis));
    let ledger = ledger.expect("memory does not fail");
    let digest = batch.header.digest(&genesis);
    ledger.store_batches(&[(digest, Arc::clone(&batch))]).expect("memory does not fail");
    ledger.store_decision(&decision(&world, &ledger, &batch)).expect("memory does not fail");
    Load { genesis, batch, bytes, ledger }
}

/// A decision of height 1; execution does not look at signatures again.
fn decision(world: &World, ledger: &Ledger<MemoryStore>, batch: &Batch) -> Decision {
    let genesis = world.genesis.hash();
    let batches = vec![CertifiedBatch { header: batch.header.clone(), acknowledgements: vec![] }];
    let executed = ledger.executed(0).expect("memory does not fail");
    let header = Header {
        protocol: PROTOCOL_VERSION,
        genesis,
        height: 1,
        time: Millis(FOUNDED_MS + 1_000),
        parent: genesis,
        proposer: world.keys[0],
        validators: world.genesis.validator_set().hash(),
        policy: world.genesis.policy.hash(),
        batches: batches_root(&genesis, &batches),
        executed: executed.expect("height 0 is executed"),
        absent: Vec::new(),
        next_validators: world.genesis.validator_set().hash(),
    };
    let block = header.hash();
    let certificate = Certificate { height: 1, round: 0, block, signatures: Vec::new() };
    Decision { block: Block { header, batches }, certificate }
}
