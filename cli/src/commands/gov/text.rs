//! Proposals for people: what would change, and where they stand.

use crate::answer::CliError;
use crate::client::Client;
use crate::commands::name_of;
use kanhe_api::governance::{OrganisationView, ProposalView};
use kanhe_api::policy::PolicyView;
use kanhe_api::{ErrorCode, path};
use kanhe_contracts::document::{Activation, Choice};
use kanhe_contracts::governance::{Change, Description, KeyChange, NewKey, ProposalStatus};
use kanhe_contracts::policy::Policy;
use kanhe_contracts::registry::{Filing, Licence, Organisation, Role};
use kanhe_contracts::rejection::Rejection;
use kanhe_genesis::policy_file;
use kanhe_types::code::OrganisationCode;
use kanhe_types::receipt::Refusal;

/// What changes would do to what stands now, one line each: `+` comes, `-` goes, `~` becomes.
pub(super) fn changes(
    client: &Client,
    changes: &[Change],
    policy: &Policy,
) -> Result<Vec<String>, CliError> {
    let mut lines = Vec::new();
    for change in changes {
        let before = match change {
            Change::Policy { policy: new } => before_of(client, new)?,
            _ => None,
        };
        let policy = before.as_ref().unwrap_or(policy);
        let now = match change.organisation() {
            Some(code) => registered(client, code)?,
            None => None,
        };
        lines.extend(of_change(change, now.as_ref(), policy));
    }
    Ok(lines)
}

/// The version that a policy changes; none while a chain has not got there.
fn before_of(client: &Client, new: &Policy) -> Result<Option<Policy>, CliError> {
    match client.get::<PolicyView>(&path::policy(new.version.saturating_sub(1))) {
        Ok(view) => Ok(Some(view.policy)),
        Err(error) if error.code() == Some(ErrorCode::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn registered(client: &Client, code: &OrganisationCode) -> Result<Option<Organisation>, CliError> {
    match client.get::<OrganisationView>(&path::organisation(code, None)) {
        Ok(view) => Ok(Some(view.organisation)),
        Err(error) if error.code() == Some(ErrorCode::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn of_change(change: &Change, now: Option<&Organisation>, policy: &Policy) -> Vec<String> {
    match change {
        Change::Admit { organisation, description, keys } => {
            let mut lines = vec![format!("+ organisation {organisation}")];
            lines.extend(fields(description).map(|(name, text)| format!("  + {name} {text}")));
            lines.extend(keys.iter().map(|new| format!("  + {}", new_key(new))));
            lines
        }
        Change::Suspend { organisation } => {
            vec![format!("~ organisation {organisation}: active -> suspended")]
        }
        Change::Readmit { organisation } => {
            vec![format!("~ organisation {organisation}: suspended -> active")]
        }
        Change::Describe { organisation, description } => {
            let mut lines = vec![format!("~ organisation {organisation}")];
            lines.extend(differences(description, now));
            lines
        }
        Change::Keys { organisation, keys } => {
            let mut lines = vec![format!("~ keys of {organisation}")];
            lines.extend(keys.iter().map(|key| format!("  {}", key_change(key))));
            lines
        }
        Change::Policy { policy: new } => {
            let mut lines = vec![format!("~ policy {} -> {}", policy.version, new.version)];
            lines.extend(policy_differences(policy, new));
            lines
        }
        Change::Protocol { version } => vec![format!("~ protocol -> {version}")],
        Change::AddValidator { organisation, key, node } => {
            let of = format!("+ validator of {organisation}");
            vec![of, format!("  + key {key}"), format!("  + node key {node}")]
        }
        Change::RemoveValidator { key } => vec![format!("- validator {key}")],
        Change::ReplaceValidator { key, new_key, new_node } => vec![
            format!("~ validator {key}"),
            format!("  ~ key -> {new_key}"),
            format!("  ~ node key -> {new_node}"),
        ],
    }
}

/// One line for a change of keys.
pub(in crate::commands) fn key_change(change: &KeyChange) -> String {
    match change {
        KeyChange::Add { new } => format!("+ {}", new_key(new)),
        KeyChange::Revoke { key, last: Some(last) } => format!("- key {key} after height {last}"),
        KeyChange::Revoke { key, last: None } => format!("- key {key} at once"),
    }
}

fn new_key(new: &NewKey) -> String {
    let from = new.from.map(|from| format!(" from height {from}")).unwrap_or_default();
    let until = new.until.map(|until| format!(" until height {until}")).unwrap_or_default();
    format!("{} key {}{from}{until}", name_of(&new.purpose), new.key)
}

fn fields(description: &Description) -> impl Iterator<Item = (&'static str, String)> {
    let Description { name, roles, park, filing, licences } = description;
    let all = [
        Some(("name", name.clone())),
        Some(("roles", roles_text(roles))),
        park.as_ref().map(|park| ("park", park.clone())),
        filing.as_ref().map(|filing| ("filing", filing_text(filing))),
        (!licences.is_empty()).then(|| ("licences", licences_text(licences))),
    ];
    all.into_iter().flatten()
}

fn roles_text(roles: &[Role]) -> String {
    let names: Vec<String> = roles.iter().map(name_of).collect();
    names.join(", ")
}

fn licences_text(licences: &[Licence]) -> String {
    let texts: Vec<String> = licences.iter().map(licence_text).collect();
    texts.join("; ")
}

fn licence_text(licence: &Licence) -> String {
    let Licence { kind, number, from, until } = licence;
    let until = until.map(|until| format!(" until {until}")).unwrap_or_default();
    format!("{} {number} from {from}{until}", kind.name())
}

fn filing_text(filing: &Filing) -> String {
    format!("{} with {} on {}", filing.number, filing.authority, filing.date)
}

fn differences(description: &Description, now: Option<&Organisation>) -> Vec<String> {
    let before: Vec<(&str, String)> = match now {
        None => Vec::new(),
        Some(own) => {
            let Organisation { name, roles, park, filing, licences, .. } = own.clone();
            fields(&Description { name, roles, park, filing, licences }).collect()
        }
    };
    let old = |name: &str| before.iter().find(|(other, _)| *other == name).map(|(_, text)| text);
    let after: Vec<(&str, String)> = fields(description).collect();
    let mut lines = Vec::new();
    for (name, text) in &after {
        match old(name) {
            Some(before) if before == text => {}
            Some(before) => lines.push(format!("  ~ {name} {before} -> {text}")),
            None => lines.push(format!("  + {name} {text}")),
        }
    }
    let is_gone = |name: &str| !after.iter().any(|(other, _)| *other == name);
    lines.extend(
        before
            .iter()
            .filter(|(name, _)| is_gone(name))
            .map(|(name, text)| format!("  - {name} {text}")),
    );
    lines
}

fn policy_differences(now: &Policy, new: &Policy) -> Vec<String> {
    let differences = policy_file::diff(now, new);
    let said = differences.iter().filter(|difference| difference.path != "version");
    said.map(|difference| format!("  {difference}")).collect()
}

/// Changes in a few words.
pub(super) fn summary(changes: &[Change]) -> String {
    let one = |change: &Change| {
        let verb = match change {
            Change::Admit { .. } => "admit",
            Change::Suspend { .. } => "suspend",
            Change::Readmit { .. } => "readmit",
            Change::Describe { .. } => "describe",
            Change::Keys { .. } => "keys of",
            Change::Policy { policy } => return format!("policy {}", policy.version),
            Change::Protocol { version } => return format!("protocol {version}"),
            Change::AddValidator { .. } => "add a validator of",
            Change::RemoveValidator { key } => return format!("remove validator {}", key.short()),
            Change::ReplaceValidator { key, .. } => {
                return format!("replace validator {}", key.short());
            }
        };
        let code = change.organisation().map(OrganisationCode::as_str).unwrap_or_default();
        format!("{verb} {code}")
    };
    let all: Vec<String> = changes.iter().map(one).collect();
    all.join(", ")
}

/// Where a proposal stands, in a few words.
pub(super) fn standing(view: &ProposalView) -> String {
    let proposal = &view.proposal;
    if let Some(tally) = &view.tally {
        return format!(
            "{} of {} approve, {} needed, {} against; votes until height {}",
            tally.approvals,
            tally.agencies,
            tally.needed,
            tally.rejections,
            proposal.content.expires
        );
    }
    match (proposal.status, proposal.activates, proposal.decided) {
        (ProposalStatus::Approved, Some(height), _) => format!("active at height {height}"),
        (ProposalStatus::Active | ProposalStatus::Failed, Some(height), _) => {
            format!("since height {height}")
        }
        (_, _, Some(height)) => format!("at height {height}"),
        _ => String::new(),
    }
}

/// A proposal in full, but for what it changes.
pub(super) fn describe(view: &ProposalView) -> String {
    let proposal = &view.proposal;
    let activation = match proposal.content.activation {
        Activation::AtHeight(height) => format!("active at height {height}"),
        Activation::AfterApproval(heights) => format!("active {heights} heights after approval"),
    };
    let mut lines = vec![format!(
        "{}: {}\nproposed by {} at height {}, {activation}: {}",
        name_of(&proposal.status),
        standing(view),
        proposal.proposer,
        proposal.height,
        proposal.content.reason,
    )];
    for vote in &proposal.votes {
        let verb = if vote.choice == Choice::Approve { "approves" } else { "rejects" };
        let (organisation, height, reason) = (&vote.organisation, vote.height, &vote.reason);
        lines.push(format!("  {organisation} {verb} at height {height}: {reason}"));
    }
    if let Some(withdrawal) = &proposal.withdrawal {
        lines.push(format!("withdrawn: {}", withdrawal.reason));
    }
    if let Some(failure) = &proposal.failure {
        lines.push(format!("not carried out: {}", failure_text(failure)));
    }
    lines.push(String::new());
    lines.join("\n")
}

fn failure_text(failure: &Refusal) -> String {
    let Refusal { code, field, expected, found, .. } = failure;
    let rule = Rejection::from_code(*code).map_or_else(|| "a rule".to_owned(), |r| r.to_string());
    format!("{rule} (rule {code}): {field}: expected {expected}, found {found}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use kanhe_contracts::fixture;
    use kanhe_contracts::registry::LicenceKind;

    #[test]
    fn a_description_shows_only_what_differs() {
        let code = fixture::code("TEST1");
        let mut now = fixture::organisation(&code, "测试甲", &[Role::Platform]);
        now.park = Some("测试园区".into());
        let description = Description {
            name: "测试乙".into(),
            roles: vec![Role::Platform],
            park: None,
            filing: None,
            licences: vec![Licence {
                kind: LicenceKind::Express,
                number: "TEST4300".into(),
                from: "20260101".parse().expect("a day"),
                until: None,
            }],
        };
        let lines = differences(&description, Some(&now));
        let licence = "  + licences express TEST4300 from 20260101";
        assert_eq!(lines, ["  ~ name 测试甲 -> 测试乙", licence, "  - park 测试园区"]);
    }

    #[test]
    fn a_policy_shows_only_what_differs() {
        let now = Policy::default();
        let new = Policy { version: 2, collect_days: 9, ..Policy::default() };
        let change = Change::Policy { policy: new };
        let lines = of_change(&change, None, &now);
        assert_eq!(lines, ["~ policy 1 -> 2", "  ~ collect_days: 7 -> 9"]);
    }
}
