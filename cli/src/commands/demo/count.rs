//! What a user of the API finds, fault by fault.

use crate::answer::CliError;
use crate::client::Client;
use crate::commands::trade;
use crate::sender::{Outcome, Status};
use kanhe_api::view::TradeView;
use kanhe_contracts::case::CaseSummary;
use kanhe_contracts::document::DocumentKind;
use kanhe_contracts::event::CaseState;
use kanhe_contracts::matching::Verdict;
use kanhe_gateway::world::{Detection, FaultId};
use std::collections::{BTreeMap, BTreeSet};

/// What was found.
pub(super) struct Found {
    /// How often each fault shows.
    pub(super) faults: BTreeMap<FaultId, usize>,
    /// Differences that no planted fault explains.
    pub(super) unexplained: Vec<String>,
}

/// Counts what cases and receipts show. Every sign is counted once, as the one fault that shows so.
pub(super) fn found(
    client: &Client,
    cases: &[CaseSummary],
    outcomes: &[Outcome],
) -> Result<Found, CliError> {
    let mut found = Found { faults: BTreeMap::new(), unexplained: Vec::new() };
    let is_rejected_order = |outcome: &&Outcome| {
        outcome.status == Status::Rejected && outcome.kind == Some(DocumentKind::Order)
    };
    let rejected: BTreeSet<&str> = outcomes
        .iter()
        .filter(is_rejected_order)
        .filter_map(|outcome| outcome.order_no.as_deref())
        .collect();
    for case in cases {
        let order_no = &case.key.order_no;
        if case.state == CaseState::Collecting {
            match Detection::of_missing(&case.missing) {
                // A case waits for its order because the order was rejected: one sign, counted
                // with the rejection.
                Some(Detection::CollectingWithout(DocumentKind::Order))
                    if rejected.contains(order_no.as_str()) => {}
                Some(sign) => found.add(sign, None, order_no),
                None => found.unexplained.push(format!("{order_no} is collecting")),
            }
        }
        if !case.failed.is_empty() || !case.warned.is_empty() {
            found.case(&trade::one(client, &case.key)?);
        }
    }
    for outcome in outcomes {
        found.outcome(outcome);
    }
    Ok(found)
}

impl Found {
    /// Adds the differences of one case: each rule, and where the rule alone does not tell the
    /// fault each field, once.
    fn case(&mut self, view: &TradeView) {
        let failed = view.findings.iter().filter(|finding| finding.verdict == Verdict::Fail);
        let signs: BTreeSet<(FaultSign, String)> = failed
            .map(|finding| {
                let rule = finding.rule.to_string();
                let faults = FaultId::DAY.into_iter().filter(|fault| is_of_rule(*fault, &rule));
                let fault = faults
                    .clone()
                    .find(|fault| fault.finding_field() == Some(finding.field.as_str()))
                    .or_else(|| faults.clone().find(|fault| fault.finding_field().is_none()));
                let named = format!("{rule} {}", finding.field);
                (FaultSign(fault), if fault.is_some() { String::new() } else { named })
            })
            .collect();
        for (FaultSign(fault), named) in signs {
            match fault {
                Some(fault) => *self.faults.entry(fault).or_insert(0) += 1,
                None => self.unexplained.push(format!("{}: {named}", view.case.key.order_no)),
            }
        }
    }

    fn outcome(&mut self, outcome: &Outcome) {
        let place = match outcome.document {
            Some(number) => format!("{} [{number}]", outcome.file),
            None => outcome.file.clone(),
        };
        let code = outcome.reason.as_ref().and_then(|reason| reason.code);
        match (outcome.status, outcome.kind, code) {
            (Status::Accepted, _, _) => {}
            (Status::Repeated, _, _) => self.add(Detection::Repeated, None, &place),
            (Status::Rejected, Some(kind), Some(code)) => {
                self.add(Detection::RejectedDocument { kind, code }, None, &place);
            }
            _ => self.unexplained.push(format!("{place} is {:?}", outcome.status)),
        }
    }

    fn add(&mut self, sign: Detection, field: Option<&str>, place: &str) {
        let is_shown_so =
            |fault: &FaultId| fault.detection() == sign && fault.finding_field() == field;
        match FaultId::DAY.into_iter().find(is_shown_so) {
            Some(fault) => *self.faults.entry(fault).or_insert(0) += 1,
            None => self.unexplained.push(format!("{place}: {sign:?}")),
        }
    }
}

/// A fault, or none that is known; ordered so that each counts once a case.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct FaultSign(Option<FaultId>);

fn is_of_rule(fault: FaultId, rule: &str) -> bool {
    matches!(fault.detection(), Detection::Finding { rule: own } if own == rule)
}
