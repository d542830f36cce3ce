//! What an observer follows the chain by: blocks as its organisation sees them, and evidence of the
//! cases and documents that it may see.
//!
//! What is shown is decided in `access` alone, as for every other answer.

use super::access::{self, Caller};
use super::app::App;
use super::failure::Failure;
use super::limits::BLOCKS_REMEMBERED_MAX;
use super::request::{binary, parse_query};
use super::wait::Wait;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use kanhe_api::ErrorCode;
use kanhe_api::frames;
use kanhe_api::limits::{
    EVIDENCE_ANSWER_BYTES_TARGET, EVIDENCE_BYTES_MAX, EVIDENCE_WANTED_MAX,
    REDACTED_ANSWER_BYTES_TARGET, REDACTED_BLOCKS_MAX,
};
use kanhe_ledger::{EvidenceAnswer, Shown, Wanted, WholeBlock};
use kanhe_types::codec;
use kanhe_types::limits::EXECUTION_LAG;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The blocks that were read last: many observers ask for the same ones.
#[derive(Default)]
pub(super) struct Blocks {
    kept: BTreeMap<u64, Arc<WholeBlock>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RedactedQuery {
    from: u64,
    #[serde(default = "most_blocks")]
    limit: usize,
    #[serde(default)]
    wait_ms: u64,
}

fn most_blocks() -> usize {
    REDACTED_BLOCKS_MAX
}

/// Agencies read of validators, where what they read is noted for its owners.
fn must_not_be_agency(caller: &Caller) -> Result<(), Failure> {
    if !caller.is_agency {
        return Ok(());
    }
    Err(Failure::new(
        ErrorCode::BadRequest,
        format!("{} is an agency; observers are for enterprises", caller.organisation),
        "run a validator, or ask one",
    ))
}

/// `GET /v1/redacted`: waits for the first block as long as the caller wishes.
pub(super) async fn redacted(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    uri: Uri,
) -> Result<Response, Failure> {
    must_not_be_agency(&caller)?;
    let RedactedQuery { from, limit, wait_ms } = parse_query(&uri)?;
    let mut wait = Wait::new(&app, wait_ms);
    loop {
        wait.mark();
        if from <= last_shown(&app) || !wait.for_height().await {
            break;
        }
    }
    Ok(binary(app.heavy(move |app| blocks(app, &caller, from.max(1), limit)).await?))
}

/// The last height of which all that belongs into a redacted block is here.
fn last_shown(app: &App) -> u64 {
    let executed = app.ledger().executed_height();
    app.ledger().decided_height().min(executed.saturating_add(EXECUTION_LAG))
}

fn blocks(app: &App, caller: &Caller, from: u64, limit: usize) -> Result<Vec<u8>, Failure> {
    let mut answer = Vec::new();
    let heights = from..=last_shown(app);
    for height in heights.take(limit.min(REDACTED_BLOCKS_MAX)) {
        if REDACTED_ANSWER_BYTES_TARGET <= answer.len() {
            break;
        }
        let Some(block) = app.whole_block(height)? else { break };
        let effects = block.decision.block.header.executed.height;
        let executed = if effects == 0 { None } else { app.whole_block(effects)? };
        let events = app.ledger().events_at(effects)?;
        let changes = events.iter().filter_map(|event| access::visible_change(caller, event));
        let (changes, reader) = (changes.collect(), &caller.organisation);
        let parts = app.ledger().redact(&block, executed.as_deref(), reader, changes)?;
        parts.iter().for_each(|part| frames::push(&mut answer, &codec::encode(part)));
    }
    Ok(answer)
}

impl App {
    /// A block with its bodies, read once for all who ask about the same time.
    fn whole_block(&self, height: u64) -> Result<Option<Arc<WholeBlock>>, Failure> {
        if let Some(block) = self.blocks().kept.get(&height) {
            return Ok(Some(Arc::clone(block)));
        }
        let Some(block) = self.ledger().whole_block(height)? else { return Ok(None) };
        let block = Arc::new(block);
        let mut blocks = self.blocks();
        blocks.kept.insert(height, Arc::clone(&block));
        // Whoever follows asks for the last ones; whoever catches up asks once.
        while BLOCKS_REMEMBERED_MAX < blocks.kept.len() {
            blocks.kept.pop_first();
        }
        Ok(Some(block))
    }
}

/// `POST /v1/evidence`: the canonical encoding of a list of what is wanted.
pub(super) async fn evidence(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    body: Bytes,
) -> Result<Response, Failure> {
    must_not_be_agency(&caller)?;
    let wanted: Vec<Wanted> =
        codec::decode(&body, EVIDENCE_BYTES_MAX).map_err(|error| malformed(error.to_string()))?;
    if EVIDENCE_WANTED_MAX < wanted.len() {
        let found = wanted.len();
        return Err(malformed(format!("expected at most {EVIDENCE_WANTED_MAX}, found {found}")));
    }
    Ok(binary(app.heavy(move |app| shown(app, &caller, &wanted)).await?))
}

fn malformed(message: String) -> Failure {
    let remedy = "send the canonical encoding of a list of what is wanted";
    Failure::new(ErrorCode::BadRequest, message, remedy)
}

fn shown(app: &App, caller: &Caller, wanted: &[Wanted]) -> Result<Vec<u8>, Failure> {
    let height = app.ledger().executed_height();
    let mut bytes = 0usize;
    let mut answer = EvidenceAnswer { height, shown: Vec::with_capacity(wanted.len()) };
    for one in wanted {
        let shown = match bytes < EVIDENCE_ANSWER_BYTES_TARGET {
            true => show(app, caller, one)?,
            false => Shown::Later,
        };
        bytes = bytes.saturating_add(codec::encode(&shown).len());
        answer.shown.push(shown);
    }
    Ok(codec::encode(&answer))
}

fn show(app: &App, caller: &Caller, wanted: &Wanted) -> Result<Shown, Failure> {
    let is_visible = match wanted {
        // A part of a case has no path of its own: who sees a part is shown the documents of it.
        Wanted::Case(key) => access::visible_case(app.ledger(), caller, key)?
            .is_some_and(|visible| visible.is_whole()),
        Wanted::Export(key) => access::visible_export(app.ledger(), caller, key)?
            .is_some_and(|visible| visible.is_whole()),
        Wanted::Document(id) => access::visible_document(app.ledger(), caller, id)?.is_some(),
        // Its own, and what holds for everybody.
        Wanted::Organisation | Wanted::Policy(_) => true,
    };
    if !is_visible {
        return Ok(Shown::Nothing);
    }
    if let Wanted::Document(id) = wanted {
        let found = app.ledger().document_evidence(id)?;
        return Ok(found.map_or(Shown::Nothing, |found| Shown::Document(Box::new(found))));
    }
    let key = wanted.state_key(&caller.organisation).expect("all but documents have a key");
    let (_, mut found) = app.ledger().value_evidence(&[key])?;
    Ok(found.pop().flatten().map_or(Shown::Nothing, Shown::Value))
}
