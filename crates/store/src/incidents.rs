//! Incidents as rows: finding and moving. Lists of them are in `listing`, what they are found by is in `terms`; how they come to be
//! and grow is in `ingestion`; which moves are legal is in `domain::incident`.

use std::collections::BTreeSet;

use domain::id::IncidentId;
use domain::incident::{Incident, State};
use domain::severity::Severity;
use domain::timestamp::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::entity::incidents::{Column, Entity, Model};
use crate::error::StoreError;
use crate::nouns::{Incidents, Reads};
use crate::rows::{json, maybe_time, small, time, word};
use crate::users::{Usernames, maybe_reference, usernames};
use crate::write::Tx;

mod backfill;
mod editing;
mod listing;
mod merging;
mod movers;
mod past_facts;
mod sharing;
pub(crate) mod terms;

pub use backfill::BackfillProgress;
pub use listing::IncidentSelection;
pub use merging::Merged;
pub use sharing::SEEN_MAX;

/// Counts for badges stop here: counting a million rows would cost more than the page they stand on.
pub const COUNTED_MAX: u64 = 1_000;

impl<D: Reads> Incidents<'_, D> {
    /// The incident with this id. In a change it stays as it is until the change ends.
    pub async fn find(&self, id: IncidentId) -> Result<Option<Incident>, StoreError> {
        let row = self.0.for_decision(Entity::find_by_id(id.number())).one(self.0.connected()).await?;
        Ok(with_names(self.0.connected(), row.into_iter().collect()).await?.pop())
    }

    /// The same; an error if there is no such incident.
    pub async fn get(&self, id: IncidentId) -> Result<Incident, StoreError> {
        self.find(id).await?.ok_or_else(|| StoreError::NotFound(id.to_string()))
    }

    /// These incidents; unknown ids are left out.
    pub async fn list_by_ids(&self, ids: &[IncidentId]) -> Result<Vec<Incident>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let rows = Entity::find().filter(Column::Id.is_in(ids.iter().map(|id| id.number()))).all(self.0.connected()).await?;
        with_names(self.0.connected(), rows).await
    }

    /// How many incidents somebody is still expected to respond to; counts no further than [`COUNTED_MAX`].
    pub async fn count_open(&self) -> Result<u64, StoreError> {
        let open = State::ALL.iter().filter(|state| state.is_open()).map(|state| state.as_str());
        let some = Entity::find().select_only().column(Column::Id).filter(Column::State.is_in(open)).limit(COUNTED_MAX);
        let ids: Vec<i64> = some.into_tuple().all(self.0.connected()).await?;
        Ok(ids.len() as u64)
    }
}

impl Incidents<'_, Tx> {
    /// Saves the state and the times of an incident that was moved; [`StoreError::Stale`] if it is no longer in the state `from`.
    pub async fn save_state(&self, moved: &Incident, from: State) -> Result<(), StoreError> {
        let ms = |time: Option<Timestamp>| Expr::value(time.map(Timestamp::unix_ms));
        let saved = Entity::update_many()
            .col_expr(Column::State, Expr::value(moved.state.as_str()))
            .col_expr(Column::UpdatedAt, Expr::value(moved.updated_at.unix_ms()))
            .col_expr(Column::AcknowledgedAt, ms(moved.acknowledged_at))
            .col_expr(Column::ContainedAt, ms(moved.contained_at))
            .col_expr(Column::ResolvedAt, ms(moved.resolved_at))
            .col_expr(Column::ClosedAt, ms(moved.closed_at))
            .col_expr(Column::Version, Expr::col(Column::Version).add(1))
            .filter(Column::Id.eq(moved.id.number()))
            .filter(Column::State.eq(from.as_str()))
            .exec(self.0.connection())
            .await?;
        if saved.rows_affected == 0 { Err(StoreError::Stale(moved.id.to_string())) } else { Ok(()) }
    }
}

async fn with_names<C: ConnectionTrait>(connection: &C, rows: Vec<Model>) -> Result<Vec<Incident>, StoreError> {
    let people: BTreeSet<String> = rows.iter().filter_map(|row| row.assignee.clone()).collect();
    let names = usernames(connection, people).await?;
    rows.into_iter().map(|row| incident(row, &names)).collect()
}

fn incident(row: Model, names: &Usernames) -> Result<Incident, StoreError> {
    Ok(Incident {
        id: IncidentId::new(row.id),
        title: row.title,
        incident_type: word(&row.incident_type)?,
        state: word(&row.state)?,
        severity: severity(row.severity_rank)?,
        risk_score: small(row.risk_score)?,
        score: json(&row.score)?,
        verdict: word(&row.verdict)?,
        verdict_reasons: json(&row.verdict_reasons)?,
        assignee: maybe_reference(names, row.assignee.as_deref())?,
        tags: json(&row.tags)?,
        analyst_notes: row.analyst_notes,
        alert_count: small(row.alert_count)?,
        privileged_account: row.privileged_account != 0,
        critical_asset: row.critical_asset != 0,
        entities: json(&row.entities)?,
        created_at: time(row.created_at),
        updated_at: time(row.updated_at),
        acknowledged_at: maybe_time(row.acknowledged_at),
        contained_at: maybe_time(row.contained_at),
        resolved_at: maybe_time(row.resolved_at),
        closed_at: maybe_time(row.closed_at),
        merged_into: row.merged_into.map(IncidentId::new),
        version: row.version,
    })
}

/// The severity that a column holds the rank of.
pub(crate) fn severity(rank: i64) -> Result<Severity, StoreError> {
    Severity::from_rank(small(rank)?).ok_or_else(|| StoreError::Corrupt(format!("{rank} is no rank of a severity")))
}
