//! Findings of what follows a list as sentences.

use super::super::sentence::name_of;
use super::super::{Finding, Reason};
use crate::registry::LicenceKind;

impl Finding {
    /// What a reason of these rules says; nothing for the others.
    pub(in crate::matching) fn of_clearance(&self, reason: Reason, is_english: bool) -> String {
        if is_english { self.of_clearance_en(reason) } else { self.of_clearance_zh(reason) }
    }

    fn of_clearance_en(&self, reason: Reason) -> String {
        let (left, right) = (name_of(self.left_kind, true), name_of(self.right_kind, true));
        let (field, a, b) = (&self.field, &self.left, &self.right);
        match reason {
            Reason::YearDiffers => {
                format!("the list is declared in {a}, its pseudonyms are of {b}")
            }
            Reason::OverSingleLimit => format!("the list is worth {a}, above {b} for one trade"),
            Reason::OverAnnualLimit => {
                format!("with {a} the orderer buys more than {b} in the year")
            }
            Reason::WithinLimits => format!("the list is worth {a}, within {b} for one trade"),
            Reason::SinglePiece => {
                format!("the list is worth {a}, above {b}, but a single piece")
            }
            Reason::NotOnList => format!("{field}: {a} is not on the positive list, {b}"),
            Reason::OnList => "all goods are on the positive list".into(),
            Reason::OutOfOrder => {
                format!("{field}: {a} of the {left} is later than {b} of the {right} allows")
            }
            Reason::InOrder => "the documents follow each other in time".into(),
            Reason::Unregistered => format!("the {field} {a} is not registered"),
            Reason::Suspended => format!("the {field} {a} is suspended"),
            Reason::WithoutRole => format!("{a} does not have the role of the {field}"),
            Reason::LicenceMissing => format!("the {field} {a} has no licence {b}"),
            Reason::LicenceNotValid => {
                format!("the {field} {a} has no licence {b} valid on the day of its document")
            }
            Reason::AllFit => "who acts in the trade is registered for it".into(),
            Reason::ListAwaited => format!("the {left} waits for the list and what customs says"),
            Reason::Cancelled => "the list is cancelled".into(),
            Reason::ReturnBack => "the goods came back in time".into(),
            Reason::ReturnOpen => format!("the goods are to come back until {a}"),
            Reason::ReturnLate => format!("the goods were to come back until {a}, and came {b}"),
            Reason::ReleasedBefore => "customs had released the list".into(),
            Reason::TooLate => format!("the {left} of {a} came after {b}"),
            Reason::OtherThanList => format!("{field}: the {left} says {a}, the list says {b}"),
            Reason::StockShort => {
                format!("the account book does not hold {b} of goods {a}")
            }
            Reason::StockHeld => "the account book holds the goods".into(),
            Reason::DepositShort => {
                format!("of the tax {a} CNY ({b} %) are to be deposited, and are not there")
            }
            Reason::Deposited => format!("of the tax {a} CNY ({b} %) are deposited"),
            _ => self.of_capital(reason, true),
        }
    }

    fn of_clearance_zh(&self, reason: Reason) -> String {
        let (left, right) = (name_of(self.left_kind, false), name_of(self.right_kind, false));
        let (field, a, b) = (&self.field, &self.left, &self.right);
        match reason {
            Reason::YearDiffers => format!("清单于{a}年申报，其假名属{b}年度"),
            Reason::OverSingleLimit => format!("清单金额{a}超过单次交易限值{b}"),
            Reason::OverAnnualLimit => format!("加上本次{a}，订购人超过年度交易限值{b}"),
            Reason::WithinLimits => format!("清单金额{a}未超过单次交易限值{b}"),
            Reason::SinglePiece => format!("清单金额{a}超过限值{b}，但仅为单件商品"),
            Reason::NotOnList => format!("{field}：{a}不在正面清单内（{b}）"),
            Reason::OnList => "全部商品在正面清单内".into(),
            Reason::OutOfOrder => format!("{field}：{left}的{a}晚于{right}的{b}"),
            Reason::InOrder => "各单证时间先后相符".into(),
            Reason::Unregistered => format!("{field}企业{a}未注册"),
            Reason::Suspended => format!("{field}企业{a}已被暂停"),
            Reason::WithoutRole => format!("{a}没有{field}的资格"),
            Reason::LicenceMissing => format!("{field}企业{a}没有{}", licence_zh(b)),
            Reason::LicenceNotValid => {
                format!("{field}企业{a}的{}在单证申报日无效", licence_zh(b))
            }
            Reason::AllFit => "参与企业均已注册且资格有效".into(),
            Reason::ListAwaited => format!("{left}等待清单及海关回执"),
            Reason::Cancelled => "清单已撤销".into(),
            Reason::ReturnBack => "退货已按时运回".into(),
            Reason::ReturnOpen => format!("退货应在{a}前运回"),
            Reason::ReturnLate => format!("退货应在{a}前运回，实际为{b}"),
            Reason::ReleasedBefore => "清单已放行".into(),
            Reason::TooLate => format!("{left}于{a}报送，晚于{b}"),
            Reason::OtherThanList => format!("{field}：{left}为{a}，清单为{b}"),
            Reason::StockShort => format!("账册中料号{a}的余量不足{b}"),
            Reason::StockHeld => "账册余量足够".into(),
            Reason::DepositShort => format!("应缴税款保证金{a}元（税款的{b}%），余额不足"),
            Reason::Deposited => format!("已缴税款保证金{a}元（税款的{b}%）"),
            _ => self.of_capital(reason, false),
        }
    }
}

/// What the kind of licence with this name is called in Chinese.
fn licence_zh(name: &str) -> &str {
    let kind = LicenceKind::ALL.into_iter().find(|kind| kind.name() == name);
    match kind {
        Some(kind) => kind.chinese(),
        None => name,
    }
}
