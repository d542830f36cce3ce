//! The process that holds a key.

use super::memory::{Memory, MemoryError};
use super::wire::{Answer, Request, VERSION, Wire, own_user, user_of};
use kanhe_types::code::OrganisationCode;
use kanhe_types::hash::Hash;
use kanhe_types::keys::SecretKey;
use kanhe_types::signer::{Purpose, Statement};
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Connections at one time.
const CONNECTIONS_MAX: usize = 16;
/// A connection that has said nothing for so long is closed; clients ping more often.
const SILENCE_MAX: Duration = Duration::from_secs(60);
/// How long an answer may take to be taken.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// What a signer needs to run.
pub struct ServerConfig {
    /// Where it listens.
    pub socket: PathBuf,
    /// The chain that it signs for.
    pub genesis: Hash,
    /// The key.
    pub secret: SecretKey,
    /// What the key is for.
    pub role: Role,
    /// Users besides its own that may ask.
    pub users: Vec<u32>,
}

/// What a key is for.
#[derive(Debug)]
pub enum Role {
    /// A validator's: votes, proposals, batches, acknowledgements.
    Validator(Memory),
    /// An organisation's: submissions and requests in its name.
    Organisation(OrganisationCode),
}

/// A signer cannot run.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The socket cannot be used.
    #[error("cannot listen on {}; its folder must exist, its path be short", .path.display())]
    Socket {
        /// The socket.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// What was signed cannot be remembered.
    #[error(transparent)]
    Memory(#[from] MemoryError),
}

/// A signer that listens.
pub struct Server {
    listener: UnixListener,
    path: PathBuf,
    shared: Arc<Shared>,
}

struct Shared {
    genesis: Hash,
    secret: SecretKey,
    role: Mutex<Role>,
    users: Vec<u32>,
    connections: AtomicUsize,
}

impl Server {
    /// Listens. The caller has made sure that no other process uses the same memory.
    ///
    /// # Errors
    /// When the socket cannot be made.
    pub fn bind(config: ServerConfig) -> Result<Self, ServerError> {
        let socket = |source| ServerError::Socket { path: config.socket.clone(), source };
        match fs::remove_file(&config.socket) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(socket(error)),
            _ => {}
        }
        let listener = UnixListener::bind(&config.socket).map_err(socket)?;
        // Whoever gets this far is asked of the kernel once more.
        let mode = if config.users.is_empty() { 0o600 } else { 0o666 };
        fs::set_permissions(&config.socket, Permissions::from_mode(mode)).map_err(socket)?;
        let shared = Shared {
            genesis: config.genesis,
            secret: config.secret,
            role: Mutex::new(config.role),
            users: config.users,
            connections: AtomicUsize::new(0),
        };
        Ok(Self { listener, path: config.socket, shared: Arc::new(shared) })
    }

    /// Answers until the memory cannot be written.
    ///
    /// # Errors
    /// When connections cannot be accepted.
    pub fn run(self) -> Result<(), ServerError> {
        tracing::info!(socket = %self.path.display(), "signing");
        loop {
            let (stream, _) = self
                .listener
                .accept()
                .map_err(|source| ServerError::Socket { path: self.path.clone(), source })?;
            let shared = Arc::clone(&self.shared);
            if let Err(reason) = shared.admit(&stream) {
                tracing::warn!(reason, "a connection was refused");
                continue;
            }
            let served = thread::Builder::new().name("kanhe-signer".into()).spawn(move || {
                if let Err(error) = shared.serve(stream) {
                    tracing::debug!(%error, "a connection ended");
                }
                shared.connections.fetch_sub(1, Ordering::AcqRel);
            });
            if let Err(error) = served {
                self.shared.connections.fetch_sub(1, Ordering::AcqRel);
                tracing::error!(%error, "a connection cannot be served");
            }
        }
    }
}

impl Shared {
    fn admit(&self, stream: &UnixStream) -> Result<(), String> {
        let user = user_of(stream).map_err(|error| error.to_string())?;
        if user != own_user() && !self.users.contains(&user) {
            return Err(format!("user {user} may not ask this signer"));
        }
        if CONNECTIONS_MAX <= self.connections.fetch_add(1, Ordering::AcqRel) {
            self.connections.fetch_sub(1, Ordering::AcqRel);
            return Err(format!("{CONNECTIONS_MAX} connections are open"));
        }
        Ok(())
    }

    fn serve(&self, stream: UnixStream) -> io::Result<()> {
        let mut wire = Wire::new(stream);
        let mut is_known = false;
        let mut last = 0;
        while let Some(request) = wire.receive::<Request>(Some(Instant::now() + SILENCE_MAX))? {
            let answer = match request {
                Request::Hello { version, genesis } => {
                    let answer = self.greet(version, &genesis);
                    is_known = matches!(answer, Answer::Hello { .. });
                    answer
                }
                _ if !is_known => Answer::refused(0, "expected a hello first"),
                Request::Ping { number } => Answer::Here { number },
                Request::Sign { number, .. } if number <= last => {
                    Answer::refused(number, "numbers rise within a connection")
                }
                Request::Sign { number, statement } => {
                    last = number;
                    match self.sign(&statement) {
                        Ok(signature) => Answer::Signed { number, signature },
                        Err(reason) => {
                            tracing::warn!(what = statement.name(), reason, "not signed");
                            Answer::refused(number, reason)
                        }
                    }
                }
            };
            let is_end = matches!(answer, Answer::Refused { number: 0, .. });
            wire.send(&answer, Instant::now() + ANSWER_TIMEOUT)?;
            if is_end {
                return Ok(());
            }
        }
        Ok(())
    }

    fn greet(&self, version: u16, genesis: &Hash) -> Answer {
        if version != VERSION {
            return Answer::refused(0, format!("this signer speaks version {VERSION}"));
        }
        if *genesis != self.genesis {
            return Answer::refused(0, format!("this signer signs for genesis {}", self.genesis));
        }
        Answer::Hello { version: VERSION, key: self.secret.public_key() }
    }

    /// Signs a statement, or says why not.
    fn sign(&self, statement: &Statement) -> Result<kanhe_types::keys::Signature, String> {
        let digest = statement.digest(&self.genesis);
        let mut role = self.role.lock().unwrap_or_else(PoisonError::into_inner);
        match (&mut *role, statement.purpose()) {
            (Role::Validator(memory), Purpose::Validator) => {
                if let Statement::Batch(header) = statement
                    && header.author != self.secret.public_key()
                {
                    return Err("the batch is of another author".into());
                }
                match memory.remember(statement, &digest) {
                    Ok(remembered) => remembered?,
                    Err(error) => {
                        // What is on the disk now is not known.
                        tracing::error!(%error, "what was signed cannot be remembered: ending");
                        std::process::exit(3);
                    }
                }
            }
            (Role::Organisation(own), Purpose::Organisation) => {
                let speaker = match statement {
                    Statement::Submission(header) => &header.organisation,
                    Statement::Request(request) => &request.organisation,
                    _ => own,
                };
                if speaker != own {
                    return Err(format!("the key is {own}'s, the statement is {speaker}'s"));
                }
            }
            (Role::Validator(_), Purpose::Organisation) => {
                return Err(format!("a validator's key signs no {}", statement.name()));
            }
            (Role::Organisation(_), Purpose::Validator) => {
                return Err(format!("an organisation's key signs no {}", statement.name()));
            }
        }
        Ok(self.secret.sign(&digest))
    }
}
