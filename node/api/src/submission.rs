//! Sending documents, and the answers to them.

use crate::error::ApiError;
use kanhe_contracts::document::Document;
use kanhe_contracts::rejection::Rejection;
use kanhe_types::code::OrganisationCode;
use kanhe_types::hash::{Domain, Hash};
use kanhe_types::keys::{PublicKey, Signature};
use kanhe_types::limits::SUBMISSION_DOCUMENTS_MAX;
use kanhe_types::merkle::{self, Salt};
use kanhe_types::receipt::{Outcome, Receipt, Refusal};
use kanhe_types::submission::{Submission, SubmissionHeader, document_leaves};
use serde::{Deserialize, Serialize};

/// Body of `POST /v1/submissions` as JSON. The other form is the canonical encoding of
/// `Vec<Submission>`, which is shorter and needs no second encoding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubmissionsBody {
    /// The submissions.
    pub submissions: Vec<SubmissionBody>,
}

/// One signed submission as JSON. Count and root of its documents follow from them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubmissionBody {
    /// Who speaks, with which key, and until when.
    pub header: SubmissionBodyHeader,
    /// The secret from which the leaves' salts are derived, 32 hex digits.
    pub salt: Salt,
    /// The signature over the header's digest.
    pub signature: Signature,
    /// The documents, 1 to 100.
    pub documents: Vec<Document>,
}

/// Who speaks, with which key, and until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubmissionBodyHeader {
    /// The organisation.
    pub organisation: OrganisationCode,
    /// Its operator key that signs.
    pub key: PublicKey,
    /// The last height at which the submission may be executed.
    pub expires: u64,
}

/// Answer of `POST /v1/submissions`: one for each submission, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmissionsAnswer {
    /// The answers.
    pub submissions: Vec<SubmissionAnswer>,
}

/// Whether a submission was taken in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmissionAnswer {
    /// Its identity, by which its receipts are asked for; absent where it could not be read.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub id: Option<Hash>,
    /// Whether it is on this validator's disk and on its way.
    pub admitted: bool,
    /// Why it is not.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<ApiError>,
}

/// Answer of `GET /v1/submissions/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmissionView {
    /// The submission.
    pub id: Hash,
    /// Whether it was executed.
    pub status: SubmissionStatus,
    /// Its receipts in the order of its documents; empty while it is pending.
    pub receipts: Vec<ReceiptView>,
}

/// Body of `POST /v1/receipts`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptsBody {
    /// The submissions, at most [`crate::limits::RECEIPTS_SUBMISSIONS_MAX`].
    pub submissions: Vec<Hash>,
    /// The answer waits up to so many milliseconds until all of them are final.
    #[serde(default)]
    pub wait_ms: u64,
}

/// Answer of `POST /v1/receipts` as JSON: one for each submission, in the order of the request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptsAnswer {
    /// The answers.
    pub submissions: Vec<SubmissionView>,
}

/// The same answer in canonical bytes: for each submission its receipts, or none while it is not
/// final, or not the caller's to see.
pub type ReceiptsBytes = Vec<Option<Vec<Receipt>>>;

/// Where a submission stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubmissionStatus {
    /// It was taken in and is not executed yet.
    Pending,
    /// It was executed; its receipts are final.
    Final,
    /// It is not known on this validator, or not the caller's to see.
    Unknown,
}

/// A receipt, with the rejection in words where there is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptView {
    /// The receipt.
    #[serde(flatten)]
    pub receipt: Receipt,
    /// The rejection in words.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rejection: Option<RejectionView>,
}

/// A rejection in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectionView {
    /// Its permanent number.
    pub code: u16,
    /// Its name.
    pub name: String,
    /// Customs' code for it, where there is one.
    pub official: Option<i32>,
    /// What is wrong: the rule, the field, what was expected and what was found.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

impl From<Receipt> for ReceiptView {
    fn from(receipt: Receipt) -> Self {
        let rejection = match &receipt.outcome {
            Outcome::Rejected(refusal) => Some(RejectionView::from(refusal)),
            Outcome::Accepted { .. } | Outcome::Repeated { .. } => None,
        };
        Self { receipt, rejection }
    }
}

impl From<&Refusal> for RejectionView {
    fn from(refusal: &Refusal) -> Self {
        let Refusal { code, official, field, expected, found } = refusal;
        // A number of a later release has neither name nor texts here.
        let (name, text, remedy) = match Rejection::from_code(*code) {
            Some(known) => (format!("{known:?}"), known.to_string(), known.remedy()),
            None => ("Unknown".into(), format!("rejection {code}"), "update this software"),
        };
        Self {
            code: *code,
            name,
            official: *official,
            message: format!("{text}: {field}: expected {expected}, found {found}"),
            remedy: remedy.into(),
        }
    }
}

impl SubmissionAnswer {
    /// A submission that was taken in.
    pub fn admitted(id: Hash) -> Self {
        Self { id: Some(id), admitted: true, error: None }
    }

    /// A submission that was not.
    pub fn refused(id: Option<Hash>, error: ApiError) -> Self {
        Self { id, admitted: false, error: Some(error) }
    }
}

impl SubmissionBody {
    /// The submission that the JSON stands for; neither shape nor signature is checked.
    ///
    /// `None` when it has more documents than a submission may.
    pub fn into_submission(self) -> Option<Submission> {
        if SUBMISSION_DOCUMENTS_MAX < self.documents.len() {
            return None;
        }
        let documents: Vec<Vec<u8>> = self.documents.iter().map(Document::encode).collect();
        let SubmissionBodyHeader { organisation, key, expires } = self.header;
        let header = SubmissionHeader {
            organisation,
            key,
            expires,
            count: u8::try_from(documents.len()).ok()?,
            documents: merkle::root(
                Domain::DocumentsRoot,
                &document_leaves(&self.salt, &documents),
            ),
        };
        Some(Submission { header, signature: self.signature, salt: self.salt, documents })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt(outcome: Outcome) -> Receipt {
        Receipt { document: Hash([1; 32]), submission: Hash([2; 32]), index: 0, height: 3, outcome }
    }

    #[test]
    fn a_rejection_is_put_into_words() {
        let refusal = Refusal {
            code: Rejection::KeyNotValid.code(),
            official: None,
            field: "key".into(),
            expected: "an operator key".into(),
            found: "a revoked one".into(),
        };
        let view = ReceiptView::from(receipt(Outcome::Rejected(refusal)));
        let rejection = view.rejection.clone().expect("the outcome is a rejection");
        assert_eq!((rejection.code, rejection.name.as_str()), (104, "KeyNotValid"));
        assert!(rejection.message.ends_with("key: expected an operator key, found a revoked one"));
        let text = serde_json::to_string(&view).expect("text keys");
        assert_eq!(serde_json::from_str::<ReceiptView>(&text).expect("a receipt"), view);
    }

    #[test]
    fn a_number_of_a_later_release_still_has_a_remedy() {
        let refusal = Refusal {
            code: 9_999,
            official: None,
            field: String::new(),
            expected: String::new(),
            found: String::new(),
        };
        assert_eq!(RejectionView::from(&refusal).remedy, "update this software");
    }

    #[test]
    fn an_accepted_receipt_has_no_rejection() {
        assert_eq!(ReceiptView::from(receipt(Outcome::Accepted { case: None })).rejection, None);
    }

    #[test]
    fn unknown_fields_of_a_body_are_refused() {
        assert!(serde_json::from_str::<SubmissionsBody>(r#"{"submissions":[]}"#).is_ok());
        assert!(serde_json::from_str::<SubmissionsBody>(r#"{"submissions":[],"x":1}"#).is_err());
    }
}
