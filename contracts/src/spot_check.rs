//! Spot checks of originals, as cases keep them, and the queue of their deadlines.
//!
//! An agency asks, the sender of the document answers within block time, the agency judges. The
//! original itself never stands here. What was not answered in time becomes so by itself, at the
//! beginning of the first height after the deadline.

use crate::case::{self, load};
use crate::document::DocumentKind;
use crate::export;
use crate::state::{StateError, StateRead};
use crate::state_key;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::hash::Hash;
use kanhe_types::receipt::CaseKey;
use kanhe_types::time::Millis;
use serde::{Deserialize, Serialize};

/// A spot check of one document of a case.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct CaseSpotCheck {
    /// The identity of the document that asks.
    pub check: Hash,
    /// The height at which it was accepted.
    pub height: u64,
    /// The document whose original is asked for.
    pub document: Hash,
    /// Its kind.
    pub kind: DocumentKind,
    /// The agency that asks.
    pub agency: OrganisationCode,
    /// Who sent the document, and answers.
    pub sender: OrganisationCode,
    /// The X25519 key that the original is sealed for.
    #[serde(with = "crate::document::spot_check::hex_key")]
    pub reply_key: [u8; 32],
    /// Why it is asked for.
    pub reason: String,
    /// The block time at which it was asked for.
    pub asked: Millis,
    /// The last block time at which an answer counts.
    pub due: Millis,
    /// The sender's answer, while it is not erased or overdue.
    pub answer: Option<SaidAt>,
    /// The agency's judgement.
    pub judgement: Option<SaidAt>,
    /// Where it stands.
    pub status: SpotCheckStatus,
}

/// A document that said something, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct SaidAt {
    /// Its identity.
    pub document: Hash,
    /// The height at which it was accepted.
    pub height: u64,
}

/// Where a spot check stands.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum SpotCheckStatus {
    /// The sender has not answered; the deadline lies ahead.
    Asked,
    /// The original is with the agency; the digest of the sealed letter.
    Shown {
        /// That digest.
        letter: Hash,
    },
    /// The original is and says what was committed to and declared.
    Agrees,
    /// It is another, or says something else.
    Differs {
        /// What was compared.
        field: String,
        /// What the ledger has.
        ledger: String,
        /// What the original has.
        original: String,
    },
    /// The sender has none.
    Missing {
        /// Why.
        reason: String,
    },
    /// The deadline passed without an answer.
    Unanswered,
    /// The original was erased before it was asked for.
    Erased {
        /// The deletion record.
        record: Hash,
    },
}

impl SpotCheckStatus {
    /// Whether somebody still has to say something.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Asked | Self::Shown { .. })
    }

    /// The name that the command line uses.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Shown { .. } => "shown",
            Self::Agrees => "agrees",
            Self::Differs { .. } => "differs",
            Self::Missing { .. } => "missing",
            Self::Unanswered => "unanswered",
            Self::Erased { .. } => "erased",
        }
    }
}

/// The spot checks on which somebody still has to say something.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct SpotCheckQueue {
    /// Those that wait for their answer, the next deadline first.
    pub asked: Vec<DueSpotCheck>,
    /// Those whose original is with the agency, in the order of their answers.
    pub shown: Vec<OpenSpotCheck>,
}

/// A spot check that waits for its answer.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct DueSpotCheck {
    /// The last block time at which an answer counts.
    pub due: Millis,
    /// Which.
    pub open: OpenSpotCheck,
}

/// A spot check and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct OpenSpotCheck {
    /// The identity of the document that asks.
    pub check: Hash,
    /// The case that has it.
    pub case: CaseKey,
}

/// The spot checks on which somebody still has to say something.
///
/// # Errors
/// When this machine cannot read its state.
pub fn queue(state: &impl StateRead) -> Result<SpotCheckQueue, StateError> {
    Ok(load(state, &state_key::spot_checks_key_bytes())?.unwrap_or_default())
}

/// The case that has the spot check with this identity.
///
/// # Errors
/// When this machine cannot read its state.
pub fn case_of(state: &impl StateRead, check: &Hash) -> Result<Option<CaseKey>, StateError> {
    load(state, &state_key::spot_check_key_bytes(check))
}

/// A spot check of a trade, whichever way its goods go.
///
/// # Errors
/// When this machine cannot read its state.
pub fn check_of(
    state: &impl StateRead,
    case: &CaseKey,
    check: &Hash,
) -> Result<Option<CaseSpotCheck>, StateError> {
    let find = |all: Vec<CaseSpotCheck>| all.into_iter().find(|own| own.check == *check);
    let of_import = case::case(state, case)?.and_then(|own| find(own.spot_checks));
    if of_import.is_some() {
        return Ok(of_import);
    }
    Ok(export::case(state, case)?.and_then(|own| find(own.spot_checks)))
}

/// That the original of a document was destroyed, if it was.
///
/// # Errors
/// When this machine cannot read its state.
pub fn erasure(
    state: &impl StateRead,
    document: &Hash,
) -> Result<Option<ErasureRecord>, StateError> {
    load(state, &state_key::erasure_key_bytes(document))
}

impl SpotCheckQueue {
    pub(crate) fn is_empty(&self) -> bool {
        self.asked.is_empty() && self.shown.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.asked.len().saturating_add(self.shown.len())
    }

    pub(crate) fn insert(&mut self, entry: DueSpotCheck) {
        let place = self.asked.partition_point(|other| other.due <= entry.due);
        self.asked.insert(place, entry);
    }

    pub(crate) fn remove(&mut self, check: &Hash) {
        self.asked.retain(|entry| entry.open.check != *check);
        self.shown.retain(|open| open.check != *check);
    }
}

/// That an original was destroyed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct ErasureRecord {
    /// The deletion record's document.
    pub record: Hash,
    /// The height at which it was accepted.
    pub height: u64,
}
