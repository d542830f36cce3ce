//! The folder of a signer: `signer.json`, `keys/key.pem`, `socket`, `lock`, and a validator's
//! `memory`.

use super::SignerConfig;
use super::memory::{Floor, Memory, MemoryError};
use super::server::{Role, Server, ServerConfig, ServerError};
use crate::home::{self, Home, HomeError, HomeLock, MEMBER_FILE, NODE_FILE};
use crate::keystore::{self, Cost, KeystoreError, Passphrase};
use kanhe_types::code::OrganisationCode;
use kanhe_types::hash::Hash;
use kanhe_types::keys::PublicKey;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The name of a signer's configuration.
const SIGNER_FILE: &str = "signer.json";
/// Bytes of a socket's path that every system takes.
const SOCKET_PATH_BYTES_MAX: usize = 100;

/// The content of `signer.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SignerFile {
    genesis: Hash,
    organisation: OrganisationCode,
    role: RoleName,
    /// Users besides its own that may ask.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    users: Vec<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RoleName {
    Validator,
    Organisation,
}

/// A signer's folder cannot be made or used.
#[derive(Debug, thiserror::Error)]
pub enum SignerHomeError {
    /// The folder holds something.
    #[error("{} is not empty; give a new folder", .dir.display())]
    NotEmpty {
        /// The folder.
        dir: PathBuf,
    },
    /// The path of the socket would be too long.
    #[error(
        "the socket {} has more than {SOCKET_PATH_BYTES_MAX} bytes; give a folder with a shorter \
         path",
        .path.display()
    )]
    LongPath {
        /// The socket.
        path: PathBuf,
    },
    /// The home asks a signer already.
    #[error("{} asks a signer already; see `signer` in its configuration", .home.display())]
    HasSigner {
        /// The home.
        home: PathBuf,
    },
    /// The signer remembers nothing, because it is no validator's.
    #[error("{} is no validator's signer: it remembers no heights", .dir.display())]
    NoMemory {
        /// The folder.
        dir: PathBuf,
    },
    /// The system refuses.
    #[error("cannot use {}", .path.display())]
    Io {
        /// The path.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A home or its files cannot be used.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// A key cannot be opened or stored.
    #[error(transparent)]
    Keystore(#[from] KeystoreError),
    /// What was signed cannot be remembered.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// It cannot listen.
    #[error(transparent)]
    Server(#[from] ServerError),
}

/// A signer's folder.
#[derive(Clone, Debug)]
pub struct SignerHome {
    dir: PathBuf,
}

impl SignerHome {
    /// The signer in a folder.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into() }
    }

    fn memory_path(&self) -> PathBuf {
        self.dir.join("memory")
    }

    fn key_path(&self) -> PathBuf {
        self.dir.join("keys").join("key.pem")
    }

    /// Makes a signer of a home's key: copies the key, lets the home ask the signer, and removes
    /// the home's own copy. `decided` is the last height that the node of a validator has decided;
    /// the node must not run. The public key.
    ///
    /// # Errors
    /// When the folder holds something, the home cannot be changed, or its key not be opened.
    pub fn init(
        &self,
        home: &Home,
        passphrase: &Passphrase,
        decided: u64,
        users: &[u32],
    ) -> Result<PublicKey, SignerHomeError> {
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| SignerHomeError::Io { path, source }
        };
        if self.dir.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(SignerHomeError::NotEmpty { dir: self.dir.clone() });
        }
        keystore::create_private_folder(&self.dir)?;
        let dir = self.dir.canonicalize().map_err(io(&self.dir))?;
        let socket = dir.join("socket");
        if SOCKET_PATH_BYTES_MAX < socket.as_os_str().len() {
            return Err(SignerHomeError::LongPath { path: socket });
        }
        let is_node = home.is_node();
        let (key_path, organisation, has_signer) = match is_node {
            true => {
                let file = home.node_file()?;
                (home.validator_key_path(), file.organisation, file.signer.is_some())
            }
            false => {
                let file = home.member_file()?;
                (home.operator_key_path(), file.organisation, file.signer.is_some())
            }
        };
        if has_signer {
            return Err(SignerHomeError::HasSigner { home: home.path().to_owned() });
        }
        let _lock = if is_node { Some(home.lock()?) } else { None };
        let genesis = home.genesis()?.hash();
        let secret = keystore::load(&key_path, passphrase)?;
        let key = secret.public_key();
        keystore::store(&self.key_path(), &secret, passphrase, Cost::Standard)?;
        if is_node {
            // What was signed at the height in progress stands in the node's own log.
            let floor = Floor { height: decided.saturating_add(1), batch: 0 };
            Memory::create(&self.memory_path(), floor)?;
        }
        let role = if is_node { RoleName::Validator } else { RoleName::Organisation };
        let file = SignerFile { genesis, organisation, role, users: users.to_vec() };
        home::store_json(&self.dir.join(SIGNER_FILE), &file)?;
        let config = SignerConfig { socket, key, user: None, timeout_ms: None };
        match is_node {
            true => {
                let file = home.node_file()?;
                replace(home, NODE_FILE, &home::NodeFile { signer: Some(config), ..file })?;
            }
            false => {
                let file = home.member_file()?;
                replace(home, MEMBER_FILE, &home::MemberFile { signer: Some(config), ..file })?;
            }
        }
        fs::remove_file(&key_path).map_err(io(&key_path))?;
        Ok(key)
    }

    /// Raises the height below which a validator's signer signs nothing.
    ///
    /// # Errors
    /// When the signer runs, or is no validator's.
    pub fn skip(&self, height: u64) -> Result<(), SignerHomeError> {
        let _lock = self.lock()?;
        if self.file()?.role != RoleName::Validator {
            return Err(SignerHomeError::NoMemory { dir: self.dir.clone() });
        }
        Ok(Memory::raise(&self.memory_path(), Floor { height, batch: 0 })?)
    }

    /// Makes ready to sign; the lock is held as long as what comes with it.
    ///
    /// # Errors
    /// When the signer runs already, its key cannot be opened, its memory is damaged, or it cannot
    /// listen.
    pub fn open(&self, passphrase: &Passphrase) -> Result<(Server, HomeLock), SignerHomeError> {
        let lock = self.lock()?;
        let file = self.file()?;
        let secret = keystore::load(&self.key_path(), passphrase)?;
        let role = match file.role {
            RoleName::Validator => Role::Validator(Memory::open(&self.memory_path())?),
            RoleName::Organisation => Role::Organisation(file.organisation),
        };
        let server = Server::bind(ServerConfig {
            socket: self.dir.join("socket"),
            genesis: file.genesis,
            secret,
            role,
            users: file.users,
        })?;
        Ok((server, lock))
    }

    fn file(&self) -> Result<SignerFile, SignerHomeError> {
        Ok(home::load_json(&self.dir.join(SIGNER_FILE))?)
    }

    fn lock(&self) -> Result<HomeLock, SignerHomeError> {
        Ok(Home::new(&self.dir).lock()?)
    }
}

/// Writes a configuration in the place of another, whole or not at all.
fn replace<T: Serialize>(home: &Home, name: &str, value: &T) -> Result<(), SignerHomeError> {
    let (path, next) = (home.path().join(name), home.path().join(format!("{name}.next")));
    home::store_json(&next, value)?;
    fs::rename(&next, &path).map_err(|source| SignerHomeError::Io { path, source })
}
