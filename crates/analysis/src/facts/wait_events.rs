//! What wait events mean. Their names changed in version 13 and 17; here they are compared without case and underscores.

/// Event, or a whole class where the event is empty, and its meaning. An event begins with the name given.
const MEANINGS: &[(&str, &str, &str)] = &[
    ("", "", "running on a CPU, or waiting for something that the server does not report"),
    ("BufferPin", "", "waiting for other sessions to stop reading a page"),
    ("Buffer", "", "waiting for a page that others use"),
    ("Client", "clientread", "waiting for the client to send data or its next command"),
    ("Client", "clientwrite", "waiting for the client to receive rows"),
    ("Client", "", "waiting for the client or the network"),
    ("Extension", "", "waiting inside an extension"),
    ("IO", "datafileread", "reading pages that are not in shared buffers"),
    ("IO", "datafilewrite", "writing changed pages to data files"),
    ("IO", "datafileextend", "making a data file larger"),
    ("IO", "datafileprefetch", "requesting pages in advance"),
    ("IO", "buffileread", "reading temporary files"),
    ("IO", "buffilewrite", "writing temporary files"),
    ("IO", "aio", "waiting for asynchronous I/O"),
    ("IO", "walsync", "waiting for WAL to reach durable storage at commit"),
    ("IO", "walwrite", "writing WAL"),
    ("IO", "walread", "reading WAL"),
    ("IO", "slru", "reading or writing pages of transaction status"),
    ("IO", "", "reading or writing files"),
    ("IPC", "syncrep", "waiting for a synchronous standby to confirm a commit"),
    ("IPC", "execute", "waiting for parallel workers"),
    ("IPC", "parallel", "waiting for parallel workers"),
    ("IPC", "bgworker", "waiting for a background worker to start or stop"),
    ("IPC", "bufferio", "waiting for another process to read the same page"),
    ("IPC", "procarraygroupupdate", "many transactions end at the same time"),
    ("IPC", "xactgroupupdate", "many transactions end at the same time"),
    ("IPC", "hash", "parallel workers waiting for one another in a hash join"),
    ("IPC", "", "waiting for another process of the server"),
    ("LWLock", "buffercontent", "several sessions use the same page, often a hot index page or row"),
    ("LWLock", "buffermapping", "pages are brought into and out of shared buffers at a high rate"),
    ("LWLock", "bufferio", "waiting for another process to read the same page"),
    (
        "LWLock",
        "lockmanager",
        "statements lock more relations than the fast path has slots for, such as many partitions",
    ),
    ("LWLock", "lockfastpath", "many sessions take and release relation locks"),
    ("LWLock", "procarray", "many sessions take snapshots or end transactions"),
    ("LWLock", "walinsert", "many sessions write WAL records"),
    ("LWLock", "walwrite", "waiting for another process to write WAL"),
    ("LWLock", "walbufmapping", "WAL buffers are full"),
    ("LWLock", "xidgen", "many transactions get their transaction ids"),
    ("LWLock", "subtrans", "transactions with many subtransactions, often savepoints"),
    ("LWLock", "multixact", "rows that several transactions lock at the same time, often through foreign keys"),
    ("LWLock", "xact", "reading the status of transactions"),
    ("LWLock", "clog", "reading the status of transactions"),
    ("LWLock", "pgstatstatements", "pg_stat_statements records statements"),
    ("LWLock", "dynamicsharedmemory", "parallel queries start and end"),
    ("LWLock", "autovacuum", "autovacuum workers choose tables"),
    ("LWLock", "", "waiting for a data structure in shared memory"),
    ("Lock", "advisory", "waiting for an advisory lock of the application"),
    ("Lock", "extend", "several sessions make the same table larger"),
    ("Lock", "relation", "waiting for a lock on a table or index, often because of DDL"),
    ("Lock", "transactionid", "waiting for another transaction that changed the same row"),
    ("Lock", "tuple", "queuing for a row that another session is already waiting for"),
    ("Lock", "virtualxid", "waiting for older transactions to end, as CREATE INDEX CONCURRENTLY does"),
    ("Lock", "", "waiting for a lock, see Locks"),
    ("Timeout", "pgsleep", "calling pg_sleep()"),
    ("Timeout", "vacuumdelay", "VACUUM pausing because of its cost limit"),
    ("Timeout", "", "waiting for a time to pass"),
];

/// A name without what differs between versions: `WALWriteLock`, `wal_write` and `WALWrite` are the same.
#[must_use]
pub fn normalized(name: &str) -> String {
    let plain: String = name.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
    let plain = plain.to_ascii_lowercase();
    plain.strip_suffix("lock").map(str::to_owned).unwrap_or(plain)
}

/// What an event means, as a part of a sentence; none of a class that no known version has.
#[must_use]
pub fn meaning(class: &str, event: &str) -> Option<&'static str> {
    let name = normalized(event);
    let of_class = MEANINGS.iter().filter(|(of, ..)| *of == class);
    let best = of_class.filter(|(_, begin, _)| name.starts_with(begin)).max_by_key(|(_, begin, _)| begin.len());
    best.map(|(.., meaning)| *meaning)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_means_the_same_in_every_version() {
        for (old, new) in [
            ("lock_manager", "LockManager"),
            ("buffer_content", "BufferContent"),
            ("WALWriteLock", "WALWrite"),
            ("wal_insert", "WALInsert"),
            ("ProcArrayLock", "ProcArray"),
            ("SubtransControlLock", "SubtransSLRU"),
            ("MultiXactOffsetControlLock", "MultiXactOffsetSLRU"),
        ] {
            assert!(meaning("LWLock", old).is_some() && meaning("LWLock", old) == meaning("LWLock", new), "{old}");
            assert_ne!(meaning("LWLock", old), meaning("LWLock", "SomethingElse"), "{old}");
        }
        assert_eq!(meaning("IPC", "ExecuteGather"), Some("waiting for parallel workers"));
        assert_eq!(meaning("IO", "DataFileRead"), Some("reading pages that are not in shared buffers"));
        assert_eq!(meaning("", ""), Some("running on a CPU, or waiting for something that the server does not report"));
        assert_eq!(meaning("Unheard", "Of"), None);
    }
}
