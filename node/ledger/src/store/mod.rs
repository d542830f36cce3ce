//! Bytes on disk or in memory: columns of sorted keys, written atomically.

mod memory;
mod rocks;

pub use memory::MemoryStore;
pub use rocks::{BACKGROUND_THREADS, RocksStore};

use std::path::PathBuf;

/// The columns of the store; `docs/spec/ledger.md` has the bytes of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// The format version and the genesis hash.
    Meta,
    /// Height → decision: header, certified batches, certificate.
    Decisions,
    /// Batch digest → batch body.
    Batches,
    /// Author, number and digest of every batch body.
    BatchNumbers,
    /// Batch digest → the height that ordered it.
    Ordered,
    /// Height → its roots and its secret.
    Executed,
    /// Height and position → receipt.
    Receipts,
    /// Height and position → event.
    Events,
    /// Submission → where its receipts are.
    Submissions,
    /// Document → where it and its receipt are.
    Documents,
    /// State key → salt and value.
    State,
    /// Path of a bucket of the state tree → its leaves.
    Tree,
    /// Organisation, any or one state, and case: who sees which case.
    CaseIndex,
    /// Organisation and state → how many cases.
    CaseCounts,
    /// An observer's: height → header and certificate.
    Headers,
    /// An observer's: height → header, certificate and the validators that it hands over to.
    Handovers,
    /// An observer's: height → its own submissions that the height ordered.
    OwnOrdered,
    /// An observer's: submission → its own submission in full.
    OwnSubmissions,
    /// An observer's: submission → its receipts with their paths.
    OwnReceipts,
    /// An observer's: document → where its own stands, or another's with its paths.
    Held,
    /// An observer's: what it still wants to be shown → the height that changed it.
    Wanted,
}

impl Column {
    /// Every column of a validator's ledger.
    pub const ALL: [Self; 14] = [
        Self::Meta,
        Self::Decisions,
        Self::Batches,
        Self::BatchNumbers,
        Self::Ordered,
        Self::Executed,
        Self::Receipts,
        Self::Events,
        Self::Submissions,
        Self::Documents,
        Self::State,
        Self::Tree,
        Self::CaseIndex,
        Self::CaseCounts,
    ];

    /// Every column of an observer's ledger.
    pub const OBSERVER: [Self; 10] = [
        Self::Meta,
        Self::State,
        Self::CaseIndex,
        Self::Headers,
        Self::Handovers,
        Self::OwnOrdered,
        Self::OwnSubmissions,
        Self::OwnReceipts,
        Self::Held,
        Self::Wanted,
    ];

    /// Whether what stands there follows from decisions and bodies, so that a crash may lose the
    /// last of it. Writes of such columns and of others never share a batch, but for height 0.
    pub fn is_reproducible(self) -> bool {
        match self {
            Self::Meta
            | Self::Decisions
            | Self::Batches
            | Self::BatchNumbers
            | Self::Ordered
            | Self::Headers
            | Self::Handovers
            | Self::OwnOrdered
            | Self::OwnSubmissions
            | Self::OwnReceipts
            | Self::Held
            | Self::Wanted => false,
            Self::Executed
            | Self::Receipts
            | Self::Events
            | Self::Submissions
            | Self::Documents
            | Self::State
            | Self::Tree
            | Self::CaseIndex
            | Self::CaseCounts => true,
        }
    }

    /// The column family's name. Part of the format.
    pub fn name(self) -> &'static str {
        match self {
            Self::Meta => "meta",
            Self::Decisions => "decisions",
            Self::Batches => "batches",
            Self::BatchNumbers => "batch_numbers",
            Self::Ordered => "ordered",
            Self::Executed => "executed",
            Self::Receipts => "receipts",
            Self::Events => "events",
            Self::Submissions => "submissions",
            Self::Documents => "documents",
            Self::State => "state",
            Self::Tree => "tree",
            Self::CaseIndex => "case_index",
            Self::CaseCounts => "case_counts",
            Self::Headers => "headers",
            Self::Handovers => "handovers",
            Self::OwnOrdered => "own_ordered",
            Self::OwnSubmissions => "own_submissions",
            Self::OwnReceipts => "own_receipts",
            Self::Held => "held",
            Self::Wanted => "wanted",
        }
    }
}

/// Whether a write must survive a crash before it returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// It and every write before it are on disk when it returns.
    Synced,
    /// A crash may lose it, with every later write of this kind and no other: execution makes it
    /// again from what was synced. [`Store::flush`] ends the danger.
    Reproducible,
}

/// Which way a scan runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the first key not below the start.
    Forward,
    /// From the last key not above the start.
    Reverse,
}

/// A key with its value.
pub type Pair = (Vec<u8>, Vec<u8>);

/// What a store's memory needs for an entry besides key and value.
const ENTRY_BYTES: usize = 40;

/// Changes of several columns that happen together or not at all.
#[derive(Clone, Debug, Default)]
pub struct WriteBatch {
    changes: Vec<Change>,
}

/// One change: the column, the key, and the new value or none to remove it.
pub(crate) type Change = (Column, Vec<u8>, Option<Vec<u8>>);

impl WriteBatch {
    /// Sets a key.
    pub fn put(&mut self, column: Column, key: Vec<u8>, value: Vec<u8>) {
        self.changes.push((column, key, Some(value)));
    }

    /// Removes a key; one that is absent stays so.
    pub fn remove(&mut self, column: Column, key: Vec<u8>) {
        self.changes.push((column, key, None));
    }

    /// About the bytes that the changes take in memory.
    pub(crate) fn bytes(&self) -> usize {
        let each = self.changes.iter();
        each.map(|(_, key, value)| key.len() + value.as_ref().map_or(0, Vec::len) + ENTRY_BYTES)
            .sum()
    }

    /// The changes in order; of two changes of one key the later holds.
    pub(crate) fn into_changes(self) -> Vec<Change> {
        self.changes
    }
}

/// This machine cannot read or write its store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has the store open.
    #[error("{path} is in use by another process; stop that node, or give this one another home")]
    HomeInUse {
        /// The store's directory.
        path: PathBuf,
    },
    /// The directory cannot be created or written.
    #[error("cannot write to {path}: {reason}; check that it is a directory that this user owns")]
    Unwritable {
        /// The store's directory.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The store cannot be opened.
    #[error("cannot open {path}: {reason}; restore it from a backup, or sync into a new home")]
    Open {
        /// The store's directory.
        path: PathBuf,
        /// What the store said.
        reason: String,
    },
    /// A read failed.
    #[error("cannot read column {column}: {reason}")]
    Read {
        /// The column's name.
        column: &'static str,
        /// What the store said.
        reason: String,
    },
    /// A write failed; nothing of it is visible.
    #[error("cannot write: {reason}; check the free space and the health of the disk")]
    Write {
        /// What the store said.
        reason: String,
    },
}

/// Columns of sorted keys. Implemented by [`RocksStore`] and [`MemoryStore`].
///
/// A clone is another handle of the same store.
pub trait Store: Clone + Send + Sync + 'static {
    /// The value of a key.
    ///
    /// # Errors
    /// When the machine cannot read.
    fn get(&self, column: Column, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// Whether a key has a value.
    ///
    /// # Errors
    /// When the machine cannot read.
    fn has(&self, column: Column, key: &[u8]) -> Result<bool, StoreError>;

    /// The values of ascending keys, in their order.
    ///
    /// # Errors
    /// When the machine cannot read.
    fn multi_get(
        &self,
        column: Column,
        keys: &[Vec<u8>],
    ) -> Result<Vec<Option<Vec<u8>>>, StoreError>;

    /// Applies all changes, or none when it fails.
    ///
    /// # Errors
    /// When the machine cannot write.
    fn write(&self, batch: WriteBatch, durability: Durability) -> Result<(), StoreError>;

    /// Makes every write durable, reproducible ones too.
    ///
    /// # Errors
    /// When the machine cannot write.
    fn flush(&self) -> Result<(), StoreError>;

    /// Begins the same in the background, where there is one; a failure shows at a later write.
    ///
    /// # Errors
    /// When it cannot be begun.
    fn begin_flush(&self) -> Result<(), StoreError> {
        self.flush()
    }

    /// What it holds in memory, roughly. A store that cannot tell says nothing.
    fn memory(&self) -> StoreMemory {
        StoreMemory::default()
    }

    /// At most `limit` pairs from `from` on, `from` included.
    ///
    /// # Errors
    /// When the machine cannot read.
    fn scan(
        &self,
        column: Column,
        from: &[u8],
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<Pair>, StoreError>;
}

/// Bytes that a store holds in memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreMemory {
    /// Writes that are not flushed yet, or are being flushed.
    pub unflushed: u64,
    /// Blocks, indexes and filters that were read.
    pub cache: u64,
    /// What belongs to open files beside that.
    pub tables: u64,
}

/// Pairs that a prefix scan reads first, and at most, in one go.
const PREFIX_PAGES: (usize, usize) = (64, 4_096);

/// At most `limit` pairs whose keys start with `prefix`, ascending, from `from` on.
///
/// # Errors
/// When the machine cannot read.
pub fn scan_prefix<S: Store>(
    store: &S,
    column: Column,
    prefix: &[u8],
    from: &[u8],
    limit: usize,
) -> Result<Vec<Pair>, StoreError> {
    let mut start = prefix.max(from).to_vec();
    let mut found: Vec<Pair> = Vec::new();
    // Page by page, growing: what follows the prefix may be the rest of a large column.
    let (mut page, page_max) = PREFIX_PAGES;
    loop {
        let wanted = page.min(limit - found.len());
        let pairs = store.scan(column, &start, Direction::Forward, wanted)?;
        let is_last = pairs.len() < wanted;
        let mut within = pairs.into_iter().take_while(|(key, _)| key.starts_with(prefix));
        let before = found.len();
        found.extend(within.by_ref());
        match found.last() {
            Some((key, _)) if !is_last && found.len() - before == wanted && found.len() < limit => {
                start = just_after(key);
            }
            _ => return Ok(found),
        }
        page = page_max.min(page * 4);
    }
}

/// The first key above `key`, for resuming after it.
pub(crate) fn just_after(key: &[u8]) -> Vec<u8> {
    let mut after = key.to_vec();
    after.push(0);
    after
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(pairs: &[(&str, &str)]) -> WriteBatch {
        let mut batch = WriteBatch::default();
        for (key, value) in pairs {
            batch.put(Column::State, key.as_bytes().to_vec(), value.as_bytes().to_vec());
        }
        batch
    }

    fn keys<S: Store>(store: &S, from: &str, direction: Direction, limit: usize) -> String {
        let pairs = store.scan(Column::State, from.as_bytes(), direction, limit).unwrap();
        let keys: Vec<_> = pairs.into_iter().map(|(k, _)| String::from_utf8(k).unwrap()).collect();
        keys.join(" ")
    }

    fn check<S: Store>(store: &S) {
        store.write(put(&[("b", "1"), ("d", "2"), ("da", "3")]), Durability::Synced).unwrap();
        let mut other = put(&[("b", "9")]);
        other.put(Column::Tree, b"b".to_vec(), b"tree".to_vec());
        other.remove(Column::State, b"absent".to_vec());
        store.write(other, Durability::Synced).unwrap();
        assert_eq!(store.get(Column::State, b"b").unwrap(), Some(b"9".to_vec()));
        assert_eq!(store.get(Column::Tree, b"b").unwrap(), Some(b"tree".to_vec()));
        assert_eq!(store.get(Column::Tree, b"d").unwrap(), None);
        assert!(store.has(Column::State, b"d").unwrap());
        assert!(!store.has(Column::State, b"c").unwrap());
        let several = store.multi_get(Column::State, &[b"a".to_vec(), b"d".to_vec()]).unwrap();
        assert_eq!(several, vec![None, Some(b"2".to_vec())]);
        assert_eq!(keys(store, "", Direction::Forward, 9), "b d da");
        assert_eq!(keys(store, "c", Direction::Forward, 1), "d");
        assert_eq!(keys(store, "d", Direction::Reverse, 9), "d b");
        assert_eq!(keys(store, "c", Direction::Reverse, 9), "b");
        let prefixed = scan_prefix(store, Column::State, b"d", b"", 9).unwrap();
        assert_eq!(prefixed.len(), 2);
        let after = scan_prefix(store, Column::State, b"d", &just_after(b"d"), 9).unwrap();
        assert_eq!(after, vec![(b"da".to_vec(), b"3".to_vec())]);
    }

    #[test]
    fn both_stores_keep_columns_of_sorted_keys() {
        check(&MemoryStore::default());
        let home = tempfile::tempdir().unwrap();
        check(&RocksStore::open(home.path()).unwrap());
    }

    #[test]
    fn a_prefix_is_scanned_to_its_end_and_no_further_whatever_its_size() {
        let store = MemoryStore::default();
        let mut batch = WriteBatch::default();
        for number in 0u16..6_000 {
            batch.put(Column::State, [b"p", &number.to_be_bytes()[..]].concat(), Vec::new());
        }
        batch.put(Column::State, b"q".to_vec(), Vec::new());
        store.write(batch, Durability::Synced).unwrap();
        let count = |from: &[u8], limit| {
            scan_prefix(&store, Column::State, b"p", from, limit).unwrap().len()
        };
        assert_eq!(count(b"", usize::MAX), 6_000);
        assert_eq!(
            (count(b"", 0), count(b"", 64), count(b"", 65), count(b"", 5_999)),
            (0, 64, 65, 5_999)
        );
        assert_eq!(count(b"q", 9), 0);
        assert_eq!(scan_prefix(&store, Column::State, b"r", b"", 9).unwrap(), vec![]);
    }

    #[test]
    fn a_crash_loses_whole_reproducible_writes_from_the_last_on_and_nothing_else() {
        let store = MemoryStore::default();
        store.write(put(&[("a", "1"), ("b", "1")]), Durability::Reproducible).unwrap();
        let mut batch = put(&[("a", "2"), ("d", "2")]);
        batch.remove(Column::State, b"b".to_vec());
        store.write(batch, Durability::Reproducible).unwrap();
        store.write(decision(), Durability::Synced).unwrap();
        let handle = store.clone();
        store.crash();
        assert_eq!(keys(&handle, "", Direction::Forward, 9), "a b");
        assert_eq!(handle.get(Column::State, b"a").unwrap(), Some(b"1".to_vec()));
        assert!(handle.has(Column::Decisions, b"1").unwrap());
        store.write(put(&[("c", "1")]), Durability::Reproducible).unwrap();
        store.flush().unwrap();
        store.crash();
        assert_eq!(keys(&handle, "", Direction::Forward, 9), "a b c");
    }

    fn decision() -> WriteBatch {
        let mut batch = WriteBatch::default();
        batch.put(Column::Decisions, b"1".to_vec(), b"decision".to_vec());
        batch
    }

    /// What a crash leaves of a store on disk, opened again: its files as they are now.
    fn crashed(home: &std::path::Path) -> (tempfile::TempDir, RocksStore) {
        let copy = tempfile::tempdir().unwrap();
        for entry in std::fs::read_dir(home).unwrap() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
        }
        let store = RocksStore::open(copy.path()).unwrap();
        (copy, store)
    }

    #[test]
    fn on_disk_a_crash_keeps_what_was_synced_or_flushed() {
        let home = tempfile::tempdir().unwrap();
        let store = RocksStore::open(home.path()).unwrap();
        store.write(put(&[("a", "1")]), Durability::Reproducible).unwrap();
        store.write(decision(), Durability::Synced).unwrap();
        let (_copy, left) = crashed(home.path());
        assert!(left.has(Column::Decisions, b"1").unwrap());
        assert!(!left.has(Column::State, b"a").unwrap());
        let mut both = put(&[("b", "1")]);
        both.put(Column::Tree, b"b".to_vec(), b"bucket".to_vec());
        store.write(both, Durability::Reproducible).unwrap();
        store.flush().unwrap();
        store.write(put(&[("c", "1")]), Durability::Reproducible).unwrap();
        let (_copy, left) = crashed(home.path());
        assert_eq!(keys(&left, "", Direction::Forward, 9), "a b");
        assert!(left.has(Column::Tree, b"b").unwrap());
    }
    #[test]
    fn a_home_in_use_and_a_home_that_is_a_file_are_named() {
        let home = tempfile::tempdir().unwrap();
        let open = RocksStore::open(home.path()).unwrap();
        let error = RocksStore::open(home.path()).unwrap_err();
        assert!(matches!(&error, StoreError::HomeInUse { path } if path == home.path()), "{error}");
        drop(open);
        assert!(RocksStore::open(home.path()).is_ok());
        let file = home.path().join("file");
        std::fs::write(&file, b"x").unwrap();
        let error = RocksStore::open(&file).unwrap_err();
        assert!(matches!(&error, StoreError::Unwritable { path, .. } if *path == file), "{error}");
    }

    #[test]
    fn what_was_written_is_there_when_the_home_is_opened_again() {
        let home = tempfile::tempdir().unwrap();
        let store = RocksStore::open(home.path()).unwrap();
        store.write(put(&[("a", "1")]), Durability::Synced).unwrap();
        drop(store);
        let store = RocksStore::open(home.path()).unwrap();
        assert_eq!(store.get(Column::State, b"a").unwrap(), Some(b"1".to_vec()));
    }
}
