//! Receipt messages: the ledger's answers as files in customs' form, for the software that wrote
//! the messages.

use super::{Outcome, Sent, Speakers, Status};
use crate::answer::CliError;
use crate::clock;
use kanhe_api::ErrorCode;
use kanhe_api::path;
use kanhe_api::view::BlockView;
use kanhe_gateway::read;
use kanhe_gateway::receipt::{self, DocumentReceipt, FILE_ENDING, ReturnStatus};
use kanhe_types::time::Millis;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

/// How often a block is asked for that a validator has not yet.
const BLOCK_TRIES_MAX: u32 = 40;
/// The pause before it is asked for again.
const BLOCK_PAUSE: Duration = Duration::from_millis(250);

/// Where the receipt of each message file goes.
#[derive(Debug)]
pub struct Plan {
    targets: BTreeMap<PathBuf, PathBuf>,
}

/// What a file got.
#[derive(Clone, Debug, Serialize)]
pub struct FileReceipt {
    /// The message file.
    pub file: String,
    /// Its receipt message; none while documents wait for receipts, and for what customs answers
    /// with none.
    pub receipt: Option<String>,
}

/// What a file holds, as far as its receipt is concerned.
#[derive(Debug)]
pub enum Answered {
    /// A customs message, with what its receipt repeats.
    Message(receipt::ReceiptKeys),
    /// Nothing that can be read.
    Unreadable,
    /// Something that customs answers with no receipt.
    Other,
}

impl Plan {
    /// Receipts in `folder`, each under the name and the place that its message has under the path
    /// named, with an ending of its own.
    ///
    /// # Errors
    /// When the paths cannot be listed, or two messages would get one receipt file.
    pub fn new(paths: &[PathBuf], folder: &Path) -> Result<Self, CliError> {
        let mut targets: BTreeMap<PathBuf, PathBuf> = BTreeMap::new();
        let mut sources: BTreeMap<PathBuf, PathBuf> = BTreeMap::new();
        for path in paths {
            let root = if path.is_dir() { path.as_path() } else { parent(path) };
            for file in read::list_files(std::slice::from_ref(path))? {
                let place = file.strip_prefix(root).unwrap_or(&file);
                let mut target = folder.join(place).into_os_string();
                target.push(FILE_ENDING);
                let target = PathBuf::from(target);
                let other = sources.insert(target.clone(), file.clone());
                if let Some(other) = other.filter(|other| *other != file) {
                    return Err(CliError::Usage(format!(
                        "{} and {} would both have the receipt {}; submit them one after the \
                         other, with folders of their own for receipts",
                        other.display(),
                        file.display(),
                        target.display()
                    )));
                }
                targets.insert(file, target);
            }
        }
        Ok(Self { targets })
    }

    /// Writes the receipt of each file whose documents all have an answer.
    ///
    /// # Errors
    /// When a file cannot be written, or no validator tells the time of a height.
    pub fn write(
        &self,
        speakers: &mut Speakers,
        sent: &Sent,
    ) -> Result<Vec<FileReceipt>, CliError> {
        let mut times = Times { speakers, known: BTreeMap::new(), now: clock::now() };
        let mut receipts = Vec::new();
        for file in &sent.files {
            let outcomes = sent.outcomes.get(file.outcomes.clone()).unwrap_or_default();
            let bytes = match &file.answered {
                Answered::Message(keys) => {
                    let receipts: Result<Option<Vec<_>>, CliError> =
                        outcomes.iter().map(|outcome| times.receipt(keys, outcome)).collect();
                    receipts?.map(|receipts| keys.message(&receipts))
                }
                Answered::Unreadable => {
                    let reason = outcomes.first().and_then(|outcome| outcome.reason.as_ref());
                    let text = reason.map_or("", |reason| reason.message.as_str());
                    Some(receipt::of_file(times.now, text))
                }
                Answered::Other => None,
            };
            let target = bytes.and_then(|bytes| Some((self.targets.get(&file.path)?, bytes)));
            if let Some((target, bytes)) = &target {
                write(target, bytes)?;
            }
            receipts.push(FileReceipt {
                file: file.path.display().to_string(),
                receipt: target.map(|(target, _)| target.display().to_string()),
            });
        }
        Ok(receipts)
    }
}

fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

/// Writes a file as a whole: whoever looks for receipts sees all of one or nothing.
fn write(target: &Path, bytes: &[u8]) -> Result<(), CliError> {
    let mut unfinished = target.as_os_str().to_owned();
    unfinished.push(".unfinished");
    let written = fs::create_dir_all(parent(target))
        .and_then(|()| fs::write(&unfinished, bytes))
        .and_then(|()| fs::rename(&unfinished, target));
    written.map_err(|error| CliError::because(format!("cannot write {}", target.display()), error))
}

/// The times of heights, each asked for once.
struct Times<'a> {
    speakers: &'a mut Speakers,
    known: BTreeMap<u64, Millis>,
    now: Millis,
}

impl Times<'_> {
    /// What a receipt says of a document; none while it has no answer.
    fn receipt(
        &mut self,
        keys: &receipt::ReceiptKeys,
        outcome: &Outcome,
    ) -> Result<Option<DocumentReceipt>, CliError> {
        let status = match outcome.status {
            Status::Submitted | Status::Pending => return Ok(None),
            Status::Accepted | Status::Repeated => ReturnStatus::Accepted,
            Status::Rejected => {
                ReturnStatus::Rejected(outcome.reason.as_ref().and_then(|reason| reason.official))
            }
            Status::Refused | Status::NoSender => ReturnStatus::NotSent,
            Status::Unreadable => ReturnStatus::of_field_error(keys.message_type()),
        };
        let time = match outcome.height {
            Some(height) => self.of_height(outcome, height)?,
            None => self.now,
        };
        Ok(Some(DocumentReceipt { id: outcome.id, status, time, info: info(outcome) }))
    }

    fn of_height(&mut self, outcome: &Outcome, height: u64) -> Result<Millis, CliError> {
        if let Some(time) = self.known.get(&height) {
            return Ok(*time);
        }
        let signer = outcome.signer.as_ref();
        let signer = signer.ok_or_else(|| CliError::unknown("a receipt without a signer"))?;
        let client = &self.speakers.member(signer)?.client;
        let mut tries = 0;
        let view: BlockView = loop {
            tries += 1;
            match client.get(&path::block(height)) {
                // Another validator than the one that gave the receipt may be behind.
                Err(error)
                    if error.code() == Some(ErrorCode::NotFound) && tries < BLOCK_TRIES_MAX =>
                {
                    thread::sleep(BLOCK_PAUSE);
                }
                found => break found?,
            }
        };
        self.known.insert(height, view.header.time);
        Ok(view.header.time)
    }
}

/// An outcome in words, without what differs between two runs where the ledger says the same.
fn info(outcome: &Outcome) -> String {
    let Some(reason) = &outcome.reason else {
        let height = outcome.height.unwrap_or_default();
        let id = outcome.id.unwrap_or_default();
        return format!("accepted at height {height}, document {id}");
    };
    let rule = reason.code.map(|code| format!("rule {code}: ")).unwrap_or_default();
    let remedy = match reason.remedy.as_str() {
        "" => String::new(),
        remedy => format!("; what to do: {remedy}"),
    };
    format!("{rule}{}{remedy}", reason.message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn touch(path: &Path) {
        fs::create_dir_all(parent(path)).expect("writable");
        fs::write(path, "").expect("writable");
    }

    #[test]
    fn receipts_keep_the_places_that_messages_have() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = folder.path();
        for name in ["in/a.xml", "in/deep/b.json", "in/deep/b.json.receipt.xml"] {
            touch(&root.join(name));
        }
        let plan = |paths: &[&str], to: &str| {
            let paths: Vec<PathBuf> = paths.iter().map(|path| root.join(path)).collect();
            let plan = Plan::new(&paths, &root.join(to)).expect("no two collide");
            let targets: Vec<PathBuf> = plan.targets.into_values().collect();
            let names = targets.iter().map(|target| target.strip_prefix(root).expect("inside"));
            names.map(|name| name.display().to_string()).collect::<Vec<_>>()
        };
        assert_eq!(plan(&["in"], "out"), ["out/a.xml.receipt.xml", "out/deep/b.json.receipt.xml"]);
        assert_eq!(plan(&["in"], "in"), ["in/a.xml.receipt.xml", "in/deep/b.json.receipt.xml"]);
        assert_eq!(plan(&["in/deep/b.json"], "out"), ["out/b.json.receipt.xml"]);
        // The same message by two names has one receipt.
        assert_eq!(plan(&["in", "in/a.xml"], "out").len(), 2);
    }

    #[test]
    fn two_messages_never_share_a_receipt() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let paths = ["x", "y"].map(|name| folder.path().join(name));
        for path in &paths {
            touch(&path.join("1.xml"));
        }
        let error = Plan::new(&paths, folder.path()).expect_err("both are called 1.xml");
        assert!(error.to_string().contains("one after the other"), "{error}");
    }
}
