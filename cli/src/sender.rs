//! Messages to submissions to receipts.
//!
//! One message becomes one submission, signed by one member; its documents that cannot be read are
//! reported and the others go. A submission is sent again, unchanged, to another validator when its
//! receipts are late: the ledger executes it once, whatever number of validators put it forward.

mod binding;
pub mod receipts;
mod speakers;

pub use speakers::Speakers;

use binding::{Made, message_of};

use crate::answer::CliError;
use crate::client::{Client, ClientError};
use crate::progress::Progress;
use kanhe_api::path;
use kanhe_api::submission::{
    ReceiptView, SubmissionAnswer, SubmissionStatus, SubmissionView, SubmissionsAnswer,
};
use kanhe_api::view::StatusView;
use kanhe_api::{ApiError, ErrorCode};
use kanhe_contracts::document::{Body, Document, DocumentKind};
use kanhe_gateway::read::{self, Message};
use kanhe_node::keystore;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec;
use kanhe_types::hash::Hash;
use kanhe_types::limits::{HTTP_BODY_BYTES_MAX, SUBMISSION_BYTES_MAX};
use kanhe_types::merkle::Salt;
use kanhe_types::receipt::{CaseKey, Outcome as ReceiptOutcome};
use kanhe_types::submission::{Submission, document_id};
use receipts::Answered;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// Heights within which a submission must be executed.
const EXPIRES_AFTER: u64 = 20_000;
/// Submissions of one request.
const REQUEST_SUBMISSIONS_MAX: usize = 100;
/// Bytes of one request; one more submission may exceed it.
const REQUEST_BYTES_TARGET: usize = 2 * 1024 * 1024;
/// Bytes of documents in one submission; a message that has more becomes several.
const DOCUMENTS_BYTES_MAX: usize = SUBMISSION_BYTES_MAX - 64 * 1024;
/// Bytes on their way before receipts are waited for.
const UNSETTLED_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Files whose personal values are asked for together,
const GROUP_FILES_MAX: usize = 64;
/// unless they have more bytes; one more file may exceed it.
const GROUP_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// How often a submission that a validator has no room for is offered.
const OFFERS_MAX: u32 = 8;
/// One long poll.
const POLL: Duration = Duration::from_secs(2);
/// A submission without receipts for so long is sent to another validator.
const RESEND_AFTER: Duration = Duration::from_secs(4);
/// Receipts are not waited for any longer.
const GIVE_UP_AFTER: Duration = Duration::from_secs(120);

const _: () = assert!(REQUEST_BYTES_TARGET + SUBMISSION_BYTES_MAX < HTTP_BODY_BYTES_MAX);

/// What became of one document, or of a whole file that cannot be read.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// The file.
    pub file: String,
    /// Which document of the file, from 1; none for the file as a whole.
    pub document: Option<usize>,
    /// Its kind.
    pub kind: Option<DocumentKind>,
    /// The number of the order that it is about.
    pub order_no: Option<String>,
    /// Who signed it.
    pub signer: Option<OrganisationCode>,
    /// Its identity on the ledger.
    pub id: Option<Hash>,
    /// The submission that carries it.
    pub submission: Option<Hash>,
    /// Where it stands.
    pub status: Status,
    /// The height of its receipt.
    pub height: Option<u64>,
    /// The trade case it belongs to.
    pub case: Option<CaseKey>,
    /// Why it is not accepted.
    pub reason: Option<Reason>,
}

/// What was sent, file by file.
#[derive(Debug)]
pub struct Sent {
    /// What became of each document, in the order of files.
    pub outcomes: Vec<Outcome>,
    /// The files.
    pub files: Vec<SentFile>,
}

/// One file.
#[derive(Debug)]
pub struct SentFile {
    /// The file.
    pub path: PathBuf,
    /// What a receipt message needs to know of it.
    pub answered: Answered,
    /// Where the outcomes of its documents stand.
    pub outcomes: Range<usize>,
}

/// Where a document stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Part of the ledger.
    Accepted,
    /// It was part of the ledger before; the first receipt stands.
    Repeated,
    /// On its way; the receipt was not waited for.
    Submitted,
    /// On its way; its receipt did not come in time.
    Pending,
    /// The rules refuse it.
    Rejected,
    /// No validator takes it in.
    Refused,
    /// Nobody here may send it, so that it was not sent.
    NoSender,
    /// It could not be read, so that it was not sent.
    Unreadable,
}

/// Why a document is not accepted.
#[derive(Clone, Debug, Serialize)]
pub struct Reason {
    /// The rejection's permanent number, where the rules say no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<u16>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Customs' code for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub official: Option<i32>,
    /// What was expected and what was found.
    pub message: String,
    /// What to do.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub remedy: String,
}

impl Status {
    /// Whether the document will not be part of the ledger as it is.
    pub fn is_no(self) -> bool {
        matches!(self, Self::Rejected | Self::Refused | Self::NoSender | Self::Unreadable)
    }
}

impl Reason {
    fn of(message: impl Into<String>) -> Self {
        Self {
            code: None,
            name: None,
            official: None,
            message: message.into(),
            remedy: String::new(),
        }
    }

    fn of_api(error: ApiError) -> Self {
        Self { remedy: error.remedy, ..Self::of(error.message) }
    }
}

fn order_no(document: &Document) -> Option<&str> {
    match &document.body {
        Body::Order(order) => Some(&order.order_no),
        Body::Payment(payment) => Some(&payment.order_no),
        Body::Waybill(waybill) => Some(&waybill.order_no),
        Body::InventoryList(list) => Some(&list.order_no),
        Body::ExportOrder(order) => Some(&order.order_no),
        Body::FundsReceipt(receipt) => Some(&receipt.order_no),
        Body::ExportList(list) => Some(&list.order_no),
        Body::ListCancellation(own) => Some(&own.order_no),
        Body::ListReturn(own) => Some(&own.order_no),
        Body::ListStatus(own) => Some(&own.order_no),
        Body::PaymentRefund(own) => Some(&own.order_no),
        _ => None,
    }
}

/// A signed submission on its way.
struct Package {
    id: Hash,
    signer: OrganisationCode,
    submission: Submission,
    bytes: usize,
    /// Where the outcomes of its documents stand.
    outcomes: Vec<usize>,
}

/// Sends messages and gathers what became of each document.
pub struct Sender<'a> {
    speakers: &'a mut Speakers,
    wait: bool,
    /// Whether originals go to their signers' vaults.
    has_vault: bool,
    /// Whose vaults hold originals that are not safe on disk yet.
    unsynced: BTreeSet<OrganisationCode>,
    /// The expiry that submissions get, asked for once.
    expires: Option<u64>,
    outcomes: Vec<Outcome>,
    files: Vec<SentFile>,
    waiting: BTreeMap<OrganisationCode, Vec<Package>>,
    unsettled: Vec<Package>,
    unsettled_bytes: usize,
}

/// Sends the messages that `paths` name.
///
/// # Errors
/// When the paths cannot be listed, or no validator answers. What is wrong with one file or one
/// document is an outcome.
pub fn send(
    speakers: &mut Speakers,
    paths: &[PathBuf],
    options: SendOptions,
) -> Result<Sent, CliError> {
    let SendOptions { wait, year, has_vault } = options;
    let mut pseudonyms = speakers.pseudonyms(year)?;
    let files = read::list_files(paths)?;
    let mut progress = Progress::new("files", u64::try_from(files.len()).unwrap_or(0));
    let mut sender = Sender {
        speakers,
        wait,
        has_vault,
        unsynced: BTreeSet::new(),
        expires: None,
        outcomes: Vec::new(),
        files: Vec::new(),
        waiting: BTreeMap::new(),
        unsettled: Vec::new(),
        unsettled_bytes: 0,
    };
    for group in groups(files) {
        let loaded: Vec<_> = group.iter().map(|file| read::load_file(file)).collect();
        pseudonyms.learn(loaded.iter().filter_map(|loaded| loaded.as_ref().ok()), &mut progress)?;
        for (file, loaded) in group.iter().zip(loaded) {
            match loaded {
                Ok(loaded) => sender.message(pseudonyms.convert(loaded))?,
                Err(error) => sender.unreadable(file, Reason::of(chain(&error))),
            }
            progress.step();
            if UNSETTLED_BYTES_MAX < sender.unsettled_bytes {
                sender.settle(&mut progress)?;
            }
        }
    }
    sender.flush_all()?;
    sender.settle(&mut progress)?;
    Ok(Sent { outcomes: sender.outcomes, files: sender.files })
}

/// How messages are sent.
#[derive(Clone, Copy, Debug)]
pub struct SendOptions {
    /// Wait for the receipts.
    pub wait: bool,
    /// Make pseudonyms of this year, whatever the documents' own.
    pub year: Option<u16>,
    /// Keep originals in their signers' vaults, and commit to them.
    pub has_vault: bool,
}

/// Files in groups whose values are asked for together: so many files, or so many bytes.
fn groups(files: Vec<PathBuf>) -> Vec<Vec<PathBuf>> {
    let mut groups: Vec<Vec<PathBuf>> = Vec::new();
    let mut bytes = u64::MAX;
    for file in files {
        // What cannot be looked at is reported when it is read.
        let own = std::fs::metadata(&file).map_or(0, |metadata| metadata.len());
        bytes = bytes.saturating_add(own);
        let is_full = groups.last().is_none_or(|group| GROUP_FILES_MAX <= group.len());
        match groups.last_mut() {
            Some(group) if !is_full && bytes <= GROUP_BYTES_MAX => group.push(file),
            _ => {
                bytes = own;
                groups.push(vec![file]);
            }
        }
    }
    groups
}

/// An error with what stands behind it.
fn chain(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

impl Outcome {
    fn of_file(file: &Path, reason: Reason) -> Self {
        Self {
            file: file.display().to_string(),
            document: None,
            kind: None,
            order_no: None,
            signer: None,
            id: None,
            submission: None,
            status: Status::Unreadable,
            height: None,
            case: None,
            reason: Some(reason),
        }
    }

    fn take_receipt(&mut self, view: &ReceiptView) {
        self.height = Some(view.receipt.height);
        match &view.receipt.outcome {
            ReceiptOutcome::Accepted { case } => {
                self.status = Status::Accepted;
                self.case.clone_from(case);
            }
            ReceiptOutcome::Repeated { first_height } => {
                self.status = Status::Repeated;
                self.height = Some(*first_height);
            }
            ReceiptOutcome::Rejected(_) => {
                self.status = Status::Rejected;
                self.reason = view.rejection.clone().map(|rejection| Reason {
                    code: Some(rejection.code),
                    name: Some(rejection.name),
                    official: rejection.official,
                    message: rejection.message,
                    remedy: rejection.remedy,
                });
            }
        }
    }
}

impl Sender<'_> {
    fn unreadable(&mut self, file: &Path, reason: Reason) {
        let first = self.outcomes.len();
        self.outcomes.push(Outcome::of_file(file, reason));
        self.files.push(SentFile {
            path: file.to_owned(),
            answered: Answered::Unreadable,
            outcomes: first..self.outcomes.len(),
        });
    }

    /// Signs the readable documents of a message, by signer.
    fn message(&mut self, message: Message) -> Result<(), CliError> {
        let mut by_signer: BTreeMap<OrganisationCode, Vec<(usize, Made)>> = BTreeMap::new();
        let whole = message_of(&message.originals)?;
        let first = self.outcomes.len();
        let mut originals = message.originals.into_iter();
        for (number, document) in (1usize..).zip(message.documents) {
            let original = originals.next();
            let mut outcome = Outcome {
                document: Some(number),
                ..Outcome::of_file(&message.path, Reason::of(""))
            };
            let signed = match document {
                Ok(document) => {
                    outcome.kind = Some(document.kind());
                    outcome.order_no = order_no(&document).map(str::to_owned);
                    let signer = self.speakers.signer(message.sender.as_deref(), &document);
                    outcome.status = Status::NoSender;
                    signer.map(|signer| (signer, document))
                }
                Err(error) => Err(Reason {
                    remedy: error.remedy.into(),
                    ..Reason::of(format!(
                        "{}: expected {}, found {}",
                        error.path, error.expected, error.found
                    ))
                }),
            };
            let index = self.outcomes.len();
            match signed {
                Ok((signer, document)) => {
                    outcome.signer = Some(signer.clone());
                    (outcome.status, outcome.reason) = (Status::Pending, None);
                    let made = Made { document, original, message: whole };
                    by_signer.entry(signer).or_default().push((index, made));
                }
                Err(reason) => outcome.reason = Some(reason),
            }
            self.outcomes.push(outcome);
        }
        self.files.push(SentFile {
            path: message.path,
            answered: message.receipt_keys.map_or(Answered::Other, Answered::Message),
            outcomes: first..self.outcomes.len(),
        });
        for (signer, documents) in by_signer {
            self.sign(&signer, documents)?;
        }
        Ok(())
    }

    /// Makes submissions of documents: one, unless they are too large together.
    fn sign(
        &mut self,
        signer: &OrganisationCode,
        documents: Vec<(usize, Made)>,
    ) -> Result<(), CliError> {
        let (mut indexes, mut encoded, mut bytes) = (Vec::new(), Vec::new(), 0);
        for (index, made) in documents {
            let document = self.bind(signer, made)?.encode();
            if DOCUMENTS_BYTES_MAX < bytes + document.len() && !encoded.is_empty() {
                self.pack(signer, std::mem::take(&mut indexes), std::mem::take(&mut encoded))?;
                bytes = 0;
            }
            bytes += document.len();
            indexes.push(index);
            encoded.push(document);
        }
        self.pack(signer, indexes, encoded)
    }

    fn pack(
        &mut self,
        signer: &OrganisationCode,
        outcomes: Vec<usize>,
        documents: Vec<Vec<u8>>,
    ) -> Result<(), CliError> {
        let expires = self.expiry(signer)?;
        let salt = Salt(keystore::random()?);
        let member = self.speakers.member(signer)?;
        if self.unsynced.remove(signer) {
            // What a document commits to is on disk before the document leaves.
            member.vault()?.vault.sync()?;
        }
        let client = &member.client;
        let genesis = *client.genesis();
        for (index, document) in outcomes.iter().zip(&documents) {
            if let Some(outcome) = self.outcomes.get_mut(*index) {
                outcome.id = Some(document_id(&genesis, signer, document));
            }
        }
        let (key, signer_code) = (client.signer().as_ref(), signer.clone());
        let signed = Submission::sign_with(&genesis, signer_code, key, expires, salt, documents);
        let submission = match signed {
            Ok(submission) => submission.map_err(ClientError::from)?,
            Err(error) => {
                self.refuse(&outcomes, &Reason::of(error.to_string()));
                return Ok(());
            }
        };
        let id = submission.header.id(&genesis);
        for index in &outcomes {
            if let Some(outcome) = self.outcomes.get_mut(*index) {
                outcome.submission = Some(id);
            }
        }
        let bytes = submission.documents.iter().map(Vec::len).sum();
        let package = Package { id, signer: signer.clone(), submission, bytes, outcomes };
        let waiting = self.waiting.entry(signer.clone()).or_default();
        waiting.push(package);
        let waiting_bytes: usize = waiting.iter().map(|package| package.bytes).sum();
        if REQUEST_SUBMISSIONS_MAX <= waiting.len() || REQUEST_BYTES_TARGET <= waiting_bytes {
            self.flush(signer)?;
        }
        Ok(())
    }

    fn expiry(&mut self, signer: &OrganisationCode) -> Result<u64, CliError> {
        if let Some(expires) = self.expires {
            return Ok(expires);
        }
        let status: StatusView = self.speakers.member(signer)?.client.get(path::STATUS)?;
        let expires = status.height.saturating_add(EXPIRES_AFTER);
        self.expires = Some(expires);
        Ok(expires)
    }

    fn refuse(&mut self, outcomes: &[usize], reason: &Reason) {
        for index in outcomes {
            if let Some(outcome) = self.outcomes.get_mut(*index) {
                outcome.status = Status::Refused;
                outcome.reason = Some(reason.clone());
            }
        }
    }

    fn flush_all(&mut self) -> Result<(), CliError> {
        let signers: Vec<OrganisationCode> = self.waiting.keys().cloned().collect();
        signers.iter().try_for_each(|signer| self.flush(signer))
    }

    /// Sends what waits for one signer. What a validator has no room for is offered again.
    fn flush(&mut self, signer: &OrganisationCode) -> Result<(), CliError> {
        let mut packages = self.waiting.remove(signer).unwrap_or_default();
        for offer in 0..OFFERS_MAX {
            if packages.is_empty() {
                return Ok(());
            }
            if 0 < offer {
                thread::sleep(Duration::from_millis(100 << offer));
            }
            let client = &self.speakers.member(signer)?.client;
            let answers = match post(client, packages.iter().map(|own| &own.submission)) {
                Ok(answers) => answers,
                // The request as a whole is refused: the key, the chain, the size.
                Err(ClientError::Api { error, .. }) if !error.retryable => {
                    let reason = Reason::of_api(error);
                    for package in packages {
                        self.refuse(&package.outcomes, &reason);
                    }
                    return Ok(());
                }
                Err(error) => return Err(error.into()),
            };
            packages = self.take_answers(packages, answers, offer + 1 == OFFERS_MAX);
            if let Some(member) = self.speakers.members.get(signer).filter(|_| !packages.is_empty())
            {
                member.client.next_api();
            }
        }
        Ok(())
    }

    /// Sorts packages by their answers; comes back with those to be offered again.
    fn take_answers(
        &mut self,
        packages: Vec<Package>,
        answers: Vec<SubmissionAnswer>,
        is_last_offer: bool,
    ) -> Vec<Package> {
        let mut again = Vec::new();
        for (package, answer) in packages.into_iter().zip(answers) {
            if answer.admitted {
                self.admitted(package);
                continue;
            }
            let unknown =
                || ApiError::new(ErrorCode::Internal, "the validator gives no reason", "");
            let error = answer.error.unwrap_or_else(unknown);
            if error.retryable && !is_last_offer {
                again.push(package);
            } else {
                self.refuse(&package.outcomes, &Reason::of_api(error));
            }
        }
        again
    }

    fn admitted(&mut self, package: Package) {
        let status = if self.wait { Status::Pending } else { Status::Submitted };
        for index in &package.outcomes {
            if let Some(outcome) = self.outcomes.get_mut(*index) {
                outcome.status = status;
            }
        }
        if self.wait {
            self.unsettled_bytes += package.bytes;
            self.unsettled.push(package);
        }
    }

    /// Waits for the receipts of everything on its way.
    fn settle(&mut self, progress: &mut Progress) -> Result<(), CliError> {
        self.unsettled_bytes = 0;
        for package in std::mem::take(&mut self.unsettled) {
            if let Some(view) = self.receipts(&package, progress)? {
                for (index, receipt) in package.outcomes.iter().zip(&view.receipts) {
                    if let Some(outcome) = self.outcomes.get_mut(*index) {
                        outcome.take_receipt(receipt);
                    }
                }
            }
        }
        Ok(())
    }

    /// The receipts of one submission; none when they do not come in time.
    fn receipts(
        &mut self,
        package: &Package,
        progress: &mut Progress,
    ) -> Result<Option<SubmissionView>, CliError> {
        let client = &self.speakers.member(&package.signer)?.client;
        let started = Instant::now();
        let mut sent = started;
        while started.elapsed() < GIVE_UP_AFTER {
            let wait_ms = u64::try_from(POLL.as_millis()).unwrap_or_default();
            let target = path::submission(&package.id, wait_ms);
            match client.get_within::<SubmissionView>(&target, POLL) {
                Ok(view) if view.status == SubmissionStatus::Final => return Ok(Some(view)),
                Ok(_) => {}
                Err(error) if error.code() == Some(ErrorCode::NotFound) => {}
                Err(error) => return Err(error.into()),
            }
            progress.show();
            if RESEND_AFTER < sent.elapsed() {
                client.next_api();
                post(client, [&package.submission])?;
                sent = Instant::now();
            }
        }
        Ok(None)
    }
}

/// Posts submissions; one answer for each.
pub(crate) fn post<'a>(
    client: &Client,
    submissions: impl IntoIterator<Item = &'a Submission>,
) -> Result<Vec<SubmissionAnswer>, ClientError> {
    let submissions: Vec<Submission> = submissions.into_iter().cloned().collect();
    let answer: SubmissionsAnswer = client.post(path::SUBMISSIONS, &codec::encode(&submissions))?;
    let (expected, found) = (submissions.len(), answer.submissions.len());
    if found != expected {
        let reason = format!("expected {expected} answers, found {found}");
        return Err(ClientError::Malformed { api: "the validator".into(), reason });
    }
    Ok(answer.submissions)
}
