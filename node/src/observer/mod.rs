//! An observer: a node of an enterprise, which follows the chain, checks what it is told, and
//! answers its owner.
//!
//! It pulls: from one serving validator at a time over the same HTTP API that everybody uses, with
//! requests that its organisation's node key signs. It executes nothing and votes on nothing.
//!
//! Modules in reading order:
//! - [`limits`]: the bounds.
//! - [`follow`]: whom it asks for what and what it believes: a function from answers to questions.
//! - this file: the thread that asks, and what the HTTP server shares with it.

pub mod follow;
pub mod limits;

use crate::http::now;
use crate::node::genesis_state;
use crate::outgoing::{Asker, BINARY, JSON, Outgoing, OutgoingError, Question};
use follow::{Ask, Follower, Note, Server, Step};
use kanhe_api::submission::{SubmissionAnswer, SubmissionsAnswer};
use kanhe_api::{ApiError, ErrorCode, path};
use kanhe_genesis::Genesis;
use kanhe_ledger::store::StoreError;
use kanhe_ledger::{ObserverError, ObserverLedger, RocksStore};
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec;
use kanhe_types::hash::Hash;
use kanhe_types::keys::SecretKey;
use kanhe_types::submission::{Submission, VerifiedSubmission};
use limits::{ANSWER_BYTES_MAX, ANSWER_MS_MAX, SERVERS_MAX};
use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::{oneshot, watch};

/// Bytes of a refusal.
const REFUSAL_BYTES_MAX: u64 = 64 * 1024;
/// How often a thread that rests looks whether it should stop.
const REST: Duration = Duration::from_millis(50);

/// What an observer needs to run.
pub struct ObserverConfig {
    /// The document of height 0, checked.
    pub genesis: Genesis,
    /// Whose observer it is.
    pub organisation: OrganisationCode,
    /// The folder of what it holds.
    pub data: PathBuf,
    /// The key that signs its requests: a node key of the organisation.
    pub secret: SecretKey,
    /// Addresses of serving validators.
    pub validators: Vec<String>,
    /// A certificate that is accepted besides those of the well-known authorities, PEM.
    pub certificate: Option<Vec<u8>>,
    /// Where reads of others' trades would be logged; an observer answers none but its owner.
    pub reads: PathBuf,
    /// A file that gets every answer as it arrived. For tests of what reaches an observer.
    pub tap: Option<PathBuf>,
}

/// Why an observer does not start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum ObserverFailure {
    /// The folder cannot be used.
    #[error("the observer's folder cannot be used")]
    Store(#[from] StoreError),
    /// What it holds cannot be opened or written.
    #[error("what the observer holds cannot be used")]
    Ledger(#[from] ObserverError),
    /// No server can be asked, or too many are named.
    #[error("expected 1 to {SERVERS_MAX} validators in observer.json, found {found}")]
    Servers {
        /// How many are named.
        found: usize,
    },
    /// The certificate cannot be used.
    #[error(transparent)]
    Outgoing(#[from] OutgoingError),
    /// The file of answers cannot be written.
    #[error("the tap cannot be written")]
    Tap(#[source] io::Error),
    /// The thread cannot be started.
    #[error("a thread cannot be started")]
    Thread(#[source] io::Error),
    /// It cannot go on.
    #[error("{0}")]
    Failed(String),
}

/// What an observer is doing.
#[derive(Clone, Debug)]
pub struct ObserverStatus {
    /// The servers.
    pub servers: Vec<Server>,
    /// The one that is asked.
    pub serving: String,
    /// Whether there is more to catch up with at once.
    pub is_behind: bool,
    /// What is still to be asked for.
    pub wanted: usize,
}

/// A running observer, as its HTTP server sees it.
#[derive(Clone)]
pub struct ObserverHandle {
    /// What it holds.
    pub ledger: Arc<ObserverLedger<RocksStore>>,
    /// The document of height 0.
    pub genesis: Arc<Genesis>,
    pub(crate) reads: PathBuf,
    shared: Arc<Shared>,
    effects: watch::Receiver<u64>,
}

/// What the thread and the HTTP server share.
struct Shared {
    outgoing: Outgoing,
    genesis: Hash,
    organisation: OrganisationCode,
    secret: SecretKey,
    status: Mutex<ObserverStatus>,
    stopping: AtomicBool,
}

/// The running parts of an observer; stop it with [`Observer::shutdown`].
pub struct Observer {
    shared: Arc<Shared>,
    thread: JoinHandle<()>,
    failure: oneshot::Receiver<String>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What stands there is replaced whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Observer {
    /// Opens what the observer holds, and begins to follow.
    ///
    /// # Errors
    /// When the folder is in use, damaged, or another's, or a thread cannot be started.
    pub fn start(config: ObserverConfig) -> Result<(ObserverHandle, Self), ObserverFailure> {
        let found = config.validators.len();
        if !(1..=SERVERS_MAX).contains(&found) {
            return Err(ObserverFailure::Servers { found });
        }
        let store = RocksStore::open_observer(&config.data)?;
        let state = genesis_state(&config.genesis);
        let ledger = ObserverLedger::open(store, state, config.organisation.clone())?;
        let ledger = Arc::new(ledger);
        let follower = Follower::new(Arc::clone(&ledger), config.validators, now().0);
        let tap = config.tap.map(File::create).transpose().map_err(ObserverFailure::Tap)?;
        let shared = Arc::new(Shared {
            outgoing: Outgoing::new(config.certificate.as_deref())?,
            genesis: ledger.genesis(),
            organisation: config.organisation,
            secret: config.secret,
            status: Mutex::new(status_of(&follower, 0)),
            stopping: AtomicBool::new(false),
        });
        let (sender, effects) = watch::channel(ledger.effects_height());
        let (failed, failure) = oneshot::channel();
        let own = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("kanhe-follow".into()).spawn({
            let ledger = Arc::clone(&ledger);
            move || {
                let mut following =
                    Following { shared: own, ledger, follower, tap, effects: sender };
                if let Err(error) = following.run() {
                    // Nobody waits for it while the process ends.
                    let _ = failed.send(crate::core::chain(&error));
                }
            }
        });
        let thread = thread.map_err(ObserverFailure::Thread)?;
        let genesis = Arc::new(config.genesis);
        let (reads, own) = (config.reads, Arc::clone(&shared));
        let handle = ObserverHandle { ledger, genesis, reads, shared: own, effects };
        Ok((handle, Self { shared, thread, failure }))
    }

    /// Waits until the observer cannot go on.
    pub async fn failed(&mut self) -> ObserverFailure {
        match (&mut self.failure).await {
            Ok(text) => ObserverFailure::Failed(text),
            Err(_) => ObserverFailure::Failed("the observer's thread panicked; see the log".into()),
        }
    }

    /// Stops following, and waits until the last answer was dealt with.
    pub async fn shutdown(self) {
        self.shared.stopping.store(true, Ordering::Release);
        let thread = self.thread;
        let joined = tokio::task::spawn_blocking(move || thread.join()).await;
        if !matches!(joined, Ok(Ok(()))) {
            tracing::error!("the observer's thread panicked");
        }
    }
}

fn status_of(follower: &Follower<RocksStore>, wanted: usize) -> ObserverStatus {
    ObserverStatus {
        servers: follower.servers().to_vec(),
        serving: follower.current().api.clone(),
        is_behind: follower.is_behind(),
        wanted,
    }
}

/// The thread that asks.
struct Following {
    shared: Arc<Shared>,
    ledger: Arc<ObserverLedger<RocksStore>>,
    follower: Follower<RocksStore>,
    tap: Option<File>,
    effects: watch::Sender<u64>,
}

impl Following {
    fn run(&mut self) -> Result<(), ObserverFailure> {
        while !self.shared.stopping.load(Ordering::Acquire) {
            let (step, notes) = self.follower.next(now().0).map_err(ObserverError::from)?;
            notes.iter().for_each(log);
            match step {
                Step::Rest { until } if now().0 < until => std::thread::sleep(REST),
                Step::Rest { .. } => {}
                Step::Ask(ask) => self.ask(&ask)?,
            }
        }
        Ok(())
    }

    fn ask(&mut self, ask: &Ask) -> Result<(), ObserverFailure> {
        let answer = self.shared.question(ask);
        if let (Some(tap), Ok(bytes)) = (&mut self.tap, &answer) {
            tap.write_all(bytes).map_err(ObserverFailure::Tap)?;
        }
        let notes = self.follower.answered(now().0, ask, answer)?;
        notes.iter().for_each(log);
        let wanted = self.ledger.wanted_count().map_err(ObserverError::from)?;
        *lock(&self.shared.status) = status_of(&self.follower, wanted);
        // Whoever waits looks again after evidence, too: cases come with it.
        self.effects.send_replace(self.ledger.effects_height());
        Ok(())
    }
}

fn log(note: &Note) {
    match note {
        Note::Followed { heights } => tracing::debug!(heights, "followed"),
        Note::Lied { api, lie } => tracing::error!(
            server = %api,
            %lie,
            "a serving validator said something that is not true; nothing of it was kept, and it is \
             not asked again for an hour; tell its agency"
        ),
        Note::Silent { api, reason } => {
            tracing::warn!(server = %api, %reason, "a serving validator did not answer");
        }
        Note::Moved { from, to } => tracing::info!(%from, %to, "asking another validator"),
        Note::GaveUp { wanted } => {
            tracing::warn!(?wanted, "every validator says that this is not ours to see");
        }
    }
}

impl Shared {
    fn asker(&self) -> Asker<'_> {
        let (genesis, organisation) = (&self.genesis, &self.organisation);
        Asker { genesis, organisation, signer: &self.secret }
    }

    /// One question of the follower; the error says why there is no answer.
    fn question(&self, ask: &Ask) -> Result<Vec<u8>, String> {
        let (target, body) = (ask.what.target(), ask.what.body());
        let question = Question {
            api: &ask.api,
            target: &target,
            body: body.as_deref().map(|body| (BINARY, body)),
            accept: BINARY,
            timeout: Duration::from_millis(ANSWER_MS_MAX + ask.what.wait_ms()),
            now: now(),
        };
        let mut reply =
            self.outgoing.ask(self.asker(), &question).map_err(|error| error.to_string())?;
        if reply.is_success() {
            return reply.bytes(ANSWER_BYTES_MAX).map_err(|error| error.to_string());
        }
        let status = reply.status();
        match reply.json::<ApiError>(REFUSAL_BYTES_MAX) {
            Ok(error) => Err(error.to_string()),
            Err(_) => Err(format!("status {status} without the reason")),
        }
    }
}

impl ObserverHandle {
    /// What the observer is doing.
    pub fn status(&self) -> ObserverStatus {
        lock(&self.shared.status).clone()
    }

    /// The last height of which receipts are answered; changes whenever something was taken in.
    pub fn effects(&self) -> watch::Receiver<u64> {
        self.effects.clone()
    }

    /// Sends submissions to a serving validator: the first that takes them, beginning with the one
    /// that is followed.
    pub async fn forward(&self, submissions: Vec<VerifiedSubmission>) -> Vec<SubmissionAnswer> {
        let ids: Vec<Hash> = submissions.iter().map(VerifiedSubmission::id).collect();
        let submissions: Vec<Submission> =
            submissions.into_iter().map(VerifiedSubmission::into_submission).collect();
        let body = codec::encode(&submissions);
        let (shared, status) = (Arc::clone(&self.shared), self.status());
        let sent = tokio::task::spawn_blocking(move || shared.send(&status, &body)).await;
        let failed = |error: &ApiError| {
            ids.iter().map(|id| SubmissionAnswer::refused(Some(*id), error.clone())).collect()
        };
        match sent {
            Ok(Ok(answers)) if answers.len() == ids.len() => answers,
            Ok(Ok(_)) => failed(&unreachable("it answers something else")),
            Ok(Err(error)) => failed(&error),
            Err(_) => failed(&unreachable("the request was given up")),
        }
    }
}

impl Shared {
    fn send(
        &self,
        status: &ObserverStatus,
        body: &[u8],
    ) -> Result<Vec<SubmissionAnswer>, ApiError> {
        let now_ms = now().0;
        let usable = status.servers.iter().filter(|server| server.avoided_until <= now_ms);
        let others = usable.map(|server| &server.api).filter(|api| **api != status.serving);
        let mut last = unreachable("no serving validator may be asked");
        for api in std::iter::once(&status.serving).chain(others) {
            let question = Question {
                api,
                target: path::SUBMISSIONS,
                body: Some((BINARY, body)),
                accept: JSON,
                timeout: Duration::from_millis(ANSWER_MS_MAX),
                now: now(),
            };
            let mut reply = match self.outgoing.ask(self.asker(), &question) {
                Ok(reply) => reply,
                Err(error) => {
                    last = unreachable(&format!("{api}: {error}"));
                    continue;
                }
            };
            if reply.is_success() {
                match reply.json::<SubmissionsAnswer>(ANSWER_BYTES_MAX) {
                    Ok(answer) => return Ok(answer.submissions),
                    Err(error) => last = unreachable(&format!("{api}: {error}")),
                }
                continue;
            }
            match reply.json::<ApiError>(REFUSAL_BYTES_MAX) {
                Ok(error) if !error.retryable => return Err(error),
                Ok(error) => last = error,
                Err(error) => last = unreachable(&format!("{api}: {error}")),
            }
        }
        Err(last)
    }
}

/// No serving validator has taken submissions in.
fn unreachable(reason: &str) -> ApiError {
    ApiError::new(
        ErrorCode::Busy,
        format!("no serving validator took it in: {reason}"),
        "send it again in a moment; sending it twice does no harm",
    )
}
