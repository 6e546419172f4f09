//! Entries for whoever verifies them elsewhere: the stored leaves with their details, and nothing that could be joined wrongly.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

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
        let rows: Vec<(String, String)> = audit_entries::Entity::find()
            .select_only()
            .columns([audit_entries::Column::EntryId, audit_entries::Column::Leaf])
            .filter(audit_entries::Column::Seq.gte(from))
            .order_by_asc(audit_entries::Column::Seq)
            .limit(limit)
            .into_tuple()
            .all(self.0.connected())
            .await?;
        let ids = rows.iter().map(|(id, _)| id.clone());
        let of_entries = audit_detail::Entity::find().filter(audit_detail::Column::EntryId.is_in(ids));
        let details = of_entries.all(self.0.connected()).await?;
        let mut details: HashMap<String, (String, String)> =
            details.into_iter().map(|row| (row.entry_id, (row.salt, row.detail))).collect();
        Ok(rows.into_iter().map(|(id, leaf)| ExportedEntry { leaf, detail: details.remove(&id) }).collect())
    }
}
