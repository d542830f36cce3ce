//! What a validator's signer has signed last, on disk before anybody gets the signature.
//!
//! Two slots of one file are written in turn, each with a number that rises and a check, so that
//! one is whole whatever happens to the other. A slot that is damaged was being written when the
//! machine died, and then nobody got the signature, or has rotted, and then it is not known what
//! was signed. Which of both, nobody can tell: the key signs nothing until its owner says from
//! which height on it may.

use kanhe_types::certificate::VoteKind;
use kanhe_types::codec::{self, Decode, Encode};
use kanhe_types::hash::{Domain, Hash};
use kanhe_types::signer::Statement;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Bytes of one slot.
const SLOT_BYTES: usize = 512;
/// Where the second slot begins: in a page of its own.
const SECOND_SLOT: u64 = 4_096;
/// Bytes of the check at a slot's start.
const CHECK_BYTES: usize = 32;
/// Batch numbers that are left out where it is not known which was the last.
const BATCHES_SKIPPED: u64 = 1_000_000;

/// The memory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MemoryError {
    /// The system refuses.
    #[error("cannot use {}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A slot is damaged.
    #[error(
        "{} is damaged: it is not known what the key has signed; when the chain is beyond the \
         height at which this happened, let it sign from there on: \
         `kanhe signer skip --dir DIR --height HEIGHT`",
        .path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
    },
}

/// Where a memory begins: nothing below is signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Floor {
    /// The first height whose votes and proposals may be signed.
    pub height: u64,
    /// The first number of a batch that may be signed.
    pub batch: u64,
}

/// A height, a round, and within it the proposal (0), the prevote (1), the precommit (2).
type Step = (u64, u32, u8);

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
struct Record {
    /// Rises with every record.
    number: u64,
    height: u64,
    round: u32,
    step: u8,
    /// What was signed in this step; none where nothing of it may be signed.
    statement: Option<Hash>,
    /// The last number of a batch.
    batch_number: u64,
    /// The batch of this number; none where none of it may be signed.
    batch: Option<Hash>,
}

/// The open file and what it holds.
#[derive(Debug)]
pub struct Memory {
    path: PathBuf,
    file: File,
    record: Record,
}

impl Memory {
    /// Makes a new file.
    ///
    /// # Errors
    /// When something stands there already, or the system refuses.
    pub fn create(path: &Path, floor: Floor) -> Result<(), MemoryError> {
        let io = |source| MemoryError::Io { path: path.to_owned(), source };
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create_new(true).mode(0o600).open(path);
        let record = Record {
            number: 0,
            height: floor.height,
            round: 0,
            step: 0,
            statement: None,
            batch_number: floor.batch,
            batch: None,
        };
        let mut memory = Self { path: path.to_owned(), file: file.map_err(io)?, record };
        for _ in 0..2 {
            memory.write(memory.record.next())?;
        }
        memory.file.sync_all().map_err(io)?;
        sync_folder_of(path).map_err(io)
    }

    /// Lets the key sign nothing below a floor, whatever is damaged. What is whole and stands
    /// higher is kept.
    ///
    /// # Errors
    /// When there is no memory, or the system refuses.
    pub fn raise(path: &Path, floor: Floor) -> Result<(), MemoryError> {
        let io = |source| MemoryError::Io { path: path.to_owned(), source };
        let file = File::open(path).map_err(io)?;
        let slots = [read_slot(&file, 0).map_err(io)?, read_slot(&file, 1).map_err(io)?];
        let whole = slots.iter().flatten();
        let height = whole.clone().map(|record| record.height.saturating_add(1)).max();
        let batch = whole.map(|record| record.batch_number.saturating_add(BATCHES_SKIPPED)).max();
        let floor = Floor {
            height: floor.height.max(height.unwrap_or(0)),
            batch: floor.batch.max(batch.unwrap_or(0)),
        };
        let next = path.with_extension("next");
        match std::fs::remove_file(&next) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io(error)),
            _ => {}
        }
        Self::create(&next, floor)?;
        std::fs::rename(&next, path).and_then(|()| sync_folder_of(path)).map_err(io)
    }

    /// Opens the file.
    ///
    /// # Errors
    /// When it is missing, or a slot is damaged.
    pub fn open(path: &Path) -> Result<Self, MemoryError> {
        let io = |source| MemoryError::Io { path: path.to_owned(), source };
        let file = OpenOptions::new().read(true).write(true).open(path).map_err(io)?;
        let slots = [read_slot(&file, 0).map_err(io)?, read_slot(&file, 1).map_err(io)?];
        let [Some(one), Some(two)] = slots else {
            return Err(MemoryError::Damaged { path: path.to_owned() });
        };
        let record = if one.number < two.number { two } else { one };
        Ok(Self { path: path.to_owned(), file, record })
    }

    /// The height below which nothing is signed any more.
    pub fn height(&self) -> u64 {
        self.record.height
    }

    /// Remembers a statement before it is signed; synced when this returns.
    ///
    /// Whatever is not a vote, a proposal or a batch contradicts nothing and is not remembered.
    ///
    /// # Errors
    /// Outside, when the disk refuses: then nothing may be signed any more. Inside, the reason why
    /// this statement may not be signed.
    pub fn remember(
        &mut self,
        statement: &Statement,
        digest: &Hash,
    ) -> Result<Result<(), String>, MemoryError> {
        let next = match statement {
            Statement::Batch(header) => self.record.with_batch(header.number, digest),
            Statement::Vote(vote) => {
                let step = match vote.kind {
                    VoteKind::Prevote => 1,
                    VoteKind::Precommit => 2,
                };
                self.record.with_step((vote.height, vote.round, step), digest)
            }
            Statement::Proposal(proposal) => {
                self.record.with_step((proposal.height, proposal.round, 0), digest)
            }
            Statement::Acknowledgement(_)
            | Statement::BatchSalt { .. }
            | Statement::Submission(_)
            | Statement::Request(_) => Ok(None),
        };
        match next {
            Ok(Some(next)) => self.write(next).map(Ok),
            Ok(None) => Ok(Ok(())),
            Err(reason) => Ok(Err(reason)),
        }
    }

    fn write(&mut self, record: Record) -> Result<(), MemoryError> {
        let content = codec::encode(&record);
        let length = u16::try_from(content.len()).expect("a record is short").to_le_bytes();
        let check = Hash::of(Domain::SignerMemory, &[&content]);
        let mut slot = [check.as_bytes().as_slice(), &length, &content].concat();
        assert!(slot.len() <= SLOT_BYTES, "a record fits its slot");
        slot.resize(SLOT_BYTES, 0);
        let place = if record.number.is_multiple_of(2) { 0 } else { SECOND_SLOT };
        let written = self.file.write_all_at(&slot, place).and_then(|()| self.file.sync_data());
        written.map_err(|source| MemoryError::Io { path: self.path.clone(), source })?;
        self.record = record;
        Ok(())
    }
}

/// What a slot holds, where it is whole.
fn read_slot(file: &File, parity: u64) -> io::Result<Option<Record>> {
    let mut slot = vec![0; SLOT_BYTES];
    let place = if parity == 0 { 0 } else { SECOND_SLOT };
    match file.read_exact_at(&mut slot, place) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    }
    let (check, rest) = slot.split_at(CHECK_BYTES);
    let (length, rest) = rest.split_at(2);
    let length = usize::from(u16::from_le_bytes(length.try_into().unwrap_or_default()));
    let Some(content) = rest.get(..length) else { return Ok(None) };
    if Hash::of(Domain::SignerMemory, &[content]).as_bytes().as_slice() != check {
        return Ok(None);
    }
    let record = codec::decode::<Record>(content, SLOT_BYTES).ok();
    Ok(record.filter(|record| record.number % 2 == parity))
}

fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

impl Record {
    fn next(&self) -> Self {
        Self { number: self.number.saturating_add(1), ..self.clone() }
    }

    /// The record with a step, or none where it holds the same already.
    fn with_step(&self, step: Step, digest: &Hash) -> Result<Option<Self>, String> {
        let last = (self.height, self.round, self.step);
        let is_first = self.statement.is_none();
        match step.cmp(&last) {
            std::cmp::Ordering::Less => Err(format!(
                "height {} round {} is over: the key has signed for height {} round {}",
                step.0, step.1, last.0, last.1
            )),
            std::cmp::Ordering::Equal if self.statement == Some(*digest) => Ok(None),
            std::cmp::Ordering::Equal if !is_first => Err(format!(
                "the key has signed something else for this step of height {} round {}",
                last.0, last.1
            )),
            std::cmp::Ordering::Equal | std::cmp::Ordering::Greater => {
                let (height, round, step) = step;
                Ok(Some(Self { height, round, step, statement: Some(*digest), ..self.next() }))
            }
        }
    }

    /// The record with a batch, or none where it holds the same already.
    fn with_batch(&self, number: u64, digest: &Hash) -> Result<Option<Self>, String> {
        let last = self.batch_number;
        if number < last || (number == last && self.batch.is_some_and(|own| own != *digest)) {
            return Err(format!("batch {number} was signed before; the last is {last}"));
        }
        if self.batch == Some(*digest) && number == last {
            return Ok(None);
        }
        Ok(Some(Self { batch_number: number, batch: Some(*digest), ..self.next() }))
    }
}
