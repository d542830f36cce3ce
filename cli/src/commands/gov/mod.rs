//! `kanhe gov`: what agencies propose and decide.

mod changes;
mod text;

pub(super) use text::key_change;

use crate::admin;
use crate::answer::{Answer, CliError};
use crate::args::{GovCommand, HomeArgs, ProposeCommand, TermsArgs};
use crate::member::Member;
use crate::table::table;
use kanhe_api::governance::{ProposalView, ProposalsPage, ProposalsQuery};
use kanhe_api::path;
use kanhe_api::submission::ReceiptView;
use kanhe_api::view::{DocumentView, StatusView};
use kanhe_contracts::document::{
    Activation, Body, Choice, Document, GovernanceProposal, GovernanceVote, GovernanceWithdrawal,
};
use kanhe_contracts::governance::{Change, ProposalStatus};
use kanhe_types::hash::Hash;
use kanhe_types::limits::PROTOCOL_VERSION;
use kanhe_types::submission::document_id;
use serde_json::{Value, json};

pub(super) fn run(command: &GovCommand) -> Result<Answer, CliError> {
    match command {
        GovCommand::Propose(command) => propose(command),
        GovCommand::Approve { proposal, reason, home } => {
            vote(home, proposal, Choice::Approve, reason)
        }
        GovCommand::Reject { proposal, reason, home } => {
            vote(home, proposal, Choice::Reject, reason)
        }
        GovCommand::Withdraw { proposal, reason, home } => withdraw(home, proposal, reason),
        GovCommand::List { status, before, limit, home } => list(home, *status, *before, *limit),
        GovCommand::Show { proposal, home } => show(home, proposal),
    }
}

fn propose(command: &ProposeCommand) -> Result<Answer, CliError> {
    let terms = command.terms();
    let member = Member::admin_of(&terms.home)?;
    let draft = changes::of(&member.client, command)?;
    put_draft(&member, draft, terms)
}

/// Puts changes to the vote; what they change is said first.
pub(super) fn put_to_vote(
    member: &Member,
    changes: Vec<Change>,
    terms: &TermsArgs,
) -> Result<Answer, CliError> {
    let draft = changes::Draft { changes, reason: None, expires: None, activation: None };
    put_draft(member, draft, terms)
}

fn put_draft(
    member: &Member,
    draft: changes::Draft,
    terms: &TermsArgs,
) -> Result<Answer, CliError> {
    let status: StatusView = member.client.get(path::STATUS)?;
    let content = content(draft, terms, &status)?;
    check_known(&content.changes)?;
    let lines = text::changes(&member.client, &content.changes, &status.policy)?;
    let proposal = admin::document(Body::GovernanceProposal(content))?;
    let id = admin::id_of(member, &proposal);
    let mut documents = vec![proposal];
    if terms.approve {
        let reason = "proposed by us".to_owned();
        let (proposal, choice) = (id, Choice::Approve);
        let vote = GovernanceVote { proposal, choice, reason };
        documents.push(admin::document(Body::GovernanceVote(vote))?);
    }
    let receipts = admin::say(member, &documents)?;
    if let Some(no) = refused(&receipts) {
        return Ok(no);
    }
    let view: ProposalView = member.client.get(&path::proposal(&id.to_string()))?;
    let said = format!("proposal {} {id}\n{}", view.proposal.number, lines.join("\n"));
    Ok(answer(&said, &view))
}

/// What a proposal will say.
fn content(
    draft: changes::Draft,
    terms: &TermsArgs,
    status: &StatusView,
) -> Result<GovernanceProposal, CliError> {
    let TermsArgs { reason, expires_in, active_in, active_at, .. } = terms;
    let reason = reason
        .clone()
        .or(draft.reason)
        .ok_or_else(|| CliError::Usage("say why: give --reason, or `reason` in the file".into()))?;
    let expires = draft.expires.unwrap_or_else(|| status.height.saturating_add(*expires_in));
    let activation = match (active_at, draft.activation) {
        (Some(height), _) => Activation::AtHeight(*height),
        (None, Some(activation)) => activation,
        (None, None) => Activation::AfterApproval(*active_in),
    };
    // Nothing is expired before it can be active.
    let expires = match activation {
        Activation::AtHeight(height) => expires.min(height.saturating_sub(1)),
        Activation::AfterApproval(_) => expires,
    };
    Ok(GovernanceProposal { changes: draft.changes, reason, expires, activation })
}

/// Nobody proposes or approves rules that the own program does not know: its node would stop.
fn check_known(changes: &[Change]) -> Result<(), CliError> {
    let unknown = changes.iter().find_map(|change| match change {
        Change::Protocol { version } if PROTOCOL_VERSION < *version => Some(*version),
        _ => None,
    });
    match unknown {
        None => Ok(()),
        Some(version) => Err(CliError::No(format!(
            "protocol {version} is not known to this program, which knows up to \
             {PROTOCOL_VERSION}; install the release that knows it on every node first"
        ))),
    }
}

fn vote(home: &HomeArgs, proposal: &str, choice: Choice, reason: &str) -> Result<Answer, CliError> {
    let member = Member::admin_of(home)?;
    let (id, content) = proposed(&member, proposal)?;
    cast(&member, id, &content, choice, reason)
}

/// A vote on a proposal that must be of a policy: its number may have been mistaken for another.
pub(super) fn vote_on_policy(
    home: &HomeArgs,
    proposal: &str,
    choice: Choice,
    reason: &str,
) -> Result<Answer, CliError> {
    let member = Member::admin_of(home)?;
    let (id, content) = proposed(&member, proposal)?;
    if !content.changes.iter().any(|change| matches!(change, Change::Policy { .. })) {
        return Err(CliError::No(format!(
            "proposal {proposal} changes no policy but: {}; vote on it with `kanhe gov`",
            text::summary(&content.changes)
        )));
    }
    cast(&member, id, &content, choice, reason)
}

fn cast(
    member: &Member,
    id: Hash,
    content: &GovernanceProposal,
    choice: Choice,
    reason: &str,
) -> Result<Answer, CliError> {
    if choice == Choice::Approve {
        check_known(&content.changes)?;
    }
    let status: StatusView = member.client.get(path::STATUS)?;
    let lines = text::changes(&member.client, &content.changes, &status.policy)?;
    let vote = GovernanceVote { proposal: id, choice, reason: reason.to_owned() };
    let receipts = admin::say(member, &[admin::document(Body::GovernanceVote(vote))?])?;
    if let Some(no) = refused(&receipts) {
        return Ok(no);
    }
    let view: ProposalView = member.client.get(&path::proposal(&id.to_string()))?;
    let way = if choice == Choice::Approve { "for" } else { "against" };
    let said = format!("voted {way} proposal {} {id}\n{}", view.proposal.number, lines.join("\n"));
    Ok(answer(&said, &view))
}

/// The identity and the content of a proposal. A vote is for a content: what the node shows is
/// hashed here, so that nobody approves something else than they read.
fn proposed(member: &Member, name: &str) -> Result<(Hash, GovernanceProposal), CliError> {
    let view: ProposalView = member.client.get(&path::proposal(name))?;
    let id = view.proposal.document;
    let shown: DocumentView = member.client.get(&path::document(&id))?;
    let bytes = shown.document.encode();
    let found = document_id(member.client.genesis(), &shown.organisation, &bytes);
    let is_asked = name.parse::<Hash>().map_or(true, |asked| asked == id);
    let Document { body: Body::GovernanceProposal(content), .. } = shown.document else {
        return Err(CliError::No(format!("document {id} is no proposal")));
    };
    if found != id || !is_asked || content != view.proposal.content {
        return Err(CliError::No(format!(
            "the validator shows another content than that of proposal {id}; ask another validator, \
             and tell the agencies"
        )));
    }
    Ok((id, content))
}

fn withdraw(home: &HomeArgs, proposal: &str, reason: &str) -> Result<Answer, CliError> {
    let member = Member::admin_of(home)?;
    let view: ProposalView = member.client.get(&path::proposal(proposal))?;
    let id = view.proposal.document;
    let withdrawal = GovernanceWithdrawal { proposal: id, reason: reason.to_owned() };
    let document = admin::document(Body::GovernanceWithdrawal(withdrawal))?;
    if let Some(no) = refused(&admin::say(&member, &[document])?) {
        return Ok(no);
    }
    let view: ProposalView = member.client.get(&path::proposal(&id.to_string()))?;
    Ok(answer(&format!("withdrew proposal {} {id}", view.proposal.number), &view))
}

fn list(
    home: &HomeArgs,
    status: Option<ProposalStatus>,
    before: Option<u64>,
    limit: usize,
) -> Result<Answer, CliError> {
    let member = Member::of(home)?;
    let query = ProposalsQuery { status, before, limit: Some(limit) };
    let page: ProposalsPage = member.client.get(&target(&query))?;
    let rows = page.proposals.iter().map(|view| {
        let proposal = &view.proposal;
        vec![
            proposal.number.to_string(),
            super::name_of(&proposal.status),
            proposal.proposer.to_string(),
            text::summary(&proposal.content.changes),
            text::standing(view),
        ]
    });
    let mut text = table(&rows.collect::<Vec<_>>());
    if page.proposals.is_empty() {
        text.push_str("no proposals\n");
    }
    if let Some(next) = page.next {
        text.push_str(&format!("more: --before {next}\n"));
    }
    Ok(Answer::yes(text, super::to_json(&page)))
}

fn target(query: &ProposalsQuery) -> String {
    let fields = super::to_json(query);
    let value = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let pairs: Vec<String> = fields
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, field)| format!("{name}={}", value(field)))
        .collect();
    format!("{}?{}", path::PROPOSALS, pairs.join("&"))
}

fn show(home: &HomeArgs, proposal: &str) -> Result<Answer, CliError> {
    let member = Member::of(home)?;
    let view: ProposalView = member.client.get(&path::proposal(proposal))?;
    let status: StatusView = member.client.get(path::STATUS)?;
    let changes = &view.proposal.content.changes;
    let lines = text::changes(&member.client, changes, &status.policy)?;
    let said = format!("proposal {} {}", view.proposal.number, view.proposal.document);
    Ok(answer(&format!("{said}\n{}", lines.join("\n")), &view))
}

fn answer(said: &str, view: &ProposalView) -> Answer {
    Answer::yes(format!("{said}\n{}", text::describe(view)), super::to_json(view))
}

/// The answer to documents of which the rules refuse one.
pub(super) fn refused(receipts: &[ReceiptView]) -> Option<Answer> {
    let text = receipts.iter().find_map(admin::rejection)?;
    Some(Answer::no(text, json!({ "receipts": receipts })))
}
