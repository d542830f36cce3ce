//! Modes of trade (监管方式) as data: what a trade under a mode consists of, and who declares it.

use super::PolicyFault;
use crate::document::DocumentKind;
use crate::matching::RuleId;
use crate::registry::Role;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Which way goods go.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize,
)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Into the country.
    Import,
    /// Out of it.
    Export,
}

/// What a mode of trade demands in one direction.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct ModeProfile {
    /// The mode's code, four digits.
    pub code: String,
    /// Which way.
    pub direction: Direction,
    /// The kinds of documents that a complete case has, ascending; the list is one of them.
    pub required: Vec<DocumentKind>,
    /// Optional fields of the list that the mode demands, by the messages' names.
    #[serde(default)]
    pub required_fields: Vec<String>,
    /// Rules that say nothing under the mode, ascending.
    #[serde(default)]
    pub waived: Vec<RuleId>,
    /// The roles that declare, ascending.
    pub declarants: Vec<Role>,
    /// The types of the order (`orderType`); of exports only.
    #[serde(default)]
    pub order_types: Vec<String>,
    /// The country of departure that the list must state; of imports only.
    #[serde(default)]
    pub country: Option<String>,
    /// The most that one list may be worth, where there is a limit.
    #[serde(default)]
    pub value_max: Option<Limit>,
    /// Days after departure within which a return is applied for, where there is a limit.
    #[serde(default)]
    pub return_days: Option<u32>,
}

/// An amount of a currency.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// The amount.
    pub amount: Decimal,
    /// Currency code of three digits.
    pub currency: String,
}

/// Optional fields that a mode may demand of an import list,
pub(crate) const IMPORT_FIELDS: [&str; 9] = [
    "emsNo",
    "areaCode",
    "areaName",
    "itemRecordNo",
    "trafNo",
    "voyageNo",
    "billNo",
    "loctNo",
    "licenseNo",
];
/// and of an export list.
pub(crate) const EXPORT_FIELDS: [&str; 10] = [
    "emsNo",
    "iacCode",
    "iacName",
    "itemRecordNo",
    "trafName",
    "voyageNo",
    "billNo",
    "loctNo",
    "licenseNo",
    "totalPackageNo",
];
/// Modes of a policy.
const MODES_MAX: usize = 32;
/// Days for a return: ten years.
const RETURN_DAYS_MAX: u32 = 3_660;

const IMPORT_DOCUMENTS: [DocumentKind; 4] = [
    DocumentKind::Order,
    DocumentKind::Payment,
    DocumentKind::Waybill,
    DocumentKind::InventoryList,
];

impl ModeProfile {
    /// Whether a complete case has a document of `kind`.
    pub fn requires(&self, kind: DocumentKind) -> bool {
        self.required.contains(&kind)
    }

    /// Whether a rule says something under the mode.
    pub fn asks(&self, rule: RuleId) -> bool {
        !self.waived.contains(&rule)
    }

    fn import(code: &str, required_fields: &[&str], country: Option<&str>) -> Self {
        Self {
            code: code.to_owned(),
            direction: Direction::Import,
            required: IMPORT_DOCUMENTS.to_vec(),
            required_fields: required_fields.iter().map(|field| (*field).to_owned()).collect(),
            waived: Vec::new(),
            declarants: vec![Role::Merchant, Role::Declarant],
            order_types: Vec::new(),
            country: country.map(str::to_owned),
            value_max: None,
            return_days: None,
        }
    }

    /// A zone begins with account books whose stock is not on the ledger. When it is, the policy
    /// has lists take out of it.
    fn bonded(code: &str, required_fields: &[&str]) -> Self {
        let waived = vec![RuleId::B01];
        Self { waived, ..Self::import(code, required_fields, Some("142")) }
    }

    fn export(code: &str, is_paid: bool, required_fields: &[&str], order_type: &str) -> Self {
        use DocumentKind::{ExportList, ExportOrder, ExportWaybill, FundsReceipt};
        let required = match is_paid {
            true => vec![ExportOrder, FundsReceipt, ExportWaybill, ExportList],
            false => vec![ExportOrder, ExportWaybill, ExportList],
        };
        Self {
            direction: Direction::Export,
            required,
            order_types: vec![order_type.to_owned()],
            country: None,
            ..Self::import(code, required_fields, None)
        }
    }

    fn check(&self) -> Result<(), PolicyFault> {
        let fault = |expected| Err(PolicyFault { field: "modes", expected });
        if self.code.len() != 4 || !self.code.bytes().all(|byte| byte.is_ascii_digit()) {
            return fault("codes of four digits");
        }
        let (list, fields): (_, &[&str]) = match self.direction {
            Direction::Import => (DocumentKind::InventoryList, &IMPORT_FIELDS),
            Direction::Export => (DocumentKind::ExportList, &EXPORT_FIELDS),
        };
        let is_of_direction = |kind: &DocumentKind| match self.direction {
            Direction::Import => IMPORT_DOCUMENTS.contains(kind),
            Direction::Export => matches!(
                kind,
                DocumentKind::ExportOrder
                    | DocumentKind::FundsReceipt
                    | DocumentKind::ExportWaybill
                    | DocumentKind::ExportList
            ),
        };
        if !ascends(&self.required)
            || !self.requires(list)
            || !self.required.iter().all(is_of_direction)
        {
            return fault("required documents of the direction, ascending, the list among them");
        }
        if !self.required_fields.iter().all(|field| fields.contains(&field.as_str())) {
            return fault("required fields that a list of the direction has");
        }
        if !ascends(&self.waived) {
            return fault("waived rules, ascending without repeats");
        }
        let may_declare = |role: &Role| matches!(role, Role::Merchant | Role::Declarant);
        if self.declarants.is_empty()
            || !ascends(&self.declarants)
            || !self.declarants.iter().all(may_declare)
        {
            return fault("merchant or declarant, or both in this order, as declarants");
        }
        self.check_values()
    }

    fn check_values(&self) -> Result<(), PolicyFault> {
        let fault = |expected| Err(PolicyFault { field: "modes", expected });
        let is_export = self.direction == Direction::Export;
        let is_type = |kind: &String| matches!(kind.as_str(), "E" | "B" | "W");
        if self.order_types.is_empty() == is_export || !self.order_types.iter().all(is_type) {
            return fault("E, B or W as types of the orders of an export, none of an import");
        }
        let is_code =
            |code: &String| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit());
        if self.country.as_ref().is_some_and(|country| is_export || !is_code(country)) {
            return fault("a country of three digits, of imports only");
        }
        let is_limit = |limit: &Limit| {
            limit.amount.is_positive()
                && Decimal::from_units(limit.amount.units()).is_some()
                && is_code(&limit.currency)
        };
        if !self.value_max.iter().all(is_limit) {
            return fault("a limit above 0 of a currency of three digits");
        }
        if self.return_days.is_some_and(|days| !(1..=RETURN_DAYS_MAX).contains(&days)) {
            return fault("1 to 3660 days for a return");
        }
        Ok(())
    }
}

fn ascends<T: Ord>(values: &[T]) -> bool {
    values.windows(2).all(|pair| matches!(pair, [one, two] if one < two))
}

/// Checks the modes of a policy.
pub(super) fn check(modes: &[ModeProfile]) -> Result<(), PolicyFault> {
    let places: Vec<_> = modes.iter().map(|mode| (mode.direction, &mode.code)).collect();
    if !ascends(&places) || MODES_MAX < modes.len() {
        let expected = "at most 32 modes, ascending by direction and code without repeats";
        return Err(PolicyFault { field: "modes", expected });
    }
    modes.iter().try_for_each(ModeProfile::check)
}

/// The modes of a policy that states none.
pub(super) fn defaults() -> Vec<ModeProfile> {
    let bonded = ["emsNo", "areaCode", "areaName", "itemRecordNo"];
    let direct = ["trafNo", "voyageNo", "billNo"];
    let from_zone = ["emsNo", "iacCode", "iacName", "itemRecordNo"];
    vec![
        ModeProfile::bonded("1210", &bonded),
        ModeProfile::bonded("1239", &bonded),
        ModeProfile::import("9610", &direct, None),
        ModeProfile::export("1210", true, &from_zone, "E"),
        ModeProfile::export("1239", true, &from_zone, "E"),
        ModeProfile::export("9610", true, &[], "E"),
        ModeProfile::export("9710", false, &[], "B"),
        ModeProfile::export("9810", false, &[], "W"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_that_rules_cannot_work_with_are_refused() {
        assert_eq!(check(&defaults()), Ok(()));
        let refused = |change: fn(&mut ModeProfile)| {
            let mut modes = defaults();
            change(&mut modes[5]);
            check(&modes).is_err()
        };
        assert!(!refused(|_| {}));
        assert!(refused(|mode| mode.code = "96".into()));
        assert!(refused(|mode| mode.code = "1239".into()));
        assert!(refused(|mode| mode.required.clear()));
        assert!(refused(|mode| mode.required.push(DocumentKind::Order)));
        assert!(refused(|mode| mode.required_fields.push("areaCode".into())));
        assert!(refused(|mode| mode.declarants.clear()));
        assert!(refused(|mode| mode.declarants.push(Role::Bank)));
        assert!(refused(|mode| mode.order_types.clear()));
        assert!(refused(|mode| mode.country = Some("142".into())));
        assert!(refused(|mode| mode.return_days = Some(0)));
        assert!(refused(|mode| {
            mode.value_max = Some(Limit { amount: Decimal::ZERO, currency: "142".into() });
        }));
    }
}
