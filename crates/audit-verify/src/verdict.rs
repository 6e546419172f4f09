//! What was verified, for people.

use std::fmt;

use transparency::Checkpoint;

/// A log that is as it was signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The newest signed head.
    pub head: Checkpoint,
    /// How many signed heads were checked.
    pub heads: usize,
    /// Entries that were logged since, in order and by the rules; the next head covers them.
    pub unsigned: u64,
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
        if self.unsigned > 0 {
            writeln!(f, "  {} newer entries are by the rules and not signed yet", self.unsigned)?;
        }
        match self.continues {
            Some(size) => writeln!(f, "  continues the kept head of {size} entries")?,
            None => writeln!(f, "  no kept head was given: an older state of this log would pass too")?,
        }
        let pinned = if self.key_pinned { "key pinned" } else { "key not pinned: checked against the key that the log carries" };
        write!(f, "  {pinned}")
    }
}

/// An entry that is where it says in a log that was signed.
#[derive(Clone, Debug, PartialEq)]
pub struct ProvedEntry {
    /// RFC 8785 JSON.
    pub leaf: String,
    /// The signed head that it is proved against.
    pub head: Checkpoint,
}

impl fmt::Display for ProvedEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Checkpoint { origin, size, root } = &self.head;
        writeln!(f, "ok: the entry is in {origin} as it was signed over {size} entries")?;
        writeln!(f, "  root {root}")?;
        writeln!(f, "  key pinned")?;
        write!(f, "  {}", self.leaf)
    }
}
