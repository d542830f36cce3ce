//! Receipt of funds (收款单), message 403: what the seller got for an export order.

use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use kanhe_types::time::CustomsTime;
use serde::{Deserialize, Serialize};

/// A receipt of funds. The business key is (`pay_code`, `pay_no`); within its order the document's
/// `guid` where one of them is absent, as with cash and foreign payment firms.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FundsReceipt {
    /// The platform's customs code.
    pub ebp_code: OrganisationCode,
    /// The platform's registered name.
    pub ebp_name: String,
    /// The merchant's customs code.
    pub ebc_code: OrganisationCode,
    /// The merchant's registered name.
    pub ebc_name: String,
    /// The order for which it was received.
    pub order_no: String,
    /// The payment firm's customs code; a foreign firm has none.
    pub pay_code: Option<OrganisationCode>,
    /// The payment firm's name; 现金支付 where it was paid in cash.
    pub pay_name: String,
    /// The payment firm's transaction number, at most 60 characters.
    pub pay_no: Option<String>,
    /// The amount received, in `currency`.
    pub charge: Decimal,
    /// Currency code of three digits.
    pub currency: String,
    /// When it was credited.
    pub accounting_date: CustomsTime,
}
