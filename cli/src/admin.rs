//! What an organisation says with its admin key: documents that change the zone, one submission,
//! waited for.

use crate::answer::CliError;
use crate::client::ClientError;
use crate::clock;
use crate::member::Member;
use crate::progress::Progress;
use crate::sender::post;
use kanhe_api::submission::{ReceiptView, SubmissionStatus, SubmissionView};
use kanhe_api::view::StatusView;
use kanhe_api::{ErrorCode, path};
use kanhe_contracts::document::{AppStatus, AppType, Body, Document, OriginalSignature};
use kanhe_node::keystore;
use kanhe_types::hash::Hash;
use kanhe_types::merkle::Salt;
use kanhe_types::pseudonym::PseudonymScope;
use kanhe_types::submission::{Submission, document_id};
use kanhe_types::time::CustomsTime;
use std::time::{Duration, Instant};

/// Heights within which the submission must be executed.
const EXPIRES_AFTER: u64 = 20_000;
/// One long poll.
const POLL: Duration = Duration::from_secs(2);
/// A submission without receipts for so long is sent to another validator.
const RESEND_AFTER: Duration = Duration::from_secs(4);
/// Receipts are not waited for any longer.
const GIVE_UP_AFTER: Duration = Duration::from_secs(60);

/// A document that says `body`, now.
///
/// # Errors
/// When the system gives no randomness.
pub fn document(body: Body) -> Result<Document, CliError> {
    let random = keystore::random::<16>()?;
    let mut guid = hex::encode_upper(random);
    for dash in [20, 16, 12, 8] {
        guid.insert(dash, '-');
    }
    Ok(Document {
        guid,
        app_type: AppType::Add,
        app_status: AppStatus::Declared,
        app_time: CustomsTime::from_millis(clock::now()),
        // Nothing in it is a pseudonym.
        pseudonyms: PseudonymScope { key_id: 0, epoch: 0 },
        original: None,
        original_signature: OriginalSignature::Unsigned,
        body,
    })
}

/// The identity of a document that the member sends.
pub fn id_of(member: &Member, document: &Document) -> Hash {
    document_id(member.client.genesis(), member.client.organisation(), &document.encode())
}

/// Sends documents in one submission and waits for their receipts.
///
/// # Errors
/// When a validator refuses the submission, none answers, or the receipts do not come in time.
pub fn say(member: &Member, documents: &[Document]) -> Result<Vec<ReceiptView>, CliError> {
    let client = &member.client;
    let status: StatusView = client.get(path::STATUS)?;
    let expires = status.height.saturating_add(EXPIRES_AFTER);
    let bytes = documents.iter().map(Document::encode).collect();
    let (salt, organisation) = (Salt(keystore::random()?), client.organisation().clone());
    let (genesis, signer) = (client.genesis(), client.signer().as_ref());
    let submission = Submission::sign_with(genesis, organisation, signer, expires, salt, bytes)
        .map_err(|error| CliError::Usage(error.to_string()))?
        .map_err(ClientError::from)?;
    let id = submission.header.id(genesis);
    for answer in post(client, [&submission])? {
        if let Some(error) = answer.error {
            return Err(CliError::No(format!("{}; {}", error.message, error.remedy)));
        }
    }
    let started = Instant::now();
    let mut sent = started;
    let progress = Progress::new("waiting for receipts", 1);
    while started.elapsed() < GIVE_UP_AFTER {
        let wait_ms = u64::try_from(POLL.as_millis()).unwrap_or_default();
        match client.get_within::<SubmissionView>(&path::submission(&id, wait_ms), POLL) {
            Ok(view) if view.status == SubmissionStatus::Final => {
                drop(progress);
                return Ok(view.receipts);
            }
            Ok(_) => {}
            Err(error) if error.code() == Some(ErrorCode::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
        if RESEND_AFTER < sent.elapsed() {
            client.next_api();
            post(client, [&submission])?;
            sent = Instant::now();
        }
    }
    Err(CliError::unknown(format!(
        "submission {id} has no receipt yet; it may still become final: look with `kanhe gov list` \
         before saying it again"
    )))
}

/// Why a receipt says no; `None` when it does not.
pub fn rejection(receipt: &ReceiptView) -> Option<String> {
    let rejection = receipt.rejection.as_ref()?;
    let (code, name) = (rejection.code, &rejection.name);
    Some(format!("rule {code} {name}: {}\nwhat to do: {}", rejection.message, rejection.remedy))
}
