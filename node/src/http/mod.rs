//! The HTTP server: the door through which members submit, ask and prove.
//!
//! It decides nothing about trades and holds no key. Every request but `/health` is signed by a
//! registered organisation (or bears the metrics token), and every answer is either what was asked
//! for or JSON of one error form. What a caller may not see is answered as what does not exist.
//!
//! Modules in reading order:
//! - [`limits`]: the bounds of requests, bodies and connections.
//! - `app`: what all requests share. `failure`: how errors are answered.
//! - `connection`, `observe`: around every connection and every request.
//! - `auth`, `nonces`, `access`: whose request it is, that it counts once, and what it may see.
//! - `request`, `wait`: parameters, forms of bodies, and long polls.
//! - `submissions`, `receipts`, `trades`, `grants`, `assistance`, `registers`, `governance`,
//!   `chain`, `metrics`: the answers.
//! - `spot_checks`: who asks for originals, who answers, and the sealed originals between them.
//! - `statistics`: what lists come to, for agencies, for enterprises, for everybody.
//! - `flows`: what was declared, paid, shipped, returned, and is outstanding; the cases behind it.
//! - `credit`: scores, grades, the negative list.
//! - `risk`: alerts, what rules said and why, and how they did; for agencies.
//! - `pseudonyms`: the pseudonym service, where this node is the one that has it.
//! - `reads`, `report`: what agencies read, on disk and then on the ledger.
//! - `cursors`: where pages end that leave most out.
//! - `redacted`: what observers follow the chain by. `observer`: what they answer themselves.
//! - `expiry`: what is warned of weeks ahead.

mod access;
mod app;
mod assistance;
mod auth;
mod chain;
mod connection;
mod credit;
mod cursors;
mod expiry;
mod failure;
mod flows;
mod governance;
mod grants;
pub mod limits;
mod metrics;
mod nonces;
mod observe;
mod observer;
mod policies;
mod pseudonyms;
mod reads;
mod receipts;
mod redacted;
mod registers;
mod report;
mod request;
mod risk;
mod spot_checks;
mod statistics;
mod submissions;
#[cfg(test)]
mod tests;
mod trades;
mod wait;

use crate::letters::Letters;
use crate::node::NodeHandle;
use crate::observer::ObserverHandle;
use crate::pseudonyms::PseudonymService;
pub(crate) use app::now;
use app::{App, Source};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use axum_server::Handle;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use connection::Limited;
use kanhe_api::path;
use limits::{HEAD_BYTES_MAX, HEAD_MS_MAX, STOP_MS};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How the HTTP server listens.
#[derive(Clone)]
pub struct HttpConfig {
    /// Where. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// The certificate and its key; mandatory beyond loopback.
    pub tls: Option<TlsFiles>,
    /// The token that lets Prometheus read `/metrics`.
    pub metrics_token: String,
    /// What the node does for personal data.
    pub privacy: PrivacyConfig,
}

/// What a node does for personal data beside keeping the ledger.
#[derive(Clone, Default)]
pub struct PrivacyConfig {
    /// The pseudonym service, where this node has it.
    pub pseudonyms: Option<Arc<PseudonymService>>,
    /// Sealed originals for the node's agency.
    pub letters: Option<Letters>,
}

/// The files of a TLS certificate.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The certificate, followed by its issuers, in PEM.
    pub certificate: PathBuf,
    /// Its private key in PEM.
    pub key: PathBuf,
}

/// Why the HTTP server does not start.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// Another process listens there.
    #[error(
        "address {listen} is taken by another process; stop it, or state another http.listen in \
         node.json"
    )]
    Taken {
        /// The address.
        listen: SocketAddr,
    },
    /// The machine does not let us listen there.
    #[error(
        "cannot listen on {listen}; state an address of this machine as http.listen in node.json"
    )]
    Listen {
        /// The address.
        listen: SocketAddr,
        /// What the machine says.
        #[source]
        source: io::Error,
    },
    /// Plain HTTP would leave the machine.
    #[error(
        "address {listen} is reachable from outside and there is no TLS certificate; put tls.crt \
         and tls.key into the node's home, or listen on 127.0.0.1"
    )]
    PlainBeyondLoopback {
        /// The address.
        listen: SocketAddr,
    },
    /// A file of the certificate cannot be used.
    #[error("TLS file {} cannot be used; expected a PEM {expected}", .path.display())]
    TlsFile {
        /// The file.
        path: PathBuf,
        /// What it should hold.
        expected: &'static str,
        /// What is wrong.
        #[source]
        source: rustls::pki_types::pem::Error,
    },
    /// Certificate and key do not fit each other, or are of a kind that is not supported.
    #[error("the TLS certificate cannot be used; make certificate and key together")]
    Tls(#[source] rustls::Error),
    /// The genesis cannot be written as JSON.
    #[error("the genesis cannot be written as JSON")]
    Genesis(#[source] serde_json::Error),
    /// What agencies read cannot be logged.
    #[error("the log of reads {} cannot be opened", .path.display())]
    Reads {
        /// The file.
        path: PathBuf,
        /// What the machine says.
        #[source]
        source: io::Error,
    },
}

/// A running HTTP server; stop it with [`HttpServer::shutdown`].
pub struct HttpServer {
    local_addr: SocketAddr,
    handle: Handle<SocketAddr>,
    stopping: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

/// Starts the HTTP server on the current tokio runtime.
///
/// # Errors
/// When the address is taken or unusable, TLS is missing beyond loopback, or its files are not
/// usable.
pub async fn serve(node: NodeHandle, config: HttpConfig) -> Result<HttpServer, HttpError> {
    serve_source(Source::Validator(node), config).await
}

/// The same for an observer.
///
/// # Errors
/// As [`serve`].
pub async fn serve_observer(
    observer: ObserverHandle,
    config: HttpConfig,
) -> Result<HttpServer, HttpError> {
    serve_source(Source::Observer(observer), config).await
}

async fn serve_source(source: Source, config: HttpConfig) -> Result<HttpServer, HttpError> {
    let listen = config.listen;
    if config.tls.is_none() && !listen.ip().is_loopback() {
        return Err(HttpError::PlainBeyondLoopback { listen });
    }
    let tls = config.tls.as_ref().map(tls_config).transpose()?;
    let listener = TcpListener::bind(listen).map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => HttpError::Taken { listen },
        _ => HttpError::Listen { listen, source },
    })?;
    let unusable = |source| HttpError::Listen { listen, source };
    let local_addr = listener.local_addr().map_err(unusable)?;
    let (stopping, stopped) = watch::channel(false);
    let app = Arc::new(App::new(source, &config.metrics_token, config.privacy, stopped)?);
    let handle = Handle::new();
    let is_validator = matches!(app.source(), Source::Validator(_));
    if is_validator {
        pseudonyms::warn_of_keys(&app);
    }
    let router: fn(Arc<App>) -> Router = if is_validator { router } else { observer_router };
    let service = router(Arc::clone(&app)).into_make_service();
    let mut server =
        axum_server::from_tcp(listener).map_err(unusable)?.handle(handle.clone()).http1_only();
    server
        .http_builder()
        .http1()
        .header_read_timeout(Duration::from_millis(HEAD_MS_MAX))
        .max_buf_size(HEAD_BYTES_MAX);
    let server = server.first_request_timeout(Duration::from_millis(HEAD_MS_MAX));
    let serving = match tls {
        Some(tls) => {
            let acceptor = RustlsAcceptor::new(tls).acceptor(Limited::new());
            let server = server.acceptor(acceptor);
            tokio::spawn(async move { log_end(server.serve(service).await) })
        }
        None => {
            let server = server.acceptor(Limited::new());
            tokio::spawn(async move { log_end(server.serve(service).await) })
        }
    };
    let mut tasks = vec![serving];
    if is_validator {
        tasks.push(tokio::spawn(expiry::warn(Arc::clone(&app))));
        tasks.push(tokio::spawn(report::report_reads(app)));
    }
    tracing::info!(address = %local_addr, "answering HTTP");
    Ok(HttpServer { local_addr, handle, stopping, tasks })
}

fn log_end(result: io::Result<()>) {
    if let Err(error) = result {
        tracing::error!(error = &error as &dyn std::error::Error, "the HTTP server ended");
    }
}

impl HttpServer {
    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Answers long polls at once, lets other requests end for a moment, and stops.
    pub async fn shutdown(self) {
        // There is always a receiver while the server runs; without one nobody waits.
        self.stopping.send_replace(true);
        self.handle.graceful_shutdown(Some(Duration::from_millis(STOP_MS)));
        for task in self.tasks {
            if task.await.is_err() {
                tracing::error!("a task of the HTTP server panicked");
            }
        }
    }
}

/// TLS with the provider that the program is built with, whatever the process's default is.
fn tls_config(files: &TlsFiles) -> Result<RustlsConfig, HttpError> {
    let unusable = |path: &PathBuf, expected, source| {
        let path = path.clone();
        HttpError::TlsFile { path, expected, source }
    };
    let certificates = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|source| unusable(&files.certificate, "certificate", source))?;
    let key = PrivateKeyDer::from_pem_file(&files.key)
        .map_err(|source| unusable(&files.key, "private key", source))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(certificates, key))
        .map_err(HttpError::Tls)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(RustlsConfig::from_config(Arc::new(config)))
}

/// Every path with its answer and its guard.
fn router(app: Arc<App>) -> Router {
    let signed = Router::new()
        .route(path::OPENAPI, get(chain::openapi))
        .route(path::GENESIS, get(chain::genesis))
        .route(path::STATUS, get(chain::status))
        .route(path::SUBMISSIONS, post(submissions::submit))
        .route(path::SUBMISSION, get(submissions::submission))
        .route(path::RECEIPTS, post(receipts::receipts))
        .route(path::TRADES, get(trades::trades))
        .route(path::TRADE, get(trades::trade))
        .route(path::DOCUMENT, get(trades::document))
        .route(path::DOCUMENT_PROOF, get(trades::document_proof))
        .route(path::BLOCK, get(chain::block))
        .route(path::DECISIONS, get(chain::decisions))
        .route(path::BATCH, get(chain::batch))
        .route(path::PROPOSALS, get(governance::proposals))
        .route(path::PROPOSAL, get(governance::proposal))
        .route(path::POLICIES, get(policies::policies))
        .route(path::POLICY, get(policies::policy))
        .route(path::ORGANISATION, get(governance::organisation))
        .route(path::PSEUDONYMS, post(pseudonyms::evaluate))
        .route(path::SPOT_CHECKS, get(spot_checks::spot_checks))
        .route(path::SPOT_CHECK, get(spot_checks::spot_check))
        .route(path::SPOT_CHECK_ORIGINAL, get(spot_checks::letter).post(spot_checks::put_letter))
        .route(path::GRANTS, get(grants::grants))
        .route(path::GRANT, get(grants::grant))
        .route(path::REGISTERS, get(registers::list))
        .route(path::REGISTER_ENTRY, get(registers::entry))
        .route(path::RECEIVABLE, get(registers::available))
        .route(path::CREDIT, get(credit::list))
        .route(path::CREDIT_OF, get(credit::organisation))
        .route(path::NEGATIVE_LIST, get(credit::negative_list))
        .route(path::ALERTS, get(risk::alerts))
        .route(path::ALERT, get(risk::alert))
        .route(path::RISK_CASE, get(risk::case))
        .route(path::RISK_ORGANISATION, get(risk::organisation))
        .route(path::RISK_RULES, get(risk::rules))
        .route(path::ASSISTANCES, get(assistance::requests))
        .route(path::ASSISTANCE, get(assistance::request))
        .route(path::READS, get(assistance::reads))
        .route(path::STATISTICS, get(statistics::statistics))
        .route(path::FLOWS, get(flows::flows))
        .route(path::FLOW_CASES, get(flows::cases))
        .route(path::REDACTED, get(redacted::redacted))
        .route(path::EVIDENCE, post(redacted::evidence))
        .route_layer(from_fn_with_state(Arc::clone(&app), auth::signed));
    let metrics = Router::new()
        .route(path::METRICS, get(metrics::metrics))
        .route_layer(from_fn_with_state(Arc::clone(&app), auth::token_or_agency));
    with_layers(app, signed, metrics)
}

/// What an observer answers: the same, for what it holds.
fn observer_router(app: Arc<App>) -> Router {
    let signed = Router::new()
        .route(path::OPENAPI, get(chain::openapi))
        .route(path::GENESIS, get(chain::genesis))
        .route(path::STATUS, get(observer::status))
        .route(path::SUBMISSIONS, post(submissions::submit))
        .route(path::SUBMISSION, get(submissions::submission))
        .route(path::RECEIPTS, post(receipts::receipts))
        .route(path::TRADES, get(trades::trades))
        .route(path::TRADE, get(trades::trade))
        .route(path::DOCUMENT, get(trades::document))
        .route(path::DOCUMENT_PROOF, get(trades::document_proof))
        .route(path::BLOCK, get(observer::block))
        .route(path::ORGANISATION, get(observer::organisation))
        .route_layer(from_fn_with_state(Arc::clone(&app), auth::signed));
    let metrics = Router::new()
        .route(path::METRICS, get(observer::metrics))
        .route_layer(from_fn_with_state(Arc::clone(&app), auth::token_or_agency));
    with_layers(app, signed, metrics)
}

/// What stands around every request.
fn with_layers(app: Arc<App>, signed: Router<Arc<App>>, metrics: Router<Arc<App>>) -> Router {
    Router::new()
        .route(path::HEALTH, get(chain::health))
        .merge(signed)
        .merge(metrics)
        .fallback(observe::unknown_path)
        .method_not_allowed_fallback(observe::unknown_method)
        // Authentication bounds and reads bodies; axum's own bound is lower.
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(Arc::clone(&app), observe::observe))
        .with_state(app)
}
