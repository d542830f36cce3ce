//! Taking submissions in, and answering for their receipts.

use super::access::{self, Caller};
use super::app::{App, Source};
use super::failure::Failure;
use super::request::{Form, content_type, json, parse_hash, parse_query, path_of};
use super::wait::Wait;
use crate::core::mempool::AdmissionError;
use crate::observer::ObserverHandle;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use kanhe_api::submission::{
    ReceiptView, SubmissionAnswer, SubmissionStatus, SubmissionView, SubmissionsAnswer,
    SubmissionsBody,
};
use kanhe_api::{ApiError, ErrorCode};
use kanhe_contracts::document::Ground;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec;
use kanhe_types::hash::Hash;
use kanhe_types::limits::{
    HTTP_BODY_BYTES_MAX, HTTP_SUBMISSIONS_MAX, SUBMISSION_BYTES_MAX, SUBMISSION_DOCUMENTS_MAX,
};
use kanhe_types::receipt::Receipt;
use kanhe_types::submission::{Submission, SubmissionError, VerifiedSubmission};
use serde::Deserialize;
use std::sync::Arc;

/// A submission that was checked, or the answer to one that did not pass.
type Checked = Result<VerifiedSubmission, SubmissionAnswer>;

/// `POST /v1/submissions`: answered once the admitted ones are durable on this validator.
pub(super) async fn submit(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let form = content_type(&headers)?;
    let stands_aside = match app.source() {
        Source::Validator(node) => !node.status().core.is_validator,
        Source::Observer(_) => false,
    };
    if stands_aside {
        // The core would refuse each of them; so a client goes on to another address by itself.
        let error = not_admitted(&AdmissionError::NotValidator);
        return Err(Failure::new(error.code, error.message, error.remedy));
    }
    let organisation = caller.organisation.clone();
    let checked = app
        .heavy(move |app| {
            let submissions = read(form, &body)?;
            Ok(check(submissions, &organisation, &app.genesis_hash))
        })
        .await?;
    let answers = hand_over(&app, checked).await?;
    app.remember(&caller.organisation, answers.iter().filter(|a| a.admitted).filter_map(|a| a.id));
    for answer in &answers {
        app.metrics.submission(answer.error.as_ref().map(|error| error.code));
    }
    Ok((StatusCode::ACCEPTED, json(&SubmissionsAnswer { submissions: answers })?).into_response())
}

/// The submissions of a body, at least one and at most the bound.
fn read(form: Form, body: &[u8]) -> Result<Vec<Option<Submission>>, Failure> {
    let malformed = |message: String| {
        Failure::new(
            ErrorCode::BadRequest,
            message,
            "send {\"submissions\": [...]} or the canonical encoding of a list of submissions",
        )
    };
    let submissions: Vec<Option<Submission>> = match form {
        Form::Binary => codec::decode::<Vec<Submission>>(body, HTTP_BODY_BYTES_MAX)
            .map_err(|error| malformed(error.to_string()))?
            .into_iter()
            .map(Some)
            .collect(),
        Form::Json => serde_json::from_slice::<SubmissionsBody>(body)
            .map_err(|error| malformed(error.to_string()))?
            .submissions
            .into_iter()
            .map(kanhe_api::submission::SubmissionBody::into_submission)
            .collect(),
    };
    let found = submissions.len();
    if HTTP_SUBMISSIONS_MAX < found {
        return Err(Failure::new(
            ErrorCode::TooLarge,
            format!("expected 1 to {HTTP_SUBMISSIONS_MAX} submissions, found {found}"),
            "send them in several requests",
        ));
    }
    if found == 0 {
        return Err(malformed(format!(
            "expected 1 to {HTTP_SUBMISSIONS_MAX} submissions, found none"
        )));
    }
    Ok(submissions)
}

/// Checks whose they are, their size, their shape and their signatures.
fn check(
    submissions: Vec<Option<Submission>>,
    organisation: &OrganisationCode,
    genesis: &Hash,
) -> Vec<Checked> {
    // Only what is the requester's own is worth checking signatures for, all of it at once.
    let mut own = Vec::new();
    let alone: Vec<Result<Hash, SubmissionAnswer>> = submissions
        .into_iter()
        .map(|submission| {
            let submission = check_alone(submission, organisation, genesis)?;
            let id = submission.header.id(genesis);
            own.push(submission);
            Ok(id)
        })
        .collect();
    let mut verified = Submission::verify_all(own, genesis).into_iter();
    alone
        .into_iter()
        .map(|checked| {
            let id = checked?;
            let verified = verified.next().expect("one answer for each that was checked");
            verified.map_err(|error| refused(&error, id))
        })
        .collect()
}

/// Checks what can be told without looking at documents.
fn check_alone(
    submission: Option<Submission>,
    organisation: &OrganisationCode,
    genesis: &Hash,
) -> Result<Submission, SubmissionAnswer> {
    let Some(submission) = submission else {
        let found = SUBMISSION_DOCUMENTS_MAX + 1;
        let error = SubmissionError::DocumentCount { found };
        return Err(SubmissionAnswer::refused(None, malformed(&error.to_string())));
    };
    let id = submission.header.id(genesis);
    let author = &submission.header.organisation;
    if author != organisation {
        let error = ApiError::new(
            ErrorCode::OtherOrganisation,
            format!("the submission is {author}'s, the request {organisation}'s"),
            "every organisation sends its own submissions",
        );
        return Err(SubmissionAnswer::refused(Some(id), error));
    }
    // Only what may be too large is worth encoding again to know it.
    let weight = submission.weight();
    let bytes =
        if SUBMISSION_BYTES_MAX < weight { codec::encode(&submission).len() } else { weight };
    if SUBMISSION_BYTES_MAX < bytes {
        let text = format!("the submission has {bytes} bytes, at most {SUBMISSION_BYTES_MAX}");
        return Err(SubmissionAnswer::refused(Some(id), malformed(&text)));
    }
    Ok(submission)
}

fn malformed(message: &str) -> ApiError {
    ApiError::new(
        ErrorCode::SubmissionMalformed,
        message,
        "send 1 to 100 documents in a submission, and sign exactly those",
    )
}

fn refused(error: &SubmissionError, id: Hash) -> SubmissionAnswer {
    let error = match error {
        SubmissionError::Signature => ApiError::new(
            ErrorCode::SubmissionSignature,
            error.to_string(),
            "sign the submission again, for this chain",
        ),
        SubmissionError::DocumentCount { .. }
        | SubmissionError::DocumentTooLong { .. }
        | SubmissionError::Root => malformed(&error.to_string()),
    };
    SubmissionAnswer::refused(Some(id), error)
}

/// Gives the checked submissions to the core and puts its answers where they belong.
async fn hand_over(app: &App, checked: Vec<Checked>) -> Result<Vec<SubmissionAnswer>, Failure> {
    let mut passed = Vec::new();
    let mut answers: Vec<Result<Hash, SubmissionAnswer>> = Vec::with_capacity(checked.len());
    for result in checked {
        answers.push(result.map(|verified| {
            let id = verified.id();
            passed.push(verified);
            id
        }));
    }
    if passed.is_empty() {
        return Ok(answers.into_iter().filter_map(Result::err).collect());
    }
    let node = match app.source() {
        Source::Validator(node) => node,
        Source::Observer(observer) => return Ok(forward(observer, passed, answers).await),
    };
    let admitted = node.submit(passed).await.map_err(|_| Failure::stopping())?;
    let mut admitted = admitted.into_iter();
    let answers = answers.into_iter().map(|answer| {
        let id = match answer {
            Ok(id) => id,
            Err(refused) => return refused,
        };
        match admitted.next() {
            Some(Ok(id)) => SubmissionAnswer::admitted(id),
            Some(Err(error)) => SubmissionAnswer::refused(Some(id), not_admitted(&error)),
            None => SubmissionAnswer::refused(Some(id), Failure::internal().error().clone()),
        }
    });
    Ok(answers.collect())
}

/// Gives the checked submissions to a serving validator and puts its answers where they belong.
async fn forward(
    observer: &ObserverHandle,
    passed: Vec<VerifiedSubmission>,
    answers: Vec<Result<Hash, SubmissionAnswer>>,
) -> Vec<SubmissionAnswer> {
    let mut forwarded = observer.forward(passed).await.into_iter();
    let answers = answers.into_iter().map(|answer| match answer {
        Err(refused) => refused,
        Ok(id) => forwarded.next().unwrap_or_else(|| {
            SubmissionAnswer::refused(Some(id), Failure::internal().error().clone())
        }),
    });
    answers.collect()
}

fn not_admitted(error: &AdmissionError) -> ApiError {
    let (code, remedy) = match error {
        AdmissionError::Expiry { .. } => {
            (ErrorCode::SubmissionExpiry, "sign it again with an expiry within these heights")
        }
        AdmissionError::OrganisationFull { .. } => {
            (ErrorCode::OrganisationFull, "wait for receipts, then send it again")
        }
        AdmissionError::NotValidator => {
            (ErrorCode::NotAValidator, "send it to a validator; the status lists them")
        }
        AdmissionError::Full => {
            (ErrorCode::NodeFull, "send it again in a second, or to another validator")
        }
    };
    ApiError::new(code, error.to_string(), remedy)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WaitQuery {
    #[serde(default)]
    wait_ms: u64,
}

/// `GET /v1/submissions/{id}`: waits for receipts as long as the caller wishes.
pub(super) async fn submission(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
    uri: Uri,
) -> Result<Response, Failure> {
    let id = parse_hash("id", &path_of(path)?)?;
    let query: WaitQuery = parse_query(&uri)?;
    let mut wait = Wait::new(&app, query.wait_ms);
    loop {
        wait.mark();
        let asked = caller.clone();
        match app.find_receipts(id, asked).await? {
            Found::Visible(receipts) => {
                let receipts = receipts.into_iter().map(ReceiptView::from).collect();
                let status = SubmissionStatus::Final;
                return json(&SubmissionView { id, status, receipts });
            }
            // Waits as for one that does not exist, without looking again.
            Found::Hidden => {
                wait.until_deadline().await;
                return Err(Failure::not_found().may_still_arrive());
            }
            Found::Nothing => {}
        }
        if !wait.for_height().await {
            break;
        }
    }
    let owner = app.remembered(&id);
    if owner.is_some_and(|owner| caller.is_agency || caller.is(&owner)) {
        let status = SubmissionStatus::Pending;
        return json(&SubmissionView { id, status, receipts: Vec::new() });
    }
    Err(Failure::not_found().may_still_arrive())
}

/// What a search for a submission's receipts finds.
pub(super) enum Found {
    Visible(Vec<Receipt>),
    Hidden,
    Nothing,
}

impl App {
    /// The receipts of a submission, if it was executed and the caller may see them.
    async fn find_receipts(self: &Arc<Self>, id: Hash, caller: Caller) -> Result<Found, Failure> {
        let receipts = self
            .blocking(move |app| Ok(app.replica().receipts_of_all(&[id])?.pop().flatten()))
            .await?;
        match receipts {
            None => Ok(Found::Nothing),
            Some(receipts) => self.may_see(id, receipts, caller).await,
        }
    }

    /// A submission's receipts, if the caller may see them.
    pub(super) async fn may_see(
        self: &Arc<Self>,
        id: Hash,
        receipts: Vec<Receipt>,
        caller: Caller,
    ) -> Result<Found, Failure> {
        if self.remembered(&id).is_some_and(|owner| caller.is(&owner)) {
            return Ok(Found::Visible(receipts));
        }
        // Another validator took it in, or this one before it restarted: the blocks tell whose it
        // is, which may take reading one.
        self.heavy(move |app| {
            let owner = access::submission_owner(app.replica(), &receipts)?;
            let Some(owner) = owner else { return Ok(Found::Hidden) };
            app.remember(&owner, std::iter::once(id));
            caller.note(app.replica(), [&owner], &Ground::Standing, None);
            let is_visible = caller.is_agency || caller.is(&owner);
            Ok(if is_visible { Found::Visible(receipts) } else { Found::Hidden })
        })
        .await
    }
}
