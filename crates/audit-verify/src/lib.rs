//! Verifies an audit log, from its export or from wherever else its entries are read: that every entry is the one that was written, in its
//! place; that the server which wrote them kept the rules; that together they are what the log's key signed; and that they continue a head that
//! somebody kept. A single entry is verified from its proof file. It needs no server, no database and no network.

mod command;
mod export;
mod fault;
mod line;
mod log;
mod proof;
mod tree;
mod verdict;

#[cfg(test)]
mod tests;

pub use command::{Trusted, Verified, Verify};
pub use export::verify_export;
pub use fault::Fault;
pub use log::{LogReader, ReadEntry};
pub use proof::verify_proof;
pub use tree::TreeReader;
pub use verdict::{ProvedEntry, Verdict};

use transparency::VerifierKey;

/// What the verifier knows already.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    /// Keys that it has from elsewhere; without any, the log is checked against the keys that it carries.
    pub keys: Vec<VerifierKey>,
    /// A signed head that it kept from earlier.
    pub kept: Option<String>,
}
