//! `kanhe world`: months of invented trade as files, and what must be found in them.

use crate::answer::{Answer, CliError};
use crate::args::WorldArgs;
use crate::progress::{Progress, note};
use kanhe_gateway::world::full::risk::{RiskConfig, RiskParameters, RiskWorld};
use kanhe_gateway::world::full::{FullConfig, FullWorld, TRUTH_FILE};
use kanhe_types::time::CustomsTime;
use serde_json::json;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// When the generated trade begins. Fixed, so that one seed always gives the same files.
const START: &str = "20260901080000";
/// When a world of risks begins: its money comes within the year.
const RISK_START: &str = "20260301000000";
/// Above so many trades the command says that it generates: that alone takes seconds.
const MANY: u32 = 5_000;

pub(super) fn run(args: &WorldArgs) -> Result<Answer, CliError> {
    check_empty(&args.dir)?;
    if args.risk {
        return run_risk(args);
    }
    let start = time(START)?;
    if MANY < args.trades {
        note(&format!("generating {} trades", args.trades));
    }
    let trades = usize::try_from(args.trades).unwrap_or(usize::MAX);
    let world = FullWorld::generate(&FullConfig { seed: args.seed, trades, start });
    let files = world.files.len();
    let mut progress = Progress::new("writing files", u64::try_from(files).unwrap_or_default());
    let written = world.write_to(&args.dir, |_| progress.step());
    drop(progress);
    written.map_err(|error| {
        CliError::because(format!("cannot write to {}", args.dir.display()), error)
    })?;
    let truth = &world.truth;
    let documents: usize = truth.documents.values().sum();
    let faulty: usize = truth.planted.values().sum();
    let benign: usize = truth.benign.values().sum();
    let (dir, kinds) = (args.dir.display(), truth.planted.len());
    let text = format!(
        "{} trades, {documents} documents in {files} files of {} senders: {dir}\n\
         {faulty} trades have a fault ({kinds} different ones), {benign} look as if they had one\n\
         what must be found once block time is {}: {dir}/{TRUTH_FILE}",
        truth.trades.len(),
        senders(&world),
        truth.end,
    );
    let json = json!({
        "dir": args.dir, "seed": args.seed, "trades": truth.trades.len(), "files": files,
        "documents": truth.documents, "planted": truth.planted, "benign": truth.benign,
        "end": truth.end, "truth": args.dir.join(TRUTH_FILE),
    });
    Ok(Answer::yes(text, json))
}

fn time(text: &str) -> Result<CustomsTime, CliError> {
    text.parse().map_err(|error| CliError::because("the start is no time", error))
}

/// A world of risks is written day by day: all of its documents are never in memory.
fn run_risk(args: &WorldArgs) -> Result<Answer, CliError> {
    let parameters = RiskParameters::named(&args.parameters)
        .ok_or_else(|| CliError::Usage(format!("{} is no set of parameters", args.parameters)))?;
    let trades = usize::try_from(args.trades).unwrap_or(usize::MAX);
    let start = time(RISK_START)?;
    let world = RiskWorld::new(RiskConfig { seed: args.seed, trades, start, parameters });
    let truth = world.truth();
    let all = u64::try_from(truth.trades.len()).unwrap_or_default().saturating_mul(6);
    let mut progress = Progress::new("writing documents", all);
    let mut documents = 0;
    let written = world.write_to(&args.dir, |wrote| {
        documents = wrote;
        progress.at(u64::try_from(wrote).unwrap_or_default());
    });
    drop(progress);
    written.map_err(|error| {
        CliError::because(format!("cannot write to {}", args.dir.display()), error)
    })?;
    let offences: usize = truth.planted.values().sum();
    let look_alikes: usize = truth.look_alikes.values().sum();
    let (dir, digest) = (args.dir.display(), truth.digest());
    let text = format!(
        "{} trades, {documents} documents: {dir}\n\
         {offences} trades offend, {look_alikes} look as if they did\n\
         who they are: {dir}/{TRUTH_FILE}, digest {digest}",
        truth.trades.len(),
    );
    let json = json!({
        "dir": args.dir, "seed": args.seed, "parameters": args.parameters,
        "trades": truth.trades.len(), "documents": documents, "planted": truth.planted,
        "look_alikes": truth.look_alikes, "organisations": truth.organisations.len(),
        "end": truth.end, "truth": args.dir.join(TRUTH_FILE), "digest": digest,
    });
    Ok(Answer::yes(text, json))
}

fn senders(world: &FullWorld) -> usize {
    let mut senders: Vec<_> = world.files.iter().map(|file| &file.sender).collect();
    senders.sort_unstable();
    senders.dedup();
    senders.len()
}

/// Files of two worlds in one folder would be sent together.
fn check_empty(dir: &Path) -> Result<(), CliError> {
    let mut entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => {
            return Err(CliError::because(format!("cannot look into {}", dir.display()), error));
        }
    };
    if entries.next().is_none() {
        return Ok(());
    }
    let text = format!("{} is not empty: name a new folder with --dir", dir.display());
    Err(CliError::Usage(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(dir: &Path) -> WorldArgs {
        WorldArgs {
            dir: dir.to_owned(),
            trades: 12,
            seed: 3,
            risk: false,
            parameters: "written".to_owned(),
        }
    }

    #[test]
    fn a_world_is_written_once_into_a_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let dir = folder.path().join("world");
        let answer = run(&args(&dir)).expect("it is written");
        assert_eq!(answer.exit_code(), 0);
        assert_eq!(answer.json["trades"], 12);
        assert!(dir.join(TRUTH_FILE).is_file() && dir.join("organisations.csv").is_file());
        let error = run(&args(&dir)).expect_err("the folder is not empty");
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains("name a new folder with --dir"), "{error}");
    }

    #[test]
    fn a_world_of_risks_is_written_with_its_truth() {
        let folder = tempfile::tempdir().expect("a folder");
        let dir = folder.path().join("risks");
        let answer = run(&WorldArgs { risk: true, ..args(&dir) }).expect("it is written");
        assert_eq!(answer.exit_code(), 0);
        assert!(answer.json["planted"]["resale"].as_u64() >= Some(3));
        assert!(dir.join(TRUTH_FILE).is_file() && dir.join("organisations.csv").is_file());
    }
}
