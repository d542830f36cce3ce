//! Where an entry stands and what is found in it, in words that a truth can hold.

use kanhe_contracts::policy::Policy;
use kanhe_contracts::register::Content;
use serde::Serialize;

/// A state's name in JSON.
fn name(state: impl Serialize) -> String {
    let value = serde_json::to_value(state).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

/// Names one after the other, or `none` where there are none.
fn names(states: impl Iterator<Item = impl Serialize>, none: &str) -> String {
    let all: Vec<String> = states.map(name).collect();
    if all.is_empty() { none.to_owned() } else { all.join(" ") }
}

/// Where an entry stands: the state that the register has for it. Where it has none, what was
/// said of the entry last, or what stands of its parts, in their order.
pub fn entry_state(content: &Content) -> String {
    match content {
        Content::Dispute(own) => name(own.state),
        Content::Certificate(own) if own.is_withdrawn => "withdrawn".to_owned(),
        Content::Certificate(own) => match own.verifications.last().map(|last| last.genuine) {
            Some(true) => "genuine".to_owned(),
            Some(false) => "not_genuine".to_owned(),
            None => "attached".to_owned(),
        },
        Content::Receivable(own) if own.is_closed => "closed".to_owned(),
        Content::Receivable(own) => names(own.pledges.iter().map(|own| own.state), "registered"),
        Content::Cover(own) if own.is_ended => "ended".to_owned(),
        Content::Cover(own) => names(own.claims.iter().map(|own| own.state), "covered"),
        Content::TaxExemption(own) => name(own.state),
        Content::Fund(own) if own.is_closed => "closed".to_owned(),
        Content::Fund(_) => "open".to_owned(),
        Content::SubsidyClaim(own) => name(own.state),
        Content::Journey(own) => name(own.state),
        Content::FrozenLot(own) => name(own.state),
        Content::OverseasStock(own) if own.is_closed => "closed".to_owned(),
        Content::OverseasStock(_) => "open".to_owned(),
        Content::NegativeList(own) => name(own.state),
        Content::CreditRecord(own) => name(own.state),
        Content::CustomsGrade(own) if own.ended.is_some() => "ended".to_owned(),
        Content::CustomsGrade(own) => name(own.facts.grade),
        Content::Right(own) => {
            let complaints = own.complaints.iter().map(|own| own.state);
            let complaints = names(complaints, "");
            format!("{} {complaints}", name(own.state)).trim_end().to_owned()
        }
        Content::OverseasAid(own) => name(own.state),
        Content::Stocktake(own) => name(own.state),
        Content::TaxDeposit(own) => name(own.state),
        Content::NettingStatement(own) => name(own.state),
    }
}

/// What is found in an entry: the rules of a lot's cold chain, the goods whose count differs.
pub fn entry_findings(content: &Content, policy: &Policy) -> Vec<String> {
    match content {
        Content::FrozenLot(own) => {
            let found = own.findings(policy).into_iter();
            found.map(|finding| name(finding.rule)).collect()
        }
        Content::OverseasStock(own) => own.counts.iter().map(|own| own.item_no.clone()).collect(),
        Content::Stocktake(own) => own.findings().map(|own| own.item_record_no.clone()).collect(),
        _ => Vec::new(),
    }
}
