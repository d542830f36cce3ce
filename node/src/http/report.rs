//! Reports what agencies read to the ledger, as a document that the node's key signs.

use super::app::{App, now};
use super::failure::Failure;
use super::limits::{REPORT_EXPIRES_HEIGHTS, REPORT_LOOK_MS, REPORT_WAIT_MS};
use crate::keystore;
use kanhe_contracts::document::Document;
use kanhe_types::hash::Hash;
use kanhe_types::limits::SUBMISSION_DOCUMENTS_MAX;
use kanhe_types::merkle::Salt;
use kanhe_types::receipt::{Outcome, Receipt};
use kanhe_types::submission::Submission;
use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Looks every moment whether something is to be reported, until the server stops.
pub(super) async fn report_reads(app: Arc<App>) {
    let mut stopping = app.stopping.clone();
    loop {
        let pause = tokio::time::sleep(Duration::from_millis(REPORT_LOOK_MS));
        tokio::select! {
            () = pause => {}
            // The sender is gone, or says that the server stops.
            _ = stopping.changed() => return,
        }
        if app.reads.is_due(now())
            && let Err(error) = report(&app).await
        {
            app.reads.postpone(now());
            tracing::warn!(error = &*error, "what agencies read is not reported yet");
        }
    }
}

/// Reports what was read, and waits for the receipts; how many documents it took.
pub(super) async fn report(app: &Arc<App>) -> Result<usize, Box<dyn Error + Send + Sync>> {
    let documents = sealed(app).await?;
    let count = documents.len();
    for chunk in documents.chunks(SUBMISSION_DOCUMENTS_MAX) {
        for receipt in submit(app, chunk).await? {
            if let Outcome::Rejected(refusal) = receipt.outcome {
                return Err(format!(
                    "rule {} refuses the report: {} is {}, expected {}; the node's key is \
                     to be one of its organisation's, or a validator's",
                    refusal.code, refusal.field, refusal.found, refusal.expected
                )
                .into());
            }
        }
    }
    app.reads.reported(now())?;
    Ok(count)
}

async fn sealed(app: &Arc<App>) -> io::Result<Vec<Document>> {
    let app = Arc::clone(app);
    let sealing = tokio::task::spawn_blocking(move || app.reads.seal());
    sealing.await.map_err(io::Error::other)?
}

async fn submit(
    app: &Arc<App>,
    documents: &[Document],
) -> Result<Vec<Receipt>, Box<dyn Error + Send + Sync>> {
    let bytes: Vec<Vec<u8>> = documents.iter().map(Document::encode).collect();
    let node = app.node();
    let expires = node.ledger.executed_height().saturating_add(REPORT_EXPIRES_HEIGHTS);
    let salt = Salt(keystore::random()?);
    let submission = Submission::sign(
        &node.genesis_hash,
        node.organisation.clone(),
        &node.node_secret,
        expires,
        salt,
        bytes,
    )?;
    let genesis = node.genesis_hash;
    let mut verified = Submission::verify_all(vec![submission], &genesis);
    let verified = verified.pop().ok_or("one answer for each submission")??;
    let id = verified.id();
    for answer in node.submit(vec![verified]).await? {
        answer?;
    }
    receipts(app, id).await
}

async fn receipts(app: &Arc<App>, id: Hash) -> Result<Vec<Receipt>, Box<dyn Error + Send + Sync>> {
    let mut executed = app.executed();
    let end = Instant::now() + Duration::from_millis(REPORT_WAIT_MS);
    while Instant::now() < end {
        executed.borrow_and_update();
        let found = app.blocking(move |app| Ok(app.ledger().receipts_of(&id)?)).await;
        let found = found.map_err(|failure: Failure| failure.error().to_string())?;
        if let Some(receipts) = found {
            return Ok(receipts);
        }
        let left = end.saturating_duration_since(Instant::now());
        // A height, or the end of the wait: both are looked at above.
        let _ = tokio::time::timeout(left, executed.changed()).await;
    }
    Err("no receipt in time".into())
}
