//! How the newest live runs of playbooks stand: for many playbooks with one statement, each by its own walk of the index.

use std::collections::BTreeMap;

use domain::id::{IncidentId, PlaybookId, RunId};
use domain::plan::RunMode;
use domain::run::RunStatus;
use domain::timestamp::Timestamp;
use sea_orm::sea_query::{Alias, Asterisk, Order, Query, SelectStatement, UnionType};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryResult};

use crate::entity::runs::{Column, Entity};
use crate::error::StoreError;
use crate::nouns::{Reads, Runs};
use crate::rows::{time, word};

/// How a run stands, without its steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunStanding {
    pub id: RunId,
    pub incident_id: IncidentId,
    pub status: RunStatus,
    pub requested_at: Timestamp,
}

impl<D: Reads> Runs<'_, D> {
    /// How the newest live runs of each of these playbooks stand, the newest first; without their steps.
    pub async fn standings_of_playbooks(
        &self,
        ids: &[PlaybookId],
        limit: u64,
    ) -> Result<BTreeMap<PlaybookId, Vec<RunStanding>>, StoreError> {
        let mut standings: BTreeMap<PlaybookId, Vec<RunStanding>> = BTreeMap::new();
        let mut parts = ids.iter().map(|id| newest(id, limit));
        let Some(first) = parts.next() else { return Ok(standings) };
        let all = parts.fold(first, |mut all, part| all.union(UnionType::All, part).to_owned());
        for row in self.0.connected().query_all(&all).await? {
            let (id, standing) = standing(&row)?;
            standings.entry(id).or_default().push(standing);
        }
        for runs in standings.values_mut() {
            runs.sort_by_key(|run| std::cmp::Reverse(run.id));
        }
        Ok(standings)
    }
}

/// In brackets of its own, because it has an order and a limit of its own.
fn newest(id: &PlaybookId, limit: u64) -> SelectStatement {
    let newest = Query::select()
        .columns([Column::PlaybookId, Column::Id, Column::IncidentId, Column::Status, Column::RequestedAt])
        .from(Entity)
        .and_where(Column::PlaybookId.eq(id.as_str()))
        .and_where(Column::Mode.eq(RunMode::Live.as_str()))
        .order_by(Column::Id, Order::Desc)
        .limit(limit)
        .to_owned();
    Query::select().column(Asterisk).from_subquery(newest, Alias::new("newest")).to_owned()
}

fn standing(row: &QueryResult) -> Result<(PlaybookId, RunStanding), StoreError> {
    let (id, status): (String, String) = (row.try_get_by_index(0)?, row.try_get_by_index(3)?);
    let run = RunStanding {
        id: RunId::new(row.try_get_by_index(1)?),
        incident_id: IncidentId::new(row.try_get_by_index(2)?),
        status: word(&status)?,
        requested_at: time(row.try_get_by_index(4)?),
    };
    Ok((word(&id)?, run))
}
