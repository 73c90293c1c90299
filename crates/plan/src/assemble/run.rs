//! What a node or a worker was measured to do.

use super::jit::jit;
use super::value::{Field, put, set};
use crate::model::{Buffers, GroupSort, IoTimes, Run};

/// Takes a member, if it is one of these; `false` leaves it to others.
pub(super) fn take(run: &mut Run, key: &str, field: Field<'_>) -> bool {
    actual(run, key, field)
        || has_prefix_of_blocks(key) && buffers(run.buffers.get_or_insert_default(), key, field)
        || key.ends_with(" Time") && key.contains("I/O ") && io(run.io.get_or_insert_default(), key, field)
        || key.starts_with("WAL ") && wal(run, key, field)
        || sort(run, key, field)
        || hash(run, key, field)
        || counts(run, key, field)
}

fn actual(run: &mut Run, key: &str, field: Field<'_>) -> bool {
    let Some(key) = key.strip_prefix("Actual ") else { return false };
    let actual = run.actual.get_or_insert_default();
    match key {
        "Startup Time" => put(&mut actual.startup, field.millis()),
        "Total Time" => put(&mut actual.total, field.millis()),
        "Rows" => set(&mut actual.rows, field.number()),
        "Loops" => set(&mut actual.loops, field.count()),
        _ => false,
    }
}

/// Whether it is the key of a block counter.
pub(super) fn has_prefix_of_blocks(key: &str) -> bool {
    key.ends_with(" Blocks") && ["Shared ", "Local ", "Temp "].iter().any(|prefix| key.starts_with(prefix))
}

pub(super) fn buffers(buffers: &mut Buffers, key: &str, field: Field<'_>) -> bool {
    let place = match key {
        "Shared Hit Blocks" => &mut buffers.shared_hit,
        "Shared Read Blocks" => &mut buffers.shared_read,
        "Shared Dirtied Blocks" => &mut buffers.shared_dirtied,
        "Shared Written Blocks" => &mut buffers.shared_written,
        "Local Hit Blocks" => &mut buffers.local_hit,
        "Local Read Blocks" => &mut buffers.local_read,
        "Local Dirtied Blocks" => &mut buffers.local_dirtied,
        "Local Written Blocks" => &mut buffers.local_written,
        "Temp Read Blocks" => &mut buffers.temp_read,
        "Temp Written Blocks" => &mut buffers.temp_written,
        _ => return false,
    };
    set(place, field.count())
}

pub(super) fn io(io: &mut IoTimes, key: &str, field: Field<'_>) -> bool {
    let place = match key {
        "I/O Read Time" | "Shared I/O Read Time" => &mut io.shared.read,
        "I/O Write Time" | "Shared I/O Write Time" => &mut io.shared.write,
        "Local I/O Read Time" => &mut io.local.read,
        "Local I/O Write Time" => &mut io.local.write,
        "Temp I/O Read Time" => &mut io.temp.read,
        "Temp I/O Write Time" => &mut io.temp.write,
        _ => return false,
    };
    set(place, field.millis())
}

fn wal(run: &mut Run, key: &str, field: Field<'_>) -> bool {
    let wal = run.wal.get_or_insert_default();
    match key {
        "WAL Records" => set(&mut wal.records, field.count()),
        "WAL FPI" => set(&mut wal.full_page_images, field.count()),
        "WAL Bytes" => set(&mut wal.bytes, field.count()),
        "WAL Buffers Full" => set(&mut wal.buffers_full, field.count()),
        _ => false,
    }
}

fn sort(run: &mut Run, key: &str, field: Field<'_>) -> bool {
    match key {
        "Sort Method" => set(&mut run.sort.get_or_insert_default().method, field.string()),
        "Sort Space Used" => set(&mut run.sort.get_or_insert_default().space, field.kilobytes()),
        "Sort Space Type" => {
            run.sort.get_or_insert_default().is_on_disk = field.text() == Some("Disk");
            true
        }
        "Full-sort Groups" => {
            run.incremental_sort.get_or_insert_default().full_sort = Some(group_sort(field));
            true
        }
        "Pre-sorted Groups" => {
            run.incremental_sort.get_or_insert_default().presorted = Some(group_sort(field));
            true
        }
        _ => false,
    }
}

fn group_sort(field: Field<'_>) -> GroupSort {
    let member = |key| field.doc.get(field.id, key).map(|id| Field { id, ..field });
    let space = |name: &str| {
        let of = |key: &str| {
            let group = field.doc.get(field.id, name)?;
            Field { id: field.doc.get(group, key)?, ..field }.kilobytes()
        };
        Some((of("Average Sort Space Used")?, of("Peak Sort Space Used")?))
    };
    GroupSort {
        groups: member("Group Count").and_then(Field::count).unwrap_or_default(),
        methods: member("Sort Methods Used").map(Field::texts).unwrap_or_default(),
        memory: space("Sort Space Memory"),
        disk: space("Sort Space Disk"),
    }
}

fn hash(run: &mut Run, key: &str, field: Field<'_>) -> bool {
    match key {
        "HashAgg Batches" => set(&mut run.hash_aggregate.get_or_insert_default().batches, field.count()),
        "Disk Usage" => set(&mut run.hash_aggregate.get_or_insert_default().disk, field.kilobytes()),
        "Hash Buckets" => set(&mut run.hash.get_or_insert_default().buckets, field.count()),
        "Original Hash Buckets" => set(&mut run.hash.get_or_insert_default().original_buckets, field.count()),
        "Hash Batches" => set(&mut run.hash.get_or_insert_default().batches, field.count()),
        "Original Hash Batches" => set(&mut run.hash.get_or_insert_default().original_batches, field.count()),
        "Cache Hits" => set(&mut run.memoize.get_or_insert_default().hits, field.count()),
        "Cache Misses" => set(&mut run.memoize.get_or_insert_default().misses, field.count()),
        "Cache Evictions" => set(&mut run.memoize.get_or_insert_default().evictions, field.count()),
        "Cache Overflows" => set(&mut run.memoize.get_or_insert_default().overflows, field.count()),
        // It follows what it is of.
        "Peak Memory Usage" => {
            let memory = field.kilobytes();
            match (&mut run.hash, &mut run.memoize, &mut run.hash_aggregate) {
                (Some(hash), ..) => set(&mut hash.memory, memory),
                (_, Some(memoize), _) => set(&mut memoize.memory, memory),
                (_, _, Some(aggregate)) => set(&mut aggregate.memory, memory),
                _ => false,
            }
        }
        _ => false,
    }
}

fn counts(run: &mut Run, key: &str, field: Field<'_>) -> bool {
    match key {
        "Exact Heap Blocks" => set(&mut run.heap_blocks.get_or_insert_default().exact, field.count()),
        "Lossy Heap Blocks" => set(&mut run.heap_blocks.get_or_insert_default().lossy, field.count()),
        "Heap Fetches" => put(&mut run.heap_fetches, field.count()),
        "Index Searches" => put(&mut run.index_searches, field.count()),
        "Storage" => {
            run.storage.get_or_insert_default().is_on_disk = field.text() == Some("Disk");
            true
        }
        "Maximum Storage" => set(&mut run.storage.get_or_insert_default().space, field.kilobytes()),
        "JIT" => {
            run.jit = Some(Box::new(jit(field)));
            true
        }
        _ => false,
    }
}
