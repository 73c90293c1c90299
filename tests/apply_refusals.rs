//! What `pgdba config apply` and `rollback` refuse: each with one sentence, a hint, a word for programs and an exit code, and with
//! nothing changed on the server.

pub(crate) mod desk;
mod dry_run;
mod files;
mod input;
mod parameters;
mod sets;
mod standing;
