//! What must be found in a full world, trade by trade, as a file that can be read back.

use super::super::fault::FaultId;
use kanhe_contracts::document::DocumentKind;
use kanhe_contracts::event::CaseState;
use kanhe_contracts::matching::RuleId;
use kanhe_contracts::policy::Direction;
use kanhe_contracts::register::Register;
use kanhe_types::time::CustomsTime;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// What a full world holds, and what a ledger must say of it once block time has come to `end`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FullTruth {
    /// The seed.
    pub seed: u64,
    /// When the first order was paid.
    pub start: CustomsTime,
    /// When the states below are reached: after every document and the deadlines up to then.
    pub end: CustomsTime,
    /// How many documents of each kind the files hold, repeats included.
    pub documents: BTreeMap<DocumentKind, usize>,
    /// How often each fault was planted; those that were not are absent.
    pub planted: BTreeMap<FaultId, usize>,
    /// How often something was planted that looks like a fault and is none.
    pub benign: BTreeMap<Benign, usize>,
    /// The trades, in the order in which they were generated.
    pub trades: Vec<TradeTruth>,
    /// The entries of registers, in the order in which they were generated.
    pub entries: Vec<EntryTruth>,
}

impl FullTruth {
    /// Writes it as JSON.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn write_to(&self, path: &Path) -> io::Result<()> {
        let mut file = io::BufWriter::new(fs::File::create(path)?);
        serde_json::to_writer_pretty(&mut file, self)?;
        file.flush()
    }

    /// Reads it back.
    ///
    /// # Errors
    /// When the file cannot be read or says something else.
    pub fn read_from(path: &Path) -> io::Result<Self> {
        Ok(serde_json::from_slice(&fs::read(path)?)?)
    }
}

/// One trade.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TradeTruth {
    /// Which way its goods go.
    pub direction: Direction,
    /// The mode of trade.
    pub mode: String,
    /// With the order's number the key of its case: the platform,
    pub platform: String,
    /// and the number.
    pub order_no: String,
    /// Its one fault, if it has one.
    pub fault: Option<FaultId>,
    /// What looks like a fault and is none, if anything does.
    pub benign: Option<Benign>,
    /// Where its case stands at the end.
    pub state: CaseState,
    /// The rules that fail in its case, ascending. All others pass, wait, or do not apply.
    pub failed: Vec<RuleId>,
    /// The documents that are refused.
    pub rejected: Vec<RejectedTruth>,
    /// The documents that get the receipt of their first sending again, by `guid`.
    pub repeated: Vec<String>,
}

/// One entry of a register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryTruth {
    /// The register.
    pub register: Register,
    /// Who opens it.
    pub owner: String,
    /// The owner's number for it.
    pub number: String,
    /// Where it stands at the end, in the words of [`entry_state`]; none where its first act is
    /// refused.
    pub state: Option<String>,
    /// What is found in it, in the words of [`entry_findings`].
    pub findings: Vec<String>,
    /// The acts that are refused.
    pub rejected: Vec<RejectedTruth>,
}

/// A document that is refused.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RejectedTruth {
    /// Its sender's identifier.
    pub guid: String,
    /// Its kind.
    pub kind: DocumentKind,
    /// The number of the rejection.
    pub code: u16,
}

/// What looks like a fault and is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Benign {
    /// Another person pays, and an agency attests the orderer's identity.
    AttestedPayer,
    /// Somebody of the same address and telephone receives the parcel.
    FamilyAddress,
    /// One piece is worth more than a transaction may be.
    SinglePiece,
    /// The orderer's purchases stay just within the annual limit.
    NearAnnualLimit,
    /// The order is corrected before it is declared.
    OrderCorrected,
    /// The list is corrected while its case does not match.
    ListCorrected,
    /// Customs sends the list back, and it is declared again.
    DeclaredAgain,
    /// An export order is paid in two parts.
    TwoReceipts,
    /// The merchant says itself what it received.
    ReceiptByMerchant,
    /// An export travels in several parcels under one number.
    SeveralParcels,
    /// The export list gets customs' number later.
    NumberedLater,
    /// One payment pays two orders.
    PaymentDivided,
    /// Too much is paid, and goes back before the list is declared.
    OverpaidRefunded,
    /// The list is cancelled, and all that was paid goes back.
    RefundedAfterCancellation,
    /// Goods come back, and their price with them.
    RefundedAfterReturn,
    /// Goods of the list's own number are counted, and are as the account book has them.
    CountedAsBooked,
    /// The account book lacks goods until a count finds them.
    FoundByCount,
    /// Nobody applies for a summary, and customs sums the list up all the same.
    SummedUpUnasked,
    /// Customs states the result of a summary again, later.
    ResultUpdated,
}
