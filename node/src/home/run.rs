//! From a home's folder to a running node: lock, keys, core, HTTP, and back.

use super::{Home, HomeError};
use crate::core::limits::HEARTBEAT_MS;
use crate::http::{self, HttpConfig, HttpError, PrivacyConfig, TlsFiles};
use crate::keystore::{self, KeystoreError, Passphrase};
use crate::letters::Letters;
use crate::node::{Node, NodeConfig, NodeError, ValidatorSigner};
use crate::observer::{Observer, ObserverConfig, ObserverFailure};
use crate::pseudonyms::PseudonymService;
use crate::signer::RemoteSigner;
use kanhe_consensus::Timeouts;
use std::net::SocketAddr;
use std::sync::Arc;

/// Why the node of a home does not start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The home cannot be used.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// A private file cannot be used.
    #[error(transparent)]
    Keystore(#[from] KeystoreError),
    /// The node does not start, or cannot go on.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// The HTTP server does not start.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The observer does not start, or cannot go on.
    #[error(transparent)]
    Observer(#[from] ObserverFailure),
    /// The signer cannot be looked for.
    #[error("cannot start a thread that looks for the signer")]
    Signer(#[source] std::io::Error),
    /// A certificate cannot be made.
    #[error("cannot make a TLS certificate for {listen}")]
    Certificate {
        /// The address it is for.
        listen: SocketAddr,
        /// Why.
        source: rcgen::Error,
    },
}

/// Runs the node of a home until `stop` ends or the node cannot go on.
///
/// # Errors
/// When the home is in use or not valid, a key cannot be opened, a port is taken, or the node
/// fails.
pub async fn run(
    home: &Home,
    passphrase: &Passphrase,
    stop: impl Future<Output = ()>,
) -> Result<(), RunError> {
    let file = home.node_file()?;
    let genesis = home.genesis()?;
    let _lock = home.lock()?;
    let listen = file.http.listen;
    let pseudonyms = file.pseudonym_service.as_ref().map(|config| {
        PseudonymService::open(file.organisation.clone(), config, &home.keys_path(), passphrase)
    });
    let http = HttpConfig {
        listen,
        tls: tls(home, listen)?,
        metrics_token: metrics_token(home)?,
        privacy: PrivacyConfig {
            pseudonyms: pseudonyms.transpose()?.map(Arc::new),
            letters: Some(Letters::new(home.letters_path())),
        },
    };
    let peers = file.peers.into_iter().map(|peer| (peer.node, peer.address)).collect();
    let signer = match &file.signer {
        None => ValidatorSigner::Key(keystore::load(&home.validator_key_path(), passphrase)?),
        Some(signer) => ValidatorSigner::Remote(
            RemoteSigner::start(home.path(), signer, genesis.hash()).map_err(RunError::Signer)?,
        ),
    };
    let config = NodeConfig {
        organisation: file.organisation,
        genesis,
        data: home.data_path(),
        log: home.wal_path(),
        evidence: home.evidence_path(),
        reads: home.reads_path(),
        signer,
        node_secret: keystore::load(&home.node_key_path(), passphrase)?,
        listen: file.listen,
        peers,
        timeouts: file.timeouts.map_or_else(Timeouts::default, Timeouts::from),
        heartbeat_ms: file.heartbeat_ms.unwrap_or(HEARTBEAT_MS),
        tap: file.tap,
    };
    let (handle, mut node) = Node::start(config).await?;
    let server = match http::serve(handle, http).await {
        Ok(server) => server,
        Err(error) => {
            node.shutdown().await;
            return Err(error.into());
        }
    };
    let ended = tokio::select! {
        () = stop => Ok(()),
        error = node.failed() => Err(error.into()),
    };
    server.shutdown().await;
    node.shutdown().await;
    ended
}

/// Runs the observer of a home until `stop` ends or it cannot go on.
///
/// # Errors
/// When the home is in use or not valid, its key cannot be opened, a port is taken, or it fails.
pub async fn run_observer(
    home: &Home,
    passphrase: &Passphrase,
    stop: impl Future<Output = ()>,
) -> Result<(), RunError> {
    let file = home.observer_file()?;
    let genesis = home.genesis()?;
    let (expected, found) = (file.genesis, genesis.hash());
    if found != expected {
        return Err(HomeError::OtherGenesis { path: home.genesis_path(), expected, found }.into());
    }
    let _lock = home.lock()?;
    let listen = file.http.listen;
    let http = HttpConfig {
        listen,
        tls: tls(home, listen)?,
        metrics_token: metrics_token(home)?,
        privacy: PrivacyConfig::default(),
    };
    let certificate = file.certificate.map(|path| home.read(&path)).transpose()?;
    let config = ObserverConfig {
        genesis,
        organisation: file.organisation,
        data: home.data_path(),
        secret: keystore::load(&home.node_key_path(), passphrase)?,
        validators: file.validators,
        reads: home.reads_path(),
        certificate,
        tap: file.tap,
    };
    let (handle, mut observer) = Observer::start(config)?;
    let server = match http::serve_observer(handle, http).await {
        Ok(server) => server,
        Err(error) => {
            observer.shutdown().await;
            return Err(error.into());
        }
    };
    let ended = tokio::select! {
        () = stop => Ok(()),
        error = observer.failed() => Err(error.into()),
    };
    server.shutdown().await;
    observer.shutdown().await;
    ended
}

/// The token for `/metrics`; made at the first start.
fn metrics_token(home: &Home) -> Result<String, RunError> {
    let path = home.metrics_token_path();
    if !path.exists() {
        let token = hex::encode(keystore::random::<32>()?);
        keystore::write_private(&path, token.as_bytes())?;
    }
    let bytes = keystore::read_private(&path)?;
    Ok(String::from_utf8_lossy(bytes.trim_ascii()).into_owned())
}

/// The certificate for an address beyond loopback; made at the first start.
fn tls(home: &Home, listen: SocketAddr) -> Result<Option<TlsFiles>, RunError> {
    if listen.ip().is_loopback() {
        return Ok(None);
    }
    let files = TlsFiles { certificate: home.tls_certificate_path(), key: home.tls_key_path() };
    if !files.certificate.exists() && !files.key.exists() {
        let made = rcgen::generate_simple_self_signed(vec![listen.ip().to_string()])
            .map_err(|source| RunError::Certificate { listen, source })?;
        keystore::write_private(&files.key, made.signing_key.serialize_pem().as_bytes())?;
        keystore::write_private(&files.certificate, made.cert.pem().as_bytes())?;
    }
    Ok(Some(files))
}
