//! Real PostgreSQL servers of every supported major version, side by side.
//!
//! [`Server::start`] gives a test its own server in under a second; it ends when the value is dropped. The binaries are
//! downloaded once ([`release`]) and kept in the cache folder.

pub mod client_tools;
pub mod clock;
pub mod command;
mod control;
mod folder;
pub mod lab;
mod options;
pub mod patroni;
mod pgbench;
pub mod pooler;
pub mod release;
mod server;
mod sql;
mod template;

pub use client_tools::{install_client_tools, psql};
pub use lab::Lab;
pub use options::ServerOptions;
pub use patroni::PatroniLab;
pub use pgbench::pgbench;
pub use pooler::Pooler;
pub use release::{MAJORS, NEWEST, install};
pub use server::Server;
