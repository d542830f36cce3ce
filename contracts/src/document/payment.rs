//! Payment, message 411: the capital flow.

use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use kanhe_types::pseudonym::Pseudonym;
use kanhe_types::time::CustomsTime;
use serde::{Deserialize, Serialize};

/// A payment. The business key is (`pay_code`, `pay_transaction_id`).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Payment {
    /// The payment firm's customs code.
    pub pay_code: OrganisationCode,
    /// The payment firm's registered name.
    pub pay_name: String,
    /// The payment firm's transaction number, at most 60 characters.
    pub pay_transaction_id: String,
    /// The order that is paid.
    pub order_no: String,
    /// The platform's customs code.
    pub ebp_code: OrganisationCode,
    /// The platform's registered name.
    pub ebp_name: String,
    /// `1` identity card, `2` other.
    pub payer_id_type: String,
    /// The number of the payer's identity document.
    pub payer_id_number: Pseudonym,
    /// The payer's name.
    pub payer_name: Pseudonym,
    /// The payer's telephone.
    pub telephone: Option<Pseudonym>,
    /// The amount paid, in `currency`.
    pub amount_paid: Decimal,
    /// Currency code of three digits; `142` is CNY.
    pub currency: String,
    /// When it was paid.
    pub pay_time: CustomsTime,
}
