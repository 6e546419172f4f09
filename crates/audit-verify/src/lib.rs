//! Verifies an audit log from its export: that every entry is the one that was written, in its place; that together they are what the log's key
//! signed; and that they continue a head that somebody kept. It needs no server, no database and no network.

mod command;
mod export;
mod fault;
mod line;
mod verdict;

#[cfg(test)]
mod tests;

pub use command::Verify;
pub use export::verify_export;
pub use fault::Fault;
pub use verdict::Verdict;

use transparency::VerifierKey;

/// What the verifier knows already.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    /// Keys that it has from elsewhere; without any, the log is checked against the keys that it carries.
    pub keys: Vec<VerifierKey>,
    /// A signed head that it kept from earlier.
    pub kept: Option<String>,
}
