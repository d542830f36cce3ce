//! Spot checks: who asks and who answers see them, and sealed originals pass from one to the other.

use super::access::{Caller, ExecutedState};
use super::app::App;
use super::failure::Failure;
use super::request::{binary, json, parse_hash, path_of};
use crate::letters::{Letters, LettersError};
use axum::Extension;
use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use kanhe_api::ErrorCode;
use kanhe_api::spot_check::{LetterAnswer, SpotCheckView, SpotChecksAnswer};
use kanhe_contracts::spot_check::{self, OpenSpotCheck, SpotCheckStatus};
use kanhe_privacy::seal::{OVERHEAD_BYTES, letter_digest};
use kanhe_types::hash::Hash;
use std::sync::Arc;

/// `GET /v1/spot-checks`.
pub(super) async fn spot_checks(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
) -> Result<Response, Failure> {
    let answer = app.heavy(move |app| list(app, &caller)).await?;
    json(&answer)
}

fn list(app: &App, caller: &Caller) -> Result<SpotChecksAnswer, Failure> {
    let queue = spot_check::queue(&ExecutedState(app.ledger()))?;
    let open = queue.asked.into_iter().map(|entry| entry.open).chain(queue.shown);
    let mut checks = Vec::new();
    for open in open {
        let view = view(app, &open)?;
        checks.extend(view.filter(|view| is_between(caller, view)));
    }
    Ok(SpotChecksAnswer { checks })
}

/// `GET /v1/spot-checks/{id}`.
pub(super) async fn spot_check(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Response, Failure> {
    let id = parse_hash("id", &path_of(path)?)?;
    let view = app.blocking(move |app| find(app, &caller, &id)).await?;
    json(&view)
}

/// `POST /v1/spot-checks/{id}/original`: the sender leaves a sealed letter.
pub(super) async fn put_letter(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
    body: Bytes,
) -> Result<Response, Failure> {
    let id = parse_hash("id", &path_of(path)?)?;
    let answer = app
        .blocking(move |app| {
            let view = find(app, &caller, &id)?;
            let letters = letters_of(app, &view)?;
            if !caller.is(&view.check.sender) {
                return Err(Failure::not_found());
            }
            if view.check.status != SpotCheckStatus::Asked {
                return Err(Failure::new(
                    ErrorCode::BadRequest,
                    format!("the spot check is {}, expected asked", view.check.status.name()),
                    "nothing is waited for any more; the agency may ask again",
                ));
            }
            if body.len() < OVERHEAD_BYTES {
                return Err(Failure::new(
                    ErrorCode::BadRequest,
                    "the body is no sealed letter",
                    "seal the original as docs/spec/originals.md has it, as the kanhe command does",
                ));
            }
            sweep(app, letters)?;
            letters.put(&id, &body)?;
            let (organisation, bytes) = (&caller.organisation, body.len());
            tracing::info!(%organisation, check = %id, bytes, "a sealed original arrived");
            Ok(LetterAnswer { letter: letter_digest(&body) })
        })
        .await?;
    json(&answer)
}

/// `GET /v1/spot-checks/{id}/original`: the agency that asked fetches it.
pub(super) async fn letter(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Response, Failure> {
    let id = parse_hash("id", &path_of(path)?)?;
    let letter = app
        .blocking(move |app| {
            let view = find(app, &caller, &id)?;
            let letters = letters_of(app, &view)?;
            if !caller.is(&view.check.agency) {
                return Err(Failure::not_found());
            }
            letters.get(&id)?.ok_or_else(Failure::not_found)
        })
        .await?;
    Ok(binary(letter))
}

/// A spot check that the caller asked, or is asked.
fn find(app: &App, caller: &Caller, id: &Hash) -> Result<SpotCheckView, Failure> {
    let case = spot_check::case_of(&ExecutedState(app.ledger()), id)?;
    let view = match case {
        Some(case) => view(app, &OpenSpotCheck { check: *id, case })?,
        None => None,
    };
    view.filter(|view| is_between(caller, view)).ok_or_else(Failure::not_found)
}

fn view(app: &App, open: &OpenSpotCheck) -> Result<Option<SpotCheckView>, Failure> {
    let found = spot_check::check_of(&ExecutedState(app.ledger()), &open.case, &open.check)?;
    Ok(found.map(|check| SpotCheckView { case: open.case.clone(), check }))
}

fn is_between(caller: &Caller, view: &SpotCheckView) -> bool {
    caller.is(&view.check.agency) || caller.is(&view.check.sender)
}

/// This node's letters, if it is the node of the agency that asked.
fn letters_of<'a>(app: &'a App, view: &SpotCheckView) -> Result<&'a Letters, Failure> {
    let letters = app.privacy.letters.as_ref();
    let own = letters.filter(|_| view.check.agency == app.node().organisation);
    own.ok_or_else(|| {
        Failure::new(
            ErrorCode::NotFound,
            format!("{} asked, this is the node of {}", view.check.agency, app.node().organisation),
            "ask the node of the agency that asked",
        )
    })
}

/// Removes the letters of spot checks that nobody has to say anything about any more.
fn sweep(app: &App, letters: &Letters) -> Result<(), Failure> {
    for check in letters.checks()? {
        let case = spot_check::case_of(&ExecutedState(app.ledger()), &check)?;
        let view = match case {
            Some(case) => view(app, &OpenSpotCheck { check, case })?,
            None => None,
        };
        if !view.is_some_and(|view| view.check.status.is_open()) {
            letters.remove(&check)?;
        }
    }
    Ok(())
}

impl From<LettersError> for Failure {
    fn from(error: LettersError) -> Self {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "a letter cannot be kept or read"
        );
        match error {
            LettersError::Full => Self::busy(),
            LettersError::Io { .. } | LettersError::Write(_) => Self::internal(),
        }
    }
}
