//! Other sessions change the same server all the time: none of their values is lost, and what they changed is said.

mod rounds;
mod secrets;
pub(crate) mod writer;
