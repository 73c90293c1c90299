//! Changes a server as `pgdba_change` decides: takes the locks, keeps the journal, asks the server, and puts it back.

pub mod error;
mod fault_point;
pub mod holder;
pub mod offline;
pub mod patroni;
mod run;
mod server;
pub mod store;

pub use error::{ApplyError, ChangeError, OfflineError, StoreFault};
pub use run::{Desk, Done, apply, plan, refused, take_up};
pub use server::Server;
pub use store::Store;
