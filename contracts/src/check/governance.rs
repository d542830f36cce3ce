//! What documents that change the zone show by themselves.

use super::Faults;
use crate::document::{GovernanceProposal, GovernanceVote, GovernanceWithdrawal, OwnKeys};
use crate::governance::{Change, Description};
use crate::limits::{CHANGES_MAX, DESCRIPTION_CHARS_MAX, KEYS_MAX, LICENCES_MAX, REASON_CHARS_MAX};
use crate::registry::Licence;
use crate::rejection::Rejection;
use crate::role;

pub(super) fn check_proposal(proposal: &GovernanceProposal, faults: &mut Faults) {
    reason(&proposal.reason, faults);
    count("changes", proposal.changes.len(), CHANGES_MAX, faults);
    for change in &proposal.changes {
        match change {
            Change::Admit { description, keys, .. } => {
                check_description(description, faults);
                count("keys", keys.len(), KEYS_MAX, faults);
            }
            Change::Describe { description, .. } => check_description(description, faults),
            Change::Keys { keys, .. } => count("keys", keys.len(), CHANGES_MAX, faults),
            Change::Policy { policy } => {
                if let Err(fault) = policy.check() {
                    let found = fault.found_text();
                    let (rejection, expected) = (Rejection::PolicyMalformed, fault.expected);
                    faults.add_at(rejection, fault.path, expected, found);
                }
            }
            Change::Suspend { .. }
            | Change::Readmit { .. }
            | Change::Protocol { .. }
            | Change::AddValidator { .. }
            | Change::RemoveValidator { .. }
            | Change::ReplaceValidator { .. } => {}
        }
    }
}

pub(super) fn check_vote(vote: &GovernanceVote, faults: &mut Faults) {
    reason(&vote.reason, faults);
}

pub(super) fn check_withdrawal(withdrawal: &GovernanceWithdrawal, faults: &mut Faults) {
    reason(&withdrawal.reason, faults);
}

pub(super) fn check_own_keys(change: &OwnKeys, faults: &mut Faults) {
    reason(&change.reason, faults);
    count("keys", change.keys.len(), CHANGES_MAX, faults);
}

fn reason(text: &str, faults: &mut Faults) {
    faults.text("reason", text, REASON_CHARS_MAX);
}

fn count(place: &'static str, found: usize, max: usize, faults: &mut Faults) {
    if !(1..=max).contains(&found) {
        faults.add(Rejection::ChangeCount, place, format!("1 to {max}"), found);
    }
}

fn check_description(description: &Description, faults: &mut Faults) {
    let Description { name, roles, park, filing, licences } = description;
    faults.text("name", name, DESCRIPTION_CHARS_MAX);
    faults.optional_text("park", park.as_deref(), DESCRIPTION_CHARS_MAX);
    if let Some(filing) = filing {
        faults.text("filing.number", &filing.number, DESCRIPTION_CHARS_MAX);
        faults.text("filing.authority", &filing.authority, DESCRIPTION_CHARS_MAX);
    }
    check_licences(licences, faults);
    let ascends = roles.windows(2).all(|pair| matches!(pair, [one, two] if one < two));
    if roles.is_empty() || !ascends {
        let expected = "one role or more, ascending without repeats";
        let found: Vec<&str> = roles.iter().map(|role| role::name(*role)).collect();
        faults.add(Rejection::RolesMalformed, "roles", expected, found.join(", "));
    }
}

fn check_licences(licences: &[Licence], faults: &mut Faults) {
    for licence in licences {
        faults.text("licences.number", &licence.number, DESCRIPTION_CHARS_MAX);
    }
    let key = |own: &Licence| (own.kind, own.number.clone());
    let ascends = licences.windows(2).all(|pair| matches!(pair, [one, two] if key(one) < key(two)));
    let ends = licences.iter().all(|own| own.until.is_none_or(|until| own.from <= until));
    if !ascends || !ends || LICENCES_MAX < licences.len() {
        let expected = format!(
            "at most {LICENCES_MAX}, ascending by kind and number, none that ends before it begins"
        );
        faults.add(Rejection::LicencesMalformed, "licences", expected, licences.len());
    }
}
