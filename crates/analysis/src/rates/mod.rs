//! Rates of counters, each over a time of its own, or why one is unknown.

mod counted;
mod rate;
mod server;

pub(crate) use counted::{Counted, Source};
pub(crate) use rate::SHORTEST;
pub use rate::{Period, Rate};
pub(crate) use server::{OF_DATABASES, server};
pub use server::{RateUnit, ServerRate};
