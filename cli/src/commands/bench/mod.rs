//! `kanhe bench`: how fast a zone is, against what this machine's parts allow.
//!
//! Everything is real: separate processes, encrypted connections, every signature checked by every
//! validator, synced writes, all rules, HTTP in between. What is measured ends with the final
//! receipt at the client. docs/performance.md tells how to read the figures.

mod bound;
mod contracts;
mod door;
mod drive;
mod faults;
mod growth;
mod idle;
mod kinds;
mod load;
mod markup;
mod page;
mod plot;
mod queries;
mod report;
mod risk;
mod text;
mod watch;
mod zone;

use crate::answer::{Answer, CliError};
use crate::args::{BenchArgs, BenchCommand};
use crate::clock;
use crate::progress::note;
use clap::ValueEnum;
use kanhe_types::time::CustomsTime;
use report::{Report, ScalePoint};
use std::fs;
use zone::BenchZone;

/// What is submitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// One document in each submission, of a thousand signers.
    Single,
    /// A hundred documents in each submission.
    Message,
    /// A generated day of trade, faults included, in messages of 1 to 100 documents.
    Mixed,
    /// Everything about the same hundred trades.
    Hot,
    /// Trades and proofs are asked for while documents come.
    Read,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Message => "message",
            Self::Mixed => "mixed",
            Self::Hot => "hot",
            Self::Read => "read",
        }
    }

    /// Streams of a closed loop: requests that are on their way at one time.
    fn streams(self) -> usize {
        match self {
            // A request of single documents is small; fewer would leave the validators waiting.
            Self::Single => 96,
            Self::Message | Self::Mixed | Self::Hot | Self::Read => 24,
        }
    }
}

/// Runs where the arguments name no number.
const KINDS: [Kind; 5] = [Kind::Message, Kind::Single, Kind::Mixed, Kind::Hot, Kind::Read];

pub(super) fn run(args: &BenchArgs) -> Result<Answer, CliError> {
    if let Some(BenchCommand::Risk(args)) = &args.what {
        return risk::run(args);
    }
    if args.contracts {
        return contracts::run(args.documents);
    }
    let mut args = args.clone();
    if let Some(home) = &args.home {
        args.validators = zone::validators_of(home)?;
        args.scheme = zone::schemes_of(home)?;
        // Every seed has order numbers of its own; those of earlier calls are taken.
        args.seed = args.seed.wrapping_add(clock::now().0);
    }
    let args = &args;
    note("measuring this machine's parts");
    let mut report = Report {
        version: env!("CARGO_PKG_VERSION").into(),
        machine: watch::machine(),
        validators: args.validators,
        scheme: args.scheme.to_string(),
        parts: bound::measure()?,
        ..Report::default()
    };
    fill(args, &mut report)?;
    report.time = format!("{} UTC+8", CustomsTime::from_millis(clock::now()));
    if let Some(file) = &args.page {
        fs::write(file, page::page(&report)).map_err(|error| {
            CliError::because(format!("cannot write {}", file.display()), error)
        })?;
    }
    let json = super::to_json(&report);
    Ok(Answer::yes(text::table_of(&report), json))
}

/// Measures what the arguments name; without any name, every kind, a killed validator and an idle
/// chain.
fn fill(args: &BenchArgs, report: &mut Report) -> Result<(), CliError> {
    let is_special = args.growth.is_some() || !args.scale.is_empty() || args.faults || args.idle;
    let all = args.kinds.is_empty() && !is_special;
    let kinds = match (args.kinds.is_empty(), is_special) {
        // A rate is for one kind of load.
        (true, false) if args.rate.is_some() => vec![Kind::Message],
        (true, false) => KINDS.to_vec(),
        _ => args.kinds.clone(),
    };
    for kind in kinds {
        let zone = BenchZone::enter(args, args.validators)?;
        let result = kinds::measure(&zone, args, kind, report);
        zone.close();
        report.kinds.push(result?);
    }
    if let Some(documents) = args.growth {
        let zone = BenchZone::enter(args, args.validators)?;
        let grown = growth::grow(&zone, args, documents, &mut report.growth);
        zone.close();
        grown?;
    }
    for validators in &args.scale {
        let zone = BenchZone::enter(args, *validators)?;
        let scaled = BenchArgs { runs: 1, validators: *validators, ..args.clone() };
        let result = kinds::measure(&zone, &scaled, Kind::Message, report);
        zone.close();
        report.scale.push(ScalePoint {
            validators: *validators,
            documents_per_second: result?.documents_per_second,
            how: "processes on this machine".into(),
        });
    }
    let is_own = args.home.is_none();
    if args.faults || (all && is_own && args.rate.is_none()) {
        for victim in 0..args.validators {
            let zone = BenchZone::enter(args, args.validators)?;
            let result = faults::kill_one(&zone, args, victim);
            zone.close();
            match result {
                Ok(result) => report.faults.push(result),
                // What was measured before is worth more than this.
                Err(error) => note(&format!("a killed validator was not measured: {error}")),
            }
        }
    }
    if args.idle || (all && args.rate.is_none()) {
        let zone = BenchZone::enter(args, args.validators)?;
        let result = idle::watch(&zone);
        zone.close();
        report.idle = Some(result?);
    }
    Ok(())
}
