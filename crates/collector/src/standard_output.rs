//! Standard output as a place for a document.

use std::io::{self, BufWriter, Stdout, Write};

use crate::wording::Unwritable;

/// Standard output, buffered; an error names it.
#[derive(Debug)]
pub struct StandardOutput(BufWriter<Stdout>);

impl StandardOutput {
    /// The standard output of this process.
    #[must_use]
    pub fn open() -> Self {
        Self(BufWriter::new(io::stdout()))
    }
}

impl Write for StandardOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(named)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(named)
    }
}

fn named(source: io::Error) -> io::Error {
    Unwritable::named("to standard output".to_owned(), source)
}
