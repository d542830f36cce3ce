//! `kanhe chain`: the chain itself.

use crate::answer::{Answer, CliError};
use crate::args::{ChainCommand, HeightArg, HomeArgs};
use crate::member::{Member, Place};
use crate::table::table;
use crate::verify::{self, Verified};
use kanhe_api::path;
use kanhe_api::view::{BlockView, ObserverView, StatusView};
use kanhe_node::home::Home;
use kanhe_types::code::OrganisationCode;
use serde_json::{Value, json};
use std::fmt::Write;
use std::time::Instant;

pub(super) fn run(command: &ChainCommand) -> Result<Answer, CliError> {
    match command {
        ChainCommand::Status { home } => status(home),
        ChainCommand::Block { height, home } => block(home, *height),
        ChainCommand::Verify { home } => verify(home),
    }
}

fn status(home: &HomeArgs) -> Result<Answer, CliError> {
    let member = Member::of(home)?;
    let view: StatusView = member.client.get(path::STATUS)?;
    let mut text = format!(
        "genesis {}\nheight  {} executed, {} decided\n",
        view.genesis, view.height, view.decided
    );
    if let Some(observer) = &view.observer {
        return Ok(Answer::yes(observed(text, &view, observer), super::to_json(&view)));
    }
    let rows = view.validators.iter().map(|validator| {
        let connected = if validator.connected { "connected" } else { "not connected" };
        vec![format!("  {}", validator.organisation), connected.into(), validator.key.to_string()]
    });
    text.push_str(&table(&rows.collect::<Vec<_>>()));
    if !view.is_validator {
        text.push_str("this node is no validator: it follows, and takes no submissions\n");
    }
    if let Some(coming) = &view.coming_validators {
        writeln!(text, "validators from height {}", coming.from)
            .expect("writing to a string cannot fail");
        let rows = coming.validators.iter();
        let rows = rows.map(|own| vec![format!("  {}", own.organisation), own.key.to_string()]);
        text.push_str(&table(&rows.collect::<Vec<_>>()));
    }
    writeln!(text, "protocol {}, policy {}", view.protocol, view.policy.version)
        .expect("writing to a string cannot fail");
    for line in warnings(&view) {
        writeln!(text, "{line}").expect("writing to a string cannot fail");
    }
    if let Some(reason) = &view.signer_away {
        writeln!(text, "this node signs nothing, its signer is away: {reason}")
            .expect("writing to a string cannot fail");
    }
    if !view.waiting_for.is_empty() {
        writeln!(text, "no quorum: waiting for {}", view.waiting_for.join(", "))
            .expect("writing to a string cannot fail");
    }
    Ok(Answer::yes(text, super::to_json(&view)))
}

/// How an observer follows, and what to do where it does not.
fn observed(mut text: String, view: &StatusView, observer: &ObserverView) -> String {
    let time = observer.time.map_or_else(|| "never".to_owned(), |time| time.to_string());
    let mut line = |line: String| {
        text.push_str(&line);
        text.push('\n');
    };
    line(format!(
        "observer of {}: every header up to height {} is verified",
        view.organisation, view.decided
    ));
    line(format!("last header {time}, from {}", observer.serving));
    if observer.is_behind {
        line("it catches up; what it answers is true and not the latest".into());
    }
    if 0 < observer.wanted {
        line(format!("{} cases and documents are still to be shown", observer.wanted));
    }
    for server in &observer.servers {
        let error = server.last_error.as_deref();
        match (server.lies, error) {
            (0, None) => line(format!("  {}", server.api)),
            (0, Some(error)) => line(format!("  {}: did not answer: {error}", server.api)),
            (lies, error) => line(format!(
                "  {}: NOT TRUE, {lies} times, last: {}; tell its agency, and show it this node's log",
                server.api,
                error.unwrap_or_default()
            )),
        }
    }
    text
}

/// What somebody has to do within weeks.
fn warnings(view: &StatusView) -> Vec<String> {
    let mut lines: Vec<String> = view
        .ending_keys
        .iter()
        .map(|key| {
            let days = match key.days_left {
                Some(days) => format!("in about {days} days or later"),
                None => "at a time that cannot be told yet".to_owned(),
            };
            let (purpose, key, until) = (super::name_of(&key.purpose), key.key, key.until);
            format!("your {purpose} key {key} ends after height {until}, {days}")
        })
        .collect();
    if let Some(upgrade) = &view.upgrade {
        let known = match upgrade.is_known {
            true => "the node knows it",
            false => "THE NODE DOES NOT KNOW IT: install the release that does, or it stops there",
        };
        lines.push(format!("protocol {} from height {}: {known}", upgrade.version, upgrade.from));
    }
    lines
}

fn block(home: &HomeArgs, height: HeightArg) -> Result<Answer, CliError> {
    let member = Member::of(home)?;
    let target = match height {
        HeightArg::Latest => path::latest_block(),
        HeightArg::At(height) => path::block(height),
    };
    let view: BlockView = member.client.get(&target)?;
    let signers: Vec<&str> = view.signers.iter().map(OrganisationCode::as_str).collect();
    let header = &view.header;
    let mut text = format!(
        "height {} at {}, decided in round {}\nhash    {}\nparent  {}\nsigned by {}\n\
         after height {}: state {}\n                receipts {}\n",
        view.height,
        header.time,
        view.round,
        view.hash,
        header.parent,
        signers.join(", "),
        header.executed_height,
        header.state,
        header.receipts,
    );
    for batch in view.batches.iter().flatten() {
        writeln!(
            text,
            "batch {} of {}: {} submissions, {} documents, {}",
            batch.number, batch.author, batch.submissions, batch.documents, batch.digest
        )
        .expect("writing to a string cannot fail");
    }
    Ok(Answer::yes(text, super::to_json(&view)))
}

fn verify(args: &HomeArgs) -> Result<Answer, CliError> {
    let started = Instant::now();
    let (source, verified) = match stopped(args)? {
        Some(home) => {
            let verified = verify::from_data(&home, &home.genesis()?)?;
            (home.data_path().display().to_string(), verified)
        }
        None => {
            let member = Member::of(args)?;
            let verified = verify::from_api(&member.client, &member.genesis)?;
            (format!("the API, as {}", member.client.organisation()), verified)
        }
    };
    Ok(describe(&source, &verified, started.elapsed().as_secs_f64()))
}

/// The home of a node that does not run, whose data can be read.
pub(super) fn stopped(args: &HomeArgs) -> Result<Option<Home>, CliError> {
    let stopped = match Place::find(&args.home)? {
        Place::Node(home) => Some(home),
        Place::Member(_) | Place::Observer(_) => None,
        Place::Localnet(localnet) => {
            let node = localnet.nodes().first();
            let code = args.member.as_ref().or(node.map(|node| &node.organisation));
            code.map(|code| Home::new(localnet.node_home(code))).filter(Home::is_node)
        }
    };
    Ok(match stopped {
        Some(home) if home.user()?.is_none() => Some(home),
        _ => None,
    })
}

/// The answer to a check of the whole chain.
pub(super) fn describe(source: &str, verified: &Verified, seconds: f64) -> Answer {
    match verified {
        Verified::Holds(report) => {
            // What a validator answers over the API has no stored receipts to compare with; their
            // roots stand in the headers.
            let receipts = match report.receipts {
                0 => String::new(),
                count => format!("{count} stored receipts, "),
            };
            let text = format!(
                "verified {} heights from {source} in {seconds:.1} s\n\
                 executed again: {} documents of {} submissions in {} batches\n\
                 checked: {} signatures, {receipts}every link, certificate and root\n\
                 last block {}\nstate root {}",
                report.height,
                report.documents,
                report.submissions,
                report.batches,
                report.signatures,
                report.block,
                report.state,
            );
            Answer::yes(text, as_json(verified, seconds))
        }
        Verified::Diverges(divergence) => {
            let text = format!(
                "NOT VALID: first divergence at height {}\n  {}\n  expected {}\n  found    {}\n\
                 do not trust {source} from this height on; compare with another validator",
                divergence.height, divergence.what, divergence.expected, divergence.found,
            );
            Answer::no(text, as_json(verified, seconds))
        }
    }
}

fn as_json(verified: &Verified, seconds: f64) -> Value {
    match verified {
        Verified::Holds(report) => json!({
            "verified": true,
            "height": report.height,
            "block": report.block,
            "time": report.time,
            "state": report.state,
            "batches": report.batches,
            "submissions": report.submissions,
            "documents": report.documents,
            "signatures": report.signatures,
            "receipts": report.receipts,
            "seconds": seconds,
        }),
        Verified::Diverges(divergence) => json!({
            "verified": false,
            "divergence": {
                "height": divergence.height,
                "what": divergence.what,
                "expected": divergence.expected,
                "found": divergence.found,
            },
        }),
    }
}
