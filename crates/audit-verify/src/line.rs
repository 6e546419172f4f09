//! The lines of an export, bounded, a block of them at a time.

use std::io::{BufRead, Read as _};
use std::str;

use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};

use crate::fault::Fault;

/// One entry has at most some hundred kilobytes of detail.
pub const LINE_BYTES_MAX: u64 = 8 * 1024 * 1024;
/// A block is read to the end of the line that reaches this size.
const BLOCK_BYTES: usize = 1024 * 1024;

/// Lines of at most [`LINE_BYTES_MAX`], numbered from 1.
pub struct Lines<R> {
    input: R,
    number: u64,
}

/// Lines that were read together.
#[derive(Default)]
pub struct Block {
    bytes: Vec<u8>,
    lines: Vec<Line>,
    /// What is wrong with the line after them.
    fault: Option<Fault>,
}

/// Where a line is in its block, without its end.
struct Line {
    number: u64,
    from: usize,
    to: usize,
}

impl<R: BufRead> Lines<R> {
    pub const fn new(input: R) -> Self {
        Self { input, number: 0 }
    }

    /// The first line, if there is one.
    pub fn first(&mut self) -> Result<Option<String>, Fault> {
        let mut bytes = Vec::new();
        let line = self.read(&mut bytes)?;
        line.map(|line| line.text(&bytes).map(str::to_owned)).transpose()
    }

    /// The next lines; none at the end.
    pub fn block(&mut self) -> Block {
        let mut block = Block { bytes: Vec::with_capacity(2 * BLOCK_BYTES), ..Block::default() };
        while block.bytes.len() < BLOCK_BYTES {
            match self.read(&mut block.bytes) {
                Ok(Some(line)) => block.lines.push(line),
                Ok(None) => break,
                Err(fault) => {
                    block.fault = Some(fault);
                    break;
                }
            }
        }
        block
    }

    /// Reads the next line behind what was read before.
    fn read(&mut self, bytes: &mut Vec<u8>) -> Result<Option<Line>, Fault> {
        let from = bytes.len();
        let read = self.input.by_ref().take(LINE_BYTES_MAX + 1).read_until(b'\n', bytes)?;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        if bytes.last() == Some(&b'\n') {
            Ok(Some(Line { number: self.number, from, to: bytes.len() - 1 }))
        } else if read as u64 > LINE_BYTES_MAX {
            Err(Fault::LongLine(self.number))
        } else {
            Err(fault(self.number, "the line has no end: the file is cut off"))
        }
    }
}

impl Block {
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.fault.is_none()
    }

    /// What is read from each line, given with its number, on all processors; in order, up to the first that is wrong.
    pub fn read<T: Send>(self, read: impl Fn(u64, &str) -> Result<T, Fault> + Sync) -> Vec<Result<T, Fault>> {
        let Self { bytes, lines, fault } = self;
        let of_line = |line: &Line| read(line.number, line.text(&bytes)?);
        let mut found: Vec<_> = lines.par_iter().map(of_line).collect();
        found.extend(fault.map(Err));
        found
    }
}

impl Line {
    fn text<'a>(&self, bytes: &'a [u8]) -> Result<&'a str, Fault> {
        str::from_utf8(&bytes[self.from..self.to]).map_err(|_| fault(self.number, "the line is not UTF-8"))
    }
}

/// Something is wrong with this line.
pub fn fault(line: u64, reason: impl Into<String>) -> Fault {
    Fault::Line { line, reason: reason.into() }
}
