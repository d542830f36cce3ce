//! The store on disk; the only user of RocksDB.

use super::{Column, Direction, Durability, Pair, Store, StoreError, StoreMemory, WriteBatch};
use rocksdb::{
    BlockBasedIndexType, BlockBasedOptions, Cache, ColumnFamily, ColumnFamilyDescriptor, DB,
    DBCompactionStyle, DBCompressionType, DBRecoveryMode, FlushOptions, IteratorMode, Options,
    ReadOptions, UniversalCompactOptions, WriteOptions, properties,
};
use std::path::Path;
use std::sync::Arc;

/// How the names of the threads begin that flush and compact.
pub const BACKGROUND_THREADS: &str = "rocksdb";
/// Bytes of blocks, indexes and filters held in memory, for all columns together.
const CACHE_BYTES: usize = 64 * 1024 * 1024;
/// Bytes of unflushed writes held in memory, for all columns together.
const WRITE_BUFFERS_BYTES: usize = 96 * 1024 * 1024;
/// Bytes of unflushed writes of one column: all columns are flushed together, so that it is the
/// sum that counts.
const WRITE_BUFFER_BYTES: usize = WRITE_BUFFERS_BYTES;
/// Bytes of the write-ahead log at which the oldest column is flushed.
const LOG_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Values from this size on stand in files of their own, which compaction does not copy.
const BLOB_BYTES_MIN: u64 = 16 * 1024;
/// The same for values of the state: cases, which are most of its bytes.
const STATE_BLOB_BYTES_MIN: u64 = 200;
/// Files that are open at one time; the rest of the process needs sockets.
const OPEN_FILES_MAX: i32 = 512;
/// The part of a column's unflushed writes that a filter of their keys may take.
const MEMORY_FILTER_SHARE: f64 = 0.02;
/// Flushed files of a column at which they are merged into the first level.
const LEVEL_ZERO_FILES: i32 = 8;
/// Bytes of the first level of a column.
const LEVEL_ONE_BYTES: u64 = 1024 * 1024 * 1024;
/// Bytes that a compaction reads at once from each of its files.
const COMPACTION_READ_BYTES: usize = 256 * 1024;
/// How much larger, in percent, the next older run may be than all newer ones together and still be
/// merged with them.
const TIER_SIZE_RATIO: i32 = 20;
/// Runs of a scattered column that are merged at least.
const TIER_FILES_MIN: i32 = 4;
/// The same, and the flushed files at which merging begins, of a column that only questions read:
/// it is merged less often, and a question looks into more files.
const RARELY_READ: (i32, i32) = (8, 16);
/// How many more flushed files of a column slow writes down, and stop them.
const FILES_BEHIND: (i32, i32) = (12, 28);
/// How much a scattered column may take beyond what it holds, in percent.
const SPACE_PERCENT_MAX: i32 = 100;
/// Bits of the bloom filter for each key: one absent key in a hundred costs a read.
const BLOOM_BITS: f64 = 10.0;

/// A store in a directory. A clone is another handle of the same store; the directory is free
/// again when the last handle is gone.
#[derive(Clone, Debug)]
pub struct RocksStore {
    db: Arc<DB>,
    columns: &'static [Column],
}

impl RocksStore {
    /// Opens the store in `path`, which is created when it is absent.
    ///
    /// # Errors
    /// When another process has it open, it cannot be written, or its files are damaged.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_columns(path, &Column::ALL)
    }

    /// Opens an observer's store in `path`, which is created when it is absent.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_observer(path: &Path) -> Result<Self, StoreError> {
        Self::open_columns(path, &Column::OBSERVER)
    }

    fn open_columns(path: &Path, columns: &'static [Column]) -> Result<Self, StoreError> {
        std::fs::create_dir_all(path).map_err(|error| StoreError::Unwritable {
            path: path.to_owned(),
            reason: error.to_string(),
        })?;
        let cache = Cache::new_lru_cache(CACHE_BYTES);
        let families = columns.iter().map(|column| {
            ColumnFamilyDescriptor::new(column.name(), column_options(*column, &cache))
        });
        let db = DB::open_cf_descriptors(&database_options(), path, families)
            .map_err(|error| open_error(path, &error))?;
        Ok(Self { db: Arc::new(db), columns })
    }

    fn flush_all(&self, options: &FlushOptions) -> Result<(), StoreError> {
        let families: Vec<&ColumnFamily> =
            self.columns.iter().map(|column| self.family(*column)).collect();
        self.db
            .flush_cfs_opt(&families, options)
            .map_err(|error| StoreError::Write { reason: error.to_string() })
    }

    fn family(&self, column: Column) -> &ColumnFamily {
        self.db.cf_handle(column.name()).expect("every column was opened")
    }
}

fn database_options() -> Options {
    let mut options = Options::default();
    options.create_if_missing(true);
    options.create_missing_column_families(true);
    options.set_db_write_buffer_size(WRITE_BUFFERS_BYTES);
    options.set_max_total_wal_size(LOG_BYTES_MAX);
    options.set_max_open_files(OPEN_FILES_MAX);
    options.set_max_background_jobs(2);
    options.set_compaction_readahead_size(COMPACTION_READ_BYTES);
    // What is written without a log is flushed for all columns at once or not at all, so that a
    // crash leaves the effects of whole heights.
    options.set_atomic_flush(true);
    // One thread writes most of the time; the concurrent path costs more for each key.
    options.set_allow_concurrent_memtable_write(false);
    options.set_keep_log_file_num(4);
    // A tail that a crash cut off is dropped; damage before it is an error. The default would
    // silently forget synced decisions behind a damaged record.
    options.set_wal_recovery_mode(DBRecoveryMode::TolerateCorruptedTailRecords);
    options
}

fn column_options(column: Column, cache: &Cache) -> Options {
    let mut table = BlockBasedOptions::default();
    table.set_block_cache(cache);
    table.set_cache_index_and_filter_blocks(true);
    table.set_pin_l0_filter_and_index_blocks_in_cache(true);
    // Only the top of indexes and filters stays in memory for sure.
    table.set_index_type(BlockBasedIndexType::TwoLevelIndexSearch);
    table.set_partition_filters(true);
    table.set_metadata_block_size(4 * 1024);
    table.set_pin_top_level_index_and_filter(true);
    if is_filtered(column) {
        table.set_bloom_filter(BLOOM_BITS, false);
    }
    let mut options = Options::default();
    options.set_block_based_table_factory(&table);
    let compression =
        if is_random(column) { DBCompressionType::None } else { DBCompressionType::Lz4 };
    options.set_compression_type(compression);
    options.set_write_buffer_size(WRITE_BUFFER_BYTES);
    // Fewer, larger steps down the levels: each byte is compacted less often.
    let (tier_files_min, level_zero_files) =
        if is_rarely_read(column) { RARELY_READ } else { (TIER_FILES_MIN, LEVEL_ZERO_FILES) };
    options.set_level_zero_file_num_compaction_trigger(level_zero_files);
    // Writes are held up where merging does not keep up, not before it begins.
    options.set_level_zero_slowdown_writes_trigger(level_zero_files + FILES_BEHIND.0);
    options.set_level_zero_stop_writes_trigger(level_zero_files + FILES_BEHIND.1);
    options.set_max_bytes_for_level_base(LEVEL_ONE_BYTES);
    if is_scattered(column) {
        // Keys in no order: leveled compaction would rewrite all of a column again and again.
        let mut tiers = UniversalCompactOptions::default();
        tiers.set_size_ratio(TIER_SIZE_RATIO);
        tiers.set_min_merge_width(tier_files_min);
        tiers.set_max_size_amplification_percent(SPACE_PERCENT_MAX);
        options.set_compaction_style(DBCompactionStyle::Universal);
        options.set_universal_compaction_options(&tiers);
    }
    if matches!(column, Column::State | Column::Tree) {
        // Most of what execution reads is on disk or nowhere: it is not looked for in memory.
        options.set_memtable_whole_key_filtering(true);
        options.set_memtable_prefix_bloom_ratio(MEMORY_FILTER_SHARE);
    }
    let blob_bytes_min = match column {
        Column::Batches => Some(BLOB_BYTES_MIN),
        Column::State => Some(STATE_BLOB_BYTES_MIN),
        _ => None,
    };
    if let Some(bytes) = blob_bytes_min {
        options.set_enable_blob_files(true);
        options.set_min_blob_size(bytes);
        options.set_blob_compression_type(DBCompressionType::Lz4);
        // Cases are written again and again, and their old values take room. Bodies of batches are
        // there for ever: whatever is collected there is copied, the more the longer the chain.
        options.set_enable_blob_gc(column == Column::State);
    }
    options
}

/// Whether execution or admission looks keys up, which are then absent from most files. Elsewhere a
/// filter would only take memory.
fn is_filtered(column: Column) -> bool {
    matches!(
        column,
        Column::State
            | Column::Tree
            | Column::Submissions
            | Column::Batches
            | Column::BatchNumbers
            | Column::Ordered
    )
}

/// Whether the keys of a column come in no order, so that every flush has some of everywhere.
fn is_scattered(column: Column) -> bool {
    matches!(
        column,
        Column::State | Column::Tree | Column::Documents | Column::Submissions | Column::CaseIndex
    )
}

/// Whether neither execution nor admission reads a column.
fn is_rarely_read(column: Column) -> bool {
    matches!(column, Column::Documents | Column::CaseIndex)
}

/// Whether a column holds little but hashes, which do not become shorter.
fn is_random(column: Column) -> bool {
    matches!(column, Column::Tree | Column::Documents | Column::Submissions | Column::Ordered)
}

fn open_error(path: &Path, error: &rocksdb::Error) -> StoreError {
    let (path, reason) = (path.to_owned(), error.to_string());
    if reason.contains("lock file") || reason.contains("lock hold") {
        return StoreError::HomeInUse { path };
    }
    let refused = ["Permission denied", "Read-only file system", "Not a directory"];
    if refused.iter().any(|text| reason.contains(text)) {
        return StoreError::Unwritable { path, reason };
    }
    StoreError::Open { path, reason }
}

fn read_error(column: Column) -> impl Fn(rocksdb::Error) -> StoreError {
    move |error| StoreError::Read { column: column.name(), reason: error.to_string() }
}

impl Store for RocksStore {
    fn get(&self, column: Column, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.db.get_cf(self.family(column), key).map_err(read_error(column))
    }

    fn has(&self, column: Column, key: &[u8]) -> Result<bool, StoreError> {
        let pinned = self.db.get_pinned_cf(self.family(column), key).map_err(read_error(column))?;
        Ok(pinned.is_some())
    }

    fn multi_get(
        &self,
        column: Column,
        keys: &[Vec<u8>],
    ) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        debug_assert!(keys.is_sorted(), "the batched read relies on ascending keys");
        self.db
            .batched_multi_get_cf(self.family(column), keys, true)
            .into_iter()
            .map(|value| value.map(|value| value.map(|bytes| bytes.to_vec())))
            .map(|value| value.map_err(read_error(column)))
            .collect()
    }

    fn write(&self, batch: WriteBatch, durability: Durability) -> Result<(), StoreError> {
        // A height is some megabytes: growing by doubling would copy and touch as many again.
        let mut changes = rocksdb::WriteBatch::with_capacity_bytes(batch.bytes());
        // Most changes are of the same column as the one before.
        let mut last: Option<(Column, &ColumnFamily)> = None;
        for (column, key, value) in batch.into_changes() {
            let family = match last {
                Some((own, family)) if own == column => family,
                _ => self.family(column),
            };
            last = Some((column, family));
            match value {
                Some(value) => changes.put_cf(family, key, value),
                None => changes.delete_cf(family, key),
            }
        }
        let mut options = WriteOptions::default();
        match durability {
            Durability::Synced => options.set_sync(true),
            Durability::Reproducible => options.disable_wal(true),
        }
        self.db
            .write_opt(changes, &options)
            .map_err(|error| StoreError::Write { reason: error.to_string() })
    }

    fn flush(&self) -> Result<(), StoreError> {
        self.flush_all(&FlushOptions::default())
    }

    fn begin_flush(&self) -> Result<(), StoreError> {
        let mut options = FlushOptions::default();
        options.set_wait(false);
        self.flush_all(&options)
    }

    fn memory(&self) -> StoreMemory {
        let of = |column, name| {
            let value = self.db.property_int_value_cf(self.family(column), name);
            value.ok().flatten().unwrap_or(0)
        };
        let sum = |name| self.columns.iter().map(|column| of(*column, name)).sum();
        StoreMemory {
            unflushed: sum(properties::CUR_SIZE_ALL_MEM_TABLES),
            // One cache serves all columns.
            cache: of(Column::State, properties::BLOCK_CACHE_USAGE),
            tables: sum(properties::ESTIMATE_TABLE_READERS_MEM),
        }
    }

    fn scan(
        &self,
        column: Column,
        from: &[u8],
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<Pair>, StoreError> {
        let direction = match direction {
            Direction::Forward => rocksdb::Direction::Forward,
            Direction::Reverse => rocksdb::Direction::Reverse,
        };
        let mode = IteratorMode::From(from, direction);
        let pairs =
            self.db.iterator_cf_opt(self.family(column), ReadOptions::default(), mode).take(limit);
        pairs
            .map(|pair| pair.map(|(key, value)| (key.into_vec(), value.into_vec())))
            .map(|pair| pair.map_err(read_error(column)))
            .collect()
    }
}
