//! Findings of exports as sentences: what their reasons say beside those of imports.

use super::super::sentence::name_of;
use super::super::{Finding, Reason};

impl Finding {
    /// What a reason of the rules of exports says; nothing for the others.
    pub(in crate::matching) fn of_export(&self, reason: Reason, is_english: bool) -> String {
        if is_english { self.of_export_en(reason) } else { self.of_export_zh(reason) }
    }

    fn of_export_en(&self, reason: Reason) -> String {
        let (left, right) = (name_of(self.left_kind, true), name_of(self.right_kind, true));
        let (field, a, b) = (&self.field, &self.left, &self.right);
        match reason {
            Reason::NothingToCompare => "there is nothing to compare".into(),
            Reason::Waived => format!("mode {a} does without it"),
            Reason::CurrenciesDiffer => {
                format!("{field} of the {left} and the {right} are in different currencies")
            }
            Reason::ConsignorDiffers => format!("waybill {a} is another consignor's"),
            Reason::NumberTaken => format!("list number {a} is stated by another list"),
            Reason::NotByParty => {
                format!(
                    "the {left} of {a} is not by the list's consignor or declarant, or names another list"
                )
            }
            Reason::CameTwice => format!("there is more than one {left}: {a} and {b}"),
            Reason::ListCancelled => {
                format!("{field}: the parcel left at {a}, and its list is cancelled")
            }
            Reason::NotArrived => {
                format!("the parcel left at {a} without an arrival at a supervised site")
            }
            Reason::DeadlinePassed => format!("documents were missing after {a} days"),
            _ => self.of_clearance(reason, true),
        }
    }

    fn of_export_zh(&self, reason: Reason) -> String {
        let (left, right) = (name_of(self.left_kind, false), name_of(self.right_kind, false));
        let (field, a, b) = (&self.field, &self.left, &self.right);
        match reason {
            Reason::NothingToCompare => "无可比对内容".into(),
            Reason::Waived => format!("监管方式{a}不适用本规则"),
            Reason::CurrenciesDiffer => format!("{left}与{right}的{field}币制不同，无法比对"),
            Reason::ConsignorDiffers => format!("运单{a}的收发货人与清单不同"),
            Reason::NumberTaken => format!("清单编号{a}已被其他清单使用"),
            Reason::NotByParty => {
                format!("{a}报送的{left}并非由清单的收发货人或申报单位报送，或所指清单不符")
            }
            Reason::CameTwice => format!("{left}重复：{a}和{b}"),
            Reason::ListCancelled => format!("{field}：货物已于{a}离境，而清单已撤销"),
            Reason::NotArrived => format!("货物于{a}离境，未见运抵单"),
            Reason::DeadlinePassed => format!("单证在{a}天内未到齐"),
            _ => self.of_clearance(reason, false),
        }
    }
}
