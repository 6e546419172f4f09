//! What was verified, for people.

use std::fmt;

use transparency::Checkpoint;

/// A log that is as it was signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The newest signed head; it covers every entry.
    pub head: Checkpoint,
    /// How many signed heads were checked.
    pub heads: usize,
    /// Details that were erased; their entries still hold.
    pub erased: u64,
    /// Was the key known from elsewhere, or taken from the log itself?
    pub key_pinned: bool,
    /// The size of the kept head that the log continues.
    pub continues: Option<u64>,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { head, heads, erased, .. } = self;
        writeln!(f, "ok: {} entries of {} are as they were signed", head.size, head.origin)?;
        writeln!(f, "  root {}", head.root)?;
        writeln!(f, "  {heads} signed heads checked, {erased} details erased")?;
        match self.continues {
            Some(size) => writeln!(f, "  continues the kept head of {size} entries")?,
            None => writeln!(f, "  no kept head was given: an older state of this log would pass too")?,
        }
        let pinned = if self.key_pinned { "key pinned" } else { "key not pinned: checked against the key that the log carries" };
        write!(f, "  {pinned}")
    }
}
