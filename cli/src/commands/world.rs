//! `kanhe world`: months of invented trade as files, and what must be found in them.

use crate::answer::{Answer, CliError};
use crate::args::WorldArgs;
use crate::progress::{Progress, note};
use kanhe_gateway::world::full::{FullConfig, FullWorld, TRUTH_FILE};
use kanhe_types::time::CustomsTime;
use serde_json::json;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// When the generated trade begins. Fixed, so that one seed always gives the same files.
const START: &str = "20260901080000";
/// Above so many trades the command says that it generates: that alone takes seconds.
const MANY: u32 = 5_000;

pub(super) fn run(args: &WorldArgs) -> Result<Answer, CliError> {
    check_empty(&args.dir)?;
    let start: CustomsTime =
        START.parse().map_err(|error| CliError::because("the start is no time", error))?;
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
        WorldArgs { dir: dir.to_owned(), trades: 12, seed: 3 }
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
}
