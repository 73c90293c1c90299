//! Just-in-time compilation.

use pgdba_pg::Millis;

/// Just-in-time compilation.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Jit {
    /// Functions that were generated.
    pub functions: u64,
    /// What was done.
    pub options: JitOptions,
    /// How long it took; absent with TIMING off.
    pub times: Option<JitTimes>,
}

/// What just-in-time compilation did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JitOptions {
    /// Functions were inlined.
    pub inlining: bool,
    /// The code was optimized.
    pub optimization: bool,
    /// Expressions were compiled.
    pub expressions: bool,
    /// The reading of rows was compiled.
    pub deforming: bool,
}

/// How long just-in-time compilation took, over all processes.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct JitTimes {
    /// Generation of the code, `deform` included.
    pub generation: Millis,
    /// Generation of the code that reads rows, from version 17 on.
    pub deform: Option<Millis>,
    /// Inlining.
    pub inlining: Millis,
    /// Optimization.
    pub optimization: Millis,
    /// Emission.
    pub emission: Millis,
    /// All of them.
    pub total: Millis,
}
