//! Saving what people change of an incident besides its state, and who contributed to it by that.

use domain::digest::Digest;
use domain::id::{IncidentId, UserId};
use domain::incident::Incident;
use domain::score::Inputs;
use domain::timestamp::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};

use super::terms;
use crate::entity::incident_contributors;
use crate::entity::incidents::{Column, Entity};
use crate::error::StoreError;
use crate::nouns::{Incidents, Reads};
use crate::rows::{insert_all_or, json, to_json, word};
use crate::write::Tx;

impl<D: Reads> Incidents<'_, D> {
    /// The inputs of an incident's score.
    pub async fn get_inputs(&self, id: IncidentId) -> Result<Inputs, StoreError> {
        let row = Entity::find_by_id(id.number()).one(self.0.connected()).await?;
        json(&row.ok_or_else(|| StoreError::NotFound(id.to_string()))?.inputs)
    }

    /// The people who set its verdict or title.
    pub async fn contributors(&self, id: IncidentId) -> Result<Vec<UserId>, StoreError> {
        let rows = incident_contributors::Entity::find()
            .filter(incident_contributors::Column::IncidentId.eq(id.number()))
            .all(self.0.connected())
            .await?;
        rows.iter().map(|row| word(&row.user_id)).collect()
    }
}

impl Incidents<'_, Tx> {
    /// Saves an edit of an incident that was scored by the rules with this digest, and what it is found by from then on;
    /// [`StoreError::Stale`] if it is no longer as it was `before`.
    pub async fn save_edit(&self, before: &Incident, after: &Incident, scoring: &Digest) -> Result<(), StoreError> {
        let saved = Entity::update_many()
            .col_expr(Column::Title, Expr::value(after.title.as_str()))
            .col_expr(Column::AnalystNotes, Expr::value(after.analyst_notes.as_str()))
            .col_expr(Column::Assignee, Expr::value(after.assignee.as_ref().map(|person| person.id.to_string())))
            .col_expr(Column::Tags, Expr::value(to_json(&after.tags)?))
            .col_expr(Column::Verdict, Expr::value(after.verdict.as_str()))
            .col_expr(Column::VerdictReasons, Expr::value(to_json(&after.verdict_reasons)?))
            .col_expr(Column::RiskScore, Expr::value(i64::from(after.risk_score)))
            .col_expr(Column::SeverityRank, Expr::value(i64::from(after.severity.rank())))
            .col_expr(Column::Score, Expr::value(to_json(&after.score)?))
            .col_expr(Column::ScoringDigest, Expr::value(scoring.to_string()))
            .col_expr(Column::UpdatedAt, Expr::value(after.updated_at.unix_ms()))
            .col_expr(Column::AcknowledgedAt, Expr::value(after.acknowledged_at.map(Timestamp::unix_ms)))
            .col_expr(Column::Version, Expr::col(Column::Version).add(1))
            .filter(Column::Id.eq(after.id.number()))
            .filter(Column::Version.eq(before.version))
            .exec(self.0.connection())
            .await?;
        if saved.rows_affected == 0 {
            return Err(StoreError::Stale(after.id.to_string()));
        }
        terms::change(self.0, before, after).await
    }

    /// Remembers that these people set its verdict or title.
    pub async fn add_contributors(&self, id: IncidentId, people: &[UserId]) -> Result<(), StoreError> {
        use incident_contributors::{ActiveModel, Column};
        let known = self.contributors(id).await?;
        let new = people.iter().filter(|person| !known.contains(person));
        let rows = new.map(|person| ActiveModel { incident_id: Set(id.number()), user_id: Set(person.to_string()) });
        let twice = OnConflict::columns([Column::IncidentId, Column::UserId]).do_nothing().to_owned();
        insert_all_or(self.0.connection(), rows.collect(), twice).await
    }
}
