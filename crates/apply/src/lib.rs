//! Changes a server as `pgdba_change` decides: takes the locks, keeps the journal, asks the server, and puts it back.

pub mod patroni;
