//! Checkpoints and WAL.

use crate::registry;

registry! { Checkpoints:
    requested_checkpoints,
}
