//! Values for parameters.

pub mod pgtune;
