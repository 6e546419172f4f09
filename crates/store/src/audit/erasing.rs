//! Details that were erased: taken away for good, and found to be so when their entries are read.

use std::collections::HashMap;

use domain::id::EntryId;
use domain::timestamp::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ActiveModelTrait, ColumnTrait as _, ConnectionTrait, DbBackend, EntityTrait, PaginatorTrait as _, QueryFilter,
    QuerySelect as _, Select, Set,
};
use serde_json::Value;

use super::{ExportedEntry, leaves};
use crate::entity::{audit_detail, audit_entries, audit_erasures};
use crate::error::StoreError;
use crate::nouns::{Audit, Reads};
use crate::rows::{json, time, word};
use crate::write::Tx;

/// Which entry says that a detail was erased.
#[derive(Clone, Debug, PartialEq)]
pub struct Erasure {
    /// Of that entry.
    pub seq: i64,
    pub at: Timestamp,
    /// Its detail, in which the reason stands; `None` if that was erased too.
    pub detail: Option<Value>,
}

/// An entry whose detail was taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Erased {
    pub id: EntryId,
    /// What the entry concerns.
    pub incident: Option<i64>,
}

impl Audit<'_, Tx> {
    /// Takes away the detail of the entry with this `seq`; `None` if there is none. The caller says why in an entry.
    pub async fn erase_detail(&self, seq: i64) -> Result<Option<Erased>, StoreError> {
        let connection = self.0.connection();
        let Some(entry) = audit_entries::Entity::find_by_id(seq).one(connection).await? else { return Ok(None) };
        if audit_detail::Entity::find_by_id(&entry.entry_id).one(connection).await?.is_none() {
            return Ok(None);
        }
        let erased_at = self.0.surroundings().now().unix_ms();
        let row = audit_erasures::ActiveModel { entry_id: Set(entry.entry_id.clone()), erased_at: Set(erased_at) };
        row.insert(connection).await?;
        audit_detail::Entity::delete_by_id(&entry.entry_id).exec(connection).await?;
        Ok(Some(Erased { id: word(&entry.entry_id)?, incident: entry.incident_id }))
    }
}

impl<D: Reads> Audit<'_, D> {
    /// How many details were erased so far.
    pub async fn erasure_count(&self) -> Result<u64, StoreError> {
        Ok(audit_erasures::Entity::find().count(self.0.connected()).await?)
    }

    /// The entries that say of these that their details were erased, in order.
    pub async fn erasing(&self, seqs: &[i64]) -> Result<Vec<(i64, ExportedEntry)>, StoreError> {
        let (seq, id) = (audit_entries::Column::Seq, audit_entries::Column::EntryId);
        let ids = audit_entries::Entity::find().select_only().column(id).filter(seq.is_in(seqs.iter().copied()));
        let ids: Vec<String> = ids.into_tuple().all(self.0.connected()).await?;
        self.stored(saying(ids, self.0.connected().get_database_backend())?).await
    }
}

/// Which entries are in the index `audit_entries_by_erased`, in the words of its definition: SQLite takes it only for these.
const INDEXED: &str = "action = 'DETAIL_ERASED'";

/// The entries that say that the details of these were erased.
pub(super) fn saying(of: Vec<String>, backend: DbBackend) -> Result<Select<audit_entries::Entity>, StoreError> {
    let erased = leaves::target_id(backend)?.is_in(of);
    Ok(audit_entries::Entity::find().filter(Expr::cust(INDEXED)).filter(erased))
}

/// By the entry whose detail is gone: which entry says so.
pub(super) async fn erasures<C: ConnectionTrait>(
    connection: &C,
    without: Vec<String>,
) -> Result<HashMap<String, Erasure>, StoreError> {
    if without.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = saying(without, connection.get_database_backend())?.all(connection).await?;
    let mut details = super::details(connection, rows.iter().map(|row| row.entry_id.clone()).collect()).await?;
    rows.into_iter()
        .map(|row| {
            let detail = details.remove(&row.entry_id).map(|detail| json(&detail)).transpose()?;
            Ok((leaves::target(row.seq, &row.leaf)?.id, Erasure { seq: row.seq, at: time(row.at), detail }))
        })
        .collect()
}
