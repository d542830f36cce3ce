//! One connection of the load generator to one validator.

use super::load::Signer;
use crate::answer::CliError;
use crate::clock;
use kanhe_api::path;
use kanhe_api::submission::{ReceiptsBody, ReceiptsBytes, SubmissionsAnswer};
use kanhe_node::outgoing::{Asker, BINARY, JSON, Outgoing, Question};
use kanhe_types::codec;
use kanhe_types::hash::Hash;
use kanhe_types::limits::{HTTP_BODY_BYTES_MAX, RECEIPT_BYTES_MAX, SUBMISSION_DOCUMENTS_MAX};
use std::time::Duration;

/// One long poll.
const POLL_MS: u64 = 10_000;
/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(40);

/// A way to one validator, with a connection that stays open.
pub(super) struct Door {
    outgoing: Outgoing,
    api: String,
    genesis: Hash,
}

/// What a validator says to a request.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

impl Door {
    pub(super) fn new(api: String, genesis: Hash) -> Self {
        Self { outgoing: Outgoing::default(), api, genesis }
    }

    /// A signed request; without a body it is a GET.
    pub(super) fn ask(
        &self,
        signer: &Signer,
        target: &str,
        body: Option<(&str, &[u8])>,
    ) -> Result<Reply, CliError> {
        let asker =
            Asker { genesis: &self.genesis, organisation: &signer.code, signer: &*signer.secret };
        let accept = body.map_or(JSON, |(form, _)| accepted(form));
        let (api, now) = (&*self.api, clock::now());
        let question = Question { api, target, body, accept, timeout: TIMEOUT, now };
        let unreachable = |error| CliError::because(format!("{} does not answer", self.api), error);
        let mut reply = self.outgoing.ask(asker, &question).map_err(unreachable)?;
        let limit = u64::try_from(HTTP_BODY_BYTES_MAX * 8).unwrap_or(u64::MAX);
        Ok(Reply { status: reply.status(), body: reply.bytes(limit).map_err(unreachable)? })
    }

    /// Posts submissions; the error says why they were not taken in.
    pub(super) fn submit(
        &self,
        signer: &Signer,
        body: &[u8],
    ) -> Result<Result<(), String>, CliError> {
        let reply = self.ask(signer, path::SUBMISSIONS, Some((BINARY, body)))?;
        if reply.status != 202 {
            return Ok(Err(String::from_utf8_lossy(&reply.body).into_owned()));
        }
        let answer: SubmissionsAnswer = serde_json::from_slice(&reply.body)
            .map_err(|error| CliError::because("an answer is not of its form", error))?;
        let refused = answer.submissions.into_iter().find_map(|answer| answer.error);
        Ok(refused.map_or(Ok(()), |error| Err(error.to_string())))
    }

    /// Waits for the receipts of submissions; those that are not final yet are none.
    pub(super) fn receipts(
        &self,
        signer: &Signer,
        ids: &[Hash],
    ) -> Result<ReceiptsBytes, CliError> {
        let body = ReceiptsBody { submissions: ids.to_vec(), wait_ms: POLL_MS };
        let body = serde_json::to_vec(&body)
            .map_err(|error| CliError::because("a request cannot be written", error))?;
        let reply = self.ask(signer, path::RECEIPTS, Some((JSON, &body)))?;
        if reply.status != 200 {
            let text = String::from_utf8_lossy(&reply.body).into_owned();
            return Err(CliError::unknown(format!("receipts were refused: {text}")));
        }
        let bytes_max = (ids.len() + 1) * SUBMISSION_DOCUMENTS_MAX * RECEIPT_BYTES_MAX;
        codec::decode(&reply.body, bytes_max)
            .map_err(|error| CliError::because("receipts are not of their form", error))
    }
}

/// The form that is wanted back: receipts as canonical bytes.
fn accepted(form: &str) -> &'static str {
    if form == JSON { BINARY } else { JSON }
}
