//! What an answer says when it is not the one that was asked for.

use serde::{Deserialize, Serialize};

/// The body of every answer that reports an error, and the reason beside every submission that
/// was not taken in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}; {remedy}")]
pub struct ApiError {
    /// What kind of error it is; programs decide by it.
    pub code: ErrorCode,
    /// What was expected and what was found.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
    /// Whether the same request may succeed later without any change.
    pub retryable: bool,
}

/// The kinds of errors. The names are permanent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// A parameter, a header or the body does not have its form.
    BadRequest,
    /// The body is neither JSON nor canonical bytes, or the answer exists in neither accepted form.
    UnsupportedMediaType,
    /// The body or the path is longer than its bound.
    TooLarge,
    /// The path exists, the method does not.
    MethodNotAllowed,

    /// A header of the signature is missing or malformed.
    NotSigned,
    /// The request was signed for another chain.
    OtherGenesis,
    /// The organisation or its key is not registered, or not valid now.
    KeyNotValid,
    /// The organisation may not act for the time being.
    OrganisationSuspended,
    /// The request's date is too far from the server's clock.
    StaleDate,
    /// The signature does not match the request.
    BadSignature,
    /// The nonce was used before.
    Replayed,
    /// The token for `/metrics` is missing or another.
    BadToken,

    /// Only agencies may ask for this.
    AgenciesOnly,
    /// There is no such thing, or not for the one who asks.
    NotFound,
    /// The document is final, and its height is not certified yet.
    NotYetProved,
    /// The organisation has too many requests in flight.
    TooManyRequests,

    /// A submission's bytes or documents are not of their form.
    SubmissionMalformed,
    /// A submission's signature does not match.
    SubmissionSignature,
    /// A submission speaks for another organisation than the request.
    OtherOrganisation,
    /// A submission has expired, or expires too far in the future.
    SubmissionExpiry,
    /// The organisation has too many bytes in flight.
    OrganisationFull,
    /// This validator has no room for submissions.
    NodeFull,
    /// This node is no validator, or not any more: it follows, and takes no submissions.
    NotAValidator,

    /// The node does not evaluate pseudonyms of this key and year.
    ScopeNotServed,
    /// The organisation has used its evaluations of this hour.
    PseudonymLimit,

    /// The node takes no submissions, or takes too many requests.
    Busy,
    /// The answer took too long.
    TimedOut,
    /// The node is stopping.
    Stopping,
    /// This machine cannot answer.
    Internal,

    /// A code that this release does not know.
    #[serde(other)]
    Unknown,
}

impl ErrorCode {
    /// Every code that a server sends.
    pub const ALL: [Self; 29] = [
        Self::BadRequest,
        Self::UnsupportedMediaType,
        Self::TooLarge,
        Self::MethodNotAllowed,
        Self::NotSigned,
        Self::OtherGenesis,
        Self::KeyNotValid,
        Self::OrganisationSuspended,
        Self::StaleDate,
        Self::BadSignature,
        Self::Replayed,
        Self::BadToken,
        Self::AgenciesOnly,
        Self::NotFound,
        Self::NotYetProved,
        Self::TooManyRequests,
        Self::SubmissionMalformed,
        Self::SubmissionSignature,
        Self::OtherOrganisation,
        Self::SubmissionExpiry,
        Self::OrganisationFull,
        Self::NodeFull,
        Self::NotAValidator,
        Self::ScopeNotServed,
        Self::PseudonymLimit,
        Self::Busy,
        Self::TimedOut,
        Self::Stopping,
        Self::Internal,
    ];

    /// The HTTP status of an answer with this code.
    pub fn status(self) -> u16 {
        match self {
            Self::BadRequest | Self::SubmissionMalformed | Self::SubmissionExpiry => 400,
            Self::SubmissionSignature => 400,
            Self::NotSigned
            | Self::OtherGenesis
            | Self::KeyNotValid
            | Self::OrganisationSuspended
            | Self::StaleDate
            | Self::BadSignature
            | Self::Replayed
            | Self::BadToken => 401,
            Self::AgenciesOnly | Self::OtherOrganisation => 403,
            Self::NotFound | Self::ScopeNotServed => 404,
            Self::MethodNotAllowed => 405,
            Self::NotYetProved => 409,
            Self::TooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::TooManyRequests | Self::OrganisationFull | Self::PseudonymLimit => 429,
            Self::Internal | Self::Unknown => 500,
            Self::Busy | Self::NodeFull | Self::NotAValidator | Self::TimedOut | Self::Stopping => {
                503
            }
        }
    }

    /// Whether the same request may succeed later without any change. For [`Self::NotFound`] the
    /// answer itself says so: what is on its way may still arrive.
    pub fn is_retryable(self) -> bool {
        matches!(
            self,
            Self::NotYetProved
                | Self::TooManyRequests
                | Self::OrganisationFull
                | Self::NodeFull
                | Self::NotAValidator
                | Self::Busy
                | Self::TimedOut
                | Self::Stopping
        )
    }

    /// The name in JSON and in metrics.
    pub fn name(self) -> String {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::String(name)) => name,
            _ => unreachable!("a unit variant is written as its name"),
        }
    }
}

impl ApiError {
    /// An error whose code says whether it may pass by itself.
    pub fn new(code: ErrorCode, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            remedy: remedy.into(),
            retryable: code.is_retryable(),
        }
    }

    /// The same error, marked as one that may pass by itself.
    pub fn retryable(self) -> Self {
        Self { retryable: true, ..self }
    }

    /// What does not exist, or not for the one who asks: the texts do not tell which.
    pub fn not_found() -> Self {
        Self::new(
            ErrorCode::NotFound,
            "nothing was found here for this organisation",
            "check the identifier; an organisation sees its own documents and its own trades",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_and_an_unknown_one_is_read() {
        for code in ErrorCode::ALL {
            let text = format!("\"{}\"", code.name());
            assert_eq!(serde_json::from_str::<ErrorCode>(&text).expect("a code"), code);
        }
        let later: ErrorCode = serde_json::from_str("\"of_a_later_release\"").expect("any text");
        assert_eq!(later, ErrorCode::Unknown);
    }

    #[test]
    fn errors_of_callers_are_4xx_and_ours_5xx() {
        for code in ErrorCode::ALL {
            let ours = matches!(
                code,
                ErrorCode::Busy
                    | ErrorCode::NodeFull
                    | ErrorCode::NotAValidator
                    | ErrorCode::TimedOut
                    | ErrorCode::Stopping
                    | ErrorCode::Internal
            );
            assert_eq!(ours, 500 <= code.status(), "{code:?}");
        }
    }
}
