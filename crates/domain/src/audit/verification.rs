//! Checks the log entry by entry: that none is missing, that each leaf is what was hashed, that the columns repeat it, and that a detail which is
//! still there is the one that was written. Reading the log is not done here.

use std::cmp::Ordering;

use serde_json::Value;

use super::erasures::NoErasure;
use super::{LEAF_VERSION, SealedDetail, leaf_hash};
use crate::canonical;
use crate::digest::Digest;
use crate::id::IncidentId;
use crate::timestamp::Timestamp;

/// An entry as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredEntry {
    pub seq: i64,
    /// What stands beside the leaf and repeats it.
    pub columns: Columns,
    /// RFC 8785 JSON.
    pub leaf: String,
    /// The [`hash_start`] that was stored with it, if any was.
    pub hash_start: Option<i64>,
    /// `None` if it never had one, or if that was erased.
    pub detail: Option<SealedDetail>,
}

/// What stands beside a leaf and says the same.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Columns {
    #[default]
    None,
    /// The columns of a database.
    Row(Row),
    /// An object with the names that the leaf has for its members; of `actor` and `target`, some members.
    Members(Value),
}

/// The columns by which a database finds an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub id: String,
    /// In milliseconds.
    pub at: i64,
    pub actor_id: Option<String>,
    pub action: String,
    /// The number of the incident.
    pub incident_id: Option<i64>,
}

/// An entry that was looked at by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// What it says; null if that cannot be read.
    pub leaf: Value,
    /// SHA-256 of 0x00 and the leaf.
    pub hash: Digest,
    /// What is wrong with it.
    pub faults: Vec<LogFault>,
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
    #[error("the detail of entry {0} is missing, and no entry says that it was erased")]
    Vanished(i64),
    #[error("the detail of entry {seq} is there, and entry {by} says that it was erased")]
    PutBack { seq: i64, by: i64 },
    #[error("entry {0} says that a detail was erased, and not of which entry")]
    ErasureOfNothing(i64),
    #[error("entry {by} says that the detail of entry {erased} was erased, {why}")]
    NoErasure { by: i64, erased: i64, why: NoErasure },
    #[error("a detail is kept of an entry with the id {0}, which the log has not")]
    Orphan(String),
    #[error("it is kept that the detail of the entry with the id {0} was erased, and no entry says so")]
    ErasureUnsaid(String),
    #[error("an entry says that the detail of entry {0} was erased, and nothing else is kept of that")]
    ErasureNotKept(i64),
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
    /// What this entry says, which should be the one with the `seq` that is expected, and what is wrong with it.
    #[must_use]
    pub fn read(&self, expected_seq: i64) -> Reading {
        let hash = leaf_hash(&self.leaf);
        let mut faults: Vec<LogFault> = LogFault::of_place(self.seq, expected_seq).into_iter().collect();
        if self.hash_start.is_some_and(|start| start != hash_start(hash.as_bytes())) {
            faults.push(LogFault::Changed(self.seq));
        }
        let Some(leaf) = read_canonical(&self.leaf) else {
            faults.push(LogFault::NotCanonical(self.seq));
            return Reading { leaf: Value::Null, hash, faults };
        };
        if !is_entry(&leaf) {
            faults.push(LogFault::Shape(self.seq));
        }
        let differing = self.columns.differing(self.seq, &leaf);
        faults.extend(differing.into_iter().map(|column| LogFault::Differs { seq: self.seq, column }));
        faults.extend(self.faults_of_detail(&leaf));
        Reading { leaf, hash, faults }
    }

    fn faults_of_detail(&self, leaf: &Value) -> Vec<LogFault> {
        let Some(detail) = &self.detail else { return Vec::new() };
        let mut faults = Vec::new();
        if leaf["detail"] != Value::String(detail.digest().to_string()) {
            faults.push(LogFault::OtherDetail(self.seq));
        }
        // Otherwise two readers could see different things in it: of a member that is there twice, the first or the last.
        if read_canonical(&detail.canonical).is_none() {
            faults.push(LogFault::DetailNotCanonical(self.seq));
        }
        faults
    }
}

impl Columns {
    /// The names of those that say something else than this leaf, in order.
    fn differing(&self, seq: i64, leaf: &Value) -> Vec<String> {
        match self {
            Self::None => Vec::new(),
            Self::Row(row) => row.differing(seq, leaf).map(str::to_owned).collect(),
            Self::Members(members) => {
                let members = members.as_object().into_iter().flatten();
                let differing = members.filter(|(name, value)| leaf.get(name.as_str()).is_none_or(|said| !repeats(value, said)));
                differing.map(|(name, _)| name.clone()).collect()
            }
        }
    }
}

impl Row {
    fn differing(&self, seq: i64, leaf: &Value) -> impl Iterator<Item = &'static str> {
        let at = Timestamp::from_unix_ms(self.at).to_string();
        let incident = self.incident_id.map(|number| IncidentId::new(number).to_string());
        let compared = [
            ("action", leaf["action"] == self.action),
            ("actor", is_text(&leaf["actor"]["id"], self.actor_id.as_deref())),
            ("at", leaf["at"] == at),
            ("id", leaf["id"] == self.id),
            ("incident_id", is_text(&leaf["incident_id"], incident.as_deref())),
            ("seq", leaf["seq"] == seq),
        ];
        compared.into_iter().filter(|(_, same)| !same).map(|(name, _)| name)
    }
}

/// This text, or null.
fn is_text(value: &Value, text: Option<&str>) -> bool {
    text.map_or_else(|| value.is_null(), |text| value == text)
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

    use super::{Columns, LogFault, Row, StoredEntry, hash_start};
    use crate::audit::{AuditAction, EntryDraft, Origin, Seal, Target, leaf_hash};
    use crate::id::{EntryId, UserId};
    use crate::timestamp::Timestamp;

    /// What is wrong with this entry where the other one is expected.
    fn faults(entry: &StoredEntry, expected_seq: i64) -> Vec<LogFault> {
        entry.read(expected_seq).faults
    }

    fn entry() -> StoredEntry {
        let draft = EntryDraft::new(&Origin::system(), AuditAction::UserCreated, Target::user(UserId::new(Uuid::nil())));
        let seal = Seal { seq: 7, id: EntryId::new(Uuid::nil()), at: Timestamp::from_unix_ms(0), salt: [3; 16] };
        let sealed = draft.detail(json!({ "network": "192.0.2.0/24" })).seal(seal);
        let row = Row { id: Uuid::nil().to_string(), at: 0, actor_id: None, action: "USER_CREATED".into(), incident_id: None };
        StoredEntry { seq: 7, columns: Columns::Row(row), leaf: sealed.leaf, hash_start: None, detail: sealed.detail }
    }

    #[test]
    fn an_entry_as_it_was_written_has_no_fault_with_or_without_its_detail() {
        assert_eq!(faults(&entry(), 7), []);
        assert_eq!(faults(&StoredEntry { detail: None, ..entry() }, 7), []);
    }

    #[test]
    fn any_change_is_a_fault() {
        assert_eq!(faults(&entry(), 5), [LogFault::Missing { from: 5, to: 6 }]);
        assert_eq!(faults(&entry(), 8), [LogFault::OutOfOrder(7)]);
        let spaced = StoredEntry { leaf: entry().leaf.replace(",\"v\"", ", \"v\""), ..entry() };
        assert_eq!(faults(&spaced, 7), [LogFault::NotCanonical(7)]);
        let renamed = StoredEntry { leaf: entry().leaf.replace("USER_CREATED", "USER_DISABLED"), ..entry() };
        assert_eq!(faults(&renamed, 7), [LogFault::Differs { seq: 7, column: "action".into() }]);
        let start = Some(hash_start(leaf_hash(&entry().leaf).as_bytes()));
        assert_eq!(faults(&StoredEntry { hash_start: start, ..entry() }, 7), []);
        let later = StoredEntry { leaf: entry().leaf.replace("\"ok\"", "\"denied\""), hash_start: start, ..entry() };
        assert_eq!(faults(&later, 7), [LogFault::Changed(7)]);
        let by_another = StoredEntry { columns: Columns::Members(json!({ "actor": { "id": "somebody" } })), ..entry() };
        assert_eq!(faults(&by_another, 7), [LogFault::Differs { seq: 7, column: "actor".into() }]);
        let mut other = entry();
        other.detail.as_mut().unwrap().canonical = "{}".into();
        assert_eq!(faults(&other, 7), [LogFault::OtherDetail(7)]);
        let mut twice = entry();
        let detail = twice.detail.as_mut().unwrap();
        detail.canonical = r#"{"network":"192.0.2.0/24","network":"198.51.100.0/24"}"#.into();
        twice.leaf = twice.leaf.replace(&entry().detail.unwrap().digest().to_string(), &detail.digest().to_string());
        assert_eq!(faults(&twice, 7), [LogFault::DetailNotCanonical(7)]);
    }

    /// The column, and how it is changed.
    type RowChange = (&'static str, fn(&mut Row));

    #[test]
    fn each_column_repeats_the_leaf() {
        let with = |change: fn(&mut Row)| {
            let mut other = entry();
            let Columns::Row(row) = &mut other.columns else { panic!("an entry of a database has columns") };
            change(row);
            faults(&other, 7)
        };
        let changes: [RowChange; 5] = [
            ("action", |row| row.action.push('X')),
            ("actor", |row| row.actor_id = Some(String::new())),
            ("at", |row| row.at += 1),
            ("id", |row| row.id.push(' ')),
            ("incident_id", |row| row.incident_id = Some(1)),
        ];
        for (column, change) in changes {
            assert_eq!(with(change), [LogFault::Differs { seq: 7, column: column.into() }]);
        }
        let elsewhere = StoredEntry { seq: 8, ..entry() };
        assert_eq!(faults(&elsewhere, 8), [LogFault::Differs { seq: 8, column: "seq".into() }]);
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
            let changed = StoredEntry { leaf, columns: Columns::None, ..entry() };
            assert_eq!(faults(&changed, 7), [LogFault::Shape(7)], "{to}");
        }
        let list = StoredEntry { leaf: "[7]".into(), columns: Columns::None, detail: None, ..entry() };
        assert_eq!(faults(&list, 7), [LogFault::Shape(7)]);
    }
}
