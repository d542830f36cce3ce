//! Reading parameters, and choosing the form of bodies.

use super::failure::Failure;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Query};
use axum::http::header::{ACCEPT, CONTENT_TYPE, HeaderName};
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use kanhe_api::ErrorCode;
use kanhe_types::hash::Hash;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The media type of canonical bytes.
pub(super) const BINARY: &str = "application/octet-stream";
/// The media type of JSON.
pub(super) const JSON: &str = "application/json";

/// The two forms of bodies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Binary,
    Json,
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// The form of a request's body.
pub(super) fn content_type(headers: &HeaderMap) -> Result<Form, Failure> {
    let found = text(headers, CONTENT_TYPE).unwrap_or_default();
    match found.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        BINARY => Ok(Form::Binary),
        JSON => Ok(Form::Json),
        other => Err(Failure::new(
            ErrorCode::UnsupportedMediaType,
            format!("expected content-type {BINARY} or {JSON}, found {other:?}"),
            "state what the body is in the header content-type",
        )),
    }
}

/// The form in which the caller wants an answer that exists in both; canonical bytes where it
/// does not say.
pub(super) fn accepted_form(headers: &HeaderMap) -> Form {
    let accept = text(headers, ACCEPT).unwrap_or_default();
    let first = accept.split(',').map(|part| part.split(';').next().unwrap_or_default().trim());
    match first.into_iter().find(|part| [BINARY, JSON].contains(part)) {
        Some(JSON) => Form::Json,
        _ => Form::Binary,
    }
}

/// The parameters in a path.
pub(super) fn path_of<T>(path: Result<Path<T>, PathRejection>) -> Result<T, Failure> {
    let Path(parameters) =
        path.map_err(|error| Failure::parameter("path", "UTF-8 text", &error.body_text()))?;
    Ok(parameters)
}

/// The parameters in a query.
pub(super) fn parse_query<T: DeserializeOwned>(uri: &Uri) -> Result<T, Failure> {
    let query = Query::<T>::try_from_uri(uri);
    let Query(parameters) = query.map_err(|error| {
        Failure::new(
            ErrorCode::BadRequest,
            format!("query: {}", error.body_text()),
            "correct the parameter; /v1/openapi.json describes all of them",
        )
    })?;
    Ok(parameters)
}

/// A digest in a path.
pub(super) fn parse_hash(name: &str, text: &str) -> Result<Hash, Failure> {
    text.parse().map_err(|_| Failure::parameter(name, "64 hex digits", text))
}

/// An answer as JSON.
pub(super) fn json<T: Serialize>(value: &T) -> Result<Response, Failure> {
    let bytes = serde_json::to_vec(value).map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "an answer cannot be written");
        Failure::internal()
    })?;
    Ok(([(CONTENT_TYPE, JSON)], bytes).into_response())
}

/// An answer as canonical bytes.
pub(super) fn binary(bytes: Vec<u8>) -> Response {
    ([(CONTENT_TYPE, BINARY)], bytes).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().expect("a header's value"))])
    }

    #[test]
    fn content_types_are_read_with_their_parameters() {
        let json = headers(CONTENT_TYPE, "Application/JSON; charset=utf-8");
        assert_eq!(content_type(&json).expect("known"), Form::Json);
        let binary = headers(CONTENT_TYPE, BINARY);
        assert_eq!(content_type(&binary).expect("known"), Form::Binary);
        let error = content_type(&HeaderMap::new()).expect_err("there is none");
        assert_eq!(error.error().code, ErrorCode::UnsupportedMediaType);
    }

    #[test]
    fn the_first_known_form_is_answered() {
        assert_eq!(accepted_form(&HeaderMap::new()), Form::Binary);
        assert_eq!(accepted_form(&headers(ACCEPT, "*/*")), Form::Binary);
        let both = headers(ACCEPT, "text/html, application/json;q=0.9, application/octet-stream");
        assert_eq!(accepted_form(&both), Form::Json);
    }
}
