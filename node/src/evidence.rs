//! Evidence of validators that contradicted themselves, kept for those who decide about it.
//!
//! A file with one line for each piece: the canonical bytes of [`kanhe_consensus::Evidence`] in
//! hex. It holds two signed statements that no honest validator makes, so that whoever reads it
//! can check it with nothing but the genesis. The same piece is kept once, over restarts too.

use kanhe_consensus::Evidence;
use kanhe_types::codec;
use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// Bytes of the file, at most; whoever contradicts itself more often has been seen often enough.
const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// The file, and what it holds.
pub struct EvidenceFile {
    path: PathBuf,
    lines: BTreeSet<String>,
    bytes: u64,
}

impl EvidenceFile {
    /// Reads what the file holds; an absent file holds nothing.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn open(path: &Path) -> io::Result<Self> {
        let mut text = String::new();
        match OpenOptions::new().read(true).open(path) {
            Ok(file) => file.take(FILE_BYTES_MAX).read_to_string(&mut text).map(drop)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let lines = text.lines().map(str::to_owned).collect();
        let bytes = u64::try_from(text.len()).unwrap_or(u64::MAX);
        Ok(Self { path: path.to_owned(), lines, bytes })
    }

    /// Keeps a piece, synced; `false` when it was kept before or there is no room.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn keep(&mut self, evidence: &Evidence) -> io::Result<bool> {
        let line = hex::encode(codec::encode(evidence));
        let bytes = u64::try_from(line.len()).unwrap_or(u64::MAX).saturating_add(1);
        let after = self.bytes.saturating_add(bytes);
        if self.lines.contains(&line) || FILE_BYTES_MAX < after {
            return Ok(false);
        }
        let mut file = OpenOptions::new().append(true).create(true).open(&self.path)?;
        writeln!(file, "{line}")?;
        file.sync_data()?;
        self.bytes = after;
        Ok(self.lines.insert(line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kanhe_consensus::message::SignedVote;
    use kanhe_types::certificate::{Vote, VoteKind};
    use kanhe_types::hash::Hash;
    use kanhe_types::keys::SecretKey;

    fn evidence(round: u32) -> Evidence {
        let secret = SecretKey::from_seed([1; 32]);
        let vote = |block: Option<Hash>| {
            let vote = Vote { height: 3, round, kind: VoteKind::Prevote, block };
            let signature = secret.sign(&vote.digest(&Hash::default()));
            SignedVote { vote, validator: secret.public_key(), signature }
        };
        Evidence::Votes { first: vote(None), second: vote(Some(Hash([7; 32]))) }
    }

    #[test]
    fn a_piece_is_kept_once_over_restarts_and_comes_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("evidence");
        let mut file = EvidenceFile::open(&path).expect("an absent file holds nothing");
        assert!(file.keep(&evidence(0)).expect("writable"));
        assert!(!file.keep(&evidence(0)).expect("writable"));
        let mut file = EvidenceFile::open(&path).expect("readable");
        assert!(!file.keep(&evidence(0)).expect("writable"));
        assert!(file.keep(&evidence(1)).expect("writable"));
        let text = std::fs::read_to_string(&path).expect("readable");
        let read = text.lines().map(|line| {
            let bytes = hex::decode(line).expect("hex");
            codec::decode::<Evidence>(&bytes, 100_000).expect("canonical")
        });
        assert_eq!(read.collect::<Vec<_>>(), [evidence(0), evidence(1)]);
    }
}
