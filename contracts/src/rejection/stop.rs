//! What ends the application of a document.

use super::Rejection;
use crate::document::DocumentKind;
use crate::state::StateError;
use kanhe_types::limits::REJECTION_TEXT_CHARS_MAX;
use kanhe_types::receipt::Refusal;

/// A rejection with what was expected and found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rejected {
    pub(crate) rejection: Rejection,
    pub(crate) field: String,
    pub(crate) expected: String,
    pub(crate) found: String,
}

impl Rejected {
    /// A refusal of `field`. Callers never pass free text of the document, which may hold
    /// personal data.
    pub(crate) fn new(
        rejection: Rejection,
        field: impl Into<String>,
        expected: impl ToString,
        found: impl ToString,
    ) -> Self {
        Self {
            rejection,
            field: field.into(),
            expected: expected.to_string(),
            found: found.to_string(),
        }
    }

    pub(crate) fn refusal(self, kind: Option<DocumentKind>) -> Refusal {
        let bounded = |text: String| text.chars().take(REJECTION_TEXT_CHARS_MAX).collect();
        Refusal {
            code: self.rejection.code(),
            official: self.rejection.official(kind),
            field: bounded(self.field),
            expected: bounded(self.expected),
            found: bounded(self.found),
        }
    }
}

/// Why a document was not applied: the rules refuse it, or this machine cannot read its state.
#[derive(Debug)]
pub(crate) enum Stop {
    Rejected(Rejected),
    State(StateError),
}

impl From<Rejected> for Stop {
    fn from(rejected: Rejected) -> Self {
        Self::Rejected(rejected)
    }
}

impl From<StateError> for Stop {
    fn from(error: StateError) -> Self {
        Self::State(error)
    }
}
