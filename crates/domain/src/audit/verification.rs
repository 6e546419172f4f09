//! Checks the log entry by entry: that none is missing, that each leaf is what was hashed, that the columns repeat it, and that a detail which is
//! still there is the one that was written. Reading the log is not done here.

use serde_json::Value;

use super::SealedDetail;
use crate::canonical;

/// An entry as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredEntry {
    pub seq: i64,
    /// What the columns say, as an object with the names that the leaf has for them.
    pub columns: Value,
    /// RFC 8785 JSON.
    pub leaf: String,
    /// `None` if it never had one, or if that was erased.
    pub detail: Option<SealedDetail>,
}

/// Something is wrong with the log at this entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogFault {
    #[error("entries {from} to {to} are missing")]
    Missing { from: i64, to: i64 },
    #[error("entry {0} stands out of order")]
    OutOfOrder(i64),
    #[error("the leaf of entry {0} is not canonical JSON")]
    NotCanonical(i64),
    #[error("the column {column} of entry {seq} is not what its leaf says")]
    Differs { seq: i64, column: String },
    #[error("the detail of entry {0} is not the one that was written")]
    OtherDetail(i64),
    #[error("the head says {head} entries, and there are {found}")]
    Head { head: i64, found: i64 },
}

impl StoredEntry {
    /// What is wrong with this entry, which should be the one with the `seq` that is expected.
    #[must_use]
    pub fn faults(&self, expected_seq: i64) -> Vec<LogFault> {
        self.read(expected_seq).1
    }

    /// The leaf, if it can be read, and what is wrong with this entry, which should be the one with the `seq` that is expected.
    #[must_use]
    pub fn read(&self, expected_seq: i64) -> (Option<Value>, Vec<LogFault>) {
        let mut faults = Vec::new();
        if self.seq > expected_seq {
            faults.push(LogFault::Missing { from: expected_seq, to: self.seq - 1 });
        } else if self.seq < expected_seq {
            faults.push(LogFault::OutOfOrder(self.seq));
        }
        let Some(leaf) = serde_json::from_str::<Value>(&self.leaf).ok().filter(|leaf| canonical::to_json(leaf) == self.leaf)
        else {
            faults.push(LogFault::NotCanonical(self.seq));
            return (None, faults);
        };
        let columns = self.columns.as_object().into_iter().flatten();
        let differing = columns.filter(|(name, value)| leaf.get(name.as_str()) != Some(value));
        faults.extend(differing.map(|(name, _)| LogFault::Differs { seq: self.seq, column: name.clone() }));
        let written = self.detail.as_ref().map(|detail| detail.digest().to_string());
        if written.is_some_and(|digest| leaf["detail"] != Value::String(digest)) {
            faults.push(LogFault::OtherDetail(self.seq));
        }
        (Some(leaf), faults)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::{LogFault, StoredEntry};
    use crate::audit::{AuditAction, EntryDraft, Origin, Seal, Target};
    use crate::id::{EntryId, UserId};
    use crate::timestamp::Timestamp;

    fn entry() -> StoredEntry {
        let draft = EntryDraft::new(&Origin::system(), AuditAction::UserCreated, Target::user(UserId::new(Uuid::nil())));
        let seal = Seal { seq: 7, id: EntryId::new(Uuid::nil()), at: Timestamp::from_unix_ms(0), salt: [3; 16] };
        let sealed = draft.detail(json!({ "network": "192.0.2.0/24" })).seal(seal);
        StoredEntry { seq: 7, columns: json!({ "seq": 7, "action": "USER_CREATED" }), leaf: sealed.leaf, detail: sealed.detail }
    }

    #[test]
    fn an_entry_as_it_was_written_has_no_fault_with_or_without_its_detail() {
        assert_eq!(entry().faults(7), []);
        assert_eq!(StoredEntry { detail: None, ..entry() }.faults(7), []);
    }

    #[test]
    fn any_change_is_a_fault() {
        assert_eq!(entry().faults(5), [LogFault::Missing { from: 5, to: 6 }]);
        assert_eq!(entry().faults(8), [LogFault::OutOfOrder(7)]);
        let spaced = StoredEntry { leaf: entry().leaf.replace(",\"v\"", ", \"v\""), ..entry() };
        assert_eq!(spaced.faults(7), [LogFault::NotCanonical(7)]);
        let renamed = StoredEntry { leaf: entry().leaf.replace("USER_CREATED", "USER_DISABLED"), ..entry() };
        assert_eq!(renamed.faults(7), [LogFault::Differs { seq: 7, column: "action".into() }]);
        let mut other = entry();
        other.detail.as_mut().unwrap().canonical = "{}".into();
        assert_eq!(other.faults(7), [LogFault::OtherDetail(7)]);
    }
}
