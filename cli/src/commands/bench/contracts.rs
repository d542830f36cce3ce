//! The rules alone: what executing documents costs one core, kind by kind, with the state in
//! memory, without store, state tree, network or agreement.

use crate::answer::{Answer, CliError};
use crate::table::table;
use kanhe_contracts::document::{Body, Document, DocumentKind};
use kanhe_contracts::execute::{BlockContext, execute};
use kanhe_contracts::fixture::{self, Trade, export, import};
use kanhe_contracts::governance::genesis_writes;
use kanhe_contracts::policy::{Policy, PolicyInForce};
use kanhe_contracts::state::{MemoryState, StateError, StateRead};
use kanhe_types::hash::Hash;
use kanhe_types::limits::{PROTOCOL_VERSION, SUBMISSION_DOCUMENTS_MAX};
use kanhe_types::submission::Submission;
use kanhe_types::time::Millis;
use serde::Serialize;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Documents of one block.
const BLOCK_DOCUMENTS: usize = 2_000;
/// What the project allows a document, reads of the state left out, in microseconds.
const BUDGET_US: f64 = 5.0;
const GENESIS: Hash = Hash([7; 32]);

/// What one kind of document costs.
#[derive(Debug, Serialize)]
struct Row {
    kind: &'static str,
    documents: usize,
    documents_per_second: f64,
    /// Microseconds a document, without reads of the state.
    rules_us: f64,
    /// Microseconds a document for reads of the state.
    reads_us: f64,
}

/// A state that tells how long it was read.
struct Timed<'a> {
    state: &'a MemoryState,
    spent: Cell<Duration>,
}

impl StateRead for Timed<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StateError> {
        let begun = Instant::now();
        let found = self.state.get(key);
        self.spent.set(self.spent.get() + begun.elapsed());
        found
    }

    fn get_sorted(&self, keys: &[Vec<u8>]) -> Result<Vec<Option<Vec<u8>>>, StateError> {
        let begun = Instant::now();
        let found = self.state.get_sorted(keys);
        self.spent.set(self.spent.get() + begun.elapsed());
        found
    }

    fn executed(&self, submissions: &[Hash]) -> Result<Vec<bool>, StateError> {
        let begun = Instant::now();
        let found = self.state.executed(submissions);
        self.spent.set(self.spent.get() + begun.elapsed());
        found
    }
}

/// Measures so many documents of each kind.
pub(super) fn run(documents: usize) -> Result<Answer, CliError> {
    let policy = PolicyInForce::new(Policy::default());
    let mut state = MemoryState::default();
    let validators = fixture::validator_set(4);
    state.apply(&genesis_writes(&export::exporters(), &policy, PROTOCOL_VERSION, &validators));
    let mut height = 0;
    let mut rows = Vec::new();
    for is_export in [false, true] {
        let first = if is_export { documents as u64 } else { 0 };
        let trades = (first..first + documents as u64).map(Trade::new);
        let mut by_kind: BTreeMap<usize, Vec<Document>> = BTreeMap::new();
        for trade in trades {
            let own = match is_export {
                true => export::documents(&trade),
                false => [fixture::order, fixture::payment, fixture::waybill, fixture::list]
                    .map(|make| make(&trade))
                    .into_iter()
                    .chain(import::documents(&trade))
                    .collect(),
            };
            for (place, document) in own.into_iter().enumerate() {
                by_kind.entry(place).or_default().push(document);
            }
        }
        for documents in by_kind.into_values() {
            rows.push(measure(&mut state, &policy, &mut height, &documents)?);
        }
    }
    let mean = |read: fn(&Row) -> f64| rows.iter().map(read).sum::<f64>() / rows.len() as f64;
    let (rules, reads) = (mean(|row| row.rules_us), mean(|row| row.reads_us));
    let head = ["kind", "documents/s", "rules us", "state reads us"].map(str::to_owned).to_vec();
    let figures = |name: &str, rules: f64, reads: f64| {
        let speed = format!("{:.0}", 1e6 / (rules + reads));
        vec![name.to_owned(), speed, format!("{rules:.2}"), format!("{reads:.2}")]
    };
    let mut lines = vec![head];
    lines.extend(rows.iter().map(|row| figures(row.kind, row.rules_us, row.reads_us)));
    lines.push(figures("mean of kinds", rules, reads));
    let text = format!(
        "one core, state in memory, {documents} documents of each kind in blocks of \
         {BLOCK_DOCUMENTS}; budget {BUDGET_US} us a document for the rules\n{}",
        table(&lines)
    );
    let json = serde_json::json!({
        "kinds": rows, "mean_rules_us": rules, "mean_reads_us": reads, "budget_us": BUDGET_US,
    });
    Ok(Answer::yes(text, json))
}

/// Executes documents of one kind, block after block.
fn measure(
    state: &mut MemoryState,
    policy: &PolicyInForce,
    height: &mut u64,
    documents: &[Document],
) -> Result<Row, CliError> {
    let kind = documents.first().map_or(DocumentKind::Order, Document::kind);
    let (mut spent, mut read) = (Duration::ZERO, Duration::ZERO);
    for block in documents.chunks(BLOCK_DOCUMENTS) {
        *height += 1;
        let submissions: Vec<(Hash, Submission)> = block
            .chunks(SUBMISSION_DOCUMENTS_MAX)
            .map(|documents| {
                let submission =
                    fixture::submission(&GENESIS, &signer(documents), u64::MAX, documents);
                (submission.header.id(&GENESIS), submission)
            })
            .collect();
        let time = Millis(1_795_420_800_000 + *height);
        let plain = BlockContext::plain(GENESIS, *height, time, policy);
        let context = BlockContext { programs: policy.programs(), ..plain };
        let timed = Timed { state, spent: Cell::default() };
        let begun = Instant::now();
        let effects = execute(&context, &timed, submissions.iter().map(|(id, own)| (*id, own)));
        spent += begun.elapsed();
        read += timed.spent.get();
        let effects =
            effects.map_err(|error| CliError::because("the state cannot be read", error))?;
        if let Some(receipt) = effects.receipts.iter().find(|receipt| !receipt.is_accepted()) {
            let what = format!("a {} of the bench: {:?}", kind.name(), receipt.outcome);
            return Err(CliError::unknown(what));
        }
        state.apply_block(&effects);
    }
    let per_document = |time: Duration| time.as_secs_f64() * 1e6 / documents.len().max(1) as f64;
    Ok(Row {
        kind: kind.name(),
        documents: documents.len(),
        documents_per_second: 1e6 / per_document(spent),
        rules_us: per_document(spent.saturating_sub(read)),
        reads_us: per_document(read),
    })
}

fn signer(documents: &[Document]) -> kanhe_types::code::OrganisationCode {
    let first = documents.first().expect("a chunk has a document");
    match first.body {
        Body::Arrival(_) | Body::ReturnTally(_) => export::site(),
        _ => fixture::signer(&Trade::new(0), first),
    }
}
