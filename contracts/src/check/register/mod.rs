//! What documents of registers show by themselves.

mod credit;
mod goods;
mod money;

pub(super) use credit::{
    check_credit_record, check_customs_grade, check_negative_list, check_overseas_aid, check_right,
};
pub(super) use goods::{check_frozen_lot, check_stock, check_stocktake};
pub(super) use money::{
    check_cover, check_fund, check_netting, check_receivable, check_subsidy_claim,
    check_tax_deposit, check_tax_exemption,
};

use super::{Faults, line_field};
use crate::document::{
    CaseRef, Certificate, CertificateAct, Dispute, DisputeAct, DisputeClaim, EntryAct, Evidence,
    Journey, JourneyAct, JourneyPlan,
};
use crate::limits::{
    DESCRIPTION_CHARS_MAX, EVIDENCE_MAX, EXPORT_LINES_MAX, JOURNEY_LEGS_MAX, SHORT_NUMBER_CHARS_MAX,
};
use crate::rejection::Rejection;
use kanhe_types::decimal::Decimal;

pub(super) fn check_dispute(own: &Dispute, faults: &mut Faults) {
    check_number(own, faults);
    match &own.act {
        DisputeAct::Open(claim) => check_claim(claim, faults),
        DisputeAct::Answer(answer) => check_evidence(&answer.evidence, false, faults),
        DisputeAct::Evidence(evidence) => check_evidence(evidence, true, faults),
        DisputeAct::Appeal(evidence) => check_evidence(evidence, false, faults),
        DisputeAct::Decide { amount, .. } => {
            if let Some(amount) = amount {
                faults.positive("amount", *amount);
            }
        }
        DisputeAct::Close { .. } => {}
    }
}

fn check_claim(claim: &DisputeClaim, faults: &mut Faults) {
    check_case(&claim.case, faults);
    check_evidence(&claim.evidence, false, faults);
    check_money(claim.amount, claim.currency.as_deref(), faults);
}

pub(super) fn check_certificate(own: &Certificate, faults: &mut Faults) {
    check_number(own, faults);
    let CertificateAct::Attach(facts) = &own.act else { return };
    check_case(&facts.case, faults);
    faults.number("certificateNo", &facts.certificate_no);
    faults.text("issuer", &facts.issuer, DESCRIPTION_CHARS_MAX);
    let ascends = facts.gnums.windows(2).all(|pair| matches!(pair, [one, two] if one < two));
    let is_counted = (1..=EXPORT_LINES_MAX).contains(&facts.gnums.len());
    if !is_counted || !ascends || facts.gnums.first() == Some(&0) {
        let expected = format!("1 to {EXPORT_LINES_MAX} numbers of lines, ascending from 1");
        faults.add(Rejection::PartsMalformed, "gnums", expected, facts.gnums.len());
    }
    if facts.valid_until.is_some_and(|until| until < facts.issued) {
        let expected = format!("{} or later", facts.issued);
        faults.add(Rejection::DatesUnfit, "validUntil", expected, "earlier");
    }
}

pub(super) fn check_journey(own: &Journey, faults: &mut Faults) {
    check_number(own, faults);
    match &own.act {
        JourneyAct::Plan(plan) => check_plan(plan, faults),
        JourneyAct::Depart { conveyance, .. } => {
            faults.text("conveyance", conveyance, SHORT_NUMBER_CHARS_MAX);
        }
        JourneyAct::Seal { seal_no, .. } => {
            faults.text("sealNo", seal_no, SHORT_NUMBER_CHARS_MAX);
        }
        JourneyAct::Arrive { .. } | JourneyAct::Report(_) => {}
    }
}

fn check_plan(plan: &JourneyPlan, faults: &mut Faults) {
    faults.number("billNo", &plan.bill_no);
    if !(1..=JOURNEY_LEGS_MAX).contains(&plan.legs.len()) {
        let expected = format!("1 to {JOURNEY_LEGS_MAX} legs");
        faults.add(Rejection::PartsMalformed, "legs", expected, plan.legs.len());
    }
    for (index, leg) in plan.legs.iter().enumerate() {
        faults.transport(line_field(index, "trafMode"), &leg.traf_mode);
        faults.text(line_field(index, "from"), &leg.from, DESCRIPTION_CHARS_MAX);
        faults.text(line_field(index, "to"), &leg.to, DESCRIPTION_CHARS_MAX);
    }
}

fn check_number<A>(own: &EntryAct<A>, faults: &mut Faults) {
    faults.number_of("number", &own.number, SHORT_NUMBER_CHARS_MAX);
}

fn check_case(case: &CaseRef, faults: &mut Faults) {
    faults.number("orderNo", &case.order_no);
}

/// Pieces of evidence: a bounded number, and some where they are all that is said.
fn check_evidence(evidence: &[Evidence], is_all: bool, faults: &mut Faults) {
    if EVIDENCE_MAX < evidence.len() || (is_all && evidence.is_empty()) {
        let expected = format!("{} to {EVIDENCE_MAX} pieces", u8::from(is_all));
        faults.add(Rejection::PartsMalformed, "evidence", expected, evidence.len());
    }
}

/// An amount and its currency, which come together.
fn check_money(amount: Option<Decimal>, currency: Option<&str>, faults: &mut Faults) {
    if let Some(amount) = amount {
        faults.positive("amount", amount);
    }
    if let Some(currency) = currency {
        faults.digits("currency", currency, 3);
    }
    if amount.is_some() != currency.is_some() {
        let found = if amount.is_some() { "amount only" } else { "currency only" };
        faults.add(Rejection::AmountUnfit, "currency", "both or neither", found);
    }
}
