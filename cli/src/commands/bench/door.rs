//! One connection of the load generator to one validator.

use super::load::Signer;
use crate::answer::CliError;
use crate::clock;
use kanhe_api::path;
use kanhe_api::signing::{Nonce, RequestToSign, sign_request};
use kanhe_api::submission::{ReceiptsBody, ReceiptsBytes, SubmissionsAnswer};
use kanhe_node::keystore;
use kanhe_types::codec;
use kanhe_types::hash::Hash;
use kanhe_types::limits::{HTTP_BODY_BYTES_MAX, RECEIPT_BYTES_MAX, SUBMISSION_DOCUMENTS_MAX};
use std::time::Duration;
use ureq::Agent;

/// One long poll.
const POLL_MS: u64 = 10_000;
const BINARY: &str = "application/octet-stream";
const JSON: &str = "application/json";

/// A way to one validator, with a connection that stays open.
pub(super) struct Door {
    agent: Agent,
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
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(Duration::from_secs(3)))
            .timeout_global(Some(Duration::from_secs(40)))
            .max_redirects(0)
            .proxy(None)
            .build();
        Self { agent: config.new_agent(), api, genesis }
    }

    /// A signed request; without a body it is a GET.
    pub(super) fn ask(
        &self,
        signer: &Signer,
        target: &str,
        body: Option<(&str, &[u8])>,
    ) -> Result<Reply, CliError> {
        let method = if body.is_some() { "POST" } else { "GET" };
        let request = RequestToSign {
            genesis: &self.genesis,
            method,
            target,
            organisation: &signer.code,
            date: clock::now(),
            nonce: Nonce(keystore::random()?),
            body: body.map_or(&[], |(_, body)| body),
        };
        let headers = sign_request(&request, &signer.secret);
        let url = format!("{}{target}", self.api);
        let sent = match body {
            Some((form, body)) => {
                let mut builder = self.agent.post(&url).header("content-type", form);
                builder = builder.header("accept", accepted(form));
                for (name, value) in headers.pairs() {
                    builder = builder.header(name, value);
                }
                builder.send(body)
            }
            None => {
                let mut builder = self.agent.get(&url).header("accept", JSON);
                for (name, value) in headers.pairs() {
                    builder = builder.header(name, value);
                }
                builder.call()
            }
        };
        let unreachable = |error| CliError::because(format!("{} does not answer", self.api), error);
        let mut response = sent.map_err(unreachable)?;
        let status = response.status().as_u16();
        let limit = u64::try_from(HTTP_BODY_BYTES_MAX * 8).unwrap_or(u64::MAX);
        let body = response.body_mut().with_config().limit(limit).read_to_vec();
        Ok(Reply { status, body: body.map_err(unreachable)? })
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
