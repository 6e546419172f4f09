//! Terms and entities of incidents that are older than these: made anew from what is stored, a few incidents at a time, while the
//! server runs. How far it has come is a row, moved in the same change, so that it goes on after a restart and on any replica.

use std::collections::{BTreeMap, BTreeSet};

use domain::id::{IncidentId, Source};
use domain::incident::add_entities;
use domain::observable::{Observable, ObservableKind};
use domain::search;
use sea_orm::sea_query::{Expr, ExprTrait, LockType, Order, Query, SelectStatement};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{terms, with_names};
use crate::entity::{alert_observables, alerts, backfills, incidents};
use crate::error::StoreError;
use crate::rows::{to_json, word};
use crate::store::Store;
use crate::write::{Tx, Untrailed};

/// The row of this backfill.
const NAME: &str = "incident_terms";
/// Terms of one change: it holds the writer up only shortly.
const TERMS_MAX: usize = 5_000;

/// How far the incidents of an older database are searchable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackfillProgress {
    /// The incidents from this number on are still to be looked at.
    pub next: i64,
    /// None after this one is.
    pub last: i64,
}

impl BackfillProgress {
    #[must_use]
    pub fn is_done(self) -> bool {
        self.next > self.last
    }
}

/// What was seen in the alerts of an incident, in the order of its first sight.
#[derive(Default)]
struct Seen {
    terms: BTreeSet<String>,
    observables: Vec<Observable>,
}

impl Store {
    /// How far it has come.
    pub async fn backfill_progress(&self) -> Result<BackfillProgress, StoreError> {
        progress(backfills::Entity::find_by_id(NAME).one(self.reads()).await?)
    }

    /// Gives the next few incidents what they are found by; says how far it has come then.
    pub async fn backfill_terms(&self, incidents_max: u64) -> Result<BackfillProgress, StoreError> {
        let at = self.backfill_progress().await?;
        if at.is_done() {
            return Ok(at);
        }
        let ids: Vec<i64> = incidents::Entity::find()
            .select_only()
            .column(incidents::Column::Id)
            .filter(incidents::Column::Id.between(at.next, at.last))
            .order_by_asc(incidents::Column::Id)
            .limit(incidents_max)
            .into_tuple()
            .all(self.reads())
            .await?;
        let next = ids.last().filter(|_| ids.len() as u64 == incidents_max).map_or(at.last + 1, |id| id + 1);
        let seen = self.seen_in(&ids).await?;
        let pairs = seen.iter().flat_map(|(id, seen)| seen.terms.iter().map(|term| (IncidentId::new(*id), term.clone())));
        for few in pairs.collect::<Vec<_>>().chunks(TERMS_MAX) {
            let few = few.to_vec();
            self.write_untrailed(Untrailed::Backfill, move |tx| async move { add_to_unmerged(&tx, few).await }).await?;
        }
        let write = move |tx: Tx| async move { complete(&tx, (ids, seen), next).await };
        self.write_untrailed(Untrailed::Backfill, write).await
    }

    async fn seen_in(&self, ids: &[i64]) -> Result<BTreeMap<i64, Seen>, StoreError> {
        let mut seen: BTreeMap<i64, Seen> = BTreeMap::new();
        let sources: Vec<(i64, String)> = alerts::Entity::find()
            .select_only()
            .distinct()
            .columns([alerts::Column::IncidentId, alerts::Column::Source])
            .filter(alerts::Column::IncidentId.is_in(ids.iter().copied()))
            .into_tuple()
            .all(self.reads())
            .await?;
        for (id, source) in sources {
            let source: Source = word(&source)?;
            seen.entry(id).or_default().terms.insert(search::term_of_source(&source));
        }
        for row in self.reads().query_all(&observed_in(ids)).await? {
            let (id, kind, value): (i64, String, String) =
                (row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?);
            let kind: ObservableKind = word(&kind)?;
            let of_incident = seen.entry(id).or_default();
            of_incident.terms.insert(search::term_of_observable(kind, &value));
            of_incident.terms.extend(search::terms_of_text(&value));
            of_incident.observables.push(Observable { kind, value, field: row.try_get_by_index(3)? });
        }
        Ok(seen)
    }
}

/// Each value of these incidents' alerts once, those seen first before the others.
fn observed_in(ids: &[i64]) -> SelectStatement {
    use alert_observables::{Column, Entity};
    let incident = (alerts::Entity, alerts::Column::IncidentId);
    let first = |column: Column| Expr::col((Entity, column)).min();
    Query::select()
        .column(incident)
        .columns([(Entity, Column::Kind), (Entity, Column::Value)])
        .expr(first(Column::Field))
        .from(Entity)
        .inner_join(alerts::Entity, Expr::col((Entity, Column::AlertId)).equals((alerts::Entity, alerts::Column::Id)))
        .and_where(Expr::col(incident).is_in(ids.iter().copied()))
        .group_by_col(incident)
        .group_by_columns([(Entity, Column::Kind), (Entity, Column::Value)])
        .order_by_expr(first(Column::AlertId), Order::Asc)
        .order_by_expr(first(Column::Position), Order::Asc)
        .to_owned()
}

/// A duplicate whose alerts went elsewhere meanwhile is not found by them any more.
async fn add_to_unmerged(tx: &Tx, pairs: Vec<(IncidentId, String)>) -> Result<(), StoreError> {
    let ids: BTreeSet<i64> = pairs.iter().map(|(id, _)| id.number()).collect();
    let unmerged: Vec<i64> = incidents::Entity::find()
        .select_only()
        .column(incidents::Column::Id)
        .filter(incidents::Column::Id.is_in(ids))
        .filter(incidents::Column::MergedInto.is_null())
        .order_by_asc(incidents::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .into_tuple()
        .all(tx.connection())
        .await?;
    terms::add(tx, pairs.into_iter().filter(|(id, _)| unmerged.contains(&id.number())).collect()).await
}

/// What people wrote, what a row shows, and the place to go on from.
async fn complete(tx: &Tx, (ids, seen): (Vec<i64>, BTreeMap<i64, Seen>), next: i64) -> Result<BackfillProgress, StoreError> {
    let rows = incidents::Entity::find()
        .filter(incidents::Column::Id.is_in(ids))
        .order_by_asc(incidents::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .all(tx.connection())
        .await?;
    let incidents = with_names(tx.connection(), rows).await?;
    let written = incidents.iter().flat_map(|incident| terms::of_texts(incident).into_iter().map(|term| (incident.id, term)));
    terms::add(tx, written.collect()).await?;
    for incident in incidents.into_iter().filter(|incident| incident.entities.is_empty() && incident.merged_into.is_none()) {
        let Some(Seen { observables, .. }) = seen.get(&incident.id.number()) else { continue };
        let mut entities = incident.entities;
        add_entities(&mut entities, observables);
        incidents::Entity::update_many()
            .col_expr(incidents::Column::Entities, Expr::value(to_json(&entities)?))
            .filter(incidents::Column::Id.eq(incident.id.number()))
            .exec(tx.connection())
            .await?;
    }
    backfills::Entity::update_many()
        .col_expr(backfills::Column::NextId, Expr::value(next))
        .filter(backfills::Column::Name.eq(NAME))
        .filter(backfills::Column::NextId.lt(next))
        .exec(tx.connection())
        .await?;
    progress(backfills::Entity::find_by_id(NAME).one(tx.connection()).await?)
}

fn progress(row: Option<backfills::Model>) -> Result<BackfillProgress, StoreError> {
    let row = row.ok_or_else(|| StoreError::NotFound(format!("backfill {NAME}")))?;
    Ok(BackfillProgress { next: row.next_id, last: row.last_id })
}
