//! The receipts of many submissions, waited for together: what a sender of many messages asks.

use super::access::Caller;
use super::app::App;
use super::failure::Failure;
use super::request::{Form, accepted_form, binary, json};
use super::submissions::Found;
use super::wait::Wait;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use kanhe_api::ErrorCode;
use kanhe_api::limits::RECEIPTS_SUBMISSIONS_MAX;
use kanhe_api::submission::{
    ReceiptView, ReceiptsAnswer, ReceiptsBody, ReceiptsBytes, SubmissionStatus, SubmissionView,
};
use kanhe_types::codec;
use kanhe_types::hash::Hash;
use kanhe_types::receipt::Receipt;
use std::sync::Arc;

/// What is known of one of the submissions.
enum Known {
    /// Not executed, as far as this validator knows.
    Open,
    /// The caller may not see it: it is waited for like one that does not exist.
    Hidden,
    Final(Vec<Receipt>),
}

/// `POST /v1/receipts`: answered when all are final, or when the caller has waited long enough.
pub(super) async fn receipts(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let ReceiptsBody { submissions, wait_ms } = read(&body)?;
    let mut known: Vec<Known> = submissions.iter().map(|_| Known::Open).collect();
    let mut wait = Wait::new(&app, wait_ms);
    loop {
        wait.mark();
        look(&app, &caller, &submissions, &mut known).await?;
        let is_open = |known: &Known| !matches!(known, Known::Final(_));
        if !known.iter().any(is_open) || !wait.for_height().await {
            break;
        }
    }
    match accepted_form(&headers) {
        Form::Binary => {
            let found: ReceiptsBytes = known.into_iter().map(Known::into_receipts).collect();
            Ok(binary(codec::encode(&found)))
        }
        Form::Json => {
            let views = submissions.into_iter().zip(known);
            let submissions = views.map(|(id, known)| view(&app, &caller, id, known)).collect();
            json(&ReceiptsAnswer { submissions })
        }
    }
}

fn read(body: &[u8]) -> Result<ReceiptsBody, Failure> {
    let remedy = "send {\"submissions\": [ids], \"wait_ms\": milliseconds}";
    let body: ReceiptsBody = serde_json::from_slice(body)
        .map_err(|error| Failure::new(ErrorCode::BadRequest, error.to_string(), remedy))?;
    let found = body.submissions.len();
    if !(1..=RECEIPTS_SUBMISSIONS_MAX).contains(&found) {
        return Err(Failure::new(
            ErrorCode::BadRequest,
            format!("expected 1 to {RECEIPTS_SUBMISSIONS_MAX} submissions, found {found}"),
            "ask for them in several requests",
        ));
    }
    Ok(body)
}

/// Looks again for those that are open.
async fn look(
    app: &Arc<App>,
    caller: &Caller,
    submissions: &[Hash],
    known: &mut [Known],
) -> Result<(), Failure> {
    let open: Vec<(usize, Hash)> = (0..)
        .zip(submissions.iter().zip(known.iter()))
        .filter(|(_, (_, known))| matches!(known, Known::Open))
        .map(|(index, (id, _))| (index, *id))
        .collect();
    let found = app
        .blocking(move |app| {
            let ids: Vec<Hash> = open.iter().map(|(_, id)| *id).collect();
            let receipts = app.replica().receipts_of_all(&ids)?;
            let found = open.into_iter().zip(receipts);
            let found = found.filter_map(|((index, id), found)| Some((index, id, found?)));
            Ok(found.collect::<Vec<_>>())
        })
        .await?;
    for (index, id, receipts) in found {
        let Some(slot) = known.get_mut(index) else { continue };
        *slot = match app.may_see(id, receipts, caller.clone()).await? {
            Found::Visible(receipts) => Known::Final(receipts),
            Found::Hidden | Found::Nothing => Known::Hidden,
        };
    }
    Ok(())
}

impl Known {
    fn into_receipts(self) -> Option<Vec<Receipt>> {
        match self {
            Self::Final(receipts) => Some(receipts),
            Self::Open | Self::Hidden => None,
        }
    }
}

fn view(app: &App, caller: &Caller, id: Hash, known: Known) -> SubmissionView {
    match known.into_receipts() {
        Some(receipts) => SubmissionView {
            id,
            status: SubmissionStatus::Final,
            receipts: receipts.into_iter().map(ReceiptView::from).collect(),
        },
        None => {
            let owner = app.remembered(&id);
            let is_pending = owner.is_some_and(|owner| caller.is_agency || caller.is(&owner));
            let status =
                if is_pending { SubmissionStatus::Pending } else { SubmissionStatus::Unknown };
            SubmissionView { id, status, receipts: Vec::new() }
        }
    }
}
