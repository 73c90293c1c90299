//! What is measured while a node runs.

use pgdba_pg::{Bytes, Millis};

use super::jit::Jit;

/// What a node, or one of its workers, was measured to do. A figure that EXPLAIN was not asked for is absent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Run {
    /// Time, rows and loops: ANALYZE.
    pub actual: Option<Actual>,
    /// Blocks, those of the children included: BUFFERS.
    pub buffers: Option<Buffers>,
    /// Time of reading and writing blocks: BUFFERS with `track_io_timing`.
    pub io: Option<IoTimes>,
    /// WAL: the option WAL.
    pub wal: Option<Wal>,
    /// Of a Sort that was completed.
    pub sort: Option<Sort>,
    /// Of an Incremental Sort.
    pub incremental_sort: Option<Box<IncrementalSort>>,
    /// Of an Aggregate that hashes.
    pub hash_aggregate: Option<HashAggregate>,
    /// Of a Hash.
    pub hash: Option<HashTable>,
    /// Of a Memoize.
    pub memoize: Option<Memoize>,
    /// Of a Bitmap Heap Scan; of its leader only up to version 17.
    pub heap_blocks: Option<HeapBlocks>,
    /// Of a node that stores rows, from version 18 on.
    pub storage: Option<Storage>,
    /// Rows that an Index Only Scan had to read from the table, over all loops and processes.
    pub heap_fetches: Option<u64>,
    /// Descents of an index, over all loops and processes, from version 18 on.
    pub index_searches: Option<u64>,
    /// Of a worker, with VERBOSE.
    pub jit: Option<Box<Jit>>,
}

/// What ANALYZE adds to every node.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Actual {
    /// Time until the first row, of an average loop; absent with TIMING off and for a node that was never executed.
    pub startup: Option<Millis>,
    /// Time until the last row, of an average loop, that of the children included.
    pub total: Option<Millis>,
    /// Rows of an average loop: an integer up to version 17, so that fewer than 0.5 rows are 0.
    pub rows: f64,
    /// How often the node was executed, by all processes together; 0 is never.
    pub loops: u64,
}

/// Blocks, over all loops and processes, those of the children included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Buffers {
    /// Blocks of tables and indexes found in shared buffers.
    pub shared_hit: u64,
    /// … read into shared buffers.
    pub shared_read: u64,
    /// … changed for the first time since they were read or written.
    pub shared_dirtied: u64,
    /// … written by this backend.
    pub shared_written: u64,
    /// Blocks of temporary tables found in local buffers.
    pub local_hit: u64,
    /// … read.
    pub local_read: u64,
    /// … changed.
    pub local_dirtied: u64,
    /// … written.
    pub local_written: u64,
    /// Blocks of temporary files read.
    pub temp_read: u64,
    /// … written.
    pub temp_written: u64,
}

/// Time of reading and of writing.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Io {
    /// Time of reading.
    pub read: Millis,
    /// Time of writing.
    pub write: Millis,
}

/// Time of reading and writing blocks, over all loops and processes, that of the children included.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct IoTimes {
    /// Tables and indexes; up to version 16 also temporary tables.
    pub shared: Io,
    /// Temporary tables, from version 17 on.
    pub local: Io,
    /// Temporary files, from version 15 on.
    pub temp: Io,
}

/// WAL that was written, by the children included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wal {
    /// Records.
    pub records: u64,
    /// Full page images.
    pub full_page_images: u64,
    /// Size of the records.
    pub bytes: u64,
    /// How often WAL buffers were full, from version 18 on.
    pub buffers_full: u64,
}

/// The last execution of a Sort in one process.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sort {
    /// `quicksort`, `top-N heapsort`, `external sort`, `external merge`.
    pub method: String,
    /// Space in memory or on disk.
    pub space: Bytes,
    /// Whether it was on disk.
    pub is_on_disk: bool,
}

/// An Incremental Sort in one process.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IncrementalSort {
    /// Groups that were sorted by all keys.
    pub full_sort: Option<GroupSort>,
    /// Groups that were sorted by the keys that their order lacked.
    pub presorted: Option<GroupSort>,
}

/// The groups of an Incremental Sort.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupSort {
    /// How many groups.
    pub groups: u64,
    /// The methods that were used, as in [`Sort::method`].
    pub methods: Vec<String>,
    /// Average and largest space in memory.
    pub memory: Option<(Bytes, Bytes)>,
    /// Average and largest space on disk.
    pub disk: Option<(Bytes, Bytes)>,
}

/// A hashed aggregation in one process, from version 13 on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HashAggregate {
    /// Batches; more than one means that it spilled.
    pub batches: u64,
    /// Largest space in memory.
    pub memory: Bytes,
    /// Space on disk.
    pub disk: Bytes,
}

/// The hash table of a join, the largest over all processes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HashTable {
    /// Buckets.
    pub buckets: u64,
    /// Buckets that were planned.
    pub original_buckets: u64,
    /// Batches; more than one means that it spilled.
    pub batches: u64,
    /// Batches that were planned.
    pub original_batches: u64,
    /// Largest space in memory.
    pub memory: Bytes,
}

/// The cache of a Memoize in one process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Memoize {
    /// Lookups that found their rows.
    pub hits: u64,
    /// Lookups that executed the child.
    pub misses: u64,
    /// Entries that were removed for want of memory.
    pub evictions: u64,
    /// Rows of one lookup that did not fit into memory.
    pub overflows: u64,
    /// Largest space in memory.
    pub memory: Bytes,
}

/// Blocks of a Bitmap Heap Scan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HeapBlocks {
    /// Blocks whose rows the bitmap names.
    pub exact: u64,
    /// Blocks all of whose rows had to be checked.
    pub lossy: u64,
}

/// Rows that a node keeps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Storage {
    /// Whether they were on disk.
    pub is_on_disk: bool,
    /// Largest space.
    pub space: Bytes,
}
