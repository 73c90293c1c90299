//! The client of Patroni's REST interface.
//!
//! Every request is bounded in time and in bytes, follows no redirect and goes through no proxy. The password goes to one
//! address only, the one that the user named, and with changes only: what is read is open to everybody.

mod arguments;
mod client;
mod error;
mod options;
mod outcome;
mod send;
mod tls;
mod wait;

pub use arguments::PatroniArguments;
pub use client::Patroni;
pub use error::PatroniError;
pub use options::PatroniOptions;
pub use send::{Sending, Witness};
pub use wait::Waited;
