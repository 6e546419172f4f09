//! Times as places in the log: entries are always read along `seq`, however far back the times lie. A place is found by halving the log, so
//! times need no index, which would be written with every entry.

use domain::timestamp::Timestamp;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QuerySelect};

use super::AuditSelection;
use crate::entity::audit_entries::{Column, Entity};
use crate::error::StoreError;
use crate::nouns::{Audit, Reads};

/// How far the clocks of replicas may differ, in milliseconds: entries in the order of the log are in the order of time but for this.
const CLOCKS_APART_MS_MAX: i64 = 3_600_000;

impl<D: Reads> Audit<'_, D> {
    /// The times as a part of the log, and each entry's own time.
    pub(super) async fn within(&self, selection: &AuditSelection) -> Result<Condition, StoreError> {
        let mut condition = Condition::all();
        if let Some(from) = selection.from {
            let first = self.first_since(from.plus_ms(-CLOCKS_APART_MS_MAX)).await?;
            condition = condition.add(Column::Seq.gte(first.unwrap_or(i64::MAX))).add(Column::At.gte(from.unix_ms()));
        }
        if let Some(to) = selection.to {
            let end = self.first_since(to.plus_ms(CLOCKS_APART_MS_MAX)).await?;
            condition = condition.add_option(end.map(|end| Column::Seq.lt(end))).add(Column::At.lt(to.unix_ms()));
        }
        Ok(condition)
    }

    /// An entry of this time or later with none but earlier ones right before it; `None` if the newest one is earlier.
    async fn first_since(&self, at: Timestamp) -> Result<Option<i64>, StoreError> {
        let size = self.size().await?;
        let (mut first, mut end) = (0, size);
        while first < end {
            let middle = first.midpoint(end);
            if self.is_before(middle, at).await? {
                first = middle + 1;
            } else {
                end = middle;
            }
        }
        Ok((first < size).then_some(first))
    }

    async fn is_before(&self, seq: i64, at: Timestamp) -> Result<bool, StoreError> {
        let time = Entity::find_by_id(seq).select_only().column(Column::At);
        let time: Option<i64> = time.into_tuple().one(self.0.connected()).await?;
        Ok(time.is_some_and(|time| time < at.unix_ms()))
    }
}
