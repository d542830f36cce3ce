//! Modes of trade (监管方式) as data: what a trade under a mode consists of, and who declares it.

use super::check::is_bounded;
use super::fault::{PolicyFault, PolicyFaults};
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

impl Direction {
    /// Its name in JSON and in paths.
    pub fn name(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Export => "export",
        }
    }

    /// The direction with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Import, Self::Export].into_iter().find(|own| own.name() == name)
    }
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
const EXPORT_DOCUMENTS: [DocumentKind; 4] = [
    DocumentKind::ExportOrder,
    DocumentKind::FundsReceipt,
    DocumentKind::ExportWaybill,
    DocumentKind::ExportList,
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

    fn check(&self, faults: &mut PolicyFaults) {
        faults.require(is_digits(&self.code, 4), || {
            PolicyFault::at("code", "a code of four digits").but_found(&self.code)
        });
        self.check_documents(faults);
        let fields: &[&str] = match self.direction {
            Direction::Import => &IMPORT_FIELDS,
            Direction::Export => &EXPORT_FIELDS,
        };
        faults.within("required_fields", |own| {
            own.each(&self.required_fields, |field, own| {
                own.require(fields.contains(&field.as_str()), || {
                    let expected = format!("a field of the list: {}", fields.join(", "));
                    PolicyFault::at("", expected).but_found(field)
                });
            });
        });
        faults.within("waived", |own| {
            own.ascend(&self.waived, "rules ascending without repeats", |rule| *rule);
        });
        let may_declare = |role: &Role| matches!(role, Role::Merchant | Role::Declarant);
        let are_declarants = !self.declarants.is_empty()
            && ascends(&self.declarants)
            && self.declarants.iter().all(may_declare);
        faults.require(are_declarants, || {
            PolicyFault::at("declarants", "merchant or declarant, or both in this order")
        });
        self.check_values(faults);
    }

    fn check_documents(&self, faults: &mut PolicyFaults) {
        let (list, kinds): (_, &[DocumentKind]) = match self.direction {
            Direction::Import => (DocumentKind::InventoryList, &IMPORT_DOCUMENTS),
            Direction::Export => (DocumentKind::ExportList, &EXPORT_DOCUMENTS),
        };
        let are_of_direction = self.required.iter().all(|kind| kinds.contains(kind));
        faults.require(are_of_direction && ascends(&self.required) && self.requires(list), || {
            let expected = "documents of the direction, ascending, the list among them";
            PolicyFault::at("required", expected)
        });
    }

    fn check_values(&self, faults: &mut PolicyFaults) {
        let is_export = self.direction == Direction::Export;
        let is_type = |kind: &String| matches!(kind.as_str(), "E" | "B" | "W");
        let are_types = self.order_types.iter().all(is_type);
        faults.require(self.order_types.is_empty() != is_export && are_types, || {
            let expected = "E, B or W as types of the orders of an export, none of an import";
            PolicyFault::at("order_types", expected)
        });
        if let Some(country) = &self.country {
            faults.require(!is_export && is_digits(country, 3), || {
                let expected = "a country of three digits, of imports only";
                PolicyFault::at("country", expected).but_found(country)
            });
        }
        if let Some(Limit { amount, currency }) = &self.value_max {
            faults.require(amount.is_positive() && is_bounded(*amount), || {
                let expected = "above 0, at most 19 digits";
                PolicyFault::at("value_max.amount", expected).but_found(amount)
            });
            faults.require(is_digits(currency, 3), || {
                PolicyFault::at("value_max.currency", "three digits").but_found(currency)
            });
        }
        if let Some(days) = self.return_days {
            faults.in_range("return_days", days, 1..=RETURN_DAYS_MAX);
        }
    }
}

fn is_digits(code: &str, digits: usize) -> bool {
    code.len() == digits && code.bytes().all(|byte| byte.is_ascii_digit())
}

fn ascends<T: Ord>(values: &[T]) -> bool {
    values.windows(2).all(|pair| matches!(pair, [one, two] if one < two))
}

/// Checks the modes of a policy.
pub(super) fn check(modes: &[ModeProfile], faults: &mut PolicyFaults) {
    faults.at_most(modes.len(), MODES_MAX, "modes");
    let expected = "modes ascending by direction and code without repeats";
    faults.ascend(modes, expected, |mode| (mode.direction, mode.code.as_str()));
    faults.each(modes, ModeProfile::check);
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
    fn modes_that_rules_cannot_work_with_are_named() {
        let found = |change: fn(&mut ModeProfile)| {
            let mut modes = defaults();
            change(&mut modes[5]);
            let mut faults = PolicyFaults::default();
            check(&modes, &mut faults);
            faults.into_vec().into_iter().map(|fault| fault.path).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(found(|_| {}), "");
        assert_eq!(found(|mode| mode.code = "96".into()), "[5].code");
        assert_eq!(found(|mode| mode.code = "1239".into()), "[5]");
        assert_eq!(found(|mode| mode.required.clear()), "[5].required");
        assert_eq!(found(|mode| mode.required.push(DocumentKind::Order)), "[5].required");
        let area = found(|mode| mode.required_fields.push("areaCode".into()));
        assert_eq!(area, "[5].required_fields[0]");
        assert_eq!(found(|mode| mode.waived = vec![RuleId::M02, RuleId::M01]), "[5].waived[1]");
        assert_eq!(found(|mode| mode.declarants.clear()), "[5].declarants");
        assert_eq!(found(|mode| mode.declarants.push(Role::Bank)), "[5].declarants");
        assert_eq!(found(|mode| mode.order_types.clear()), "[5].order_types");
        assert_eq!(found(|mode| mode.country = Some("142".into())), "[5].country");
        assert_eq!(found(|mode| mode.return_days = Some(0)), "[5].return_days");
        let both = found(|mode| {
            mode.value_max = Some(Limit { amount: Decimal::ZERO, currency: "CNY".into() });
        });
        assert_eq!(both, "[5].value_max.amount [5].value_max.currency");
    }
}
