//! Checks the log entry by entry: that none is missing, that each leaf is what was hashed, that the columns repeat it, and that a detail which is
//! still there is the one that was written. Reading the log is not done here.

use std::cmp::Ordering;

use serde_json::Value;

use super::{LEAF_VERSION, SealedDetail, leaf_hash};
use crate::canonical;
use crate::digest::Digest;

/// An entry as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredEntry {
    pub seq: i64,
    /// What the columns say, as an object with the names that the leaf has for them; of `actor` and `target`, some members.
    pub columns: Value,
    /// RFC 8785 JSON.
    pub leaf: String,
    /// The [`hash_start`] that was stored with it, if any was.
    pub hash_start: Option<i64>,
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
    #[error("entry {0} has not the members of an entry of version {LEAF_VERSION}")]
    Shape(i64),
    #[error("the leaf of entry {0} is not the one that was hashed")]
    Changed(i64),
    #[error("the column {column} of entry {seq} is not what its leaf says")]
    Differs { seq: i64, column: String },
    #[error("the detail of entry {0} is not the one that was written")]
    OtherDetail(i64),
    #[error("the detail of entry {0} is not canonical JSON")]
    DetailNotCanonical(i64),
    #[error("the head says {head} entries, and there are {found}")]
    Head { head: i64, found: i64 },
}

impl LogFault {
    /// What is wrong where this entry stands and the other one should, if anything.
    #[must_use]
    pub fn of_place(seq: i64, expected: i64) -> Option<Self> {
        match seq.cmp(&expected) {
            Ordering::Greater => Some(Self::Missing { from: expected, to: seq - 1 }),
            Ordering::Less => Some(Self::OutOfOrder(seq)),
            Ordering::Equal => None,
        }
    }
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
        let mut faults: Vec<LogFault> = LogFault::of_place(self.seq, expected_seq).into_iter().collect();
        if self.hash_start.is_some_and(|start| start != hash_start(leaf_hash(&self.leaf).as_bytes())) {
            faults.push(LogFault::Changed(self.seq));
        }
        let Some(leaf) = read_canonical(&self.leaf) else {
            faults.push(LogFault::NotCanonical(self.seq));
            return (None, faults);
        };
        if !is_entry(&leaf) {
            faults.push(LogFault::Shape(self.seq));
        }
        let columns = self.columns.as_object().into_iter().flatten();
        let differing = columns.filter(|(name, value)| leaf.get(name.as_str()).is_none_or(|said| !repeats(value, said)));
        faults.extend(differing.map(|(name, _)| LogFault::Differs { seq: self.seq, column: name.clone() }));
        let written = self.detail.as_ref().map(|detail| detail.digest().to_string());
        if written.is_some_and(|digest| leaf["detail"] != Value::String(digest)) {
            faults.push(LogFault::OtherDetail(self.seq));
        }
        // Otherwise two readers could see different things in it: of a member that is there twice, the first or the last.
        if self.detail.as_ref().is_some_and(|detail| read_canonical(&detail.canonical).is_none()) {
            faults.push(LogFault::DetailNotCanonical(self.seq));
        }
        (Some(leaf), faults)
    }
}

/// The first 8 bytes of a leaf's hash as a number: enough to tell which leaf is not the one that was hashed.
#[must_use]
pub fn hash_start(hash: &[u8; 32]) -> i64 {
    let [first, second, third, fourth, fifth, sixth, seventh, eighth, ..] = *hash;
    i64::from_be_bytes([first, second, third, fourth, fifth, sixth, seventh, eighth])
}

/// Does the leaf say what a column does? Of an object in it a column may repeat some members.
fn repeats(column: &Value, leaf: &Value) -> bool {
    let (Value::Object(some), Value::Object(all)) = (column, leaf) else { return column == leaf };
    some.iter().all(|(name, value)| all.get(name) == Some(value))
}

/// The value, if the text is the one spelling of it.
fn read_canonical(text: &str) -> Option<Value> {
    serde_json::from_str::<Value>(text).ok().filter(|value| canonical::is_json_of(text, value))
}

/// The members of an entry, in order.
const MEMBERS: [&str; 12] =
    ["action", "actor", "at", "correlation_id", "detail", "facts", "id", "incident_id", "outcome", "seq", "target", "v"];

/// The members of who did something, and of what it was done to.
const WHO: [&str; 2] = ["id", "kind"];

/// Has it the members of an entry of the one version that there is, and nothing that no reader would look at? Words may be of later versions.
fn is_entry(leaf: &Value) -> bool {
    let Some([action, actor, at, correlation_id, detail, facts, id, incident_id, outcome, seq, target, version]) =
        members(leaf, &MEMBERS)
    else {
        return false;
    };
    let (Some([actor_id, actor_kind]), Some([target_id, target_kind])) = (members(actor, &WHO), members(target, &WHO)) else {
        return false;
    };
    let is_digest = |detail: &str| detail.parse::<Digest>().is_ok();
    *version == LEAF_VERSION
        && seq.is_i64()
        && facts.is_object()
        && (detail.is_null() || detail.as_str().is_some_and(is_digest))
        && [action, at, id, outcome, actor_kind, target_kind, target_id].iter().all(|value| value.is_string())
        && [correlation_id, incident_id, actor_id].iter().all(|value| value.is_string() || value.is_null())
}

/// The values of an object that has exactly these members; the names are in order.
fn members<'a, const N: usize>(value: &'a Value, names: &[&str; N]) -> Option<[&'a Value; N]> {
    let members = value.as_object().filter(|members| members.keys().eq(names))?;
    let mut values = members.values();
    Some(std::array::from_fn(|_| values.next().unwrap_or(&Value::Null)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::{LogFault, StoredEntry, hash_start};
    use crate::audit::{AuditAction, EntryDraft, Origin, Seal, Target, leaf_hash};
    use crate::id::{EntryId, UserId};
    use crate::timestamp::Timestamp;

    fn entry() -> StoredEntry {
        let draft = EntryDraft::new(&Origin::system(), AuditAction::UserCreated, Target::user(UserId::new(Uuid::nil())));
        let seal = Seal { seq: 7, id: EntryId::new(Uuid::nil()), at: Timestamp::from_unix_ms(0), salt: [3; 16] };
        let sealed = draft.detail(json!({ "network": "192.0.2.0/24" })).seal(seal);
        let columns = json!({ "seq": 7, "action": "USER_CREATED", "actor": { "id": null } });
        StoredEntry { seq: 7, columns, leaf: sealed.leaf, hash_start: None, detail: sealed.detail }
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
        let start = Some(hash_start(leaf_hash(&entry().leaf).as_bytes()));
        assert_eq!(StoredEntry { hash_start: start, ..entry() }.faults(7), []);
        let later = StoredEntry { leaf: entry().leaf.replace("\"ok\"", "\"denied\""), hash_start: start, ..entry() };
        assert_eq!(later.faults(7), [LogFault::Changed(7)]);
        let by_another = StoredEntry { columns: json!({ "actor": { "id": "somebody" } }), ..entry() };
        assert_eq!(by_another.faults(7), [LogFault::Differs { seq: 7, column: "actor".into() }]);
        let mut other = entry();
        other.detail.as_mut().unwrap().canonical = "{}".into();
        assert_eq!(other.faults(7), [LogFault::OtherDetail(7)]);
        let mut twice = entry();
        let detail = twice.detail.as_mut().unwrap();
        detail.canonical = r#"{"network":"192.0.2.0/24","network":"198.51.100.0/24"}"#.into();
        twice.leaf = twice.leaf.replace(&entry().detail.unwrap().digest().to_string(), &detail.digest().to_string());
        assert_eq!(twice.faults(7), [LogFault::DetailNotCanonical(7)]);
    }

    #[test]
    fn an_entry_has_exactly_its_members() {
        for (from, to) in [
            ("\"v\":1}", "\"v\":2}"),
            ("\"v\":1}", "\"v\":1,\"w\":1}"),
            ("\"outcome\":\"ok\",", ""),
            ("\"outcome\":\"ok\"", "\"outcome\":null"),
            ("\"facts\":{}", "\"facts\":[]"),
            ("\"correlation_id\":null", "\"correlation_id\":1"),
            ("\"kind\":\"system\"", "\"kind\":\"system\",\"name\":\"x\""),
            ("\"actor\":{\"id\":null,\"kind\":\"system\"}", "\"actor\":[null,\"system\"]"),
        ] {
            let leaf = entry().leaf.replacen(from, to, 1);
            assert_ne!(leaf, entry().leaf);
            let changed = StoredEntry { leaf, columns: json!({}), ..entry() };
            assert_eq!(changed.faults(7), [LogFault::Shape(7)], "{to}");
        }
        let list = StoredEntry { leaf: "[7]".into(), columns: json!({}), detail: None, ..entry() };
        assert_eq!(list.faults(7), [LogFault::Shape(7)]);
    }
}
