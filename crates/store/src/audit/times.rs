//! Times as places in the log: entries are always read along `seq`, however far back the times lie.

use domain::timestamp::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait, Func};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::AuditSelection;
use crate::entity::audit_entries::{Column, Entity};
use crate::error::StoreError;
use crate::nouns::{Audit, Reads};

/// How far the clocks of replicas may differ, in milliseconds: entries in the order of the log are in the order of time but for this.
const CLOCKS_APART_MS_MAX: i64 = 3_600_000;

impl<D: Reads> Audit<'_, D> {
    /// The times as a part of the log, and each entry's own time.
    pub(super) async fn within(&self, selection: &AuditSelection) -> Result<Condition, StoreError> {
        // Not by the index of times, which would have to be sorted.
        let at = || Expr::expr(Func::coalesce([Expr::col(Column::At), Expr::value(0_i64)]));
        let mut condition = Condition::all();
        if let Some(from) = selection.from {
            let first = self.first_since(from.plus_ms(-CLOCKS_APART_MS_MAX)).await?;
            condition = condition.add(Column::Seq.gte(first.unwrap_or(i64::MAX))).add(at().gte(from.unix_ms()));
        }
        if let Some(to) = selection.to {
            let end = self.first_since(to.plus_ms(CLOCKS_APART_MS_MAX)).await?;
            condition = condition.add_option(end.map(|end| Column::Seq.lt(end))).add(at().lt(to.unix_ms()));
        }
        Ok(condition)
    }

    async fn first_since(&self, at: Timestamp) -> Result<Option<i64>, StoreError> {
        let later = Entity::find().select_only().column(Column::Seq).filter(Column::At.gte(at.unix_ms()));
        let first = later.order_by_asc(Column::At).order_by_asc(Column::Seq).limit(1);
        Ok(first.into_tuple().one(self.0.connected()).await?)
    }
}
