//! Payment, message 411, the orders among which it is divided, and its refunds: the capital flow.

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

/// How a payment is divided between the orders of one platform. The business key is (`pay_code`,
/// `pay_transaction_id`), which is the payment's.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PaymentAllocation {
    /// The payment firm's customs code.
    pub pay_code: OrganisationCode,
    /// The payment firm's transaction number.
    pub pay_transaction_id: String,
    /// The platform whose orders are paid.
    pub ebp_code: OrganisationCode,
    /// The shares, 1 to 20, each of another order.
    pub lines: Vec<PaymentShare>,
}

/// What one order gets of a payment.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PaymentShare {
    /// The order, or the part of a larger one that is declared by itself.
    pub order_no: String,
    /// Its share, in the payment's currency.
    pub amount: Decimal,
}

/// Money of a payment goes back to the payer. The business key is (`pay_code`, `refund_no`).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PaymentRefund {
    /// The payment firm's customs code.
    pub pay_code: OrganisationCode,
    /// The transaction number of the payment.
    pub pay_transaction_id: String,
    /// The payment firm's number for the refund, at most 60 characters.
    pub refund_no: String,
    /// The platform's customs code.
    pub ebp_code: OrganisationCode,
    /// The order whose money goes back.
    pub order_no: String,
    /// How much, in `currency`.
    pub amount: Decimal,
    /// Currency code of three digits; `142` is CNY.
    pub currency: String,
    /// When it was paid back.
    pub refund_time: CustomsTime,
}
