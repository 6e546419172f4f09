//! Merging a duplicate into another incident: its alerts, what they are correlated and found by, and who contributed.

use domain::digest::Digest;
use domain::id::IncidentId;
use domain::incident::Incident;
use domain::score::Inputs;
use domain::timestamp::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait, IntoIden, OnConflict, Query, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, Iden, QueryFilter};

use crate::entity::incidents::{Column, Entity};
use crate::entity::{alerts, incident_keys, incident_terms};
use crate::error::StoreError;
use crate::nouns::Incidents;
use crate::rows::to_json;
use crate::write::Tx;

/// Two locked incidents as they are after a merge.
pub struct Merged<'a> {
    /// With its alerts gone; its state is saved on its own.
    pub duplicate: &'a Incident,
    /// With the duplicate's alerts, scored anew.
    pub into: &'a Incident,
    /// What `into` is scored by.
    pub inputs: &'a Inputs,
    /// The digest of the rules that it was scored by.
    pub scoring: &'a Digest,
}

impl Incidents<'_, Tx> {
    /// Moves the duplicate's alerts and saves both incidents.
    pub async fn save_merge(&self, merged: &Merged<'_>) -> Result<(), StoreError> {
        let (from, to) = (merged.duplicate.id, merged.into.id);
        self.move_alerts(from, to).await?;
        self.save_absorbed(merged).await?;
        Entity::update_many()
            .col_expr(Column::MergedInto, Expr::value(to.number()))
            .col_expr(Column::AlertCount, Expr::value(0_i64))
            .filter(Column::Id.eq(from.number()))
            .exec(self.0.connection())
            .await?;
        Ok(())
    }

    async fn move_alerts(&self, from: IncidentId, to: IncidentId) -> Result<(), StoreError> {
        alerts::Entity::update_many()
            .col_expr(alerts::Column::IncidentId, Expr::value(to.number()))
            .col_expr(alerts::Column::MergedFrom, Expr::value(from.number()))
            .filter(alerts::Column::IncidentId.eq(from.number()))
            .exec(self.0.connection())
            .await?;
        let seen =
            Expr::col(incident_terms::Column::Term).like("#%").and(Expr::col(incident_terms::Column::Term).not_like("#tag:%"));
        let ids: Vec<String> = domain::search::terms_of_id(from).into_iter().collect();
        self.copy(
            incident_terms::Entity,
            [incident_terms::Column::Term],
            (from, to),
            incident_terms::Column::Term.is_not_in(ids),
        )
        .await?;
        incident_terms::Entity::delete_many()
            .filter(incident_terms::Column::IncidentId.eq(from.number()))
            .filter(seen)
            .exec(self.0.connection())
            .await?;
        let all = || Expr::value(1).eq(1);
        let keys = [incident_keys::Column::Kind, incident_keys::Column::Value, incident_keys::Column::NewestAlertAt];
        self.copy(incident_keys::Entity, keys, (from, to), all()).await?;
        // Not copied: a second row of one person is refused.
        self.add_contributors(to, &self.contributors(from).await?).await
    }

    /// Copies rows of one incident to another; those that it has already stay.
    async fn copy<E, C, const N: usize>(
        &self,
        table: E,
        columns: [C; N],
        (from, to): (IncidentId, IncidentId),
        which: SimpleExpr,
    ) -> Result<(), StoreError>
    where
        E: EntityTrait,
        C: ColumnTrait + Iden,
    {
        let mut rows = Query::select();
        rows.expr(Expr::value(to.number())).columns(columns).from(table);
        rows.and_where(Expr::col("incident_id").eq(from.number())).and_where(which);
        let mut insert = Query::insert();
        insert.into_table(table).columns(std::iter::once("incident_id".into_iden()).chain(columns.map(IntoIden::into_iden)));
        insert.select_from(rows).map_err(|error| StoreError::Database(error.to_string()))?;
        insert.on_conflict(OnConflict::new().do_nothing().to_owned());
        self.0.connection().execute(&insert).await?;
        Ok(())
    }

    async fn save_absorbed(&self, merged: &Merged<'_>) -> Result<(), StoreError> {
        let Merged { duplicate, into, inputs, scoring } = merged;
        let newest =
            Entity::find_by_id(duplicate.id.number()).one(self.0.connection()).await?.map_or(0, |row| row.newest_alert_at);
        let own = Entity::find_by_id(into.id.number()).one(self.0.connection()).await?.map_or(0, |row| row.newest_alert_at);
        Entity::update_many()
            .col_expr(Column::AlertCount, Expr::value(i64::from(into.alert_count)))
            .col_expr(Column::PrivilegedAccount, Expr::value(i64::from(into.privileged_account)))
            .col_expr(Column::CriticalAsset, Expr::value(i64::from(into.critical_asset)))
            .col_expr(Column::Entities, Expr::value(to_json(&into.entities)?))
            .col_expr(Column::Inputs, Expr::value(to_json(inputs)?))
            .col_expr(Column::RiskScore, Expr::value(i64::from(into.risk_score)))
            .col_expr(Column::SeverityRank, Expr::value(i64::from(into.severity.rank())))
            .col_expr(Column::Score, Expr::value(to_json(&into.score)?))
            .col_expr(Column::ScoringDigest, Expr::value(scoring.to_string()))
            .col_expr(Column::NewestAlertAt, Expr::value(Ord::max(newest, own)))
            .col_expr(Column::UpdatedAt, Expr::value(into.updated_at.unix_ms()))
            .col_expr(Column::AcknowledgedAt, Expr::value(into.acknowledged_at.map(Timestamp::unix_ms)))
            .col_expr(Column::Version, Expr::col(Column::Version).add(1))
            .filter(Column::Id.eq(into.id.number()))
            .exec(self.0.connection())
            .await?;
        Ok(())
    }
}
