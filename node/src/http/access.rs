//! Who may see what. Agencies see all; others their own documents, and the cases they are party
//! to. Whatever one may not see is `None` here, as what does not exist.

use super::failure::Failure;
use kanhe_contracts::case::{self, Case};
use kanhe_contracts::document::Body;
use kanhe_contracts::registry::{self, Organisation, Role};
use kanhe_contracts::state::{StateError, StateRead};
use kanhe_ledger::query::AcceptedDocument;
use kanhe_ledger::{Ledger, RocksStore};
use kanhe_types::code::OrganisationCode;
use kanhe_types::hash::Hash;
use kanhe_types::receipt::{CaseKey, Outcome, Receipt};

/// Whose request it is; only authentication makes one.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) organisation: OrganisationCode,
    pub(super) is_agency: bool,
}

/// The state after the last executed height, as the contracts read it.
pub(super) struct ExecutedState<'a>(pub(super) &'a Ledger<RocksStore>);

impl StateRead for ExecutedState<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StateError> {
        self.0.state_value(key).map_err(|error| StateError(error.to_string()))
    }

    fn executed(&self, submissions: &[Hash]) -> Result<Vec<bool>, StateError> {
        let is_executed =
            |id: &Hash| self.0.has_submission(id).map_err(|error| StateError(error.to_string()));
        submissions.iter().map(is_executed).collect()
    }
}

impl Caller {
    pub(super) fn new(organisation: &Organisation) -> Self {
        Self {
            organisation: organisation.code.clone(),
            is_agency: organisation.has_role(Role::Agency),
        }
    }

    pub(super) fn is(&self, organisation: &OrganisationCode) -> bool {
        self.organisation == *organisation
    }

    pub(super) fn may_see(&self, case: &Case) -> bool {
        self.is_agency || case.parties().contains(&self.organisation)
    }

    /// # Errors
    /// When the caller is no agency.
    pub(super) fn must_be_agency(&self) -> Result<(), Failure> {
        if self.is_agency { Ok(()) } else { Err(Failure::agencies_only()) }
    }
}

/// A registered organisation.
pub(super) fn organisation(
    ledger: &Ledger<RocksStore>,
    code: &OrganisationCode,
) -> Result<Option<Organisation>, Failure> {
    Ok(registry::organisation(&ExecutedState(ledger), code)?)
}

/// A case that the caller may see.
pub(super) fn visible_case(
    ledger: &Ledger<RocksStore>,
    caller: &Caller,
    key: &CaseKey,
) -> Result<Option<Case>, Failure> {
    let case = case::case(&ExecutedState(ledger), key)?;
    Ok(case.filter(|case| caller.may_see(case)))
}

/// An accepted document that the caller may see.
pub(super) fn visible_document(
    ledger: &Ledger<RocksStore>,
    caller: &Caller,
    id: &Hash,
) -> Result<Option<AcceptedDocument>, Failure> {
    let Some(document) = ledger.document(id)? else { return Ok(None) };
    if caller.is_agency || caller.is(&document.organisation) {
        return Ok(Some(document));
    }
    let Some(key) = case_of(ledger, &document)? else { return Ok(None) };
    Ok(visible_case(ledger, caller, &key)?.map(|_| document))
}

/// The case that a document belongs to now.
fn case_of(
    ledger: &Ledger<RocksStore>,
    document: &AcceptedDocument,
) -> Result<Option<CaseKey>, Failure> {
    let Ok(content) = document.decode() else { return Ok(None) };
    // A waybill names no platform: the list that names it decides, and may come later.
    if let Body::Waybill(waybill) = &content.body {
        let state = ExecutedState(ledger);
        let record = case::waybill(&state, &waybill.logistics_code, &waybill.logistics_no)?;
        return Ok(record.and_then(|record| record.claimed_by().cloned()));
    }
    match &document.receipt.outcome {
        Outcome::Accepted { case } => Ok(case.clone()),
        Outcome::Repeated { .. } | Outcome::Rejected(_) => Ok(None),
    }
}

/// Whose submission it is that has these receipts.
pub(super) fn submission_owner(
    ledger: &Ledger<RocksStore>,
    receipts: &[Receipt],
) -> Result<Option<OrganisationCode>, Failure> {
    let Some(receipt) = receipts.first() else { return Ok(None) };
    Ok(ledger.submission_owner(&receipt.submission)?)
}
