//! What documents of registers of credit show by themselves.

use super::{check_case, check_evidence, check_number};
use crate::check::Faults;
use crate::document::{
    Complaint, ComplaintSubject, CreditFact, CreditRecord, CreditRecordAct, CustomsGrade,
    CustomsGradeAct, ListNotice, NegativeList, NegativeListAct, OverseasAid, OverseasAidAct, Right,
    RightAct, RightFacts,
};
use crate::limits::{
    BASIS_CHARS_MAX, CATEGORY_CHARS_MAX, COMPLAINT_TRADES_MAX, DESCRIPTION_CHARS_MAX,
    REASON_CHARS_MAX, RIGHT_CODES_MAX, RIGHT_WORD_CHARS_MAX, RIGHT_WORDS_MAX,
    SHORT_NUMBER_CHARS_MAX,
};
use crate::rejection::Rejection;

pub(in crate::check) fn check_negative_list(own: &NegativeList, faults: &mut Faults) {
    check_number(own, faults);
    match &own.act {
        NegativeListAct::Notify(notice) => check_notice(notice, faults),
        NegativeListAct::Object(evidence) | NegativeListAct::Rectify { evidence, .. } => {
            check_evidence(evidence, false, faults);
        }
        NegativeListAct::Answer(answer) => check_reason(&answer.reason, faults),
        NegativeListAct::Refuse { reason, .. } | NegativeListAct::Withdraw { reason } => {
            check_reason(reason, faults);
        }
        NegativeListAct::Enter | NegativeListAct::Repair { .. } => {}
    }
}

fn check_notice(notice: &ListNotice, faults: &mut Faults) {
    faults.number_of("category", &notice.category, CATEGORY_CHARS_MAX);
    faults.text("basis", &notice.basis, BASIS_CHARS_MAX);
    if notice.until <= notice.from {
        let expected = format!("after {}", notice.from);
        faults.add(Rejection::DatesUnfit, "until", expected, notice.until);
    }
    if !ascending(&notice.public) {
        let expected = "fields, ascending without repeats";
        faults.add(Rejection::PartsMalformed, "public", expected, notice.public.len());
    }
}

pub(in crate::check) fn check_credit_record(own: &CreditRecord, faults: &mut Faults) {
    check_number(own, faults);
    match &own.act {
        CreditRecordAct::Record(fact) => check_fact(fact, faults),
        CreditRecordAct::Object(evidence) => check_evidence(evidence, false, faults),
        CreditRecordAct::Answer(answer) => check_reason(&answer.reason, faults),
        CreditRecordAct::Withdraw { reason } => check_reason(reason, faults),
        CreditRecordAct::Settle { .. } => {}
    }
}

/// What is owed has an amount, what is grave says how grave, and praise has neither.
fn check_fact(fact: &CreditFact, faults: &mut Faults) {
    let is_discredit = fact.kind.is_discredit();
    if fact.severity.is_some() != is_discredit {
        let expected = if is_discredit { "minor, general or serious" } else { "none" };
        let found = if is_discredit { "none" } else { "one" };
        faults.add(Rejection::PartsMalformed, "severity", expected, found);
    }
    match fact.amount {
        Some(amount) if is_discredit => faults.positive("amount", amount),
        Some(_) => faults.add(Rejection::AmountUnfit, "amount", "none", "one"),
        None if fact.kind.is_debt() => {
            faults.add(Rejection::AmountUnfit, "amount", "how much is owed", "none");
        }
        None => {}
    }
}

pub(in crate::check) fn check_customs_grade(own: &CustomsGrade, faults: &mut Faults) {
    check_number(own, faults);
    let CustomsGradeAct::Write(facts) = &own.act else { return };
    if facts.until.is_some_and(|until| until <= facts.since) {
        let expected = format!("after {}", facts.since);
        faults.add(Rejection::DatesUnfit, "until", expected, "earlier");
    }
}

pub(in crate::check) fn check_right(own: &Right, faults: &mut Faults) {
    check_number(own, faults);
    match &own.act {
        RightAct::Record(facts) => check_recorded(facts, faults),
        RightAct::Refuse { reason } => check_reason(reason, faults),
        RightAct::Complain(complaint) => check_complaint(complaint, faults),
        RightAct::WithdrawComplaint { reference } | RightAct::Decide { reference, .. } => {
            faults.number_of("reference", reference, SHORT_NUMBER_CHARS_MAX);
        }
        RightAct::Confirm | RightAct::Renew { .. } | RightAct::End => {}
    }
}

fn check_recorded(facts: &RightFacts, faults: &mut Faults) {
    faults.text("title", &facts.title, DESCRIPTION_CHARS_MAX);
    faults.number("registrationNo", &facts.registration_no);
    facts.words.iter().for_each(|word| faults.number_of("words", word, RIGHT_WORD_CHARS_MAX));
    if RIGHT_WORDS_MAX < facts.words.len() || !ascending(&facts.words) {
        let expected = format!("at most {RIGHT_WORDS_MAX} words, ascending without repeats");
        faults.add(Rejection::PartsMalformed, "words", expected, facts.words.len());
    }
    let is_code = |code: &String| {
        (2..=10).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit())
    };
    let are_codes = facts.codes.iter().all(is_code) && facts.codes.len() <= RIGHT_CODES_MAX;
    if !are_codes || !ascending(&facts.codes) {
        let expected = format!(
            "at most {RIGHT_CODES_MAX} beginnings of commodity codes, 2 to 10 digits, ascending"
        );
        faults.add(Rejection::PartsMalformed, "codes", expected, facts.codes.len());
    }
    if facts.until < facts.from {
        let expected = format!("{} or later", facts.from);
        faults.add(Rejection::DatesUnfit, "until", expected, facts.until);
    }
    check_evidence(&facts.evidence, false, faults);
}

fn check_complaint(complaint: &Complaint, faults: &mut Faults) {
    faults.number_of("reference", &complaint.reference, SHORT_NUMBER_CHARS_MAX);
    check_evidence(&complaint.evidence, false, faults);
    match &complaint.subject {
        ComplaintSubject::Trades(trades) => {
            trades.iter().for_each(|case| check_case(case, faults));
            let is_counted = (1..=COMPLAINT_TRADES_MAX).contains(&trades.len());
            if !is_counted || !ascending(trades) {
                let expected = format!("1 to {COMPLAINT_TRADES_MAX} trades, ascending");
                faults.add(Rejection::PartsMalformed, "trades", expected, trades.len());
            }
        }
        ComplaintSubject::Merchant { word, .. } => {
            faults.number_of("word", word, RIGHT_WORD_CHARS_MAX);
        }
    }
}

pub(in crate::check) fn check_overseas_aid(own: &OverseasAid, faults: &mut Faults) {
    check_number(own, faults);
    match &own.act {
        OverseasAidAct::Ask(request) => {
            faults.digits("country", &request.country, 3);
            request.case.iter().for_each(|case| check_case(case, faults));
            check_evidence(&request.evidence, false, faults);
        }
        OverseasAidAct::Evidence(evidence) => check_evidence(evidence, true, faults),
        OverseasAidAct::Refuse { reason } => check_reason(reason, faults),
        OverseasAidAct::Accept | OverseasAidAct::Advise { .. } | OverseasAidAct::Close { .. } => {}
    }
}

/// Why something was decided as it was.
fn check_reason(reason: &str, faults: &mut Faults) {
    faults.text("reason", reason, REASON_CHARS_MAX);
}

fn ascending<T: Ord>(values: &[T]) -> bool {
    values.windows(2).all(|pair| matches!(pair, [one, two] if one < two))
}
