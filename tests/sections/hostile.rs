//! A server with something for every section.

use std::io::Write;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use xtask::servers::{Server, ServerOptions};

use super::document::Document;

/// The objects, and what must never be seen of them.
const SCHEMA: &str = include_str!("hostile.sql");

/// The key of the advisory lock that one session holds and another waits for.
const KEY: u32 = 42;

/// A line of pg_hba.conf without a method.
const BROKEN_LINE: &str = "host all MARKER_line_with_an_error 10.0.0.0/8\n";

pub(crate) struct Hostile {
