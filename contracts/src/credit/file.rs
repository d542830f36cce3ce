//! What agencies attest of an organisation: the facts that count, in one record, and the grade that
//! customs gave.

use crate::case::load;
use crate::document::{EnterpriseGrade, FactKind, Severity};
use crate::limits::CREDIT_FILE_MAX;
use crate::register::EntryKey;
use crate::state::{Overlay, StateError, StateRead};
use crate::state_key::{credit_file_key_bytes, customs_grade_key_bytes};
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{self, Decode, Encode};
use kanhe_types::decimal::Decimal;
use kanhe_types::time::{CustomsDate, Millis};
use serde::{Deserialize, Serialize};

/// A credit record that counts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase")]
pub struct FiledFact {
    /// The day of the decision.
    pub date: CustomsDate,
    /// The entry that says so.
    pub entry: EntryKey,
    /// What it is.
    pub kind: FactKind,
    /// How grave it is, where it is discredit.
    pub severity: Option<Severity>,
    /// How much, where it is money.
    pub amount: Option<Decimal>,
    /// Whether it was paid or put right.
    pub is_settled: bool,
}

/// The records of an organisation that count, ascending by day and entry: the last
/// [`CREDIT_FILE_MAX`], older ones stand in the register only.
///
/// # Errors
/// When this machine cannot read its state.
pub fn credit_file(
    state: &impl StateRead,
    organisation: &OrganisationCode,
) -> Result<Vec<FiledFact>, StateError> {
    Ok(load(state, &credit_file_key_bytes(organisation))?.unwrap_or_default())
}

/// Has an organisation's file say of an entry what stands now; nothing where it does not count.
pub(crate) fn file<S: StateRead>(
    state: &mut Overlay<'_, S>,
    organisation: &OrganisationCode,
    entry: &EntryKey,
    filed: Option<FiledFact>,
) -> Result<(), StateError> {
    let before = credit_file(state, organisation)?;
    let mut all: Vec<FiledFact> =
        before.iter().filter(|own| own.entry != *entry).cloned().collect();
    if let Some(filed) = filed {
        let place = all.partition_point(|own| *own < filed);
        all.insert(place, filed);
    }
    let surplus = all.len().saturating_sub(CREDIT_FILE_MAX);
    all.drain(..surplus);
    if all == before {
        return Ok(());
    }
    let key = credit_file_key_bytes(organisation);
    match all.is_empty() {
        true => state.remove(key),
        false => state.put(key, codec::encode(&all)),
    }
    Ok(())
}

/// The grade that customs gave an organisation.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase")]
pub struct GradeStanding {
    /// The entry that says so.
    pub entry: EntryKey,
    /// The grade.
    pub grade: EnterpriseGrade,
    /// Since when it holds.
    pub since: Millis,
    /// The first instant at which it does not any more, where it has a term.
    pub until: Option<Millis>,
    /// The first instant at which its benefits are not suspended any more, where they were.
    pub suspended_until: Option<Millis>,
}

impl GradeStanding {
    /// Whether its benefits are suspended at an instant.
    pub fn is_suspended(&self, now: Millis) -> bool {
        self.suspended_until.is_some_and(|until| now < until)
    }

    /// The grade by which an enterprise is treated at an instant: while benefits are suspended, as
    /// a regular one.
    pub fn treated_as(&self, now: Millis) -> EnterpriseGrade {
        match self.is_suspended(now) {
            true => self.grade.max(EnterpriseGrade::Regular),
            false => self.grade,
        }
    }
}

/// The customs grade that an organisation has at an instant.
///
/// # Errors
/// When this machine cannot read its state.
pub fn customs_grade(
    state: &impl StateRead,
    organisation: &OrganisationCode,
    now: Millis,
) -> Result<Option<GradeStanding>, StateError> {
    let own = written_grade(state, organisation)?;
    Ok(own.filter(|own| own.since <= now && own.until.is_none_or(|until| now < until)))
}

/// The grade that was written last, whether its term is over or not.
pub(crate) fn written_grade(
    state: &impl StateRead,
    organisation: &OrganisationCode,
) -> Result<Option<GradeStanding>, StateError> {
    load(state, &customs_grade_key_bytes(organisation))
}

/// Sets the grade of an organisation, or has it none.
pub(crate) fn put_grade<S: StateRead>(
    state: &mut Overlay<'_, S>,
    organisation: &OrganisationCode,
    standing: Option<&GradeStanding>,
) {
    let key = customs_grade_key_bytes(organisation);
    match standing {
        Some(standing) => state.put(key, codec::encode(standing)),
        None => state.remove(key),
    }
}
