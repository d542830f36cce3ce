//! Spot checks of originals as JSON.

use kanhe_contracts::spot_check::CaseSpotCheck;
use kanhe_types::hash::Hash;
use kanhe_types::receipt::CaseKey;
use serde::{Deserialize, Serialize};

/// Answer of `GET /v1/spot-checks/{id}`: a spot check and the case that has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpotCheckView {
    /// The case.
    pub case: CaseKey,
    /// The spot check.
    #[serde(flatten)]
    pub check: CaseSpotCheck,
}

/// Answer of `GET /v1/spot-checks`: those on which somebody still has to say something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpotChecksAnswer {
    /// Those that wait for an answer, the next deadline first; then those that were shown.
    pub checks: Vec<SpotCheckView>,
}

/// Answer of `POST /v1/spot-checks/{id}/original`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterAnswer {
    /// The digest of the letter that the node holds now; the answer on the ledger states it.
    pub letter: Hash,
}
