//! Changing a server's configuration, as pure computation: what is to be changed and what stood there before, whether it may be,
//! in which order it is done and undone.
//!
//! Nothing here reads a file, asks a server or knows the time. The crate `apply` carries out what this one decides.

pub mod auto_conf;
pub mod change_set;
pub mod environment;
pub mod facts;
pub mod journal;
pub mod machine;
pub mod offline;
pub mod patroni;
pub mod precheck;
pub mod refusal;
pub mod request;
pub mod restore;
pub mod verify;
