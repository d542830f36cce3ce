//! A folder that belongs to one node, observer or member: its paths, its configuration, its lock.
//!
//! ```text
//! node's home                              member's home
//! ├── node.json                            ├── member.json
//! ├── genesis.json                         ├── genesis.json
//! ├── keys/validator.pem, node.pem,        ├── keys/operator.pem, admin.pem
//! │        operator.pem,                   │        vault.pem
//! │                                        ├── vault/          originals, encrypted
//! │                                        └── pseudonym.key   (a localnet's shared key)
//! │        pseudonym-1.pem  (where it serves pseudonyms)
//! ├── data/            the ledger
//! ├── agreement.wal    what was signed at the height in progress
//! ├── letters/         sealed originals that the agency asked for
//! ├── lock             held while a process uses the home; its pid
//! ├── tls.crt, tls.key  where it listens beyond loopback
//! ├── metrics.token
//! └── node.log
//! ```
//!
//! An observer's home has `observer.json` and `genesis.json`, `keys/node.pem`, `data/`, `lock`,
//! `metrics.token`, and the TLS files where it needs them.
//!
//! [`init()`] makes a home for a node that joins a running zone, [`run()`] a running node of a
//! home, [`run_observer`] a running observer. A home whose log is missing was restored from a
//! backup: see [`crate::wal::mark_restored`].
//! `agreement.restored` stands there until the node has caught up with what it may have signed.

mod found;
mod init;
mod run;

pub use found::{NewObserver, found_observer};
pub use init::{NewNode, NodeKeys, init};
pub use run::{RunError, run, run_observer};

use crate::keystore::{self, KeystoreError, Passphrase};
use crate::signer::SignerConfig;
use fs4::FileExt;
use kanhe_consensus::Timeouts;
use kanhe_genesis::{Genesis, GenesisError};
use kanhe_types::code::OrganisationCode;
use kanhe_types::hash::Hash;
use kanhe_types::keys::PublicKey;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

/// The file that makes a folder a node's home.
pub const NODE_FILE: &str = "node.json";
/// The file that makes a folder a member's home.
pub const MEMBER_FILE: &str = "member.json";
/// The file that makes a folder an observer's home.
pub const OBSERVER_FILE: &str = "observer.json";
/// The file that makes a folder a localnet's.
pub const LOCALNET_FILE: &str = "localnet.json";
/// The chain's document of height 0.
pub const GENESIS_FILE: &str = "genesis.json";
/// A localnet's passphrase.
pub const PASSPHRASE_FILE: &str = "passphrase";
/// A key for pseudonyms, 64 hex digits.
pub const PSEUDONYM_FILE: &str = "pseudonym.key";
/// Bytes of a configuration file, at most.
const CONFIG_BYTES_MAX: u64 = 1024 * 1024;
/// Folders above a home that are searched for a localnet.
const PARENTS_MAX: usize = 4;
/// How often a lock is tried: whoever looks whether a home is in use holds it for a moment.
const LOCK_ATTEMPTS: u32 = 10;
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// How a node takes part. Stands in `node.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeFile {
    /// Whose node it is.
    pub organisation: OrganisationCode,
    /// Where it accepts other validators.
    pub listen: SocketAddr,
    /// Where the other validators are. Who they are stands in the genesis.
    pub peers: Vec<PeerConfig>,
    /// The HTTP API.
    pub http: HttpConfig,
    /// An idle chain makes a block this often, in milliseconds; the program's own choice where it
    /// is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heartbeat_ms: Option<u64>,
    /// How long the steps of the agreement wait; the program's own choice where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeouts: Option<TimeoutsConfig>,
    /// Who holds the validator's key; without it the key is in `keys/validator.pem`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signer: Option<SignerConfig>,
    /// A file that gets every outgoing message before encryption. For tests of what leaves the
    /// node; absent in operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tap: Option<PathBuf>,
    /// Where this node serves pseudonyms: with which keys, and how many an hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pseudonym_service: Option<PseudonymServiceConfig>,
}

/// The pseudonym service of a node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PseudonymServiceConfig {
    /// The numbers of its keys; number 1 stands in `keys/pseudonym-1.pem`.
    pub keys: Vec<u32>,
    /// Evaluations of one organisation in an hour; the program's own choice where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluations_per_hour: Option<u32>,
    /// Other limits for some organisations.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub limits: BTreeMap<OrganisationCode, u32>,
}

/// How long each step of a round waits for the others, in milliseconds. All validators should
/// state the same, a few times the network's delay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeoutsConfig {
    /// For the proposal of round 0.
    pub propose_ms: u64,
    /// For the missing votes of round 0, prevotes and precommits alike.
    pub vote_ms: u64,
    /// Added to each for every further round.
    pub delta_ms: u64,
    /// Between repetitions of our votes while a round lasts.
    pub rebroadcast_ms: u64,
    /// The cap on all of them.
    pub max_ms: u64,
}

impl TimeoutsConfig {
    /// For validators on one machine or in one building.
    pub const NEAR: Self =
        Self { propose_ms: 400, vote_ms: 200, delta_ms: 200, rebroadcast_ms: 500, max_ms: 5_000 };
}

impl From<TimeoutsConfig> for Timeouts {
    fn from(config: TimeoutsConfig) -> Self {
        Self {
            propose_ms: config.propose_ms,
            prevote_ms: config.vote_ms,
            precommit_ms: config.vote_ms,
            delta_ms: config.delta_ms,
            rebroadcast_ms: config.rebroadcast_ms,
            max_ms: config.max_ms,
        }
    }
}

/// Where one other validator is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeerConfig {
    /// Whose node it is.
    pub organisation: OrganisationCode,
    /// The key that it shows.
    pub node: PublicKey,
    /// `host:port`.
    pub address: String,
}

/// The HTTP API of a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpConfig {
    /// Where it listens. Beyond loopback it speaks TLS.
    pub listen: SocketAddr,
}

/// How an observer follows the chain. Stands in `observer.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObserverFile {
    /// Whose observer it is.
    pub organisation: OrganisationCode,
    /// The genesis hash; the home's genesis file must have it.
    pub genesis: Hash,
    /// Addresses of serving validators' APIs; one is asked at a time.
    pub validators: Vec<String>,
    /// The HTTP API, for its owner.
    pub http: HttpConfig,
    /// A certificate file to accept besides those of the well-known authorities, for `https`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<PathBuf>,
    /// A file that gets every answer of the serving validators as it arrived. For tests of what
    /// reaches an observer; absent in operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tap: Option<PathBuf>,
}

/// How a member reaches the chain. Stands in `member.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberFile {
    /// The member's code.
    pub organisation: OrganisationCode,
    /// Addresses of validators' APIs, such as `http://127.0.0.1:8080`; each is tried in turn.
    pub api: Vec<String>,
    /// The genesis hash; the home's genesis file must have it.
    pub genesis: Hash,
    /// Addresses of the API of the node that serves pseudonyms. Without any, a member of a
    /// localnet makes them with the localnet's shared key.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pseudonym_service: Vec<String>,
    /// The number and the year of the key in `pseudonym.key`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pseudonym: Option<PseudonymConfig>,
    /// A certificate file to accept besides those of the well-known authorities, for `https`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<PathBuf>,
    /// Who holds the operator key; without it the key is in `keys/operator.pem`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signer: Option<SignerConfig>,
}

/// The number and the year of a key for pseudonyms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PseudonymConfig {
    /// The key's number; 0 is a localnet's own.
    pub key_id: u32,
    /// The calendar year (UTC+8) that it is for.
    pub epoch: u16,
}

/// A home cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// Another process uses the home.
    #[error(
        "home {} is in use by another node ({}); stop it, or give another home",
        .home.display(), pid_text(*.pid)
    )]
    InUse {
        /// The home.
        home: PathBuf,
        /// The process, where it says so.
        pid: Option<u32>,
    },
    /// The folder is not of the expected kind.
    #[error("{} has no {file}; give {expected}", .home.display())]
    NotAHome {
        /// The folder.
        home: PathBuf,
        /// What is missing.
        file: &'static str,
        /// What to give instead.
        expected: &'static str,
    },
    /// The system refuses.
    #[error("cannot {verb} {}; check that the path exists and that this user may", .path.display())]
    Io {
        /// What was tried.
        verb: &'static str,
        /// The path.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A configuration file is too long.
    #[error("{} has more than {CONFIG_BYTES_MAX} bytes; restore the file", .path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
    },
    /// A configuration file cannot be understood.
    #[error("{} is not a valid configuration; correct or restore it", .path.display())]
    Config {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// The genesis file is not a genesis.
    #[error("{} is not a valid genesis", .path.display())]
    Genesis {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: GenesisError,
    },
    /// The genesis file is another chain's.
    #[error(
        "{} has hash {found}, the home's configuration expects {expected}; restore the file",
        .path.display()
    )]
    OtherGenesis {
        /// The file.
        path: PathBuf,
        /// The hash that the configuration states.
        expected: Hash,
        /// The hash of the file.
        found: Hash,
    },
    /// A private file cannot be used.
    #[error(transparent)]
    Keystore(#[from] KeystoreError),
    /// A pseudonym key is malformed.
    #[error("{} is not a pseudonym key; expected 64 hex digits", .path.display())]
    PseudonymKey {
        /// The file.
        path: PathBuf,
    },
}

fn pid_text(pid: Option<u32>) -> String {
    pid.map_or_else(|| "pid unknown".into(), |pid| format!("pid {pid}"))
}

/// The paths of a home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    path: PathBuf,
}

impl Home {
    /// The home at `path`. Nothing is read.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it is a node's.
    pub fn is_node(&self) -> bool {
        self.path.join(NODE_FILE).is_file()
    }

    /// Whether it is a member's.
    pub fn is_member(&self) -> bool {
        self.path.join(MEMBER_FILE).is_file()
    }

    /// Whether it is an observer's.
    pub fn is_observer(&self) -> bool {
        self.path.join(OBSERVER_FILE).is_file()
    }

    /// Reads `observer.json`.
    ///
    /// # Errors
    /// When it is missing or not valid.
    pub fn observer_file(&self) -> Result<ObserverFile, HomeError> {
        self.require(OBSERVER_FILE, "an observer's home; make one with `kanhe observer init`")?;
        load_json(&self.path.join(OBSERVER_FILE))
    }

    /// The genesis file.
    pub fn genesis_path(&self) -> PathBuf {
        self.path.join(GENESIS_FILE)
    }

    /// The key that signs votes.
    pub fn validator_key_path(&self) -> PathBuf {
        self.path.join("keys").join("validator.pem")
    }

    /// The key that the node shows on connections.
    pub fn node_key_path(&self) -> PathBuf {
        self.path.join("keys").join("node.pem")
    }

    /// The key that signs submissions and requests.
    pub fn operator_key_path(&self) -> PathBuf {
        self.path.join("keys").join("operator.pem")
    }

    /// The key that changes the organisation's keys, and with which an agency governs.
    pub fn admin_key_path(&self) -> PathBuf {
        self.path.join("keys").join("admin.pem")
    }

    /// The folder of the home's keys.
    pub fn keys_path(&self) -> PathBuf {
        self.path.join("keys")
    }

    /// The key of the home's originals, and of letters to it.
    pub fn vault_key_path(&self) -> PathBuf {
        self.path.join("keys").join("vault.pem")
    }

    /// The home's originals.
    pub fn vault_path(&self) -> PathBuf {
        self.path.join("vault")
    }

    /// Sealed originals that a node holds for its agency.
    pub fn letters_path(&self) -> PathBuf {
        self.path.join("letters")
    }

    /// The ledger's folder.
    pub fn data_path(&self) -> PathBuf {
        self.path.join("data")
    }

    /// The agreement's log.
    pub fn wal_path(&self) -> PathBuf {
        self.path.join("agreement.wal")
    }

    /// Contradictions of validators that were seen.
    pub fn evidence_path(&self) -> PathBuf {
        self.path.join("evidence")
    }

    /// What agencies read here of others' trades, until it is reported to the ledger.
    pub fn reads_path(&self) -> PathBuf {
        self.path.join("reads.log")
    }

    /// The lock.
    pub fn lock_path(&self) -> PathBuf {
        self.path.join("lock")
    }

    /// What `GET /metrics` is asked with.
    pub fn metrics_token_path(&self) -> PathBuf {
        self.path.join("metrics.token")
    }

    /// The certificate of the HTTP API.
    pub fn tls_certificate_path(&self) -> PathBuf {
        self.path.join("tls.crt")
    }

    /// The key of that certificate.
    pub fn tls_key_path(&self) -> PathBuf {
        self.path.join("tls.key")
    }

    /// What a detached node writes.
    pub fn log_path(&self) -> PathBuf {
        self.path.join("node.log")
    }

    /// Reads `node.json`.
    ///
    /// # Errors
    /// When it is missing or not valid.
    pub fn node_file(&self) -> Result<NodeFile, HomeError> {
        self.require(NODE_FILE, "a node's home, such as LOCALNET/nodes/CUSTOMS")?;
        load_json(&self.path.join(NODE_FILE))
    }

    /// Reads `member.json`.
    ///
    /// # Errors
    /// When it is missing or not valid.
    pub fn member_file(&self) -> Result<MemberFile, HomeError> {
        self.require(MEMBER_FILE, "a member's home, such as LOCALNET/members/CUSTOMS")?;
        load_json(&self.path.join(MEMBER_FILE))
    }

    /// Reads a file that a configuration names.
    ///
    /// # Errors
    /// When it cannot be read or is too long.
    pub fn read(&self, path: &Path) -> Result<Vec<u8>, HomeError> {
        read_bounded(&self.path.join(path), CONFIG_BYTES_MAX)
    }

    fn require(&self, file: &'static str, expected: &'static str) -> Result<(), HomeError> {
        if self.path.join(file).is_file() {
            return Ok(());
        }
        Err(HomeError::NotAHome { home: self.path.clone(), file, expected })
    }

    /// Reads and checks the genesis file.
    ///
    /// # Errors
    /// When it is missing or not valid.
    pub fn genesis(&self) -> Result<Genesis, HomeError> {
        load_genesis(&self.genesis_path())
    }

    /// Takes the home for this process; it is free again when the lock is dropped or the process
    /// ends, however it ends.
    ///
    /// # Errors
    /// When another process has it, or the path cannot be written.
    pub fn lock(&self) -> Result<HomeLock, HomeError> {
        let path = self.lock_path();
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let mut file = options.open(&path).map_err(|source| io_error("write", &path, source))?;
        if !try_lock(&file).map_err(|source| io_error("lock", &path, source))? {
            return Err(HomeError::InUse { home: self.path.clone(), pid: read_pid(&file) });
        }
        let written = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{}", std::process::id()));
        written.map_err(|source| io_error("write", &path, source))?;
        Ok(HomeLock { _file: file })
    }

    /// The process that uses the home, if one does.
    ///
    /// # Errors
    /// When the lock cannot be looked at.
    pub fn user(&self) -> Result<Option<HomeUser>, HomeError> {
        let path = self.lock_path();
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(io_error("read", &path, source)),
        };
        match FileExt::try_lock_shared(&file) {
            Ok(()) => Ok(None),
            Err(fs4::TryLockError::WouldBlock) => Ok(Some(HomeUser { pid: read_pid(&file) })),
            Err(fs4::TryLockError::Error(source)) => Err(io_error("lock", &path, source)),
        }
    }

    /// The localnet's folder that the home lies in, if it does.
    pub fn localnet(&self) -> Option<PathBuf> {
        let path = fs::canonicalize(&self.path).ok()?;
        let mut folders = path.ancestors().take(PARENTS_MAX);
        folders.find(|folder| folder.join(LOCALNET_FILE).is_file()).map(Path::to_owned)
    }

    /// The passphrase of the home's keys: that of the environment (`KANHE_PASSPHRASE`, or the file
    /// that `KANHE_PASSPHRASE_FILE` names), else that of the localnet that the home lies in. None
    /// where a person has to be asked.
    ///
    /// `variable` looks up an environment variable.
    ///
    /// # Errors
    /// When a file that should hold it cannot be read, or it is empty.
    pub fn passphrase(
        &self,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Passphrase>, HomeError> {
        if let Some(text) = variable("KANHE_PASSPHRASE") {
            return Ok(Some(Passphrase::new(text)?));
        }
        let named = variable("KANHE_PASSPHRASE_FILE").map(PathBuf::from);
        let own = || self.localnet().map(|folder| folder.join(PASSPHRASE_FILE));
        let Some(path) = named.or_else(own) else {
            return Ok(None);
        };
        let bytes = keystore::read_private(&path)?;
        let text = str::from_utf8(&bytes).unwrap_or_default().trim_end_matches(['\r', '\n']);
        Ok(Some(Passphrase::new(text.to_owned())?))
    }

    /// The key for pseudonyms: the home's own, else that of the localnet that it lies in.
    ///
    /// # Errors
    /// When neither can be read.
    pub fn pseudonym_key(&self) -> Result<[u8; 32], HomeError> {
        let own = self.path.join(PSEUDONYM_FILE);
        let path = match self.localnet().filter(|_| !own.is_file()) {
            Some(folder) => folder.join(PSEUDONYM_FILE),
            None => own,
        };
        load_pseudonym_key(&path)
    }
}

/// A home that this process has taken.
#[derive(Debug)]
pub struct HomeLock {
    // The lock lasts as long as the file is open.
    _file: File,
}

/// A process that uses a home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HomeUser {
    /// Its number, where it has written it already.
    pub pid: Option<u32>,
}

/// Whether the lock was free, give or take the moments of those who only look.
fn try_lock(file: &File) -> io::Result<bool> {
    for _ in 0..LOCK_ATTEMPTS {
        match FileExt::try_lock(file) {
            Ok(()) => return Ok(true),
            Err(fs4::TryLockError::WouldBlock) => thread::sleep(LOCK_PAUSE),
            Err(fs4::TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(false)
}

fn read_pid(mut file: &File) -> Option<u32> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.take(20).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

fn io_error(verb: &'static str, path: &Path, source: io::Error) -> HomeError {
    HomeError::Io { verb, path: path.to_owned(), source }
}

/// Reads a genesis file.
///
/// # Errors
/// When it is missing or not valid.
pub fn load_genesis(path: &Path) -> Result<Genesis, HomeError> {
    let bytes = read_bounded(path, u64::try_from(kanhe_genesis::GENESIS_BYTES_MAX).unwrap_or(0))?;
    Genesis::from_json(&bytes)
        .map_err(|source| HomeError::Genesis { path: path.to_owned(), source })
}

/// Reads a pseudonym key file.
///
/// # Errors
/// When it cannot be read, others may read it too, or it is malformed.
pub fn load_pseudonym_key(path: &Path) -> Result<[u8; 32], HomeError> {
    let bytes = keystore::read_private(path)?;
    let mut key = [0; 32];
    hex::decode_to_slice(bytes.trim_ascii(), &mut key)
        .map_err(|_| HomeError::PseudonymKey { path: path.to_owned() })?;
    Ok(key)
}

/// Reads a configuration file.
///
/// # Errors
/// When it cannot be read or is not valid.
pub fn load_json<T: DeserializeOwned>(path: &Path) -> Result<T, HomeError> {
    let bytes = read_bounded(path, CONFIG_BYTES_MAX)?;
    serde_json::from_slice(&bytes)
        .map_err(|source| HomeError::Config { path: path.to_owned(), source })
}

/// Writes a new configuration file, readable by its owner alone.
///
/// # Errors
/// When something stands there already, or the system refuses.
pub fn store_json<T: Serialize>(path: &Path, value: &T) -> Result<(), HomeError> {
    let mut text = serde_json::to_string_pretty(value).expect("a configuration has text keys");
    text.push('\n');
    Ok(keystore::write_private(path, text.as_bytes())?)
}

fn read_bounded(path: &Path, bytes_max: u64) -> Result<Vec<u8>, HomeError> {
    let file = File::open(path).map_err(|source| io_error("read", path, source))?;
    let mut bytes = Vec::new();
    file.take(bytes_max.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|source| io_error("read", path, source))?;
    if u64::try_from(bytes.len()).is_ok_and(|found| bytes_max < found) {
        return Err(HomeError::TooLong { path: path.to_owned() });
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().expect("a temporary folder")
    }

    fn config() -> NodeFile {
        NodeFile {
            organisation: "CUSTOMS".parse().expect("a code"),
            listen: "127.0.0.1:4000".parse().expect("an address"),
            peers: vec![PeerConfig {
                organisation: "TAX".parse().expect("a code"),
                node: PublicKey::Ed25519([1; 32]),
                address: "127.0.0.1:4001".into(),
            }],
            http: HttpConfig { listen: "127.0.0.1:4002".parse().expect("an address") },
            heartbeat_ms: None,
            timeouts: Some(TimeoutsConfig::NEAR),
            tap: None,
            pseudonym_service: None,
            signer: None,
        }
    }

    #[test]
    fn a_configuration_comes_back_and_unknown_fields_are_refused() {
        let folder = folder();
        let home = Home::new(folder.path());
        store_json(&folder.path().join(NODE_FILE), &config()).expect("the path is free");
        assert_eq!(home.node_file().expect("valid"), config());
        let text = fs::read_to_string(folder.path().join(NODE_FILE)).expect("readable");
        let spoilt = text.replacen("\"listen\"", "\"lisen\": 1, \"listen\"", 1);
        fs::write(folder.path().join(NODE_FILE), spoilt).expect("writable");
        let error = home.node_file().expect_err("an unknown field");
        assert!(matches!(error, HomeError::Config { .. }), "{error}");
    }

    #[test]
    fn a_folder_that_is_no_home_is_named_with_what_to_give() {
        let folder = folder();
        let error = Home::new(folder.path()).node_file().expect_err("empty").to_string();
        assert!(error.contains("has no node.json; give a node's home"), "{error}");
    }

    #[test]
    fn a_home_is_used_by_one_process_at_a_time() {
        let folder = folder();
        let home = Home::new(folder.path());
        assert_eq!(home.user().expect("readable"), None);
        let lock = home.lock().expect("free");
        let error = home.lock().expect_err("in use").to_string();
        let pid = std::process::id();
        assert!(error.contains(&format!("in use by another node (pid {pid})")), "{error}");
        assert_eq!(home.user().expect("readable"), Some(HomeUser { pid: Some(pid) }));
        drop(lock);
        assert_eq!(home.user().expect("readable"), None);
        home.lock().expect("free again");
    }

    #[test]
    fn a_path_that_cannot_be_written_is_named() {
        let error = Home::new("/proc/kanhe").lock().expect_err("not writable").to_string();
        assert!(error.contains("cannot write /proc/kanhe/lock"), "{error}");
    }

    #[test]
    fn the_environment_goes_before_the_localnet_and_only_a_localnet_has_a_passphrase_file() {
        let folder = folder();
        let inner = folder.path().join("nodes/CUSTOMS");
        fs::create_dir_all(&inner).expect("writable");
        keystore::write_private(&folder.path().join(PASSPHRASE_FILE), b"from file\n")
            .expect("the path is free");
        let home = Home::new(&inner);
        let resolved = |home: &Home, variable: Option<&str>| {
            let variable = variable.map(str::to_owned);
            let found =
                home.passphrase(|name| variable.clone().filter(|_| name == "KANHE_PASSPHRASE"));
            found.expect("readable").map(|passphrase| passphrase.expose().to_owned())
        };
        assert_eq!(resolved(&home, None), None);
        fs::write(folder.path().join(LOCALNET_FILE), "{}").expect("writable");
        assert_eq!(resolved(&home, None).as_deref(), Some("from file"));
        assert_eq!(resolved(&home, Some("given")).as_deref(), Some("given"));
    }

    #[test]
    fn a_pseudonym_key_has_64_digits() {
        let folder = folder();
        let home = Home::new(folder.path());
        let path = folder.path().join(PSEUDONYM_FILE);
        keystore::write_private(&path, "0a".repeat(32).as_bytes()).expect("the path is free");
        assert_eq!(home.pseudonym_key().expect("valid"), [10; 32]);
        fs::write(&path, "0a".repeat(31)).expect("writable");
        assert!(matches!(home.pseudonym_key(), Err(HomeError::PseudonymKey { .. })));
    }
}
