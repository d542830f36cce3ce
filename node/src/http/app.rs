//! What all requests share.

use super::HttpError;
use super::PrivacyConfig;
use super::cursors::Cursors;
use super::failure::Failure;
use super::limits::{BODIES_BYTES_MAX, HEAVY_MAX, RECENT_MAX, REQUESTS_PER_ORGANISATION_MAX};
use super::metrics::Metrics;
use super::nonces::Nonces;
use super::reads::ReadLog;
use super::redacted::Blocks;
use crate::node::NodeHandle;
use crate::observer::ObserverHandle;
use axum::body::Bytes;
use kanhe_api::ErrorCode;
use kanhe_genesis::Genesis;
use kanhe_ledger::{Ledger, Replica, RocksStore};
use kanhe_types::code::OrganisationCode;
use kanhe_types::hash::{Hash, sha256_of};
use kanhe_types::time::Millis;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::{Semaphore, watch};

/// Permits for bodies count in this many bytes.
const BODY_UNIT_BYTES: usize = 1024;

/// Whose doors these are.
pub(super) enum Source {
    Validator(NodeHandle),
    Observer(ObserverHandle),
}

/// What all requests share.
pub(super) struct App {
    // Constant while the server runs.
    source: Source,
    pub(super) genesis_hash: Hash,
    pub(super) metrics: Metrics,
    pub(super) privacy: PrivacyConfig,
    /// What agencies read of others' trades.
    pub(super) reads: ReadLog,
    pub(super) genesis_json: Bytes,
    /// Compared by digest, so that the comparison's duration tells nothing of the token.
    metrics_token: Hash,
    /// Requests dated earlier may have been answered by the process before this one.
    pub(super) started: Millis,
    pub(super) stopping: watch::Receiver<bool>,

    // Bounds of what is under way.
    bodies: Arc<Semaphore>,
    heavy: Arc<Semaphore>,
    in_flight: Mutex<BTreeMap<OrganisationCode, usize>>,

    // What is remembered of earlier requests.
    pub(super) nonces: Mutex<Nonces>,
    recent: Mutex<Recent>,
    cursors: Mutex<Cursors>,
    blocks: Mutex<Blocks>,
}

/// Whose the last submissions are: the ledger knows it by document only.
#[derive(Default)]
struct Recent {
    owners: BTreeMap<Hash, OrganisationCode>,
    order: VecDeque<Hash>,
}

/// One request of an organisation, counted until it is dropped.
pub(super) struct InFlight {
    app: Arc<App>,
    organisation: OrganisationCode,
}

/// Room for a body, given back when dropped.
pub(super) type BodyPermit = tokio::sync::OwnedSemaphorePermit;

/// The wall clock.
pub(crate) fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // The content stays whole when a request panics: every change under the locks is one call.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl App {
    pub(super) fn new(
        source: Source,
        metrics_token: &str,
        privacy: PrivacyConfig,
        stopping: watch::Receiver<bool>,
    ) -> Result<Self, HttpError> {
        let (hash, genesis) = match &source {
            Source::Validator(node) => (node.genesis_hash, &node.genesis),
            Source::Observer(observer) => (observer.ledger.genesis(), &observer.genesis),
        };
        let genesis = serde_json::to_value(&**genesis).map_err(HttpError::Genesis)?;
        let genesis_json = kanhe_api::view::GenesisView { hash, genesis };
        let genesis_json = serde_json::to_vec(&genesis_json).map_err(HttpError::Genesis)?;
        let path = match &source {
            Source::Validator(node) => node.reads.clone(),
            Source::Observer(observer) => observer.reads.clone(),
        };
        let reads = ReadLog::open(path.clone());
        let reads = reads.map_err(|source| HttpError::Reads { path, source })?;
        Ok(Self {
            metrics: Metrics::new(),
            privacy,
            genesis_hash: hash,
            genesis_json: genesis_json.into(),
            reads,
            metrics_token: sha256_of(metrics_token.as_bytes()),
            started: now(),
            stopping,
            bodies: Arc::new(Semaphore::new(BODIES_BYTES_MAX / BODY_UNIT_BYTES)),
            heavy: Arc::new(Semaphore::new(HEAVY_MAX)),
            in_flight: Mutex::default(),
            nonces: Mutex::default(),
            recent: Mutex::default(),
            cursors: Mutex::default(),
            blocks: Mutex::default(),
            source,
        })
    }

    pub(super) fn source(&self) -> &Source {
        &self.source
    }

    /// The validator that answers.
    ///
    /// # Panics
    /// If it is an observer: paths that ask for this are a validator's alone.
    pub(super) fn node(&self) -> &NodeHandle {
        match &self.source {
            Source::Validator(node) => node,
            Source::Observer(_) => unreachable!("only a validator has this path"),
        }
    }

    /// The validator's ledger.
    ///
    /// # Panics
    /// As [`Self::node`].
    pub(super) fn ledger(&self) -> &Ledger<RocksStore> {
        &self.node().ledger
    }

    /// What answers, whoever it is.
    pub(super) fn replica(&self) -> &dyn Replica {
        match &self.source {
            Source::Validator(node) => &*node.ledger,
            Source::Observer(observer) => &*observer.ledger,
        }
    }

    /// The genesis document.
    pub(super) fn genesis(&self) -> &Genesis {
        match &self.source {
            Source::Validator(node) => &node.genesis,
            Source::Observer(observer) => &observer.genesis,
        }
    }

    /// The last height of which receipts are answered; changes with it.
    pub(super) fn executed(&self) -> watch::Receiver<u64> {
        match &self.source {
            Source::Validator(node) => node.executed(),
            Source::Observer(observer) => observer.effects(),
        }
    }

    pub(super) fn is_metrics_token(&self, token: &str) -> bool {
        sha256_of(token.as_bytes()) == self.metrics_token
    }

    pub(super) fn nonces(&self) -> MutexGuard<'_, Nonces> {
        lock(&self.nonces)
    }

    pub(super) fn cursors(&self) -> MutexGuard<'_, Cursors> {
        lock(&self.cursors)
    }

    pub(super) fn blocks(&self) -> MutexGuard<'_, Blocks> {
        lock(&self.blocks)
    }

    /// Counts a request of an organisation.
    pub(super) fn enter(
        self: &Arc<Self>,
        organisation: &OrganisationCode,
    ) -> Result<InFlight, Failure> {
        let mut in_flight = lock(&self.in_flight);
        let count = in_flight.get(organisation).copied().unwrap_or(0);
        if REQUESTS_PER_ORGANISATION_MAX <= count {
            return Err(Failure::new(
                ErrorCode::TooManyRequests,
                format!("organisation {organisation} has {count} requests in flight, the most"),
                "wait for answers before sending more, and put more submissions in one request",
            ));
        }
        in_flight.insert(organisation.clone(), count + 1);
        Ok(InFlight { app: Arc::clone(self), organisation: organisation.clone() })
    }

    /// Room for a body of `bytes`.
    pub(super) fn reserve_body(&self, bytes: usize) -> Result<Option<BodyPermit>, Failure> {
        if bytes == 0 {
            return Ok(None);
        }
        let units = u32::try_from(bytes.div_ceil(BODY_UNIT_BYTES)).unwrap_or(u32::MAX);
        let permit = Arc::clone(&self.bodies).try_acquire_many_owned(units);
        permit.map(Some).map_err(|_| Failure::busy())
    }

    /// Runs what reads the disk or computes on a thread that may take its time.
    pub(super) async fn blocking<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let app = Arc::clone(self);
        match tokio::task::spawn_blocking(move || work(&app)).await {
            Ok(result) => result,
            // Goes on in the request's own task, which answers it.
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(_) => Err(Failure::stopping()),
        }
    }

    /// The same for work that takes long: only a few at one time, so that they do not hold up
    /// the agreement's threads.
    pub(super) async fn heavy<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let permit = Arc::clone(&self.heavy).acquire_owned().await;
        let permit = permit.map_err(|_| Failure::stopping())?;
        // The work keeps the permit even when nobody waits for its answer any more.
        self.blocking(move |app| {
            let result = work(app);
            drop(permit);
            result
        })
        .await
    }

    /// Remembers whose submissions these are.
    pub(super) fn remember(
        &self,
        organisation: &OrganisationCode,
        ids: impl Iterator<Item = Hash>,
    ) {
        let mut recent = lock(&self.recent);
        for id in ids {
            if recent.owners.insert(id, organisation.clone()).is_none() {
                recent.order.push_back(id);
            }
            if RECENT_MAX < recent.order.len()
                && let Some(oldest) = recent.order.pop_front()
            {
                recent.owners.remove(&oldest);
            }
        }
    }

    /// Whose submission this is, where it is remembered.
    pub(super) fn remembered(&self, id: &Hash) -> Option<OrganisationCode> {
        lock(&self.recent).owners.get(id).cloned()
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut in_flight = lock(&self.app.in_flight);
        let count = in_flight.get(&self.organisation).copied().unwrap_or(0);
        match count.saturating_sub(1) {
            0 => in_flight.remove(&self.organisation),
            rest => in_flight.insert(self.organisation.clone(), rest),
        };
    }
}
