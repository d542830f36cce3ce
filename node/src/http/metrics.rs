//! Figures for Prometheus.

use super::app::App;
use super::expiry;
use super::failure::Failure;
use crate::meter::Stage;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use kanhe_api::ErrorCode;
use kanhe_contracts::rejection::Rejection;
use kanhe_ledger::Tally;
use kanhe_types::code::OrganisationCode;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The form of [`text::encode`].
pub(super) const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// Upper bounds of the histogram of answer times, in seconds.
const SECONDS: [f64; 10] = [0.001, 0.005, 0.02, 0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    route: &'static str,
    status: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    route: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct AnswerLabels {
    answer: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabels {
    outcome: &'static str,
    rejection: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ValidatorLabels {
    organisation: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StageLabels {
    stage: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PartLabels {
    part: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SignedLabels {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DirectionLabels {
    direction: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct KeyLabels {
    purpose: &'static str,
    key: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PseudonymLabels {
    organisation: String,
    answer: &'static str,
}

/// The figures of one node.
pub(super) struct Metrics {
    registry: Registry,
    // Counted when it happens.
    requests: Family<RequestLabels, Counter>,
    seconds: Family<RouteLabels, Histogram, fn() -> Histogram>,
    panics: Counter,
    submissions: Family<AnswerLabels, Counter>,
    documents: Family<OutcomeLabels, Counter>,
    counting: Mutex<()>,
    // Read when they are asked for.
    decided: Gauge,
    executed: Gauge,
    round: Gauge,
    connected: Gauge,
    validators: Family<ValidatorLabels, Gauge>,
    waiting_for: Gauge,
    is_validator: Gauge,
    coming_validators: Gauge,
    not_signing: Gauge,
    signer_away: Gauge,
    signer_statements: Family<SignedLabels, Gauge>,
    signer_seconds: Gauge<f64, AtomicU64>,
    in_flight: Gauge,
    certified_batches: Gauge,
    stages: Family<StageLabels, Gauge<f64, AtomicU64>>,
    network_bytes: Family<DirectionLabels, Gauge>,
    memory: Family<PartLabels, Gauge>,
    key_days_left: Family<KeyLabels, Gauge>,
    upgrade_unknown: Gauge,
    pseudonyms: Family<PseudonymLabels, Counter>,
}

/// The status of a response as its hundreds.
fn class(status: u16) -> &'static str {
    match status {
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        _ => "5xx",
    }
}

fn gauge(number: impl TryInto<i64>) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

impl Metrics {
    pub(super) fn new() -> Self {
        let seconds: fn() -> Histogram = || Histogram::new(SECONDS);
        let mut metrics = Self {
            registry: Registry::with_prefix("kanhe"),
            requests: Family::default(),
            seconds: Family::new_with_constructor(seconds),
            panics: Counter::default(),
            submissions: Family::default(),
            documents: Family::default(),
            counting: Mutex::new(()),
            decided: Gauge::default(),
            executed: Gauge::default(),
            round: Gauge::default(),
            connected: Gauge::default(),
            validators: Family::default(),
            waiting_for: Gauge::default(),
            is_validator: Gauge::default(),
            coming_validators: Gauge::default(),
            not_signing: Gauge::default(),
            signer_away: Gauge::default(),
            signer_statements: Family::default(),
            signer_seconds: Gauge::default(),
            in_flight: Gauge::default(),
            certified_batches: Gauge::default(),
            stages: Family::default(),
            network_bytes: Family::default(),
            memory: Family::default(),
            key_days_left: Family::default(),
            upgrade_unknown: Gauge::default(),
            pseudonyms: Family::default(),
        };
        metrics.register();
        metrics
    }

    fn register(&mut self) {
        let registry = &mut self.registry;
        registry.register("http_requests", "Requests by route and status", self.requests.clone());
        registry.register("http_seconds", "Seconds until the answer", self.seconds.clone());
        registry.register("http_panics", "Requests that panicked", self.panics.clone());
        registry.register("submissions", "Submissions by answer", self.submissions.clone());
        registry.register("documents", "Executed documents by outcome", self.documents.clone());
        registry.register("height_decided", "The last decided height", self.decided.clone());
        registry.register("height_executed", "The last executed height", self.executed.clone());
        registry.register("round", "The agreement's round", self.round.clone());
        registry.register("validators_connected", "Validators in reach", self.connected.clone());
        registry.register("validator_up", "1 while connected", self.validators.clone());
        registry.register("quorum_missing", "Validators waited for", self.waiting_for.clone());
        registry.register("validator", "1 while a validator", self.is_validator.clone());
        registry.register(
            "validators_change_height",
            "First height of the validators to come, 0 without",
            self.coming_validators.clone(),
        );
        registry.register("not_signing", "1 while not signing", self.not_signing.clone());
        registry.register("signer_away", "1 while it cannot be asked", self.signer_away.clone());
        let statements = self.signer_statements.clone();
        registry.register("signer_statements", "Asked of the signer", statements);
        registry.register("signer_seconds", "Spent asking the signer", self.signer_seconds.clone());
        registry.register("submissions_in_flight", "Not executed yet", self.in_flight.clone());
        registry.register("batches_certified", "Not ordered yet", self.certified_batches.clone());
        registry.register("stage_cpu_seconds", "CPU time by stage", self.stages.clone());
        registry.register("network_bytes", "Bytes of messages", self.network_bytes.clone());
        registry.register("ledger_memory_bytes", "Memory of the ledger", self.memory.clone());
        registry.register("key_days_left", "Until own keys end", self.key_days_left.clone());
        registry.register(
            "upgrade_unknown",
            "1 while rules are agreed on that this program does not know",
            self.upgrade_unknown.clone(),
        );
        registry.register(
            "pseudonyms",
            "Evaluations asked for by organisation and answer",
            self.pseudonyms.clone(),
        );
    }

    /// Counts an answered request.
    pub(super) fn request(&self, route: &'static str, status: u16, took: Duration) {
        self.requests.get_or_create(&RequestLabels { route, status: class(status) }).inc();
        self.seconds.get_or_create(&RouteLabels { route }).observe(took.as_secs_f64());
    }

    /// Counts values that the pseudonym service was asked for by a registered organisation.
    pub(super) fn pseudonyms(&self, organisation: &OrganisationCode, count: usize, is_ok: bool) {
        let answer = if is_ok { "evaluated" } else { "refused" };
        let labels = PseudonymLabels { organisation: organisation.to_string(), answer };
        self.pseudonyms.get_or_create(&labels).inc_by(u64::try_from(count).unwrap_or(0));
    }

    pub(super) fn panicked(&self) {
        self.panics.inc();
    }

    /// Counts an answered submission; `None` stands for one that was taken in.
    pub(super) fn submission(&self, error: Option<ErrorCode>) {
        let answer = error.map_or_else(|| "admitted".to_owned(), ErrorCode::name);
        self.submissions.get_or_create(&AnswerLabels { answer }).inc();
    }

    /// Counts what was executed since the last reading.
    fn count_documents(&self, outcomes: &Tally) {
        // Two readers at one time must not count the same documents twice.
        let _alone = self.counting.lock().unwrap_or_else(PoisonError::into_inner);
        let known = [("accepted", outcomes.accepted), ("repeated", outcomes.repeated)];
        let known = known.map(|(outcome, count)| (outcome, String::new(), count));
        let rejected = outcomes.rejected.iter().map(|(code, count)| {
            let name = Rejection::from_code(*code).map(|known| format!("{known:?}"));
            ("rejected", name.unwrap_or_else(|| code.to_string()), *count)
        });
        for (outcome, rejection, count) in known.into_iter().chain(rejected) {
            let counter = self.documents.get_or_create(&OutcomeLabels { outcome, rejection });
            counter.inc_by(count.saturating_sub(counter.get()));
        }
    }

    /// What is warned of weeks ahead.
    fn read_warnings(&self, app: &App) -> Result<(), Failure> {
        self.key_days_left.clear();
        for key in expiry::ending_keys(app, &app.node().organisation)? {
            let labels = KeyLabels { purpose: key.purpose.name(), key: key.key.to_string() };
            // Without a pace it may be any moment.
            self.key_days_left.get_or_create(&labels).set(gauge(key.days_left.unwrap_or(0)));
        }
        let upgrade = expiry::coming_upgrade(app)?;
        self.upgrade_unknown.set(i64::from(upgrade.is_some_and(|upgrade| !upgrade.is_known)));
        Ok(())
    }

    fn read(&self, app: &App) {
        let status = app.node().status();
        self.count_documents(&app.ledger().outcomes());
        let memory = app.ledger().memory();
        for (part, bytes) in [
            ("unflushed", memory.unflushed),
            ("cache", memory.cache),
            ("tables", memory.tables),
            ("state_tree", memory.state_tree),
        ] {
            self.memory.get_or_create(&PartLabels { part }).set(gauge(bytes));
        }
        self.decided.set(gauge(app.ledger().decided_height()));
        self.executed.set(gauge(app.ledger().executed_height()));
        self.round.set(gauge(status.core.round.unwrap_or(0)));
        self.connected.set(gauge(status.core.connected));
        self.waiting_for.set(gauge(status.core.waiting_for.len()));
        self.not_signing.set(i64::from(status.core.not_signing.is_some()));
        if let Some(signer) = app.node().signer() {
            self.signer_away.set(i64::from(signer.away.is_some()));
            self.signer_seconds.set(signer.seconds);
            let counts =
                [("signed", signer.signed), ("refused", signer.refused), ("failed", signer.failed)];
            for (outcome, count) in counts {
                let labels = SignedLabels { outcome };
                self.signer_statements.get_or_create(&labels).set(gauge(count));
            }
        }
        self.in_flight.set(gauge(status.core.submissions_in_flight));
        self.certified_batches.set(gauge(status.core.certified_batches));
        for stage in Stage::ALL {
            let labels = StageLabels { stage: stage.name() };
            self.stages.get_or_create(&labels).set(app.node().meter.seconds(stage));
        }
        let (sent, received) = app.node().network_bytes();
        for (direction, bytes) in [("sent", sent), ("received", received)] {
            self.network_bytes.get_or_create(&DirectionLabels { direction }).set(gauge(bytes));
        }
        // Former validators are none any more.
        self.validators.clear();
        self.is_validator.set(i64::from(status.core.is_validator));
        self.coming_validators.set(gauge(status.coming.map_or(0, |(from, _)| from)));
        for (organisation, _, is_connected) in status.validators {
            let labels = ValidatorLabels { organisation: organisation.to_string() };
            self.validators.get_or_create(&labels).set(i64::from(is_connected));
        }
    }
}

/// `GET /metrics`.
pub(super) async fn metrics(State(app): State<Arc<App>>) -> Result<Response, Failure> {
    app.metrics.read(&app);
    app.blocking(|app| app.metrics.read_warnings(app)).await?;
    let mut figures = String::new();
    if text::encode(&mut figures, &app.metrics.registry).is_err() {
        tracing::error!("the metrics cannot be written");
        return Err(Failure::internal());
    }
    Ok(([(CONTENT_TYPE, OPENMETRICS)], figures).into_response())
}
