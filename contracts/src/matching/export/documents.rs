//! M01, M04, M11, X01, X02, X03, X06: whether the documents are there, whose they are, and the
//! money.

use super::super::report::{Comparison, Field, Pair, Report};
use super::super::{Reason, RuleId, Standing, Verdict, originals};
use super::Subject;
use crate::case::DocumentMeta;
use crate::document::DocumentKind;
use kanhe_types::decimal::Decimal;

/// The documents that the list's mode demands, or every mode where no list says which, and that are
/// missing. A parcel that never will belong to the case is not waited for.
pub(super) fn missing(subject: &Subject<'_>) -> Vec<DocumentKind> {
    let always = [DocumentKind::ExportOrder, DocumentKind::ExportWaybill, DocumentKind::ExportList];
    let required = subject.mode.map_or(&always[..], |mode| &mode.required);
    let is_missing = |kind: &DocumentKind| match kind {
        DocumentKind::ExportWaybill => !subject.case.standing.is_settled(),
        kind => !subject.case.has(*kind),
    };
    required.iter().copied().filter(is_missing).collect()
}

/// M01. Waits, naming what is missing.
pub(super) fn m01<R: Report>(subject: &Subject<'_>, report: &mut R) {
    let missing = missing(subject);
    if missing.is_empty() {
        return report.say(RuleId::M01, Verdict::Pass, |finding| finding.field("documents"));
    }
    report.say(RuleId::M01, Verdict::Pending, |finding| {
        let names: Vec<&str> = missing.iter().map(|kind| kind.name()).collect();
        let mut finding = finding.because(Reason::DocumentMissing).field("documents");
        finding.left = names.join(", ");
        finding
    });
}

/// M04. The order's lines were added up when it was accepted.
pub(super) fn m04<R: Report>(subject: &Subject<'_>, report: &mut R) {
    let Some((meta, order)) = subject.order else { return report.missing(RuleId::M04) };
    report.say(RuleId::M04, Verdict::Pass, |finding| {
        finding.because(Reason::CheckedOnArrival).field("goodsValue").left(meta, order.goods_value)
    });
}

/// M11. The parcel and the list's number serve one list.
pub(super) fn m11<R: Report>(subject: &Subject<'_>, report: &mut R) {
    let Some((list_meta, list)) = subject.list else { return report.missing(RuleId::M11) };
    let mut is_open = false;
    let reason = match subject.case.standing {
        Standing::Taken => Some(Reason::WaybillTaken),
        Standing::OfAnotherOrder => Some(Reason::ConsignorDiffers),
        Standing::Unnamed | Standing::Awaited | Standing::Held => None,
    };
    if let Some(reason) = reason {
        is_open = true;
        report.say(RuleId::M11, Verdict::Fail, |finding| {
            finding.because(reason).field("logisticsNo").left(list_meta, &list.logistics_no)
        });
    }
    if let Some(invt_no) = list.invt_no.as_ref().filter(|_| subject.case.is_number_taken) {
        is_open = true;
        report.say(RuleId::M11, Verdict::Fail, |finding| {
            finding.because(Reason::NumberTaken).field("invtNo").left(list_meta, invt_no)
        });
    }
    if is_open {
        return;
    }
    let Some((waybill_meta, _)) = subject.waybill else { return report.missing(RuleId::M11) };
    report.say(RuleId::M11, Verdict::Pass, |finding| {
        finding
            .field("logisticsNo")
            .left(list_meta, &list.logistics_no)
            .right(waybill_meta, &list.logistics_no)
    });
}

/// X01. List and receipts are the order's merchant's.
pub(super) fn x01<R: Report>(subject: &Subject<'_>, report: &mut R) {
    let (Some((list_meta, list)), Some((order_meta, order))) = (subject.list, subject.order) else {
        return report.missing(RuleId::X01);
    };
    let mut pair = Pair::new(RuleId::X01, list_meta, order_meta, report);
    pair.compare(&Comparison::equal("ebcCode", &list.ebc_code, &order.ebc_code));
    let mut is_equal = pair.is_equal();
    for receipt in receipts(subject) {
        let Some(facts) = &receipt.facts else { continue };
        let mut pair = Pair::new(RuleId::X01, &receipt.meta, order_meta, report);
        pair.compare(&Comparison::equal("ebcCode", &facts.ebc_code, &order.ebc_code));
        is_equal &= pair.is_equal();
    }
    if is_equal {
        report.say(RuleId::X01, Verdict::Pass, |finding| {
            finding
                .field("ebcCode")
                .left(list_meta, &list.ebc_code)
                .right(order_meta, &order.ebc_code)
        });
    }
}

/// X02. The type of the order is one of those that the list's mode declares.
pub(super) fn x02<R: Report>(subject: &Subject<'_>, report: &mut R) {
    let (Some((list_meta, list)), Some((order_meta, order))) = (subject.list, subject.order) else {
        return report.missing(RuleId::X02);
    };
    let is_equal = subject.mode.is_some_and(|mode| mode.order_types.contains(&order.order_type));
    let field = Field { line: None, name: "tradeMode = orderType" };
    let fits = Comparison { field, left: &list.trade_mode, right: &order.order_type, is_equal };
    Pair::new(RuleId::X02, list_meta, order_meta, report).compare_all(&[fits]);
}

/// X03. What was received is what the order says: goods and freight. A warning only: fees may have
/// been kept, an advance may be part of it, and an overseas warehouse sells later and for less.
pub(super) fn x03<R: Report>(subject: &Subject<'_>, report: &mut R) {
    let Some((order_meta, order)) = subject.order else { return report.missing(RuleId::X03) };
    let receipts = receipts(subject);
    let Some(last) = receipts.last() else {
        let is_required = subject.mode.is_none_or(|mode| mode.requires(DocumentKind::FundsReceipt));
        let (verdict, reason) = match is_required {
            true => (Verdict::Pending, Reason::DocumentMissing),
            false => (Verdict::NotApplicable, Reason::NothingToCompare),
        };
        return report.say(RuleId::X03, verdict, |finding| finding.because(reason));
    };
    let facts = || receipts.iter().filter_map(|receipt| receipt.facts.as_ref());
    if facts().any(|facts| facts.currency != order.currency) {
        return report.say(RuleId::X03, Verdict::NotApplicable, |finding| {
            finding
                .because(Reason::CurrenciesDiffer)
                .field("charge")
                .left(&last.meta, "")
                .right(order_meta, "")
        });
    }
    let received = facts().try_fold(Decimal::ZERO, |sum, facts| sum.checked_add(facts.charge));
    let value = order.goods_value.checked_add(order.freight);
    let distance = received.zip(value).and_then(|(one, two)| one.distance(two));
    let shown =
        |amount: Option<Decimal>| amount.map_or("more than 19 digits".into(), |a| a.to_string());
    let (left, right) = (shown(received), shown(value));
    let gap = Comparison {
        field: Field { line: None, name: "sum of charge = goodsValue + freight" },
        left: &left,
        right: &right,
        is_equal: distance.is_some_and(|distance| distance <= subject.policy.receipt_tolerance),
    };
    Pair::new(RuleId::X03, &last.meta, order_meta, report).compare_all(&[gap]);
}

/// S01. An original that an agency asks for is shown, and says what the document says.
pub(super) fn s01<R: Report>(subject: &Subject<'_>, report: &mut R) {
    originals::of_checks(&subject.case.spot_checks, report);
}

/// X06. The documents were there in time. A warning only.
pub(super) fn x06<R: Report>(subject: &Subject<'_>, report: &mut R) {
    let days = subject.case.risk.days(subject.policy.collect_days);
    if subject.is_late {
        return report.say(RuleId::X06, Verdict::Fail, |finding| {
            let mut finding = finding.because(Reason::DeadlinePassed).field("documents");
            finding.left = days.to_string();
            finding
        });
    }
    report.say(RuleId::X06, Verdict::Pass, |finding| finding.field("documents"));
}

type Receipt = crate::case::Entry<crate::export::ReceiptFacts>;

/// The receipts in an order that does not show when they came.
fn receipts<'a>(subject: &Subject<'a>) -> Vec<&'a Receipt> {
    let mut receipts: Vec<&Receipt> = subject.case.receipts.iter().collect();
    let document = |meta: &DocumentMeta| meta.document;
    receipts.sort_unstable_by_key(|receipt| document(&receipt.meta));
    receipts
}
