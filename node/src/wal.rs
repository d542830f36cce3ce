//! The agreement's write-ahead log: what we have signed and seen at the height that is being
//! decided, so that a restart never contradicts it.
//!
//! # Bytes
//! A record is `magic (4) ‖ sequence (u32 LE) ‖ length (u32 LE) ‖ digest (32) ‖ content`; the
//! digest covers sequence and content under its own domain. Every record is written twice, in one
//! write.
//!
//! # Correctness
//! The fault assumption: a crash leaves any part of what was not synced, in any order; a disk
//! damages at most one of the two copies of what was synced. So a record of which one copy is whole
//! is good. Records that are missing at the end were never synced and are dropped; a record that
//! is missing before a later one was synced and is lost: then it is not known what was signed, and
//! the node does not sign at this height (`Damaged`). It rejoins at the next, through its peers.

use crate::core::Replay;
use kanhe_consensus::LogEntry;
use kanhe_types::hash::{Domain, Hash};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

const MAGIC: [u8; 4] = *b"KHwl";
const HEAD_BYTES: usize = 44;
/// Bytes of one record's content, at most.
const CONTENT_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Bytes of a log that are read back, at most. A height's entries are far fewer.
const LOG_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// The log's file.
pub struct Wal {
    file: File,
    path: PathBuf,
    sequence: u32,
    buffer: Vec<u8>,
}

/// The log cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("agreement log {path} cannot be {attempt}; check the disk and its permissions")]
pub struct WalError {
    path: PathBuf,
    attempt: &'static str,
    source: std::io::Error,
}

impl Wal {
    /// Opens the log and reads what it holds of `height`.
    ///
    /// # Errors
    /// When the file cannot be opened or read.
    pub fn open(path: &Path, height: u64) -> Result<(Self, Replay), WalError> {
        let error = |attempt| {
            let path = path.to_owned();
            move |source| WalError { path, attempt, source }
        };
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(path).map_err(error("opened"))?;
        let mut bytes = Vec::new();
        Read::take(&mut file, LOG_BYTES_MAX).read_to_end(&mut bytes).map_err(error("read"))?;
        let (replay, sequence) = recover(&bytes, height);
        if let Replay::Entries(entries) = &replay {
            // Written anew beside the old file and put in its place at once, so that neither a
            // crash here nor a torn tail there ever hides a good record.
            let fresh = path.with_extension("new");
            let records: Vec<u8> =
                (0u32..).zip(entries).flat_map(|(i, entry)| twice(i, &entry.encode())).collect();
            std::fs::write(&fresh, records).map_err(error("written"))?;
            File::open(&fresh).and_then(|file| file.sync_all()).map_err(error("written"))?;
            std::fs::rename(&fresh, path).map_err(error("replaced"))?;
            sync_folder(path).map_err(error("replaced"))?;
            file = options.open(path).map_err(error("opened"))?;
        }
        // A damaged log is kept as it is until the height is decided, also over restarts.
        file.seek(SeekFrom::End(0)).map_err(error("read"))?;
        let wal = Self { file, path: path.to_owned(), sequence, buffer: Vec::new() };
        Ok((wal, replay))
    }

    /// Adds an entry; it is durable after the next [`Wal::sync`].
    pub fn append(&mut self, entry: &LogEntry) {
        self.buffer.extend(twice(self.sequence, &entry.encode()));
        self.sequence = self.sequence.saturating_add(1);
    }

    /// Makes every entry durable.
    ///
    /// # Errors
    /// When the file cannot be written or synced.
    pub fn sync(&mut self) -> Result<(), WalError> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let written = self.file.write_all(&self.buffer).and_then(|()| self.file.sync_data());
        written.map_err(|source| WalError {
            path: self.path.clone(),
            attempt: "written",
            source,
        })?;
        self.buffer.clear();
        Ok(())
    }

    /// Forgets that the home was restored; see [`unmark_restored`].
    ///
    /// # Errors
    /// When the mark cannot be removed.
    pub fn unmark_restored(&self) -> Result<(), WalError> {
        unmark_restored(&self.path)
    }

    /// Empties the log: its height is decided, and the decision is on disk.
    ///
    /// # Errors
    /// When the file cannot be emptied.
    pub fn reset(&mut self) -> Result<(), WalError> {
        self.buffer.clear();
        self.sequence = 0;
        self.truncate()
    }

    fn truncate(&mut self) -> Result<(), WalError> {
        self.sequence = 0;
        let emptied = self.file.set_len(0).and_then(|()| self.file.seek(SeekFrom::Start(0)));
        emptied.map(|_| ()).map_err(|source| WalError {
            path: self.path.clone(),
            attempt: "emptied",
            source,
        })
    }
}

/// Whether the home of this log was restored from a backup, or has lost its log: what its validator
/// signed is then not known here. That stays so, over restarts, until [`unmark_restored`].
///
/// A home gets an empty log when its keys are made, and backups leave the log out.
///
/// # Errors
/// When the mark cannot be written.
pub fn mark_restored(path: &Path) -> Result<bool, WalError> {
    let mark = mark_path(path);
    if mark.exists() {
        return Ok(true);
    }
    if path.exists() {
        return Ok(false);
    }
    let written = File::create(&mark).and_then(|file| file.sync_all());
    let written = written.and_then(|()| sync_folder(path));
    written.map_err(|source| WalError { path: mark, attempt: "written", source })?;
    Ok(true)
}

/// From now on the log holds everything that its validator could contradict.
///
/// # Errors
/// When the mark cannot be removed.
pub fn unmark_restored(path: &Path) -> Result<(), WalError> {
    let mark = mark_path(path);
    if !mark.exists() {
        return Ok(());
    }
    let removed = std::fs::remove_file(&mark).and_then(|()| sync_folder(path));
    removed.map_err(|source| WalError { path: mark, attempt: "replaced", source })
}

fn mark_path(path: &Path) -> PathBuf {
    path.with_extension("restored")
}

fn sync_folder(path: &Path) -> std::io::Result<()> {
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

/// A record as it is written: two copies.
pub fn twice(sequence: u32, content: &[u8]) -> Vec<u8> {
    let mut record = record(sequence, content);
    record.extend_from_within(..);
    record
}

fn record(sequence: u32, content: &[u8]) -> Vec<u8> {
    let digest = Hash::of(Domain::LogRecord, &[&sequence.to_le_bytes(), content]);
    let length = u32::try_from(content.len()).expect("entries are bounded");
    let mut bytes = Vec::with_capacity(HEAD_BYTES + content.len());
    bytes.extend_from_slice(&MAGIC);
    bytes.extend_from_slice(&sequence.to_le_bytes());
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(digest.as_bytes());
    bytes.extend_from_slice(content);
    bytes
}

/// What a log's bytes say of `height`, and the sequence number that follows.
pub fn recover(bytes: &[u8], height: u64) -> (Replay, u32) {
    let mut records: BTreeMap<u32, &[u8]> = BTreeMap::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        match read_record(rest) {
            Some((sequence, content, after)) => {
                records.entry(sequence).or_insert(content);
                rest = after;
            }
            // Not the start of a whole record: look for the next one.
            None => rest = next_magic(rest.split_at(1).1),
        }
    }
    let count = u32::try_from(records.len()).unwrap_or(u32::MAX);
    let is_whole = records.keys().copied().eq(0..count);
    let entries: Option<Vec<LogEntry>> =
        records.values().map(|content| LogEntry::decode(content).ok()).collect();
    match entries {
        Some(entries) => {
            // A log of an earlier height was decided before it was emptied.
            let is_current = entries.iter().any(|entry| entry.height() == height);
            if !is_current {
                return (Replay::Entries(Vec::new()), 0);
            }
            if !is_whole {
                return (Replay::Damaged, count);
            }
            (Replay::Entries(entries), count)
        }
        None => (Replay::Damaged, count),
    }
}

fn read_record(bytes: &[u8]) -> Option<(u32, &[u8], &[u8])> {
    let (head, rest) = bytes.split_at_checked(HEAD_BYTES)?;
    let number = |from: usize| {
        let bytes = head.get(from..from + 4)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?))
    };
    if !head.starts_with(&MAGIC) {
        return None;
    }
    let (sequence, length) = (number(4)?, usize::try_from(number(8)?).ok()?);
    if CONTENT_BYTES_MAX < length {
        return None;
    }
    let (content, after) = rest.split_at_checked(length)?;
    let digest = Hash::of(Domain::LogRecord, &[&sequence.to_le_bytes(), content]);
    (head.get(12..44)? == digest.as_bytes()).then_some((sequence, content, after))
}

fn next_magic(bytes: &[u8]) -> &[u8] {
    let position = bytes.windows(MAGIC.len()).position(|window| window == MAGIC);
    bytes.split_at(position.unwrap_or(bytes.len())).1
}

#[cfg(test)]
mod tests {
    use super::*;
    use kanhe_consensus::message::SignedVote;
    use kanhe_types::certificate::{Vote, VoteKind};
    use kanhe_types::keys::SecretKey;

    const HEIGHT: u64 = 7;

    fn entry(round: u32) -> LogEntry {
        let secret = SecretKey::from_seed([1; 32]);
        let vote = Vote { height: HEIGHT, round, kind: VoteKind::Prevote, block: None };
        let signature = secret.sign(&vote.digest(&Hash::default()));
        LogEntry::Vote(SignedVote { vote, validator: secret.public_key(), signature })
    }

    fn log(count: u32) -> Vec<u8> {
        (0..count).flat_map(|i| twice(i, &entry(i).encode())).collect()
    }

    fn rounds(replay: &Replay) -> Option<Vec<u32>> {
        match replay {
            Replay::Damaged => None,
            Replay::Entries(entries) => Some(
                entries
                    .iter()
                    .map(|entry| match entry {
                        LogEntry::Vote(signed) => signed.vote.round,
                        other => panic!("not written: {other:?}"),
                    })
                    .collect(),
            ),
        }
    }

    #[test]
    fn entries_come_back_from_a_file_over_restarts() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("wal");
        let (mut wal, replay) = Wal::open(&path, HEIGHT).expect("opens");
        assert_eq!(rounds(&replay), Some(vec![]));
        wal.append(&entry(0));
        wal.append(&entry(1));
        wal.sync().expect("synced");
        wal.append(&entry(2)); // Not synced: lost with the process.
        drop(wal);
        let (mut wal, replay) = Wal::open(&path, HEIGHT).expect("opens");
        assert_eq!(rounds(&replay), Some(vec![0, 1]));
        wal.append(&entry(2));
        wal.sync().expect("synced");
        drop(wal);
        let (mut wal, replay) = Wal::open(&path, HEIGHT).expect("opens");
        assert_eq!(rounds(&replay), Some(vec![0, 1, 2]));
        wal.reset().expect("emptied");
        drop(wal);
        let (_, replay) = Wal::open(&path, HEIGHT).expect("opens");
        assert_eq!(rounds(&replay), Some(vec![]));
    }

    #[test]
    fn a_home_without_its_log_is_restored_until_it_is_said_not_to_be() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("agreement.wal");
        for _ in 0..2 {
            assert!(mark_restored(&path).expect("writable"));
            // Opening makes a log; the mark outlives it.
            Wal::open(&path, HEIGHT).expect("opens");
        }
        unmark_restored(&path).expect("writable");
        assert!(!mark_restored(&path).expect("writable"));
    }

    #[test]
    fn a_log_of_an_earlier_height_is_forgotten() {
        assert_eq!(rounds(&recover(&log(3), HEIGHT + 1).0), Some(vec![]));
    }

    #[test]
    fn a_tail_torn_at_any_byte_loses_only_what_was_torn() {
        let whole = log(3);
        let one = whole.len() / 6;
        for end in 0..=whole.len() {
            let kept = rounds(&recover(&whole[..end], HEIGHT).0).expect("a tail is not damage");
            // A record is there as soon as its first copy is whole.
            let expected = u32::try_from((end + one) / (2 * one)).expect("small");
            assert_eq!(kept, (0..expected).collect::<Vec<_>>(), "end {end}");
        }
    }

    #[test]
    fn one_damaged_byte_anywhere_loses_nothing() {
        let whole = log(3);
        for position in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[position] ^= 0x55;
            assert_eq!(rounds(&recover(&bytes, HEIGHT).0), Some(vec![0, 1, 2]), "{position}");
        }
    }

    #[test]
    fn a_record_lost_in_the_middle_means_not_to_sign() {
        let whole = log(3);
        let one = whole.len() / 6;
        let mut bytes = whole;
        bytes[2 * one + 50] ^= 1;
        bytes[3 * one + 50] ^= 1;
        assert_eq!(rounds(&recover(&bytes, HEIGHT).0), None);
    }

    #[test]
    fn a_damaged_log_stays_damaged_over_restarts_until_it_is_emptied() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("wal");
        let mut bytes = log(3);
        let one = bytes.len() / 6;
        bytes[50] ^= 1;
        bytes[one + 50] ^= 1;
        std::fs::write(&path, &bytes).expect("written");
        for _ in 0..2 {
            let (_, replay) = Wal::open(&path, HEIGHT).expect("opens");
            assert_eq!(rounds(&replay), None);
        }
        let (mut wal, _) = Wal::open(&path, HEIGHT).expect("opens");
        wal.reset().expect("emptied");
        let (_, replay) = Wal::open(&path, HEIGHT).expect("opens");
        assert_eq!(rounds(&replay), Some(vec![]));
    }
}
