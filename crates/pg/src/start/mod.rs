//! Whether a server will start with given settings, and how much shared memory it will request.
//!
//! Everything here is measured on real servers of 12 to 18. What is not known of the server or its host is an absence, and
//! never a default: a rule that would need it warns only of values that are at risk, and names the condition.
//!
//! [`Start`] holds the settings. [`Start::questions`] says which facts decide, whoever has a server asks them, and
//! [`Start::problems`] judges.

mod control_file;
mod host;
mod problem;
mod questions;
mod rules;
mod settings;
pub mod shared_memory;

pub use control_file::primary_parameters;
pub use host::{Host, HugePages, Memory, Overcommit, Path, Slot};
pub use problem::{Certainty, Problem};
pub use questions::Questions;
pub use rules::Start;
pub use rules::libraries::{Presence, presence};
pub use settings::Settings;
pub use shared_memory::{SharedMemory, shared_memory};
