//! `kanhe policy backtest`: what other rules of risk would have found.

use crate::answer::{Answer, CliError};
use crate::args::BacktestArgs;
use crate::backtest::chain::{Tested, backtest};
use crate::backtest::compare::compare;
use crate::backtest::replay::Replay;
use crate::backtest::{sheet, text_of};
use crate::commands::chain;
use crate::member::Member;
use crate::progress::Progress;
use crate::verify::{self, Opened, Verified};
use kanhe_api::path;
use kanhe_api::view::StatusView;
use kanhe_contracts::policy::Policy;
use kanhe_genesis::Genesis;
use kanhe_ledger::audit::Divergence;
use std::ops::RangeInclusive;
use std::path::Path;

pub(super) fn run(args: &BacktestArgs) -> Result<Answer, CliError> {
    match (&args.csv, &args.map) {
        (Some(table), Some(mapping)) => on_table(args, table, mapping),
        _ => on_chain(args),
    }
}

/// A table, which no policy in force has judged: what a file leaves out is as a zone begins with.
fn on_table(args: &BacktestArgs, table: &Path, mapping: &Path) -> Result<Answer, CliError> {
    let policy = super::read(&args.file, &Policy::default())?.policy;
    let sheet = sheet::read(table, mapping)?;
    let mut replay = Replay::new(policy.risk);
    let mut progress = Progress::new("testing rows", sheet.events.len() as u64);
    for event in &sheet.events {
        replay.observe(event);
        progress.step();
    }
    drop(progress);
    let found = compare(&sheet.ground, None, &replay.finish());
    Ok(Answer::yes(text_of(&found), super::super::to_json(&found)))
}

fn on_chain(args: &BacktestArgs) -> Result<Answer, CliError> {
    let home = args.home.home().ok_or_else(|| {
        CliError::Usage(
            "to test it on a chain, give --home DIR; on a table, --csv and --map".into(),
        )
    })?;
    let (genesis, old, opened): (Genesis, Option<Policy>, Opened) = match chain::stopped(&home)? {
        Some(home) => {
            let genesis = home.genesis()?;
            let opened = verify::open_data(&home, &genesis)?;
            (genesis, None, opened)
        }
        None => {
            let member = Member::of(&home)?;
            let status: StatusView = member.client.get(path::STATUS)?;
            let opened = verify::fetch(&member.client, &member.genesis)?;
            (member.genesis, Some(status.policy), opened)
        }
    };
    let source = match opened {
        Opened::Chain(chain) => chain,
        Opened::Diverges(divergence) => return Ok(faulty(&divergence)),
    };
    let ledger = &source.ledger;
    let old = old.unwrap_or_else(|| (*ledger.policy_at(ledger.executed_height())).clone());
    let new = super::read(&args.file, &old)?.policy;
    let heights = heights(args, ledger.decided_height())?;
    let Tested { comparison, verified } = backtest(ledger, &genesis, &old, &new, heights.clone())?;
    if let Verified::Diverges(divergence) = verified {
        return Ok(faulty(&divergence));
    }
    let text = format!(
        "policy {} in force against {}, heights {} to {}: ",
        old.version,
        args.file.display(),
        heights.start(),
        heights.end()
    );
    let json = super::super::to_json(&comparison);
    Ok(Answer::yes(text + &text_of(&comparison), json))
}

/// The heights that count.
fn heights(args: &BacktestArgs, last: u64) -> Result<RangeInclusive<u64>, CliError> {
    let (from, to) = (args.from.unwrap_or(1), args.to.unwrap_or(last));
    if from < 1 || to < from || last < to {
        let what = format!("expected heights from 1 to {last}, found {from} to {to}");
        return Err(CliError::Usage(what));
    }
    Ok(from..=to)
}

fn faulty(divergence: &Divergence) -> Answer {
    let Divergence { height, what, expected, found } = divergence;
    let json = serde_json::json!({
        "height": height, "what": what, "expected": expected, "found": found,
    });
    Answer::no(format!("the chain is not what it must be: {divergence}"), json)
}
