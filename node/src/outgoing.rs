//! Signed requests to the HTTP API of other nodes: one request at a time, each tried once.
//!
//! Whom to ask, how often and in which order is the caller's to decide, and so is the time. Every
//! answer is bounded before it is read.

use crate::keystore::{self, KeystoreError};
use kanhe_api::signing::{Nonce, RequestToSign, sign_request_with};
use kanhe_types::code::OrganisationCode;
use kanhe_types::hash::Hash;
use kanhe_types::signer::{SignError, Signer};
use kanhe_types::time::Millis;
use serde::de::DeserializeOwned;
use std::time::Duration;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Body};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// The media type of canonical bytes.
pub const BINARY: &str = "application/octet-stream";
/// The media type of JSON.
pub const JSON: &str = "application/json";

/// A way to other nodes. Connections stay open between requests, and are shared by clones.
#[derive(Clone)]
pub struct Outgoing {
    agent: Agent,
}

/// Whose request it is.
#[derive(Clone, Copy)]
pub struct Asker<'a> {
    /// The chain.
    pub genesis: &'a Hash,
    /// The organisation.
    pub organisation: &'a OrganisationCode,
    /// Who signs with a key of it.
    pub signer: &'a dyn Signer,
}

/// What is asked.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// The node's address, such as `https://validator.example:8080`.
    pub api: &'a str,
    /// Path and query.
    pub target: &'a str,
    /// The body with its type; without one it is a GET.
    pub body: Option<(&'a str, &'a [u8])>,
    /// The form of the answer that is wanted.
    pub accept: &'a str,
    /// How long the answer may take.
    pub timeout: Duration,
    /// The time of asking.
    pub now: Millis,
}

/// What a node answers.
pub struct Reply {
    status: u16,
    body: Body,
}

/// There is no answer.
#[derive(Debug, thiserror::Error)]
pub enum OutgoingError {
    /// The certificate cannot be used.
    #[error("the certificate cannot be used: {0}")]
    Certificate(String),
    /// The system gives no randomness.
    #[error(transparent)]
    Randomness(#[from] KeystoreError),
    /// Whoever holds the key does not sign.
    #[error(transparent)]
    Signer(#[from] SignError),
    /// The node did not answer.
    #[error("{0}")]
    Silent(String),
}

impl Outgoing {
    /// A way to nodes whose certificates are issued by the well-known authorities, or are
    /// `certificate`, PEM.
    ///
    /// # Errors
    /// When the certificate is none.
    pub fn new(certificate: Option<&[u8]>) -> Result<Self, OutgoingError> {
        let mut tls = TlsConfig::builder();
        if let Some(pem) = certificate {
            let pinned = Certificate::from_pem(pem)
                .map_err(|error| OutgoingError::Certificate(error.to_string()))?;
            tls = tls.root_certs(RootCerts::new_with_certs(&[pinned]));
        }
        Ok(Self::with(tls.build()))
    }

    fn with(tls: TlsConfig) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .max_redirects(0)
            .tls_config(tls)
            // Nodes are named by their callers; a proxy of the environment has no part in it.
            .proxy(None)
            .build();
        Self { agent: config.new_agent() }
    }

    /// Asks once.
    ///
    /// # Errors
    /// When there is no answer at all. A refusal is one.
    pub fn ask(&self, asker: Asker<'_>, question: &Question<'_>) -> Result<Reply, OutgoingError> {
        let request = RequestToSign {
            genesis: asker.genesis,
            method: if question.body.is_some() { "POST" } else { "GET" },
            target: question.target,
            organisation: asker.organisation,
            date: question.now,
            // Signed anew each time: a nonce counts once.
            nonce: Nonce(keystore::random()?),
            body: question.body.map_or(&[], |(_, body)| body),
        };
        let signed = sign_request_with(&request, asker.signer)?;
        let uri = format!("{}{}", question.api, question.target);
        let timeout = Some(question.timeout);
        let sent = match question.body {
            None => {
                let mut builder = self.agent.get(&uri).header("accept", question.accept);
                for (name, value) in signed.pairs() {
                    builder = builder.header(name, value);
                }
                builder.config().timeout_global(timeout).build().call()
            }
            Some((form, body)) => {
                let mut builder = self.agent.post(&uri).header("accept", question.accept);
                for (name, value) in signed.pairs() {
                    builder = builder.header(name, value);
                }
                let builder = builder.content_type(form);
                builder.config().timeout_global(timeout).build().send(body)
            }
        };
        let response = sent.map_err(|error| OutgoingError::Silent(error.to_string()))?;
        let status = response.status().as_u16();
        Ok(Reply { status, body: response.into_body() })
    }
}

impl Default for Outgoing {
    fn default() -> Self {
        Self::with(TlsConfig::default())
    }
}

impl Reply {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Whether it was answered as asked.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body, of at most so many bytes.
    ///
    /// # Errors
    /// When it is longer, or does not arrive.
    pub fn bytes(&mut self, bytes_max: u64) -> Result<Vec<u8>, OutgoingError> {
        let read = self.body.with_config().limit(bytes_max).read_to_vec();
        read.map_err(|error| OutgoingError::Silent(error.to_string()))
    }

    /// The body as JSON, of at most so many bytes.
    ///
    /// # Errors
    /// When it is longer, does not arrive, or is something else.
    pub fn json<T: DeserializeOwned>(&mut self, bytes_max: u64) -> Result<T, OutgoingError> {
        let read = self.body.with_config().limit(bytes_max).read_json();
        read.map_err(|error| OutgoingError::Silent(error.to_string()))
    }
}
