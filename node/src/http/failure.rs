//! How a request that is not answered as asked is answered.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use kanhe_api::{ApiError, ErrorCode};
use kanhe_contracts::state::StateError;
use kanhe_ledger::LedgerError;

/// An error on its way to the caller. Every one of them is JSON of the same form.
#[derive(Debug)]
pub(super) struct Failure(Box<ApiError>);

impl Failure {
    pub(super) fn new(
        code: ErrorCode,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        ApiError::new(code, message, remedy).into()
    }

    /// What does not exist, and just the same what the caller may not see.
    pub(super) fn not_found() -> Self {
        ApiError::not_found().into()
    }

    /// A parameter that does not have its form.
    pub(super) fn parameter(name: &str, expected: &str, found: &str) -> Self {
        let found: String = found.chars().take(80).collect();
        Self::new(
            ErrorCode::BadRequest,
            format!("{name}: expected {expected}, found {found:?}"),
            "correct the parameter; /v1/openapi.json describes all of them",
        )
    }

    pub(super) fn agencies_only() -> Self {
        Self::new(
            ErrorCode::AgenciesOnly,
            "this is for agencies only",
            "ask for your own documents and trades, or ask an agency",
        )
    }

    pub(super) fn busy() -> Self {
        Self::new(
            ErrorCode::Busy,
            "this node has as many requests under way as it takes",
            "try again in a second, or another validator",
        )
    }

    pub(super) fn stopping() -> Self {
        Self::new(ErrorCode::Stopping, "this node is stopping", "send the request to another node")
    }

    pub(super) fn timed_out() -> Self {
        Self::new(
            ErrorCode::TimedOut,
            "the answer took too long",
            "try again; submissions may be sent again without harm",
        )
    }

    /// This machine cannot answer. What is wrong stands in its log, not in the answer.
    pub(super) fn internal() -> Self {
        Self::new(
            ErrorCode::Internal,
            "this node cannot answer",
            "ask another validator; the reason stands in this node's log",
        )
    }

    /// The same failure, with the texts of a thing that may still arrive.
    pub(super) fn may_still_arrive(self) -> Self {
        self.0.retryable().into()
    }

    pub(super) fn error(&self) -> &ApiError {
        &self.0
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self(Box::new(error))
    }
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "a request cannot be answered");
        Self::internal()
    }
}

impl From<StateError> for Failure {
    fn from(error: StateError) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "a request cannot be answered");
        Self::internal()
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.code.status())
            .expect("every code has a status between 400 and 503");
        (status, Json(*self.0)).into_response()
    }
}
