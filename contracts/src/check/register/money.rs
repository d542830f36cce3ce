//! What documents of registers of money show by themselves.

use super::{check_case, check_evidence, check_number};
use crate::check::{Faults, line_field};
use crate::document::{
    CaseRef, Cover, CoverAct, CoverFacts, ExemptionFacts, Fund, FundAct, FundFacts, NettingFacts,
    NettingStatement, NettingStatementAct, Receivable, ReceivableAct, SubsidyBasis, SubsidyClaim,
    SubsidyClaimAct, TaxDeposit, TaxExemption, TaxExemptionAct,
};
use crate::limits::{
    ACCESS_TERM_MS_MAX, DESCRIPTION_CHARS_MAX, EXPORT_LINES_MAX, FUND_TRADES_MAX,
    RECEIVABLE_CASES_MAX, SHORT_NUMBER_CHARS_MAX,
};
use crate::policy::Direction;
use crate::rejection::Rejection;
use crate::statistics::Month;
use kanhe_types::time::Millis;

pub(in crate::check) fn check_receivable(own: &Receivable, faults: &mut Faults) {
    check_number(own, faults);
    match &own.act {
        ReceivableAct::Register(facts) => {
            faults.digits("currency", &facts.currency, 3);
            check_exports(&facts.cases, faults);
        }
        ReceivableAct::Pledge(facts) => {
            check_reference(&facts.reference, faults);
            faults.positive("amount", facts.amount);
        }
        ReceivableAct::Release { reference, amount } => {
            check_reference(reference, faults);
            faults.positive("amount", *amount);
        }
        ReceivableAct::Confirm { reference }
        | ReceivableAct::Refuse { reference }
        | ReceivableAct::Withdraw { reference } => check_reference(reference, faults),
        ReceivableAct::Close => {}
    }
}

fn check_exports(cases: &[CaseRef], faults: &mut Faults) {
    cases.iter().for_each(|case| check_case(case, faults));
    let ascends = cases.windows(2).all(|pair| matches!(pair, [one, two] if one < two));
    let are_exports = cases.iter().all(|case| case.direction == Direction::Export);
    let is_counted = (1..=RECEIVABLE_CASES_MAX).contains(&cases.len());
    if !is_counted || !ascends || !are_exports {
        let expected = format!("1 to {RECEIVABLE_CASES_MAX} exports, ascending");
        faults.add(Rejection::PartsMalformed, "cases", expected, cases.len());
    }
}

pub(in crate::check) fn check_netting(own: &NettingStatement, faults: &mut Faults) {
    check_number(own, faults);
    if let NettingStatementAct::State(facts) = &own.act {
        check_netted(facts, faults);
    }
}

fn check_netted(facts: &NettingFacts, faults: &mut Faults) {
    check_month("month", facts.month, faults);
    faults.digits("mode", &facts.mode, 4);
    faults.digits("currency", &facts.currency, 3);
    faults.not_negative("credited", facts.credited);
    let ascends = facts.deductions.windows(2).all(|pair| match pair {
        [one, two] => one.kind < two.kind,
        _ => false,
    });
    if facts.deductions.is_empty() || !ascends {
        let expected = "one deduction or more, each kind once, ascending";
        faults.add(Rejection::PartsMalformed, "deductions", expected, facts.deductions.len());
    }
    // Kinds that ascend are seven at most.
    for (index, deduction) in facts.deductions.iter().enumerate().take(DEDUCTIONS_MAX) {
        faults.positive(line_field(index, "amount"), deduction.amount);
    }
}

/// Kinds of deductions.
const DEDUCTIONS_MAX: usize = 7;

pub(in crate::check) fn check_tax_deposit(own: &TaxDeposit, faults: &mut Faults) {
    check_number(own, faults);
    faults.positive("amount", own.act.amount());
}

pub(in crate::check) fn check_tax_exemption(own: &TaxExemption, faults: &mut Faults) {
    check_number(own, faults);
    let TaxExemptionAct::Register(facts) = &own.act else { return };
    check_exempt(facts, faults);
}

fn check_exempt(facts: &ExemptionFacts, faults: &mut Faults) {
    check_case(&facts.case, faults);
    faults.digits("currency", &facts.currency, 3);
    for (index, line) in facts.lines.iter().enumerate() {
        faults.text(line_field(index, "gname"), &line.gname, 250);
        faults.digits(line_field(index, "unit"), &line.unit, 3);
        for (field, number) in
            [("qty", line.qty), ("price", line.price), ("totalPrice", line.total_price)]
        {
            faults.not_negative(line_field(index, field), number);
        }
    }
    let ascends = facts.lines.windows(2).all(|pair| match pair {
        [one, two] => one.gnum < two.gnum,
        _ => false,
    });
    let is_export = facts.case.direction == Direction::Export;
    if !(1..=EXPORT_LINES_MAX).contains(&facts.lines.len()) || !ascends || !is_export {
        let expected = format!("1 to {EXPORT_LINES_MAX} lines of an export, ascending");
        faults.add(Rejection::PartsMalformed, "lines", expected, facts.lines.len());
    }
}

pub(in crate::check) fn check_cover(own: &Cover, faults: &mut Faults) {
    check_number(own, faults);
    match &own.act {
        CoverAct::Cover(facts) => check_covered(facts, faults),
        CoverAct::Claim(claim) => {
            check_reference(&claim.reference, faults);
            faults.positive("amount", claim.amount);
            check_evidence(&claim.evidence, false, faults);
        }
        CoverAct::Settle { reference, accepted, .. } => {
            check_reference(reference, faults);
            if let Some(accepted) = accepted {
                faults.positive("accepted", *accepted);
            }
        }
        CoverAct::Paid { reference, .. } => check_reference(reference, faults),
        CoverAct::End => {}
    }
}

fn check_covered(facts: &CoverFacts, faults: &mut Faults) {
    check_case(&facts.case, faults);
    faults.number("policyNo", &facts.policy_no);
    faults.positive("amount", facts.amount);
    faults.digits("currency", &facts.currency, 3);
    let last = Millis(facts.from.0.saturating_add(ACCESS_TERM_MS_MAX));
    if facts.until <= facts.from {
        let expected = format!("after {}", facts.from);
        faults.add(Rejection::DatesUnfit, "until", expected, facts.until);
    }
    if facts.claim_until < facts.until || last < facts.claim_until {
        let expected = format!("{} to {last}", facts.until);
        faults.add(Rejection::DatesUnfit, "claimUntil", expected, facts.claim_until);
    }
}

pub(in crate::check) fn check_fund(own: &Fund, faults: &mut Faults) {
    check_number(own, faults);
    if let FundAct::Open(facts) = &own.act {
        check_terms(facts, faults);
    }
}

fn check_terms(facts: &FundFacts, faults: &mut Faults) {
    faults.text("name", &facts.name, DESCRIPTION_CHARS_MAX);
    check_month("from", facts.from, faults);
    check_month("to", facts.to, faults);
    if facts.to < facts.from {
        let expected = format!("{} or later", facts.from);
        faults.add(Rejection::DatesUnfit, "to", expected, facts.to);
    }
    facts.trades.iter().for_each(|trade| faults.digits("trades", &trade.mode, 4));
    let ascends = facts.trades.windows(2).all(|pair| matches!(pair, [one, two] if one < two));
    if !(1..=FUND_TRADES_MAX).contains(&facts.trades.len()) || !ascends {
        let expected = format!("1 to {FUND_TRADES_MAX} directions with modes, ascending");
        faults.add(Rejection::PartsMalformed, "trades", expected, facts.trades.len());
    }
    match facts.basis {
        SubsidyBasis::Value { per_mille } => faults.positive("perMille", per_mille),
        SubsidyBasis::Lists { each } => faults.positive("each", each),
    }
    faults.positive("enterpriseMax", facts.enterprise_max);
    faults.positive("budget", facts.budget);
}

pub(in crate::check) fn check_subsidy_claim(own: &SubsidyClaim, faults: &mut Faults) {
    check_number(own, faults);
    match &own.act {
        SubsidyClaimAct::Claim { fund, month } => {
            faults.number_of("fund", &fund.number, SHORT_NUMBER_CHARS_MAX);
            check_month("month", *month, faults);
        }
        SubsidyClaimAct::Approve { amount, .. } => faults.positive("amount", *amount),
        SubsidyClaimAct::Refuse { .. } | SubsidyClaimAct::Paid { .. } => {}
    }
}

/// Decoding takes any number.
fn check_month(field: &'static str, month: Month, faults: &mut Faults) {
    if month.to_string().parse() != Ok(month) {
        faults.add(Rejection::DatesUnfit, field, "a month of the calendar", month.0);
    }
}

/// A number for a part of an entry.
fn check_reference(reference: &str, faults: &mut Faults) {
    faults.number_of("reference", reference, SHORT_NUMBER_CHARS_MAX);
}
