//! Checkpoints and WAL.

use crate::registry;

registry! { Checkpoints:
    backend_fsyncs,
    backend_writes,
    bgwriter_stops_early,
    low_completion_target,
    requested_checkpoints,
    short_checkpoint_timeout,
    small_max_wal_size,
    small_wal_buffers,
    uncompressed_full_page_images,
}
