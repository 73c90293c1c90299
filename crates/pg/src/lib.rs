//! PostgreSQL's vocabulary: what the other crates must agree on to speak of a server.
//!
//! Pure: no input, no output, no clock. Nothing here knows a snapshot, a rule or a report.

pub mod conninfo;
pub mod control_file;
pub mod display;
pub mod lexer;
pub mod lsn;
pub mod mask;
pub mod parameter;
pub mod quote;
pub mod start;
pub mod support;
pub mod text;
pub mod tls_names;
pub mod unit;
pub mod version;

pub use control_file::ControlFile;
pub use lsn::Lsn;
pub use unit::{Bytes, Millis, Ratio};
pub use version::ServerVersion;
