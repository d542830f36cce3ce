//! `kanhe policy`: the rules' parameters as files, and how they change.

mod backtest;
mod check;
mod history;

use super::gov;
use crate::answer::{Answer, CliError};
use crate::args::{AnyHomeArgs, HomeArgs, PolicyCommand, PolicyTermsArgs};
use crate::client::Client;
use crate::member::Member;
use kanhe_api::policy::{PoliciesPage, PolicyVersion, PolicyView};
use kanhe_api::view::StatusView;
use kanhe_api::{ErrorCode, path};
use kanhe_contracts::document::Choice;
use kanhe_contracts::governance::Change;
use kanhe_contracts::policy::Policy;
use kanhe_genesis::policy_file::{self, Difference, FileFault, POLICY_FILE_BYTES_MAX, PolicyFile};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

pub(super) fn run(command: &PolicyCommand) -> Result<Answer, CliError> {
    match command {
        PolicyCommand::Show { version, yaml, section, out, home } => {
            let shown = Shown { is_bare: *yaml, section: section.as_deref(), out: out.as_deref() };
            show(home, *version, &shown)
        }
        PolicyCommand::History { home } => history::run(home),
        PolicyCommand::Diff { before, after, home } => diff(home, before, after),
        PolicyCommand::Check { file, home } => check::run(file, home.as_deref()),
        PolicyCommand::Backtest(args) => backtest::run(args),
        PolicyCommand::Propose { file, terms } => propose(file, terms),
        PolicyCommand::Approve(vote) => {
            gov::vote_on_policy(&vote.home, &vote.proposal, Choice::Approve, &vote.reason)
        }
        PolicyCommand::Reject(vote) => {
            gov::vote_on_policy(&vote.home, &vote.proposal, Choice::Reject, &vote.reason)
        }
    }
}

/// What of a version is shown, and where.
struct Shown<'a> {
    /// Nothing beside the file.
    is_bare: bool,
    /// This part only.
    section: Option<&'a str>,
    /// In a file.
    out: Option<&'a Path>,
}

fn show(home: &HomeArgs, version: Option<u32>, shown: &Shown<'_>) -> Result<Answer, CliError> {
    let client = Member::of(home)?.client;
    let (policy, standing, json) = match version {
        Some(version) => {
            let view = version_of(&client, version)?;
            let json = super::to_json(&view);
            (view.policy, Some(history::standing(&view.version)), json)
        }
        None => in_force(&client)?,
    };
    let text = match shown.section {
        None => policy_file::write(&policy),
        Some(name) => policy_file::write_section(&policy, name).ok_or_else(|| {
            let names = policy_file::section_names(&policy).join(", ");
            CliError::Usage(format!("no section or field is called {name}; sections are {names}"))
        })?,
    };
    if let Some(file) = shown.out {
        super::write_text(file, &text)?;
        let said = format!("version {} of the policy is in {}", policy.version, file.display());
        return Ok(Answer::yes(said, json));
    }
    let standing = standing.filter(|_| !shown.is_bare && shown.section.is_none());
    let said = standing.map(|standing| format!("# {standing}\n")).unwrap_or_default();
    Ok(Answer::yes(format!("{said}{text}"), json))
}

/// The policy in force, and since when it is; an observer knows only what it says.
fn in_force(client: &Client) -> Result<(Policy, Option<String>, Value), CliError> {
    let status: StatusView = client.get(path::STATUS)?;
    match client.get::<PolicyView>(&path::policy(status.policy.version)) {
        Ok(view) => {
            let json = super::to_json(&view);
            Ok((view.policy, Some(history::standing(&view.version)), json))
        }
        Err(error) if error.code() == Some(ErrorCode::NotFound) => {
            let json = json!({ "version": status.policy.version, "policy": status.policy });
            Ok((status.policy, None, json))
        }
        Err(error) => Err(error.into()),
    }
}

/// A version of the zone's policy.
fn version_of(client: &Client, version: u32) -> Result<PolicyView, CliError> {
    client.get(&path::policy(version)).map_err(|error| match error.code() {
        Some(ErrorCode::NotFound) => CliError::No(format!(
            "there is no version {version} of the policy; `kanhe policy history` lists them"
        )),
        _ => error.into(),
    })
}

/// The zone's last version, in force or to come: what the next one changes.
fn last_of(client: &Client) -> Result<PolicyView, CliError> {
    let page: PoliciesPage = client.get(&format!("{}?limit=1", path::POLICIES))?;
    let last = page.policies.first().map(|own: &PolicyVersion| own.version);
    version_of(client, last.ok_or_else(|| CliError::unknown("the zone has no policy"))?)
}

fn diff(home: &AnyHomeArgs, before: &str, after: &str) -> Result<Answer, CliError> {
    let client = match [before, after].iter().any(|name| version_in(name).is_some()) {
        false => None,
        true => {
            let home = home.home().ok_or_else(|| {
                CliError::Usage("to read a version of the zone, give --home DIR".into())
            })?;
            Some(Member::of(&home)?.client)
        }
    };
    let before = named(client.as_ref(), before, &Policy::default())?;
    let after = named(client.as_ref(), after, &before)?;
    let differences = policy_file::diff(&before, &after);
    let json = json!({
        "before": before.version,
        "after": after.version,
        "differences": differences,
    });
    let text = match differences.is_empty() {
        true => "no difference".to_owned(),
        false => lines(&differences).join("\n"),
    };
    Ok(Answer::yes(text, json))
}

/// The version that a name is, unless a file has this name.
fn version_in(name: &str) -> Option<u32> {
    name.parse().ok().filter(|_| !Path::new(name).exists())
}

fn named(client: Option<&Client>, name: &str, base: &Policy) -> Result<Policy, CliError> {
    match (version_in(name), client) {
        (Some(version), Some(client)) => Ok(version_of(client, version)?.policy),
        _ => Ok(read(Path::new(name), base)?.policy),
    }
}

/// Differences for people, one line each.
pub(super) fn lines(differences: &[Difference]) -> Vec<String> {
    differences.iter().map(ToString::to_string).collect()
}

fn propose(file: &Path, terms: &PolicyTermsArgs) -> Result<Answer, CliError> {
    let member = Member::admin_of(&terms.home)?;
    let policy = next(&member.client, file)?;
    gov::put_to_vote(&member, vec![Change::Policy { policy }], &terms.terms())
}

/// The next version of the zone's policy, as a file states it.
pub(super) fn next(client: &Client, file: &Path) -> Result<Policy, CliError> {
    let last = last_of(client)?.policy;
    let PolicyFile { mut policy, .. } = read(file, &last)?;
    let next = last.version.saturating_add(1);
    if policy.version != last.version && policy.version != next {
        return Err(CliError::No(format!(
            "{} states version {}; the last is {} and the next {next}: compare with `kanhe policy \
             diff {} {}`",
            file.display(),
            policy.version,
            last.version,
            last.version,
            file.display()
        )));
    }
    policy.version = last.version;
    if policy == last {
        return Err(CliError::No(format!(
            "{} says what version {} says already: there is nothing to vote on",
            file.display(),
            last.version
        )));
    }
    policy.version = next;
    Ok(policy)
}

/// Reads a file; what it leaves out is as in `base`.
pub(super) fn read(file: &Path, base: &Policy) -> Result<PolicyFile, CliError> {
    let bytes = bytes_of(file)?;
    policy_file::read(&bytes, base).map_err(|faults| {
        CliError::No(format!("{} is no policy\n{}", file.display(), told(file, &faults)))
    })
}

/// The bytes of a file, which the reader bounds: no more of them are read than it takes.
fn bytes_of(file: &Path) -> Result<Vec<u8>, CliError> {
    let unreadable = |error| CliError::because(format!("cannot read {}", file.display()), error);
    let bytes = fs::metadata(file).map_err(unreadable)?.len();
    if u64::try_from(POLICY_FILE_BYTES_MAX).is_ok_and(|max| max < bytes) {
        let text = format!("{} has {bytes} bytes, at most {POLICY_FILE_BYTES_MAX}", file.display());
        return Err(CliError::No(text));
    }
    fs::read(file).map_err(unreadable)
}

/// Faults for people: each in the form that editors jump by.
fn told(file: &Path, faults: &[FileFault]) -> String {
    let one = |fault: &FileFault| {
        let FileFault { place, path, message } = fault;
        let at = place.map(|place| format!("{}:{}", place.line, place.column));
        let at = at.unwrap_or_else(|| "not stated".to_owned());
        let path = if path.is_empty() { String::new() } else { format!("{path}: ") };
        format!("{}:{at}: {path}{message}", file.display())
    };
    faults.iter().map(one).collect::<Vec<_>>().join("\n")
}
