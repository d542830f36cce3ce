//! Findings as sentences, in English and Chinese.

use super::{Finding, Reason, Verdict};
use crate::document::DocumentKind;

/// The two languages of the explanations.
#[derive(Clone, Copy)]
enum Language {
    English,
    Chinese,
}

impl Finding {
    /// The finding as an English sentence.
    pub fn sentence_en(&self) -> String {
        let what = self.what(Language::English);
        match self.verdict {
            Verdict::Pass => format!("{} holds: {what}.", self.rule),
            Verdict::Fail => format!("{} fails: {what}.", self.rule),
            Verdict::Pending => format!("{} waits: {what}.", self.rule),
            Verdict::NotApplicable => format!("{} does not apply: {what}.", self.rule),
        }
    }

    /// The finding as a Chinese sentence.
    pub fn sentence_zh(&self) -> String {
        let what = self.what(Language::Chinese);
        match self.verdict {
            Verdict::Pass => format!("规则{}通过：{what}。", self.rule),
            Verdict::Fail => format!("规则{}不符：{what}。", self.rule),
            Verdict::Pending => format!("规则{}待定：{what}。", self.rule),
            Verdict::NotApplicable => format!("规则{}不适用：{what}。", self.rule),
        }
    }

    fn what(&self, language: Language) -> String {
        if let Some(reason) = self.reason {
            return self.why(reason, language);
        }
        let (left, right) = (name(self.left_kind, language), name(self.right_kind, language));
        let (field, a, b) = (&self.field, &self.left, &self.right);
        match (language, self.verdict) {
            (Language::English, Verdict::Fail) => {
                format!("{field}: the {left} says {a}, the {right} says {b}")
            }
            (Language::Chinese, Verdict::Fail) => format!("{field}：{left}为{a}，{right}为{b}"),
            (Language::English, _) if self.left_kind.is_none() => "all documents are there".into(),
            (Language::Chinese, _) if self.left_kind.is_none() => "单证齐全".into(),
            // A pass of several fields carries no values.
            (Language::English, _) if a.is_empty() => {
                format!("{field} of the {left} and the {right} agree")
            }
            (Language::Chinese, _) if a.is_empty() => format!("{left}与{right}的{field}一致"),
            (Language::English, _) => {
                format!("{field}: {a} in the {left}, {b} in the {right}")
            }
            (Language::Chinese, _) => format!("{field}：{left}为{a}，{right}为{b}"),
        }
    }

    fn why(&self, reason: Reason, language: Language) -> String {
        let (left, right) = (name(self.left_kind, language), name(self.right_kind, language));
        let (field, a, b) = (&self.field, &self.left, &self.right);
        let is_listed = !a.is_empty();
        match (language, reason) {
            (Language::English, Reason::DocumentMissing) if is_listed => format!("missing: {a}"),
            (Language::English, Reason::DocumentMissing) => "a document is missing".into(),
            (Language::Chinese, Reason::DocumentMissing) if is_listed => {
                format!("缺少{}", kinds_in_chinese(a))
            }
            (Language::Chinese, Reason::DocumentMissing) => "所需单证未到齐".into(),
            (Language::English, Reason::ScopesDiffer) => format!(
                "the pseudonyms of the {left} and the {right} were made with different keys or \
                 years and cannot be compared"
            ),
            (Language::Chinese, Reason::ScopesDiffer) => {
                format!("{left}与{right}的假名密钥或年度不同，无法比对")
            }
            (Language::English, Reason::Attested) => "an agency attested the orderer".into(),
            (Language::Chinese, Reason::Attested) => "订购人身份已经监管部门核验".into(),
            (Language::English, Reason::PayerIsBuyer) => "the payer is the orderer".into(),
            (Language::Chinese, Reason::PayerIsBuyer) => "支付人与订购人一致".into(),
            (Language::English, Reason::PaidTwice) => {
                format!("the order is paid twice, with transactions {a} and {b}")
            }
            (Language::Chinese, Reason::PaidTwice) => {
                format!("同一订单重复支付，交易流水号为{a}和{b}")
            }
            (Language::English, Reason::WaybillTaken) => {
                format!("waybill{} is declared by another list", spaced(a))
            }
            (Language::Chinese, Reason::WaybillTaken) => format!("运单{a}已被其他清单申报"),
            (Language::English, Reason::WaybillOfAnotherOrder) => {
                format!("waybill{} names another order", spaced(a))
            }
            (Language::Chinese, Reason::WaybillOfAnotherOrder) => {
                format!("运单{a}所载订单编号与清单不同")
            }
            (Language::English, Reason::NotStated) => format!("the {right} states no {field}"),
            (Language::Chinese, Reason::NotStated) => format!("{right}未填写{field}"),
            (Language::English, Reason::CheckedOnArrival) => {
                format!("{field} of the {left}, {a}, was checked when it was accepted")
            }
            (Language::Chinese, Reason::CheckedOnArrival) => {
                format!("{left}的{field}（{a}）在接收时已核对")
            }
            (Language::English, Reason::Withheld) => {
                format!("{field} of the {left} and the {right}, whose values are not yours to see")
            }
            (Language::Chinese, Reason::Withheld) => {
                format!("{left}与{right}的{field}，其数值未向您开放")
            }
            (language, reason) => self.of_original(reason, language),
        }
    }

    /// What a spot check of an original found.
    fn of_original(&self, reason: Reason, language: Language) -> String {
        let document = name(self.left_kind, language);
        let (field, a, b) = (&self.field, &self.left, &self.right);
        match (language, reason) {
            (Language::English, Reason::OriginalAwaited) => {
                format!("the original of the {document} is asked for; {a} has time until {b}")
            }
            (Language::Chinese, Reason::OriginalAwaited) => {
                format!("已要求{a}在{b}前出示{document}原始报文")
            }
            (Language::English, Reason::OriginalShown) => {
                format!("the original of the {document} is with {a}, who has not judged it yet")
            }
            (Language::Chinese, Reason::OriginalShown) => {
                format!("{document}原始报文已交{a}，尚未核验")
            }
            (Language::English, Reason::OriginalAgrees) => {
                format!("{a} saw the original of the {document}, and it says the same")
            }
            (Language::Chinese, Reason::OriginalAgrees) => {
                format!("{a}已核验{document}原始报文，与账本一致")
            }
            (Language::English, Reason::OriginalDiffers) => {
                format!("{field}: the {document} says {a}, its original says {b}")
            }
            (Language::Chinese, Reason::OriginalDiffers) => {
                format!("{field}：{document}为{a}，其原始报文为{b}")
            }
            (Language::English, Reason::OriginalMissing) => {
                format!("{b} has no original of the {document}: {a}")
            }
            (Language::Chinese, Reason::OriginalMissing) => {
                format!("{b}未保存{document}原始报文：{a}")
            }
            (Language::English, Reason::OriginalUnanswered) => {
                format!("{a} did not show the original of the {document} until {b}")
            }
            (Language::Chinese, Reason::OriginalUnanswered) => {
                format!("{a}未在{b}前出示{document}原始报文")
            }
            (Language::English, Reason::OriginalErased) => {
                format!("the original of the {document} was erased before, by record {a}")
            }
            (Language::Chinese, Reason::OriginalErased) => {
                format!("{document}原始报文此前已依法删除，删除记录{a}")
            }
            (language, reason) => self.of_export(reason, matches!(language, Language::English)),
        }
    }
}

fn spaced(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" {text}") }
}

fn kinds_in_chinese(names: &str) -> String {
    let translated: Vec<&str> = names
        .split(", ")
        .filter_map(|name| DocumentKind::ALL.iter().copied().find(|kind| kind.name() == name))
        .map(|kind| name(Some(kind), Language::Chinese))
        .collect();
    translated.join("、")
}

/// What a kind of document is called in a sentence, in English or Chinese.
pub(super) fn name_of(kind: Option<DocumentKind>, is_english: bool) -> &'static str {
    name(kind, if is_english { Language::English } else { Language::Chinese })
}

fn name(kind: Option<DocumentKind>, language: Language) -> &'static str {
    match (language, kind) {
        (Language::English, Some(kind)) => kind.english(),
        (Language::English, None) => "ledger",
        (Language::Chinese, Some(kind)) => kind.chinese(),
        (Language::Chinese, None) => "账本",
    }
}
