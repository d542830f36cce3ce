//! The router against a running node of one validator, without sockets.

mod assistance;
mod attackers;
mod credit;
mod exports;
mod flows;
mod governance;
mod grants;
mod observer;
mod privacy;
mod pseudonyms;
mod registers;
mod risk;
mod server;
mod signature;
mod spot_checks;
mod statistics;
mod submission;

use super::app::{App, Source, now};
use super::{PrivacyConfig, router};
use crate::home::PseudonymServiceConfig;
use crate::letters::Letters;
use crate::node::{Node, NodeConfig, NodeHandle, ValidatorSigner};
use crate::pseudonyms::PseudonymService;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use kanhe_api::limits::NONCE_BYTES;
use kanhe_api::signing::sign_request;
use kanhe_api::submission::{SubmissionStatus, SubmissionView, SubmissionsAnswer};
use kanhe_api::{ApiError, ErrorCode, Nonce, RequestToSign, path};
use kanhe_consensus::Timeouts;
use kanhe_contracts::document::Document;
use kanhe_contracts::fixture;
use kanhe_contracts::policy::Policy;
use kanhe_contracts::registry::{Organisation, Role, Status};
use kanhe_genesis::Genesis;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec;
use kanhe_types::hash::Hash;
use kanhe_types::keys::SecretKey;
use kanhe_types::limits::PROTOCOL_VERSION;
use kanhe_types::pseudonym::{PseudonymScope, PseudonymServiceKey};
use kanhe_types::submission::Submission;
use kanhe_types::time::{CustomsTime, Millis};
use kanhe_types::validator::Validator;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::watch;
use tower::ServiceExt;

/// A platform that has nothing to do with the fixture's trades.
const RIVAL: &str = "TESTRIVAL1";
/// An organisation that may not act.
const SUSPENDED: &str = "TESTSUSP01";
/// A bank that is party to no trade.
const BANK: &str = "TESTBANK01";
const TOKEN: &str = "invented metrics token";
/// Far enough that no submission of a test expires.
const EXPIRES: u64 = 1_000;

/// A zone of one validator, and the router of its node.
struct Zone {
    router: Router,
    app: Arc<App>,
    handle: NodeHandle,
    node: Node,
    _stopping: watch::Sender<bool>,
    _folder: tempfile::TempDir,
}

/// An answer, read whole.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

/// A request before it is signed. Tests change what they are about.
#[derive(Clone)]
struct Draft {
    method: &'static str,
    target: String,
    /// What is really sent, where it differs from what is signed.
    sent_target: Option<String>,
    organisation: OrganisationCode,
    secret: SecretKey,
    genesis: Hash,
    date: Millis,
    nonce: Nonce,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

fn genesis(
    validator: &SecretKey,
    node: &SecretKey,
    further: &[Organisation],
    policy: Policy,
) -> Genesis {
    let mut organisations = fixture::organisations();
    organisations.extend_from_slice(further);
    organisations.push(fixture::organisation(
        &fixture::code(RIVAL),
        "测试平台乙",
        &[Role::Platform],
    ));
    organisations.push(fixture::organisation(&fixture::code(BANK), "测试银行甲", &[Role::Bank]));
    let mut suspended =
        fixture::organisation(&fixture::code(SUSPENDED), "测试平台丙", &[Role::Platform]);
    suspended.status = Status::Suspended;
    organisations.push(suspended);
    organisations.sort_by(|one, two| one.code.cmp(&two.code));
    Genesis {
        zone: "测试综试区".into(),
        protocol: PROTOCOL_VERSION,
        time: Millis(now().0 - 10_000),
        validators: vec![Validator {
            organisation: fixture::code(fixture::AGENCY),
            key: validator.public_key(),
            node: node.public_key(),
        }],
        organisations,
        policy: Policy { pseudonym_keys: pseudonym_keys(), ..policy },
    }
}

/// The number of the key for pseudonyms.
const KEY_ID: u32 = 1;
/// What one organisation may ask in an hour.
const EVALUATIONS_PER_HOUR: u32 = 50;

fn pseudonym_service() -> PseudonymService {
    let config = PseudonymServiceConfig {
        keys: vec![KEY_ID],
        evaluations_per_hour: Some(EVALUATIONS_PER_HOUR),
        limits: BTreeMap::new(),
    };
    let seeds = BTreeMap::from([(KEY_ID, zeroize::Zeroizing::new([103; 32]))]);
    PseudonymService::new(fixture::code(fixture::AGENCY), seeds, &config)
}

/// The keys of this year and the one before.
fn pseudonym_keys() -> Vec<PseudonymServiceKey> {
    let year = u16::try_from(CustomsTime::from_millis(now()).year()).expect("a year");
    let scopes = [year - 1, year].map(|epoch| PseudonymScope { key_id: KEY_ID, epoch });
    scopes.into_iter().filter_map(|scope| pseudonym_service().entry(scope)).collect()
}

impl Zone {
    async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// A zone with further organisations.
    async fn start_with(further: &[Organisation]) -> Self {
        Self::start_under(further, Policy::default()).await
    }

    /// The same under a policy of one's own.
    async fn start_under(further: &[Organisation], policy: Policy) -> Self {
        let folder = tempfile::tempdir().expect("the machine has a temporary folder");
        let validator = SecretKey::from_seed([101; 32]);
        let node = fixture::node_secret(&fixture::code(fixture::AGENCY));
        let (handle, node) = Node::start(NodeConfig {
            organisation: fixture::code(fixture::AGENCY),
            genesis: genesis(&validator, &node, further, policy),
            data: folder.path().join("data"),
            log: folder.path().join("agreement.wal"),
            evidence: folder.path().join("evidence"),
            reads: folder.path().join("reads.log"),
            signer: ValidatorSigner::Key(validator),
            node_secret: node,
            listen: "127.0.0.1:0".parse().expect("an address"),
            peers: BTreeMap::new(),
            timeouts: Timeouts::default(),
            heartbeat_ms: 100,
            tap: None,
        })
        .await
        .expect("a node of one validator starts");
        let (stopping, stopped) = watch::channel(false);
        let privacy = PrivacyConfig {
            pseudonyms: Some(Arc::new(pseudonym_service())),
            letters: Some(Letters::new(folder.path().join("letters"))),
        };
        let app = App::new(Source::Validator(handle.clone()), TOKEN, privacy, stopped);
        let app = app.expect("the genesis is JSON");
        let app = Arc::new(app);
        Self {
            router: router(Arc::clone(&app)),
            app,
            handle,
            node,
            _stopping: stopping,
            _folder: folder,
        }
    }

    /// Stops the node, so that its folder can go.
    async fn stop(self) {
        let Self { node, .. } = self;
        node.shutdown().await;
    }

    fn draft(&self, method: &'static str, target: impl Into<String>, organisation: &str) -> Draft {
        static NONCES: AtomicU64 = AtomicU64::new(1);
        let mut nonce = [0; NONCE_BYTES];
        nonce[..8].copy_from_slice(&NONCES.fetch_add(1, Ordering::Relaxed).to_le_bytes());
        let organisation = fixture::code(organisation);
        Draft {
            method,
            target: target.into(),
            sent_target: None,
            secret: fixture::secret(&organisation),
            organisation,
            genesis: self.handle.genesis_hash,
            date: now(),
            nonce: Nonce(nonce),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    async fn send(&self, draft: &Draft) -> Answer {
        let signed = sign_request(
            &RequestToSign {
                genesis: &draft.genesis,
                method: draft.method,
                target: &draft.target,
                organisation: &draft.organisation,
                date: draft.date,
                nonce: draft.nonce,
                body: &draft.body,
            },
            &draft.secret,
        );
        let target = draft.sent_target.as_ref().unwrap_or(&draft.target);
        let mut request = Request::builder().method(draft.method).uri(target);
        for (name, value) in signed.pairs() {
            request = request.header(name, value);
        }
        for (name, value) in &draft.headers {
            request = request.header(*name, value);
        }
        self.call(request.body(Body::from(draft.body.clone())).expect("a request")).await
    }

    async fn call(&self, request: Request<Body>) -> Answer {
        call(self.router.clone(), request).await
    }

    async fn get(&self, target: impl Into<String>, organisation: &str) -> Answer {
        self.send(&self.draft("GET", target, organisation)).await
    }

    /// Posts canonical bytes.
    async fn post(&self, submissions: &[Submission], organisation: &str) -> Answer {
        self.send(&self.binary(codec::encode(&submissions.to_vec()), organisation)).await
    }

    fn binary(&self, body: Vec<u8>, organisation: &str) -> Draft {
        let mut draft = self.draft("POST", path::SUBMISSIONS, organisation);
        draft.headers.push(("content-type", "application/octet-stream".into()));
        draft.body = body;
        draft
    }

    fn sign(&self, organisation: &str, documents: &[Document]) -> Submission {
        let organisation = fixture::code(organisation);
        fixture::submission(&self.handle.genesis_hash, &organisation, EXPIRES, documents)
    }

    /// Submits documents and waits for their receipts.
    async fn execute(&self, organisation: &str, documents: &[Document]) -> SubmissionView {
        let answer = self.post(&[self.sign(organisation, documents)], organisation).await;
        let answer: SubmissionsAnswer = answer.json(StatusCode::ACCEPTED);
        assert_eq!(answer.submissions[0].error, None);
        let id = answer.submissions[0].id.expect("an admitted submission has an identity");
        let view = self.get(path::submission(&id, 20_000), organisation).await;
        let view: SubmissionView = view.json(StatusCode::OK);
        assert_eq!(view.status, SubmissionStatus::Final);
        view
    }
}

async fn call(router: Router, request: Request<Body>) -> Answer {
    let response = router.oneshot(request).await.expect("the router never fails");
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("bodies of tests arrive").to_vec();
    Answer { status: parts.status, headers: parts.headers, body }
}

impl Answer {
    fn json<T: DeserializeOwned>(&self, status: StatusCode) -> T {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        serde_json::from_slice(&self.body).expect("the body has the type that the API states")
    }

    /// The error, whose status must be its code's.
    fn error(&self, code: ErrorCode) -> ApiError {
        let status = StatusCode::from_u16(code.status()).expect("a status");
        let error: ApiError = self.json(status);
        assert_eq!(error.code, code, "{error}");
        assert!(!error.remedy.is_empty());
        error
    }
}
