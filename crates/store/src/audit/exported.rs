//! Entries for whoever verifies them elsewhere: the stored leaves with their details, and nothing that could be joined wrongly.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use crate::entity::{audit_detail, audit_entries};
use crate::error::StoreError;
use crate::nouns::{Audit, Reads};
use crate::rows::big;

/// An entry as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedEntry {
    /// RFC 8785 JSON.
    pub leaf: String,
    /// The salt in hexadecimal digits, and the canonical JSON of the detail; `None` if there never was one, or it was erased.
    pub detail: Option<(String, String)>,
}

impl<D: Reads> Audit<'_, D> {
    /// At most so many entries from this `seq` on, in order.
    pub async fn exported(&self, from: u64, limit: u64) -> Result<Vec<ExportedEntry>, StoreError> {
        let from = big(usize::try_from(from).unwrap_or(usize::MAX));
        let onwards = audit_entries::Entity::find().filter(audit_entries::Column::Seq.gte(from)).limit(limit);
        Ok(self.stored(onwards).await?.into_iter().map(|(_, entry)| entry).collect())
    }

    /// The entries with these `seq`, in order, as far as they are there.
    pub async fn exported_of(&self, seqs: &[i64]) -> Result<Vec<(i64, ExportedEntry)>, StoreError> {
        let wanted = audit_entries::Column::Seq.is_in(seqs.iter().copied());
        self.stored(audit_entries::Entity::find().filter(wanted)).await
    }

    pub(super) async fn stored(&self, wanted: Select<audit_entries::Entity>) -> Result<Vec<(i64, ExportedEntry)>, StoreError> {
        let columns = [audit_entries::Column::Seq, audit_entries::Column::EntryId, audit_entries::Column::Leaf];
        let in_order = wanted.select_only().columns(columns).order_by_asc(audit_entries::Column::Seq);
        let rows: Vec<(i64, String, String)> = in_order.into_tuple().all(self.0.connected()).await?;
        let ids = rows.iter().map(|(_, id, _)| id.clone());
        let of_entries = audit_detail::Entity::find().filter(audit_detail::Column::EntryId.is_in(ids));
        let details = of_entries.all(self.0.connected()).await?;
        let mut details: HashMap<String, (String, String)> =
            details.into_iter().map(|row| (row.entry_id, (row.salt, row.detail))).collect();
        Ok(rows.into_iter().map(|(seq, id, leaf)| (seq, ExportedEntry { leaf, detail: details.remove(&id) })).collect())
    }
}
