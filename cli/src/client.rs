//! Signed requests to the validators' HTTP API.
//!
//! A member knows the addresses of several validators. One that does not answer costs a moment:
//! the next is asked, and remembered. Every answer is bounded before it is read.

use crate::answer::CliError;
use crate::clock;
use kanhe_api::{ApiError, ErrorCode};
use kanhe_node::keystore;
use kanhe_node::outgoing::{Asker, BINARY, JSON, Outgoing, OutgoingError, Question, Reply};
use kanhe_types::code::OrganisationCode;
use kanhe_types::hash::Hash;
use kanhe_types::signer::{SignError, Signer};
use serde::de::DeserializeOwned;
use std::cell::Cell;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// Bytes of an answer in JSON.
const JSON_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Bytes of an answer in canonical bytes.
const BYTES_MAX: u64 = 128 * 1024 * 1024;
/// How often all addresses are tried before giving up.
const ROUNDS: u32 = 4;
/// The pause before the second round; each later one is twice as long.
const PAUSE: Duration = Duration::from_millis(200);
/// How long an answer may take beyond what it was asked to wait.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(20);

/// One organisation's way to ask and to send.
pub struct Client {
    outgoing: Outgoing,
    apis: Vec<String>,
    // The address that answered last.
    current: Cell<usize>,
    genesis: Hash,
    organisation: OrganisationCode,
    signer: Arc<dyn Signer>,
}

/// A request has no usable answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// A validator refused it.
    #[error("{api} answers: {error}")]
    Api {
        /// Which validator.
        api: String,
        /// What it says.
        error: ApiError,
    },
    /// One validator did not answer.
    #[error("{api}: {reason}")]
    Silent {
        /// Which validator.
        api: String,
        /// What went wrong on the way.
        reason: String,
    },
    /// No validator answered.
    #[error(
        "no validator answers ({tried}); check that they run (`kanhe localnet status`) and that \
         the addresses in member.json are right"
    )]
    Unreachable {
        /// The addresses, each with what went wrong.
        tried: String,
    },
    /// The answer is not of its form.
    #[error("{api} answers something else than a Kanhe node of this release: {reason}")]
    Malformed {
        /// Which validator.
        api: String,
        /// What is wrong.
        reason: String,
    },
    /// The system gives no randomness.
    #[error(transparent)]
    Randomness(#[from] keystore::KeystoreError),
    /// The request is not signed.
    #[error("{0}; check that `kanhe signer run` runs, and `signer` in member.json")]
    Signer(#[from] SignError),
    /// The pinned certificate cannot be used.
    #[error("the certificate in member.json cannot be used: {0}")]
    Certificate(String),
    /// The home names no validator.
    #[error("the home names no validator's API; add addresses to `api` in member.json")]
    NoApi,
}

impl From<ClientError> for CliError {
    fn from(error: ClientError) -> Self {
        match &error {
            // The validator understood, and says no; whatever else may pass is not known.
            ClientError::Api { error: api, .. } if api.code.status() < 500 && !api.retryable => {
                Self::No(format!("{}; {}", api.message, api.remedy))
            }
            _ => Self::unknown(error.to_string()),
        }
    }
}

impl ClientError {
    /// The code of a validator's refusal.
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Api { error, .. } => Some(error.code),
            _ => None,
        }
    }
}

/// What is asked, and how long the answer may take.
struct Request<'a> {
    target: &'a str,
    /// The body and its type; without one it is a GET.
    body: Option<&'a [u8]>,
    accept: &'static str,
    wait: Duration,
}

/// What became of one attempt at one address.
enum Attempt {
    Answered(Reply),
    /// Another address, or a later moment, may do better.
    Retry(ClientError),
    Refused(ClientError),
}

impl Client {
    /// A client of `apis` for requests that `organisation` signs. `certificate` is PEM, accepted
    /// for `https` instead of the well-known authorities.
    ///
    /// # Errors
    /// When there are no addresses, or the certificate is none.
    pub fn new(
        apis: Vec<String>,
        genesis: Hash,
        organisation: OrganisationCode,
        signer: Arc<dyn Signer>,
        certificate: Option<&[u8]>,
    ) -> Result<Self, ClientError> {
        if apis.is_empty() {
            return Err(ClientError::NoApi);
        }
        let outgoing = Outgoing::new(certificate).map_err(|error| match error {
            OutgoingError::Randomness(error) => error.into(),
            other => ClientError::Certificate(other.to_string()),
        })?;
        let apis: Vec<String> =
            apis.into_iter().map(|api| api.trim_end_matches('/').to_owned()).collect();
        // Members begin at different validators, so that one does not carry all of them.
        let sum: usize = organisation.as_str().bytes().map(usize::from).sum();
        let current = Cell::new(sum % apis.len());
        Ok(Self { outgoing, apis, current, genesis, organisation, signer })
    }

    /// Who asks.
    pub fn organisation(&self) -> &OrganisationCode {
        &self.organisation
    }

    /// The chain.
    pub fn genesis(&self) -> &Hash {
        &self.genesis
    }

    /// Who signs.
    pub fn signer(&self) -> &Arc<dyn Signer> {
        &self.signer
    }

    /// Asks another validator from now on.
    pub fn next_api(&self) {
        self.current.set((self.current.get() + 1) % self.apis.len());
    }

    /// An answer in JSON.
    ///
    /// # Errors
    /// When no validator answers, or one refuses.
    pub fn get<T: DeserializeOwned>(&self, target: &str) -> Result<T, ClientError> {
        self.get_within(target, Duration::ZERO)
    }

    /// An answer in JSON that may take up to `wait` longer, because it was asked to.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub fn get_within<T: DeserializeOwned>(
        &self,
        target: &str,
        wait: Duration,
    ) -> Result<T, ClientError> {
        let request = Request { target, body: None, accept: JSON, wait };
        self.json(&request)
    }

    /// An answer in JSON from the first address, tried once.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub fn get_once<T: DeserializeOwned>(&self, target: &str) -> Result<T, ClientError> {
        let (accept, wait) = (JSON, Duration::ZERO);
        let (api, request) = (self.api(), Request { target, body: None, accept, wait });
        match self.attempt(&api, &request)? {
            Attempt::Answered(mut response) => read_json(api, &mut response),
            Attempt::Retry(error) | Attempt::Refused(error) => Err(error),
        }
    }

    /// The address that is asked first.
    pub fn current_api(&self) -> String {
        self.api()
    }

    /// What each address answers, tried once each, until `is_enough`.
    pub fn get_from_each<T: DeserializeOwned>(
        &self,
        target: &str,
        mut is_enough: impl FnMut(Result<T, ClientError>) -> bool,
    ) {
        for _ in 0..self.apis.len() {
            if is_enough(self.get_once(target)) {
                return;
            }
            self.next_api();
        }
    }

    /// The same member's way to ask at other addresses.
    ///
    /// # Errors
    /// When there are none.
    pub fn at(&self, apis: &[String]) -> Result<Self, ClientError> {
        if apis.is_empty() {
            return Err(ClientError::NoApi);
        }
        let apis = apis.iter().map(|api| api.trim_end_matches('/').to_owned()).collect();
        Ok(Self { apis, current: Cell::new(0), ..self.another() })
    }

    /// The same way to ask once more.
    pub fn another(&self) -> Self {
        Self {
            outgoing: self.outgoing.clone(),
            apis: self.apis.clone(),
            current: self.current.clone(),
            genesis: self.genesis,
            organisation: self.organisation.clone(),
            signer: Arc::clone(&self.signer),
        }
    }

    /// An answer in canonical bytes.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub fn get_bytes(&self, target: &str, wait: Duration) -> Result<Vec<u8>, ClientError> {
        let request = Request { target, body: None, accept: BINARY, wait };
        let (api, mut reply) = self.send(&request)?;
        let body = reply.bytes(BYTES_MAX);
        body.map_err(|error| ClientError::Malformed { api, reason: error.to_string() })
    }

    /// Sends canonical bytes; the answer is JSON.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub fn post<T: DeserializeOwned>(&self, target: &str, body: &[u8]) -> Result<T, ClientError> {
        let (accept, wait) = (JSON, Duration::ZERO);
        self.json(&Request { target, body: Some(body), accept, wait })
    }

    fn json<T: DeserializeOwned>(&self, request: &Request<'_>) -> Result<T, ClientError> {
        let (api, mut response) = self.send(request)?;
        read_json(api, &mut response)
    }

    /// Tries every address in turn, several times; a refusal that time may heal is tried again.
    fn send(&self, request: &Request<'_>) -> Result<(String, Reply), ClientError> {
        let mut failures = Vec::new();
        for round in 0..ROUNDS {
            failures.clear();
            if 0 < round {
                thread::sleep(PAUSE * 2u32.pow(round - 1));
            }
            for _ in 0..self.apis.len() {
                let api = self.api();
                match self.attempt(&api, request)? {
                    Attempt::Answered(response) => return Ok((api, response)),
                    Attempt::Refused(error) => return Err(error),
                    Attempt::Retry(error) => failures.push((api, error)),
                }
                self.next_api();
            }
        }
        // A validator that answers says more than those that do not.
        let answered =
            failures.iter().position(|(_, error)| matches!(error, ClientError::Api { .. }));
        if let Some(index) = answered {
            return Err(failures.swap_remove(index).1);
        }
        let tried: Vec<String> = failures.iter().map(|(_, error)| error.to_string()).collect();
        Err(ClientError::Unreachable { tried: tried.join("; ") })
    }

    fn api(&self) -> String {
        self.apis.get(self.current.get()).cloned().unwrap_or_default()
    }

    fn attempt(&self, api: &str, request: &Request<'_>) -> Result<Attempt, ClientError> {
        let asker = Asker {
            genesis: &self.genesis,
            organisation: &self.organisation,
            signer: &*self.signer,
        };
        let question = Question {
            api,
            target: request.target,
            body: request.body.map(|body| (BINARY, body)),
            accept: request.accept,
            timeout: ANSWER_TIMEOUT + request.wait,
            now: clock::now(),
        };
        let api = api.to_owned();
        let mut reply = match self.outgoing.ask(asker, &question) {
            Ok(reply) => reply,
            Err(OutgoingError::Randomness(error)) => return Err(error.into()),
            Err(OutgoingError::Signer(error)) => return Err(error.into()),
            Err(error) => {
                let reason = error.to_string();
                return Ok(Attempt::Retry(ClientError::Silent { api, reason }));
            }
        };
        if reply.is_success() {
            return Ok(Attempt::Answered(reply));
        }
        let status = reply.status();
        Ok(match reply.json::<ApiError>(JSON_BYTES_MAX) {
            Err(_) => {
                let reason = format!("status {status} without the reason");
                Attempt::Refused(ClientError::Malformed { api, reason })
            }
            Ok(error) => {
                let later = error.retryable && is_worth_another(error.code);
                let error = ClientError::Api { api, error };
                if later { Attempt::Retry(error) } else { Attempt::Refused(error) }
            }
        })
    }
}

fn read_json<T: DeserializeOwned>(api: String, reply: &mut Reply) -> Result<T, ClientError> {
    let body = reply.json(JSON_BYTES_MAX);
    body.map_err(|error| ClientError::Malformed { api, reason: error.to_string() })
}

/// Whether another validator, or the same a moment later, may answer this. What is not there yet
/// is the caller's to wait for.
fn is_worth_another(code: ErrorCode) -> bool {
    !matches!(code, ErrorCode::NotFound | ErrorCode::NotYetProved)
}
