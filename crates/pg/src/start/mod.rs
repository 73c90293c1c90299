//! Whether a server will start with given settings, and how much shared memory it will request.
//!
//! Everything here is measured on real servers of 12 to 18. What is not known of the server or its host is an absence, and
//! never a default.

mod settings;
pub mod shared_memory;

pub use settings::Settings;
pub use shared_memory::{SharedMemory, shared_memory};
