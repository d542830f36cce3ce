//! The end of whoever needs a signature.
//!
//! One connection, kept by a thread of its own: it connects, pings while nothing is asked, and
//! connects again when the signer is gone. Asking takes the connection, and never longer than the
//! timeout; while there is no connection it fails at once, so that a signer that hangs costs one
//! timeout and not one for each statement.

use super::SignerConfig;
use super::wire::{Answer, Request, VERSION, Wire, own_user, user_of};
use kanhe_types::hash::Hash;
use kanhe_types::keys::{PublicKey, Signature};
use kanhe_types::signer::{SignError, Signer, Statement};
use std::fmt;
use std::io;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

/// How long an answer may take where nothing else is said.
const TIMEOUT_DEFAULT_MS: u64 = 500;
/// How often a signer that is gone is looked for, and one that is there is pinged.
const LOOK_EVERY: Duration = Duration::from_millis(250);
const PING_EVERY: Duration = Duration::from_secs(2);

/// A key that another process holds.
pub struct RemoteSigner {
    key: PublicKey,
    shared: Arc<Shared>,
}

struct Shared {
    socket: PathBuf,
    key: PublicKey,
    user: u32,
    genesis: Hash,
    timeout: Duration,
    link: Mutex<Link>,
    /// Told when the connection is lost.
    lost: Condvar,
    signed: AtomicU64,
    refused: AtomicU64,
    failed: AtomicU64,
    micros: AtomicU64,
}

/// The connection, or why there is none.
enum Link {
    Here { wire: Wire, number: u64, used: Instant },
    Away { reason: String, since: Instant },
}

/// How a signer is doing.
#[derive(Clone, Debug, PartialEq)]
pub struct SignerStatus {
    /// Why it cannot be asked, and for how many milliseconds; none while it can.
    pub away: Option<(String, u64)>,
    /// Statements that it signed.
    pub signed: u64,
    /// Statements that it refused.
    pub refused: u64,
    /// Statements without an answer.
    pub failed: u64,
    /// Time that its answers took, in seconds.
    pub seconds: f64,
}

impl RemoteSigner {
    /// Starts looking for the signer of a home. It need not be there yet.
    ///
    /// # Errors
    /// When a thread cannot be started.
    pub fn start(home: &Path, config: &SignerConfig, genesis: Hash) -> io::Result<Arc<Self>> {
        let since = Instant::now();
        let reason = "it was not found yet".to_owned();
        let shared = Arc::new(Shared {
            socket: home.join(&config.socket),
            key: config.key,
            user: config.user.unwrap_or_else(own_user),
            genesis,
            timeout: Duration::from_millis(config.timeout_ms.unwrap_or(TIMEOUT_DEFAULT_MS)),
            link: Mutex::new(Link::Away { reason, since }),
            lost: Condvar::new(),
            signed: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            micros: AtomicU64::new(0),
        });
        shared.connect();
        let kept = Arc::downgrade(&shared);
        thread::Builder::new().name("kanhe-signer".into()).spawn(move || keep(&kept))?;
        Ok(Arc::new(Self { key: config.key, shared }))
    }

    /// How it is doing.
    pub fn status(&self) -> SignerStatus {
        let shared = &self.shared;
        let away = match &*shared.link() {
            Link::Here { .. } => None,
            Link::Away { reason, since } => {
                let ms = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
                Some((reason.clone(), ms))
            }
        };
        SignerStatus {
            away,
            signed: shared.signed.load(Ordering::Relaxed),
            refused: shared.refused.load(Ordering::Relaxed),
            failed: shared.failed.load(Ordering::Relaxed),
            seconds: Duration::from_micros(shared.micros.load(Ordering::Relaxed)).as_secs_f64(),
        }
    }
}

impl Signer for RemoteSigner {
    fn public_key(&self) -> PublicKey {
        self.key
    }

    fn sign_statement(
        &self,
        genesis: &Hash,
        statement: &Statement,
    ) -> Result<Signature, SignError> {
        let shared = &self.shared;
        let started = Instant::now();
        let result = match *genesis == shared.genesis {
            true => shared.ask(statement, started + shared.timeout),
            false => Err(SignError::Refused("the statement is of another chain".into())),
        };
        let count = match &result {
            Ok(_) => &shared.signed,
            Err(SignError::Refused(_)) => &shared.refused,
            Err(SignError::Away(_)) => &shared.failed,
        };
        count.fetch_add(1, Ordering::Relaxed);
        let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        shared.micros.fetch_add(micros, Ordering::Relaxed);
        if let Err(SignError::Refused(reason)) = &result {
            tracing::error!(what = statement.name(), reason, "the signer refuses");
        }
        result
    }
}

impl fmt::Debug for RemoteSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RemoteSigner({})", self.key)
    }
}

/// Keeps the connection until nobody needs it any more.
fn keep(shared: &Weak<Shared>) {
    loop {
        let Some(shared) = shared.upgrade() else { return };
        let link = shared.link();
        // Woken early when the connection is lost.
        let (link, _) =
            shared.lost.wait_timeout(link, LOOK_EVERY).unwrap_or_else(PoisonError::into_inner);
        let is_quiet = match &*link {
            Link::Here { used, .. } => PING_EVERY < used.elapsed(),
            Link::Away { .. } => false,
        };
        let is_away = matches!(*link, Link::Away { .. });
        drop(link);
        if is_away {
            shared.connect();
        } else if is_quiet {
            shared.ping();
        }
    }
}

impl Shared {
    fn link(&self) -> std::sync::MutexGuard<'_, Link> {
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Connects where there is no connection, without keeping anybody waiting meanwhile.
    fn connect(&self) {
        let found = self.open();
        let mut link = self.link();
        match found {
            Ok(wire) => {
                tracing::info!(socket = %self.socket.display(), "the signer is there");
                *link = Link::Here { wire, number: 0, used: Instant::now() };
            }
            Err(reason) => {
                if let Link::Away { reason: before, .. } = &mut *link
                    && *before != reason
                {
                    tracing::error!(
                        socket = %self.socket.display(), reason,
                        "the signer is away: nothing is signed until it is back"
                    );
                    *before = reason;
                }
            }
        }
    }

    fn open(&self) -> Result<Wire, String> {
        let stream = UnixStream::connect(&self.socket).map_err(|error| error.to_string())?;
        let user = user_of(&stream).map_err(|error| error.to_string())?;
        if user != self.user {
            return Err(format!("it runs as user {user}, expected user {}", self.user));
        }
        let until = Instant::now() + self.timeout;
        let mut wire = Wire::new(stream);
        let hello = Request::Hello { version: VERSION, genesis: self.genesis };
        let sent = wire.send(&hello, until);
        let answer = sent.and_then(|()| wire.receive::<Answer>(Some(until)));
        match answer.map_err(|error| described(&error))? {
            Some(Answer::Hello { version: VERSION, key }) if key == self.key => Ok(wire),
            Some(Answer::Hello { key, .. }) => {
                Err(format!("it holds the key {key}, expected {}", self.key))
            }
            Some(Answer::Refused { reason, .. }) => Err(reason),
            Some(_) => Err("it answers something else than a hello".into()),
            None => Err("it closed the connection".into()),
        }
    }

    fn ask(&self, statement: &Statement, until: Instant) -> Result<Signature, SignError> {
        let answer =
            self.exchange(until, |number| Request::Sign { number, statement: statement.clone() })?;
        match answer {
            Answer::Signed { signature, .. } => {
                let digest = statement.digest(&self.genesis);
                match self.key.verify(&digest, &signature) {
                    Ok(()) => Ok(signature),
                    Err(_) => Err(self.lose("it gave a signature that does not match".into())),
                }
            }
            Answer::Refused { reason, .. } => Err(SignError::Refused(reason)),
            Answer::Hello { .. } | Answer::Here { .. } => {
                Err(self.lose("it answers something else than a signature".into()))
            }
        }
    }

    fn ping(&self) {
        let until = Instant::now() + self.timeout;
        let answer = self.exchange(until, |number| Request::Ping { number });
        if !matches!(answer, Ok(Answer::Here { .. }) | Err(_)) {
            self.lose("it answers something else than a ping".into());
        }
    }

    /// One request and its answer; whatever goes wrong ends the connection.
    fn exchange(
        &self,
        until: Instant,
        request: impl FnOnce(u64) -> Request,
    ) -> Result<Answer, SignError> {
        let mut link = self.link();
        let (wire, number, used) = match &mut *link {
            Link::Here { wire, number, used } => (wire, number, used),
            Link::Away { reason, .. } => return Err(SignError::Away(reason.clone())),
        };
        *number += 1;
        let number = *number;
        *used = Instant::now();
        let sent = wire.send(&request(number), until);
        let answer = sent.and_then(|()| wire.receive::<Answer>(Some(until)));
        let reason = match answer {
            Ok(Some(answer)) if answer.number() == number => return Ok(answer),
            Ok(Some(_)) => "it answers another request".to_owned(),
            Ok(None) => "it closed the connection".to_owned(),
            Err(error) => described(&error),
        };
        drop(link);
        Err(self.lose(reason))
    }

    fn lose(&self, reason: String) -> SignError {
        let mut link = self.link();
        if matches!(*link, Link::Here { .. }) {
            tracing::error!(
                socket = %self.socket.display(), reason,
                "the signer is away: nothing is signed until it is back"
            );
            *link = Link::Away { reason: reason.clone(), since: Instant::now() };
        }
        drop(link);
        self.lost.notify_all();
        SignError::Away(reason)
    }
}

/// A failure in words; a timeout has several.
fn described(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => "it does not answer in time".into(),
        _ => error.to_string(),
    }
}
