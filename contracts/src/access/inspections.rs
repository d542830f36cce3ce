//! Inspections: done once by one agency, and recognised by all.

use super::grants::{Giver, Now};
use crate::case::load;
use crate::document::{Inspection, InspectionResult};
use crate::governance::Done;
use crate::limits::INSPECTIONS_MAX;
use crate::rejection::{Rejected, Rejection, Stop};
use crate::state::{Overlay, StateError, StateRead};
use crate::state_key::inspections_key_bytes;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{self, Decode, Encode};
use kanhe_types::hash::Hash;
use kanhe_types::receipt::CaseKey;
use kanhe_types::time::Millis;
use serde::{Deserialize, Serialize};

/// An inspection as its case keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct InspectionRecord {
    /// The identity of its document.
    pub document: Hash,
    /// The agency that did it.
    pub agency: OrganisationCode,
    /// What came out.
    pub result: InspectionResult,
    /// What was inspected, and how.
    pub inspected: String,
    /// The digest of what shows it.
    pub evidence: Option<Hash>,
    /// The height at which it was recorded.
    pub height: u64,
    /// The block time at which it was recorded.
    pub time: Millis,
}

/// The inspections of a case, in the order in which they were recorded.
///
/// # Errors
/// When this machine cannot read its state.
pub fn inspections(
    state: &impl StateRead,
    case: &CaseKey,
) -> Result<Vec<InspectionRecord>, StateError> {
    Ok(load(state, &inspections_key_bytes(case))?.unwrap_or_default())
}

/// Records an inspection of a case, which must exist.
pub(crate) fn inspect<S: StateRead>(
    state: &mut Overlay<'_, S>,
    now: Now,
    signer: &Giver<'_>,
    case: &CaseKey,
    said: Inspection,
) -> Result<Done, Stop> {
    let mut records = inspections(state, case)?;
    if let Some(before) = records.iter().find(|before| before.document == signer.document) {
        return Ok(Done::Repeated { first_height: before.height });
    }
    if INSPECTIONS_MAX <= records.len() {
        let expected = format!("at most {INSPECTIONS_MAX} inspections of a case");
        let rejection = Rejection::TooManyInspections;
        return Err(Rejected::new(rejection, "orderNo", expected, "one more").into());
    }
    records.push(InspectionRecord {
        document: signer.document,
        agency: signer.organisation.clone(),
        result: said.result,
        inspected: said.inspected,
        evidence: said.evidence,
        height: now.height,
        time: now.time,
    });
    state.put(inspections_key_bytes(case), codec::encode(&records));
    Ok(Done::Accepted)
}
