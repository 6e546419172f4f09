//! Reads the whole audit log and has `domain::audit::verification` check it, a block of entries at a time.

use std::collections::HashMap;

use domain::audit::SealedDetail;
use domain::audit::verification::{LogFault, StoredEntry};
use domain::id::IncidentId;
use domain::timestamp::Timestamp;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;

use crate::entity::{audit_detail, audit_entries, audit_head};
use crate::error::StoreError;
use crate::store::Store;

/// Entries read at once.
const BLOCK: u64 = 1_000;
/// Faults that a report names; more help nobody.
const FAULTS_MAX: usize = 20;

/// What was found in the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogReport {
    /// How many entries were checked.
    pub entries: i64,
    /// The first of what is wrong; nothing if the log is as it was written.
    pub faults: Vec<LogFault>,
}

impl LogReport {
    /// Is the log as it was written, as far as it can tell by itself?
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.faults.is_empty()
    }

    fn note(&mut self, faults: impl IntoIterator<Item = LogFault>) {
        let room = FAULTS_MAX.saturating_sub(self.faults.len());
        self.faults.extend(faults.into_iter().take(room));
    }
}

impl Store {
    /// Checks every entry of the audit log.
    pub async fn verify_log(&self) -> Result<LogReport, StoreError> {
        verify(self.reads()).await
    }
}

/// Checks every entry of the log behind this connection.
pub async fn verify<C: ConnectionTrait>(connection: &C) -> Result<LogReport, StoreError> {
    let mut report = LogReport::default();
    let mut expected = 0;
    loop {
        let entries = entries_from(connection, expected).await?;
        if entries.is_empty() {
            break;
        }
        for entry in entries {
            report.note(entry.faults(expected));
            report.entries += 1;
            expected = entry.seq + 1;
        }
    }
    let head = audit_head::Entity::find().one(connection).await?.map_or(0, |head| head.size);
    if head != expected {
        report.note([LogFault::Head { head, found: expected }]);
    }
    Ok(report)
}

/// A block of entries from this `seq` on, in order, with their details; none at the end of the log.
pub(crate) async fn entries_from<C: ConnectionTrait>(connection: &C, seq: i64) -> Result<Vec<StoredEntry>, StoreError> {
    let of_block = audit_entries::Entity::find().filter(audit_entries::Column::Seq.gte(seq));
    let rows = of_block.order_by_asc(audit_entries::Column::Seq).limit(BLOCK).all(connection).await?;
    let mut details = details(connection, rows.iter().map(|row| row.entry_id.clone()).collect()).await?;
    let entry = |row: audit_entries::Model| {
        let detail = details.remove(&row.entry_id);
        stored(row, detail)
    };
    Ok(rows.into_iter().map(entry).collect())
}

/// The entry as the log keeps it.
pub(crate) fn stored(row: audit_entries::Model, detail: Option<SealedDetail>) -> StoredEntry {
    let columns = json!({
        "seq": row.seq,
        "id": row.entry_id,
        "at": Timestamp::from_unix_ms(row.at).to_string(),
        "actor": { "id": row.actor_id },
        "action": row.action,
        "incident_id": row.incident_id.map(|number| IncidentId::new(number).to_string()),
    });
    StoredEntry { seq: row.seq, columns, leaf: row.leaf, hash_start: row.hash_start, detail }
}

/// Details by entry. One whose salt cannot be read is kept with another salt, so that it is found to be wrong.
async fn details<C: ConnectionTrait>(connection: &C, ids: Vec<String>) -> Result<HashMap<String, SealedDetail>, StoreError> {
    let rows = audit_detail::Entity::find().filter(audit_detail::Column::EntryId.is_in(ids)).all(connection).await?;
    let sealed = |row: audit_detail::Model| {
        let mut salt = [0; 16];
        let read = hex::decode_to_slice(&row.salt, &mut salt);
        (row.entry_id, SealedDetail { salt: read.map_or([0; 16], |()| salt), canonical: row.detail })
    };
    Ok(rows.into_iter().map(sealed).collect())
}
