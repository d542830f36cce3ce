//! What agencies read of others' trades: on disk before the answer leaves, and reported to the
//! ledger, where the owners find it.
//!
//! Requests add lines to a file. From time to time the file is sealed; its content becomes
//! documents, signed with the node's key, and the sealed file goes when they have receipts. The
//! documents follow from the sealed bytes, so that a crash in between reports nothing twice.

use super::failure::Failure;
use super::limits::{READ_LOG_BYTES_MAX, REPORT_EVERY_MS, REPORT_FIRST_AFTER_MS};
use kanhe_contracts::document::{
    AppStatus, AppType, Body, Document, Ground, OriginalSignature, ReadEntry, ReadReport,
};
use kanhe_contracts::limits::{READ_CASES_MAX, READS_MAX};
use kanhe_types::code::OrganisationCode;
use kanhe_types::hash::sha256_of;
use kanhe_types::keys::PublicKey;
use kanhe_types::pseudonym::PseudonymScope;
use kanhe_types::receipt::CaseKey;
use kanhe_types::time::{CustomsTime, Millis};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Something of an owner's that an agency was shown.
#[derive(Clone, Debug)]
pub(super) struct Note {
    pub(super) owner: OrganisationCode,
    pub(super) ground: Ground,
    pub(super) case: Option<CaseKey>,
    pub(super) height: u64,
    pub(super) time: Millis,
}

/// What one request was shown of others' trades, summed up by owner and ground.
#[derive(Clone, Debug)]
pub(super) struct Notes {
    reader: OrganisationCode,
    key: PublicKey,
    sums: Arc<Mutex<BTreeMap<(OrganisationCode, Ground), ReadEntry>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Every change under the locks is one call, which leaves the content whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Notes {
    pub(super) fn new(reader: OrganisationCode, key: PublicKey) -> Self {
        Self { reader, key, sums: Arc::default() }
    }

    pub(super) fn add(&self, note: Note) {
        let Note { owner, ground, case, height, time } = note;
        let entry = ReadEntry {
            reader: self.reader.clone(),
            key: self.key,
            owner: owner.clone(),
            ground: ground.clone(),
            count: 1,
            first: time,
            last: time,
            height,
            cases: case.into_iter().collect(),
        };
        let mut sums = lock(&self.sums);
        match sums.get_mut(&(owner.clone(), ground.clone())) {
            Some(sum) => add(sum, &entry),
            None => {
                sums.insert((owner, ground), entry);
            }
        }
    }

    /// The sums, which are empty from then on.
    pub(super) fn take(&self) -> Vec<ReadEntry> {
        std::mem::take(&mut *lock(&self.sums)).into_values().collect()
    }
}

/// Adds what a later entry of the same reader, key, owner and ground says.
fn add(sum: &mut ReadEntry, entry: &ReadEntry) {
    sum.count = sum.count.saturating_add(entry.count);
    sum.first = sum.first.min(entry.first);
    sum.last = sum.last.max(entry.last);
    sum.height = sum.height.max(entry.height);
    for case in &entry.cases {
        if sum.cases.len() < READ_CASES_MAX && !sum.cases.contains(case) {
            sum.cases.push(case.clone());
        }
    }
}

/// The file of a node's reads.
pub(super) struct ReadLog {
    path: PathBuf,
    sealed: PathBuf,
    open: Mutex<Open>,
}

struct Open {
    file: File,
    bytes: u64,
    /// When the oldest line that is not reported yet was written.
    waits_since: Option<Millis>,
    reported: Millis,
}

impl ReadLog {
    /// Opens the file, or makes it. A last line that was cut off by a crash was never answered.
    ///
    /// # Errors
    /// When the machine cannot.
    pub(super) fn open(path: PathBuf) -> io::Result<Self> {
        let mut file = open_file(&path)?;
        // What comes next begins a line of its own.
        file.write_all(b"\n")?;
        let bytes = match file.metadata()?.len() {
            1 => 0,
            bytes => bytes,
        };
        let sealed = path.with_extension("sealed");
        let waits = 0 < bytes || sealed.exists();
        let waits_since = waits.then_some(Millis(0));
        let open = Open { file, bytes, waits_since, reported: Millis(0) };
        Ok(Self { path, sealed, open: Mutex::new(open) })
    }

    /// Writes entries down, durably.
    ///
    /// # Errors
    /// When the machine cannot, or what is not reported yet has grown too large: nothing is shown
    /// that is not logged.
    pub(super) fn record(&self, entries: &[ReadEntry], now: Millis) -> Result<(), Failure> {
        let failed = |error: io::Error| {
            tracing::error!(error = &error as &dyn std::error::Error, "a read cannot be logged");
            Failure::internal()
        };
        let mut lines = Vec::new();
        for entry in entries {
            serde_json::to_writer(&mut lines, entry).map_err(|error| failed(error.into()))?;
            lines.push(b'\n');
        }
        let mut open = lock(&self.open);
        if READ_LOG_BYTES_MAX < open.bytes {
            tracing::error!("reads of agencies are not answered: reports do not get through");
            return Err(Failure::busy());
        }
        open.file.write_all(&lines).and_then(|()| open.file.sync_data()).map_err(failed)?;
        open.bytes = open.bytes.saturating_add(u64::try_from(lines.len()).unwrap_or(u64::MAX));
        open.waits_since.get_or_insert(now);
        Ok(())
    }

    /// Whether it is time to report: soon after a first read, and then not more often than that.
    pub(super) fn is_due(&self, now: Millis) -> bool {
        let open = lock(&self.open);
        open.waits_since.is_some_and(|since| {
            since.0.saturating_add(REPORT_FIRST_AFTER_MS) <= now.0
                && open.reported.0.saturating_add(REPORT_EVERY_MS) <= now.0
        })
    }

    /// What is to be reported next: what was sealed before, or all that was written since.
    ///
    /// # Errors
    /// When the machine cannot.
    pub(super) fn seal(&self) -> io::Result<Vec<Document>> {
        let mut open = lock(&self.open);
        if !self.sealed.exists() {
            if open.bytes == 0 {
                open.waits_since = None;
                return Ok(Vec::new());
            }
            fs::rename(&self.path, &self.sealed)?;
            open.file = open_file(&self.path)?;
            open.bytes = 0;
            sync_folder(&self.path)?;
        }
        Ok(documents(&fs::read(&self.sealed)?))
    }

    /// What was sealed has receipts.
    ///
    /// # Errors
    /// When the machine cannot.
    pub(super) fn reported(&self, now: Millis) -> io::Result<()> {
        let mut open = lock(&self.open);
        if self.sealed.exists() {
            fs::remove_file(&self.sealed)?;
        }
        open.reported = now;
        open.waits_since = (0 < open.bytes).then_some(now);
        Ok(())
    }

    /// The next try waits its time.
    pub(super) fn postpone(&self, now: Millis) {
        lock(&self.open).reported = now;
    }
}

fn open_file(path: &PathBuf) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// The reports of a sealed file. They follow from its bytes.
fn documents(sealed: &[u8]) -> Vec<Document> {
    type Key = (OrganisationCode, PublicKey, OrganisationCode, Ground);
    let mut sums: BTreeMap<Key, ReadEntry> = BTreeMap::new();
    let lines = sealed.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    for line in lines {
        // A line that a crash cut off belongs to an answer that never left.
        let Ok(entry) = serde_json::from_slice::<ReadEntry>(line) else { continue };
        let key = (entry.reader.clone(), entry.key, entry.owner.clone(), entry.ground.clone());
        match sums.get_mut(&key) {
            Some(sum) => add(sum, &entry),
            None => {
                sums.insert(key, entry);
            }
        }
    }
    let entries: Vec<ReadEntry> = sums.into_values().collect();
    let last = entries.iter().map(|entry| entry.last).max().unwrap_or_default();
    let chunks = (0u32..).zip(entries.chunks(READS_MAX));
    chunks
        .map(|(index, reads)| {
            let seed = [sealed, &index.to_le_bytes()].concat();
            let mut guid = sha256_of(&seed).to_string().to_uppercase();
            guid.truncate(36);
            Document {
                guid,
                app_type: AppType::Add,
                app_status: AppStatus::Declared,
                app_time: CustomsTime::from_millis(last),
                // Nothing in it is a pseudonym.
                pseudonyms: PseudonymScope { key_id: 0, epoch: 0 },
                original: None,
                original_signature: OriginalSignature::default(),
                body: Body::ReadReport(ReadReport { reads: reads.to_vec() }),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> OrganisationCode {
        text.parse().expect("a code")
    }

    fn notes() -> Notes {
        let key = kanhe_types::keys::SecretKey::from_seed([1; 32]).public_key();
        Notes::new(code("TAX"), key)
    }

    fn at(offset: u64) -> Millis {
        Millis(1_795_420_800_000 + offset)
    }

    fn note(owner: &str, order: usize, time: u64) -> Note {
        let case = CaseKey { platform: code("P1"), order_no: order.to_string() };
        let (ground, case) = (Ground::Standing, Some(case));
        Note { owner: code(owner), ground, case, height: time, time: at(time) }
    }

    #[test]
    fn ten_thousand_reads_are_one_entry_for_each_owner() {
        let notes = notes();
        for order in 0..10_000 {
            notes.add(note("A1", order, 5));
            notes.add(note("A2", 7, 6));
        }
        let entries = notes.take();
        assert_eq!(entries.len(), 2);
        assert_eq!((entries[0].count, entries[0].cases.len()), (10_000, READ_CASES_MAX));
        assert_eq!((entries[1].count, entries[1].cases.len()), (10_000, 1));
        assert!(notes.take().is_empty());
    }

    #[test]
    fn what_is_sealed_is_reported_alike_after_a_crash_and_nothing_is_lost() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("reads.log");
        let log = ReadLog::open(path.clone()).expect("writable");
        assert!(!log.is_due(at(1_000_000)) && log.seal().expect("readable").is_empty());
        let notes = notes();
        for time in [7, 9] {
            notes.add(note("A1", 1, time));
            log.record(&notes.take(), at(time)).expect("writable");
        }
        let first = log.seal().expect("readable");
        // Another read comes while the report is under way, and a crash after it.
        notes.add(note("A1", 1, 11));
        log.record(&notes.take(), at(11)).expect("writable");
        drop(log);
        let mut file = open_file(&path).expect("writable");
        file.write_all(b"{\"reader\": cut o").expect("writable");
        let log = ReadLog::open(path).expect("writable");
        assert!(log.is_due(at(1_000_000)));
        assert_eq!(log.seal().expect("readable"), first);
        let Body::ReadReport(report) = &first[0].body else { panic!("{first:?}") };
        let entry = &report.reads[0];
        assert_eq!((entry.count, entry.first, entry.last), (2, at(7), at(9)));
        log.reported(at(20)).expect("writable");
        let second = log.seal().expect("readable");
        let Body::ReadReport(report) = &second[0].body else { panic!("{second:?}") };
        assert_eq!((report.reads.len(), report.reads[0].count), (1, 1));
        log.reported(at(30)).expect("writable");
        assert!(log.seal().expect("readable").is_empty());
    }

    #[test]
    fn reports_come_soon_and_not_often() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let log = ReadLog::open(folder.path().join("reads.log")).expect("writable");
        let (notes, start) = (notes(), 10_000_000);
        let read = |time: u64| {
            notes.add(note("A1", 1, time));
            log.record(&notes.take(), at(time)).expect("writable");
        };
        read(start);
        let soon = start + REPORT_FIRST_AFTER_MS;
        assert!(!log.is_due(at(soon - 1)) && log.is_due(at(soon)));
        log.seal().expect("readable");
        log.reported(at(soon)).expect("writable");
        assert!(!log.is_due(at(soon + REPORT_EVERY_MS)));
        read(soon + 1);
        let next = soon + REPORT_EVERY_MS;
        assert!(!log.is_due(at(next - 1)) && log.is_due(at(next)));
    }
}
