//! Build, set-up and generators behind `cargo xtask`, and what the end-to-end tests build on.

pub mod bench;
pub mod demo;
pub mod doctor;
pub mod fixtures;
pub mod generate;
pub mod install;
pub mod measure;
pub mod new;
pub mod paths;
pub mod plans;
pub mod privilege;
pub mod process;
pub mod products;
pub mod servers;
pub mod setup;
pub mod starting;
pub mod test;
pub mod web;
