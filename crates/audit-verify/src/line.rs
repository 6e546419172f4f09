//! The lines of an export, bounded.

use std::io::{BufRead, Read as _};

use crate::fault::Fault;

/// One entry has at most some hundred kilobytes of detail.
pub const LINE_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// Lines of at most [`LINE_BYTES_MAX`], numbered from 1.
pub struct Lines<R> {
    input: R,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    pub const fn new(input: R) -> Self {
        Self { input, number: 0 }
    }

    /// The next line without its end; `None` after the last.
    pub fn next(&mut self) -> Result<Option<String>, Fault> {
        let mut bytes = Vec::new();
        let read = self.input.by_ref().take(LINE_BYTES_MAX + 1).read_until(b'\n', &mut bytes)?;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        if bytes.last() == Some(&b'\n') {
            bytes.pop();
        } else if read as u64 > LINE_BYTES_MAX {
            return Err(Fault::LongLine(self.number));
        } else {
            return Err(self.fault("the line has no end: the file is cut off"));
        }
        String::from_utf8(bytes).map(Some).map_err(|_| self.fault("the line is not UTF-8"))
    }

    /// Something is wrong with the line that was read last.
    pub fn fault(&self, reason: impl Into<String>) -> Fault {
        Fault::Line { line: self.number, reason: reason.into() }
    }
}
