//! Which details of a log are gone, and which of its entries say so. A detail that is missing without such an entry was taken away unseen; one that
//! is there although an entry says that it was erased was put back. Entries are followed in order; reading them is not done here.

use std::collections::BTreeMap;

use serde_json::Value;

use super::verification::{LogFault, StoredEntry};
use super::{AuditAction, Outcome, TargetKind};

/// What one entry tells of details: whether its own is there, and which other one was erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    own: Own,
    erases: Option<Erases>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Own {
    Never,
    There,
    /// Of the entry with this id.
    Gone(String),
}

/// The entry whose detail was erased, as far as that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Erases {
    seq: Option<i64>,
    id: Option<String>,
}

/// Why an entry cannot say that a detail was erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoErasure {
    #[error("which is not before it")]
    NotBefore,
    #[error("which never had one")]
    NeverThere,
    #[error("which has another id")]
    OtherId,
    #[error("which another entry said already")]
    Again,
}

impl Told {
    /// What this entry, whose leaf was read, tells.
    #[must_use]
    pub fn by(entry: &StoredEntry, leaf: &Value) -> Self {
        let own = match (&leaf["detail"], &entry.detail) {
            (Value::Null, _) => Own::Never,
            (_, Some(_)) => Own::There,
            (_, None) => Own::Gone(leaf["id"].as_str().unwrap_or_default().to_owned()),
        };
        Self { own, erases: Erases::read(leaf) }
    }

    /// Is the entry's own detail there?
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.own == Own::There
    }

    /// Does this leaf say that the detail of the entry with this `seq` and id was erased?
    #[must_use]
    pub fn says_erased(leaf: &Value, seq: i64, id: &str) -> bool {
        let named = Erases { seq: Some(seq), id: Some(id.to_owned()) };
        Erases::read(leaf) == Some(named)
    }
}

impl Erases {
    /// Only what was done is said.
    fn read(leaf: &Value) -> Option<Self> {
        let is_done = leaf["action"] == AuditAction::DetailErased.as_str() && leaf["outcome"] == Outcome::Ok.as_str();
        let of_entry = leaf["target"]["kind"] == TargetKind::Entry.as_str();
        let id = leaf["target"]["id"].as_str().filter(|_| of_entry);
        is_done.then(|| Self { seq: leaf["facts"]["erased_seq"].as_i64(), id: id.map(str::to_owned) })
    }
}

/// What the entries so far tell of details.
#[derive(Debug, Default)]
pub struct Erasures {
    /// By `seq`: is the detail there?
    there: Vec<bool>,
    /// Gone, and nothing says why so far: the ids by `seq`.
    vanished: BTreeMap<i64, String>,
    /// Gone, and an entry says so: the ids by `seq`.
    erased: BTreeMap<i64, String>,
    /// Entries from here on may say of a detail that was read before that it is gone since.
    read_before: Option<i64>,
}

impl Erasures {
    /// What entries from this `seq` on say happened while the ones before were read.
    pub fn read_before(&mut self, seq: i64) {
        self.read_before = Some(seq);
    }

    /// Takes what the next entry tells.
    pub fn follow(&mut self, Told { own, erases }: Told) -> Result<(), LogFault> {
        let seq = i64::try_from(self.there.len()).unwrap_or(i64::MAX);
        self.there.push(own == Own::There);
        if let Own::Gone(id) = own {
            self.vanished.insert(seq, id);
        }
        match erases {
            None => Ok(()),
            Some(Erases { seq: Some(erased), id: Some(id) }) => self.erase(seq, erased, &id),
            Some(_) => Err(LogFault::ErasureOfNothing(seq)),
        }
    }

    fn erase(&mut self, by: i64, erased: i64, id: &str) -> Result<(), LogFault> {
        let no = |why| Err(LogFault::NoErasure { by, erased, why });
        if erased >= by {
            return no(NoErasure::NotBefore);
        }
        if usize::try_from(erased).ok().and_then(|erased| self.there.get(erased)) == Some(&true) {
            let since = self.read_before.is_some_and(|before| by >= before);
            return if since { Ok(()) } else { Err(LogFault::PutBack { seq: erased, by }) };
        }
        if self.erased.contains_key(&erased) {
            return no(NoErasure::Again);
        }
        match self.vanished.get(&erased) {
            None => no(NoErasure::NeverThere),
            Some(vanished) if vanished != id => no(NoErasure::OtherId),
            Some(_) => {
                self.erased.extend(self.vanished.remove_entry(&erased));
                Ok(())
            }
        }
    }

    /// An entry that is written already and has no place yet may say why a detail is gone.
    pub fn excuse(&mut self, draft: &Value) {
        if let Some(Erases { seq: Some(seq), id: Some(id) }) = Erases::read(draft)
            && self.vanished.get(&seq) == Some(&id)
        {
            self.vanished.remove(&seq);
            self.erased.insert(seq, id);
        }
    }

    /// The first detail that is gone although no entry says so.
    pub fn expect_none_vanished(&self) -> Result<(), LogFault> {
        self.vanished.keys().next().map_or(Ok(()), |seq| Err(LogFault::Vanished(*seq)))
    }

    /// The entries whose details were erased, as entries say: the ids by `seq`.
    #[must_use]
    pub const fn erased(&self) -> &BTreeMap<i64, String> {
        &self.erased
    }
}

#[cfg(test)]
mod tests;
