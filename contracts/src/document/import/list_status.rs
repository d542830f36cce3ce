//! Where customs says that a list, or a return, stands: what it answers in messages 622 and 626.

use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::time::CustomsTime;
use serde::{Deserialize, Serialize};

/// Customs says where a list stands, or the return of its goods. The fields are those of customs'
/// receipt, with the order that the list declares. The business key is (`ebp_code`, `order_no`,
/// `subject`, `return_status`, `return_time`).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListStatus {
    /// The order that the list declares.
    pub order_no: String,
    /// The platform's customs code.
    pub ebp_code: OrganisationCode,
    /// The merchant's customs code.
    pub ebc_code: OrganisationCode,
    /// The declarant's customs code.
    pub agent_code: OrganisationCode,
    /// Customs district of the declaration, four digits.
    pub customs_code: String,
    /// The number that customs gave the list.
    pub invt_no: String,
    /// What it says of.
    pub subject: StatusSubject,
    /// `100` sent back to the declarant, `120` taken in, `300` looked at, `399` concluded, `500`
    /// inspected, `501` to `503` and `599` detained, `700` goods shipped back, `800` released,
    /// `899` closed; of a return `899`, its goods are back.
    pub return_status: String,
    /// When it came to stand there.
    pub return_time: CustomsTime,
}

/// What a status is of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum StatusSubject {
    /// The list.
    List,
    /// A return of goods.
    Return {
        /// Who applied for it.
        sender: OrganisationCode,
        /// Its sender's `copNo` for it; none for the one that states none.
        cop_no: Option<String>,
    },
}
