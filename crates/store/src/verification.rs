//! Reads the whole audit log and has `domain::audit::verification` check it, a block of entries at a time.

use std::collections::HashMap;

use domain::audit::erasures::{Erasures, Told};
use domain::audit::verification::{Columns, LogFault, Reading, Row, StoredEntry};
use domain::audit::{SALT_BYTES, SealedDetail};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::entity::{audit_detail, audit_entries, audit_head};
use crate::error::StoreError;
use crate::kept_details::{self, KeptErasures};
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
        let mut check = Check::begin(self.reads()).await?;
        check.read().await?;
        if check.lacks_erasures() {
            // The entry that says why may be committed, and have no place yet.
            self.catch_up_log().await?;
            check.read().await?;
        }
        check.conclude().await
    }
}

/// Checks every entry of the log behind this connection, to which nobody writes.
pub async fn verify<C: ConnectionTrait>(connection: &C) -> Result<LogReport, StoreError> {
    let mut check = Check::begin(connection).await?;
    check.read().await?;
    check.conclude().await
}

/// A log while it is checked.
struct Check<'a, C> {
    connection: &'a C,
    report: LogReport,
    expected: i64,
    details: u64,
    erasures: Erasures,
    kept: KeptErasures,
}

impl<'a, C: ConnectionTrait> Check<'a, C> {
    async fn begin(connection: &'a C) -> Result<Self, StoreError> {
        let kept = kept_details::erasures(connection).await?;
        let mut erasures = Erasures::default();
        erasures.read_before(head(connection).await?);
        Ok(Self { connection, report: LogReport::default(), expected: 0, details: 0, erasures, kept })
    }

    /// Reads on to the end of the log.
    async fn read(&mut self) -> Result<(), StoreError> {
        loop {
            let entries = entries_from(self.connection, self.expected).await?;
            if entries.is_empty() {
                return Ok(());
            }
            entries.iter().for_each(|entry| self.take(entry));
        }
    }

    fn take(&mut self, entry: &StoredEntry) {
        let Reading { leaf, faults, .. } = entry.read(self.expected);
        self.report.note(faults);
        self.report.entries += 1;
        self.details += u64::from(entry.detail.is_some());
        self.expected = entry.seq + 1;
        // What entries say of others means something only where none is missing.
        if self.report.is_sound() {
            self.report.note(self.erasures.follow(Told::by(entry, &leaf)).err());
        }
    }

    fn lacks_erasures(&self) -> bool {
        self.report.is_sound() && self.erasures.expect_none_vanished().is_err()
    }

    async fn conclude(mut self) -> Result<LogReport, StoreError> {
        let mut head_size = head(self.connection).await?;
        if head_size > self.expected {
            // Entries were written since.
            self.read().await?;
            head_size = head_size.max(self.expected);
        }
        if head_size != self.expected {
            self.report.note([LogFault::Head { head: head_size, found: self.expected }]);
        }
        if self.report.is_sound() {
            self.report.note(self.erasures.expect_none_vanished().err());
            let rows = kept_details::faults(self.connection, self.details, &self.erasures, &self.kept).await?;
            self.report.note(rows);
        }
        Ok(self.report)
    }
}

/// How many entries the log says that it has.
async fn head<C: ConnectionTrait>(connection: &C) -> Result<i64, StoreError> {
    Ok(audit_head::Entity::find().one(connection).await?.map_or(0, |head| head.size))
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
    let columns = Row { id: row.entry_id, at: row.at, actor_id: row.actor_id, action: row.action, incident_id: row.incident_id };
    StoredEntry { seq: row.seq, columns: Columns::Row(columns), leaf: row.leaf, hash_start: row.hash_start, detail }
}

/// The detail with this salt. One that is not spelled as it was written is read as another salt, so that it is found to be wrong.
pub(crate) fn sealed(salt: &str, canonical: String) -> SealedDetail {
    let mut read = [0; SALT_BYTES];
    let is_read = hex::decode_to_slice(salt, &mut read).is_ok() && hex::encode(read) == salt;
    SealedDetail { salt: if is_read { read } else { [0; SALT_BYTES] }, canonical }
}

/// Details by entry.
async fn details<C: ConnectionTrait>(connection: &C, ids: Vec<String>) -> Result<HashMap<String, SealedDetail>, StoreError> {
    let rows = audit_detail::Entity::find().filter(audit_detail::Column::EntryId.is_in(ids)).all(connection).await?;
    Ok(rows.into_iter().map(|row| (row.entry_id, sealed(&row.salt, row.detail))).collect())
}
