//! `kanhe policy history`: every version, since when it holds, and who decided it.

use crate::answer::{Answer, CliError};
use crate::args::HomeArgs;
use crate::member::Member;
use crate::table::table;
use kanhe_api::path;
use kanhe_api::policy::{PoliciesPage, PolicyProposal, PolicyVersion};
use kanhe_contracts::document::Choice;
use kanhe_contracts::governance::CastVote;
use serde_json::json;

pub(super) fn run(home: &HomeArgs) -> Result<Answer, CliError> {
    let client = Member::of(home)?.client;
    let mut policies: Vec<PolicyVersion> = Vec::new();
    let mut before: Option<u32> = None;
    loop {
        let before_text = before.map(|before| before.to_string());
        let target = crate::commands::with_query(path::POLICIES, [("before", before_text)]);
        let page: PoliciesPage = client.get(&target)?;
        policies.extend(page.policies);
        // Pages go down; a server that does not ends here.
        match page.next {
            Some(next) if before.is_none_or(|before| next < before) => before = Some(next),
            _ => break,
        }
    }
    let rows: Vec<Vec<String>> = policies.iter().map(row).collect();
    Ok(Answer::yes(table(&rows), json!({ "policies": policies })))
}

fn row(version: &PolicyVersion) -> Vec<String> {
    let mut row = vec![format!("version {}", version.version), since(version)];
    match &version.proposal {
        Some(proposal) => {
            row.push(format!("proposal {} of {}", proposal.number, proposal.proposer));
            row.push(votes(proposal));
            row.push(proposal.reason.clone());
        }
        None => row.push(origin(version)),
    }
    row
}

fn since(version: &PolicyVersion) -> String {
    let force = if version.is_in_force { ", in force" } else { "" };
    format!("from height {}{force}", version.from)
}

fn origin(version: &PolicyVersion) -> String {
    match version.cause {
        None => "of the genesis".to_owned(),
        Some(document) => format!("proposal {}", document.short()),
    }
}

fn votes(proposal: &PolicyProposal) -> String {
    let of = |choice: Choice| {
        let names: Vec<&str> = proposal
            .votes
            .iter()
            .filter(|vote: &&CastVote| vote.choice == choice)
            .map(|vote| vote.organisation.as_str())
            .collect();
        names.join(", ")
    };
    match (of(Choice::Approve), of(Choice::Reject)) {
        (approved, rejected) if rejected.is_empty() => format!("approved by {approved}"),
        (approved, rejected) => format!("approved by {approved}; against {rejected}"),
    }
}

/// A version in one line.
pub(super) fn standing(version: &PolicyVersion) -> String {
    let whose = match &version.proposal {
        None => origin(version),
        Some(proposal) => format!(
            "proposal {} of {}, {}: {}",
            proposal.number,
            proposal.proposer,
            votes(proposal),
            proposal.reason
        ),
    };
    format!("{}; {whose}", since(version))
}
