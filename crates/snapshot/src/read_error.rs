//! Why an input is not a snapshot.

use thiserror::Error;

/// How much a compressed document may grow to, in bytes. A hundred thousand tables need about a third of it.
pub const MAX_BYTES: u64 = 1 << 30;

/// Why the input is no snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReadError {
    /// Nothing was given.
    #[error("the file is empty")]
    Empty,
    /// The compressed stream is broken.
    #[error("the compressed file is damaged after {unpacked} uncompressed bytes: {reason}")]
    BrokenGzip {
        /// Bytes that could be unpacked.
        unpacked: u64,
        /// What the decompressor said.
        reason: String,
    },
    /// The document is larger than [`MAX_BYTES`].
    #[error("the file is larger than {} bytes when uncompressed", MAX_BYTES)]
    TooLarge,
    /// The JSON ends before it is complete.
    #[error("the file is truncated: it ends within the document, at byte {at}")]
    Truncated {
        /// Length of what is there, in bytes.
        at: u64,
    },
    /// Not JSON.
    #[error("the file is not JSON: {reason}")]
    NotJson {
        /// What the parser said, with line and column.
        reason: String,
    },
    /// A snapshot with a member that cannot be read.
    #[error("the snapshot is damaged: {reason}")]
    Damaged {
        /// What is wrong, with line and column.
        reason: String,
    },
    /// Text in another encoding, as some editors and shells on Windows save it.
    #[error("the file is encoded in {encoding}, not in UTF-8")]
    OtherEncoding {
        /// The encoding.
        encoding: &'static str,
    },
    /// JSON, but of something else.
    #[error("this is not a pgdba snapshot, but {what}")]
    OtherFormat {
        /// What it seems to be.
        what: String,
    },
    /// A snapshot of a newer format.
    #[error("the snapshot has format version {found}, but this pgdba supports up to version {supported}")]
    NewerFormat {
        /// The document's `format_version`.
        found: i64,
        /// The newest that can be read.
        supported: i64,
    },
}

impl ReadError {
    /// The stable word for this error in the JSON envelope.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "snapshot_empty",
            Self::BrokenGzip { .. } => "snapshot_gzip_damaged",
            Self::TooLarge => "snapshot_too_large",
            Self::Truncated { .. } => "snapshot_truncated",
            Self::NotJson { .. } => "snapshot_not_json",
            Self::Damaged { .. } => "snapshot_damaged",
            Self::OtherEncoding { .. } => "snapshot_encoding",
            Self::OtherFormat { .. } => "snapshot_other_format",
            Self::NewerFormat { .. } => "snapshot_newer_format",
        }
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Empty | Self::BrokenGzip { .. } | Self::Truncated { .. } | Self::Damaged { .. } => {
                "Copy the file again and compare the sizes, or collect it again with `pgdba inspect -o FILE`."
            }
            Self::TooLarge => "Collect fewer sections with `pgdba inspect --sections`.",
            Self::OtherEncoding { .. } => "Save the file as UTF-8, or copy the original file again.",
            Self::NotJson { .. } => "Choose a file written by `pgdba inspect -o FILE` or `pgdba-collect`.",
            Self::OtherFormat { .. } => {
                "A snapshot starts with {\"format\":\"pgdba.diag_snapshot\"}. Collect one with `pgdba inspect -o FILE`."
            }
            Self::NewerFormat { .. } => "Use the pgdba version that collected the snapshot, or a newer one.",
        }
    }
}
