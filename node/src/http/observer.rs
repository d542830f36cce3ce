//! What only an observer answers: how far it has followed, and its owner's own record.

use super::access::{self, Caller};
use super::app::{App, Source};
use super::failure::Failure;
use super::metrics::OPENMETRICS;
use super::request::{json, parse_query, path_of};
use crate::observer::ObserverHandle;
use axum::Extension;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use kanhe_api::governance::{OrganisationQuery, OrganisationView};
use kanhe_api::view::{BlockView, HeaderView, ObserverView, ServerView, StatusView, ValidatorView};
use kanhe_contracts::policy::Policy;
use kanhe_ledger::Replica;
use kanhe_types::code::OrganisationCode;
use kanhe_types::limits::PROTOCOL_VERSION;
use prometheus_client::encoding::text;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use std::sync::Arc;

impl App {
    fn observer(&self) -> &ObserverHandle {
        match self.source() {
            Source::Observer(observer) => observer,
            Source::Validator(_) => unreachable!("only an observer has this path"),
        }
    }
}

/// `GET /v1/status`.
pub(super) async fn status(State(app): State<Arc<App>>) -> Result<Response, Failure> {
    let view = app.blocking(|app| Ok(view(app))).await?;
    json(&view)
}

fn view(app: &App) -> StatusView {
    let observer = app.observer();
    let ledger = &observer.ledger;
    let (tip, status) = (ledger.tip(), observer.status());
    let height = ledger.height();
    let next = height.saturating_add(1);
    let validators = ledger.validators_at(next);
    let validators = validators.validators().iter().map(|validator| ValidatorView {
        organisation: validator.organisation.clone(),
        key: validator.key,
        connected: false,
    });
    let servers = status.servers.iter().map(|server| ServerView {
        api: server.api.clone(),
        avoided_until: server.avoided_until,
        lies: server.lies,
        last_error: server.last_error.clone(),
    });
    StatusView {
        genesis: ledger.genesis(),
        organisation: ledger.organisation().clone(),
        height: ledger.effects_height(),
        decided: height,
        round: None,
        validators: validators.collect(),
        is_validator: false,
        coming_validators: None,
        waiting_for: Vec::new(),
        not_signing: None,
        signer_away: None,
        policy: Policy::clone(&ledger.policy_at(next)),
        protocol: tip.as_ref().map_or(PROTOCOL_VERSION, |tip| tip.header.protocol),
        upgrade: None,
        ending_keys: Vec::new(),
        other_genesis: std::collections::BTreeMap::new(),
        pool: None,
        observer: Some(ObserverView {
            serving: status.serving.clone(),
            time: tip.map(|tip| tip.header.time),
            is_behind: status.is_behind,
            wanted: status.wanted,
            servers: servers.collect(),
        }),
    }
}

/// `GET /v1/blocks/{height}`.
pub(super) async fn block(
    State(app): State<Arc<App>>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Response, Failure> {
    let text = path_of(path)?;
    let height = match text.as_str() {
        "latest" => app.observer().ledger.height(),
        number => number
            .parse()
            .map_err(|_| Failure::parameter("height", "a number or `latest`", number))?,
    };
    let view = app
        .blocking(move |app| {
            let ledger = &app.observer().ledger;
            let kept = ledger.header(height)?.ok_or_else(Failure::not_found)?;
            let validators = ledger.validators_at(height);
            let signatures = kept.certificate.signatures.iter();
            let signers = signatures.filter_map(|own| validators.get(own.validator));
            Ok(BlockView {
                height,
                hash: kept.header.hash(),
                round: kept.certificate.round,
                header: HeaderView::from(&kept.header),
                signers: signers.map(|validator| validator.organisation.clone()).collect(),
                batches: None,
            })
        })
        .await?;
    json(&view)
}

/// `GET /v1/organisations/{code}`: its own, as it stands.
pub(super) async fn organisation(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
    uri: Uri,
) -> Result<Response, Failure> {
    let text = path_of(path)?;
    let code: OrganisationCode =
        text.parse().map_err(|_| Failure::parameter("code", "an organisation's code", &text))?;
    let OrganisationQuery { height } = parse_query(&uri)?;
    if !caller.is(&code) || height.is_some() {
        return Err(Failure::not_found());
    }
    let found = app.blocking(move |app| access::organisation(app.replica(), &code)).await?;
    let organisation = found.ok_or_else(Failure::not_found)?;
    json(&OrganisationView { organisation, history: Vec::new() })
}

/// `GET /metrics`.
pub(super) async fn metrics(State(app): State<Arc<App>>) -> Result<Response, Failure> {
    let observer = app.observer();
    let (ledger, status) = (&observer.ledger, observer.status());
    let mut registry = Registry::with_prefix("kanhe_observer");
    let lies = status.servers.iter().map(|server| u64::from(server.lies)).sum();
    let avoided = status.servers.iter().filter(|server| super::now().0 < server.avoided_until);
    let time = ledger.tip().map_or(0, |tip| tip.header.time.0);
    for (name, help, value) in [
        ("height", "The last verified header", ledger.height()),
        ("effects_height", "The last height whose effects were verified", ledger.effects_height()),
        ("time_ms", "The time of the last verified header", time),
        ("behind", "1 while there is more to catch up with", u64::from(status.is_behind)),
        ("wanted", "What is still to be asked for", status.wanted as u64),
        ("servers", "Serving validators that are known", status.servers.len() as u64),
        ("servers_avoided", "Those that are not asked for now", avoided.count() as u64),
        ("lies", "What servers said that was not true", lies),
    ] {
        let gauge: Gauge = Gauge::default();
        gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
        registry.register(name, help, gauge);
    }
    let mut figures = String::new();
    if text::encode(&mut figures, &registry).is_err() {
        tracing::error!("the metrics cannot be written");
        return Err(Failure::internal());
    }
    Ok(([(CONTENT_TYPE, OPENMETRICS)], figures).into_response())
}
