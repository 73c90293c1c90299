//! Checkpoints and WAL.

use crate::registry;

registry! { requested_checkpoints }
