//! What shows that a server does not say the truth.

use kanhe_types::codec::DecodeError;
use kanhe_types::handover::TrustError;
use kanhe_types::hash::Hash;
use kanhe_types::redacted::RedactedError;
use kanhe_types::state_proof::StateProofError;
use kanhe_types::time::Millis;

/// Something that an honest server does not answer. No quorum is behind it, whatever it says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Lie {
    /// The bytes are not of their form.
    #[error("the answer is not of its form: {0}")]
    Form(String),
    /// A header is of another height than the next.
    #[error("expected height {expected}, found {found}")]
    Height {
        /// The next height.
        expected: u64,
        /// The header's.
        found: u64,
    },
    /// A hash of a header is not what the chain makes it.
    #[error("height {height}: expected {field} {expected}, found {found}")]
    Link {
        /// The header's height.
        height: u64,
        /// Which field.
        field: &'static str,
        /// What it must be.
        expected: Hash,
        /// What the header says.
        found: Hash,
    },
    /// Time does not rise.
    #[error("height {height}: expected a time after {parent}, found {found}")]
    Time {
        /// The header's height.
        height: u64,
        /// The parent's time.
        parent: Millis,
        /// The header's.
        found: Millis,
    },
    /// The header is not one that the validators of its height decided.
    #[error("height {height}: {}", in_words(source))]
    Trust {
        /// The header's height.
        height: u64,
        /// Why.
        source: TrustError,
    },
    /// What a block shows is not what its header commits to.
    #[error("height {height}: {source}")]
    Shown {
        /// The block's height.
        height: u64,
        /// What does not hold.
        source: RedactedError,
    },
    /// A submission was ordered and its receipts are withheld.
    #[error("height {height}: receipts of submission {submission} are withheld")]
    Withheld {
        /// The height that executed it.
        height: u64,
        /// The submission.
        submission: Hash,
    },
    /// A receipt is of a submission, a document or a place that is not ours.
    #[error("height {height}: a receipt of submission {submission} answers nothing that was sent")]
    OtherReceipt {
        /// The height that executed it.
        height: u64,
        /// The submission.
        submission: Hash,
    },
    /// Evidence leads to no root that the chain has certified.
    #[error("evidence of {what} leads to no certified root: {reason}")]
    Evidence {
        /// Of what.
        what: String,
        /// What does not hold.
        reason: String,
    },
}

impl From<DecodeError> for Lie {
    fn from(error: DecodeError) -> Self {
        Self::Form(error.to_string())
    }
}

impl Lie {
    pub(crate) fn state(what: impl ToString, error: StateProofError) -> Self {
        Self::Evidence { what: what.to_string(), reason: error.to_string() }
    }
}

/// With its cause, in one line.
fn in_words(error: &TrustError) -> String {
    match error {
        TrustError::Certificate(cause) => format!("{error}: {cause}"),
        other => other.to_string(),
    }
}
