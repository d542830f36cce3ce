//! What documents about risk show by themselves.

use super::Faults;
use crate::document::{RiskAct, RiskSignal};
use crate::limits::{DESK_CHARS_MAX, REASON_CHARS_MAX};
use crate::rejection::Rejection;
use crate::risk::{AlertAct, ReviewOutcome, Suspect};
use kanhe_types::decimal::Decimal;

pub(super) fn check_signal(signal: &RiskSignal, faults: &mut Faults) {
    if let Suspect::Trade { case, .. } = &signal.suspect {
        faults.number("suspect.trade.case.order_no", &case.order_no);
    }
    if !(1..=100).contains(&signal.weight) {
        faults.add(Rejection::RiskMalformed, "weight", "1 to 100", signal.weight);
    }
    if signal.hold && !matches!(signal.suspect, Suspect::Trade { .. }) {
        let expected = "false: only trades are held";
        faults.add(Rejection::RiskMalformed, "hold", expected, signal.hold);
    }
    faults.text("reason", &signal.reason, REASON_CHARS_MAX);
}

pub(super) fn check_act(act: &RiskAct, faults: &mut Faults) {
    match &act.act {
        AlertAct::Assign { desk } => faults.text("desk", desk, DESK_CHARS_MAX),
        AlertAct::Dispose { reason, .. } => faults.text("reason", reason, REASON_CHARS_MAX),
        AlertAct::Review { outcome, recovered, reason } => {
            faults.text("reason", reason, REASON_CHARS_MAX);
            let Some(amount) = recovered else { return };
            if amount.is_negative() {
                faults.add(Rejection::RiskMalformed, "recovered", "0 or more", amount);
            }
            if *outcome == ReviewOutcome::FalsePositive && *amount != Decimal::ZERO {
                let expected = "none: nothing is recovered where nothing was wrong";
                faults.add(Rejection::RiskMalformed, "recovered", expected, amount);
            }
        }
    }
}
