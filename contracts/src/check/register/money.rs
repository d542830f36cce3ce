//! What documents of registers of money show by themselves.

use super::{check_case, check_number};
use crate::check::Faults;
use crate::document::{CaseRef, Receivable, ReceivableAct};
use crate::limits::{RECEIVABLE_CASES_MAX, SHORT_NUMBER_CHARS_MAX};
use crate::policy::Direction;
use crate::rejection::Rejection;

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

/// A number for a part of an entry.
fn check_reference(reference: &str, faults: &mut Faults) {
    faults.number_of("reference", reference, SHORT_NUMBER_CHARS_MAX);
}
