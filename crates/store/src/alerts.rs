//! Alerts as rows: reading them with what was seen in them, and their raw bytes. They are written by `ingestion` only.

use std::collections::{BTreeSet, HashMap};

use domain::alert::{Alert, NormalisedAlert};
use domain::digest::Digest;
use domain::id::{AlertId, IncidentId, UserId};
use domain::observable::Observable;
use domain::sealed::Sealed;
use sea_orm::sea_query::SelectStatement;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use crate::entity::alerts::{Column, Entity, Model};
use crate::entity::{alert_observables, raw_alerts};
use crate::error::StoreError;
use crate::nouns::{Alerts, Reads};
use crate::page::{Cursor, Page, PageRequest};
use crate::rows::{json, maybe_time, maybe_word, small, time, word};

/// How many of an incident's alerts are searched for what was seen in them, the newest.
const OBSERVED_ALERTS_MAX: u64 = 1_000;

/// What the first alert of an incident said, and who posted it.
#[derive(Clone, Debug, PartialEq)]
pub struct FirstAlert {
    pub id: AlertId,
    pub normalised: NormalisedAlert,
    pub poster: Poster,
}

/// Who posted an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Poster {
    Source,
    /// By hand, or with a key that an analyst made.
    Person,
}

impl<D: Reads> Alerts<'_, D> {
    /// The alert with this id.
    pub async fn find(&self, id: AlertId) -> Result<Option<Alert>, StoreError> {
        let row = Entity::find_by_id(id.number()).one(self.0.connected()).await?;
        Ok(self.complete(row.into_iter().collect()).await?.pop())
    }

    /// The bytes of an alert exactly as received, under the digest that they had then.
    pub async fn find_raw(&self, id: AlertId) -> Result<Option<Sealed<Vec<u8>>>, StoreError> {
        let row = raw_alerts::Entity::find_by_id(id.number()).one(self.0.connected()).await?;
        row.map(|row| Ok(Sealed::new(word(&row.sha256)?, Some(row.bytes)))).transpose()
    }

    /// What an alert says of itself, checked and in one form.
    pub async fn find_normalised(&self, id: AlertId) -> Result<Option<NormalisedAlert>, StoreError> {
        let row = Entity::find_by_id(id.number()).one(self.0.connected()).await?;
        row.map(|row| json(&row.normalised)).transpose()
    }

    /// A page of alerts, the newest first.
    pub async fn list(&self, request: PageRequest) -> Result<Page<Alert>, StoreError> {
        let mut newest_first = Entity::find().order_by_desc(Column::Id).limit(request.rows());
        if let Some(after) = request.after {
            newest_first = newest_first.filter(Column::Id.lt(after.number));
        }
        let rows = newest_first.all(self.0.connected()).await?;
        let page = request.cut(rows, |row| Cursor { sort_key: 0, number: row.id });
        Ok(Page { items: self.complete(page.items).await?, next: page.next })
    }

    /// The newest alerts of an incident, the newest first.
    pub async fn list_of_incident(&self, incident_id: IncidentId, limit: u64) -> Result<Vec<Alert>, StoreError> {
        let of_incident = Entity::find().filter(Column::IncidentId.eq(incident_id.number()));
        let rows = of_incident.order_by_desc(Column::Id).limit(limit).all(self.0.connected()).await?;
        self.complete(rows).await
    }

    /// The first alert of an incident: its own, not one that came with a duplicate, however old that is.
    pub async fn first_of_incident(&self, incident_id: IncidentId) -> Result<Option<FirstAlert>, StoreError> {
        let of_incident = Entity::find().filter(Column::IncidentId.eq(incident_id.number())).order_by_asc(Column::Id);
        let own = of_incident.clone().filter(Column::MergedFrom.is_null()).one(self.0.connected()).await?;
        let row = match own {
            Some(row) => Some(row),
            None => of_incident.one(self.0.connected()).await?,
        };
        let first = |row: Model| {
            let poster = if row.submitted_by.is_some() { Poster::Person } else { Poster::Source };
            Ok(FirstAlert { id: AlertId::new(row.id), normalised: json(&row.normalised)?, poster })
        };
        row.map(first).transpose()
    }

    /// What these alerts said; unknown ids are left out.
    pub async fn list_normalised(&self, ids: &BTreeSet<AlertId>) -> Result<HashMap<AlertId, NormalisedAlert>, StoreError> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let rows = Entity::find().filter(Column::Id.is_in(ids.iter().map(|id| id.number()))).all(self.0.connected()).await?;
        rows.into_iter().map(|row| Ok((AlertId::new(row.id), json(&row.normalised)?))).collect()
    }

    /// What was seen in the newest alerts of an incident, each value once for each field.
    pub async fn observables_of_incident(&self, incident_id: IncidentId, limit: u64) -> Result<Vec<Observable>, StoreError> {
        type Columns = (String, String, String);
        let rows: Vec<Columns> = alert_observables::Entity::find()
            .select_only()
            .distinct()
            .columns([alert_observables::Column::Kind, alert_observables::Column::Value, alert_observables::Column::Field])
            .filter(alert_observables::Column::AlertId.in_subquery(newest_ids_of(incident_id)))
            .order_by_asc(alert_observables::Column::Kind)
            .order_by_asc(alert_observables::Column::Value)
            .order_by_asc(alert_observables::Column::Field)
            .limit(limit)
            .into_tuple()
            .all(self.0.connected())
            .await?;
        rows.into_iter().map(|(kind, value, field)| Ok(Observable { kind: word(&kind)?, value, field })).collect()
    }

    /// The people who posted alerts of an incident by hand, or with a key that they made as analysts: they contribute to whatever is decided on it.
    pub async fn submitters_of_incident(&self, incident_id: IncidentId) -> Result<Vec<UserId>, StoreError> {
        let people: Vec<String> = Entity::find()
            .select_only()
            .distinct()
            .column(Column::SubmittedBy)
            .filter(Column::IncidentId.eq(incident_id.number()))
            .filter(Column::SubmittedBy.is_not_null())
            .into_tuple()
            .all(self.0.connected())
            .await?;
        people.iter().map(|id| word(id)).collect()
    }

    async fn complete(&self, rows: Vec<Model>) -> Result<Vec<Alert>, StoreError> {
        let ids: BTreeSet<i64> = rows.iter().map(|row| row.id).collect();
        let mut observables = self.observables(ids.clone()).await?;
        let digests = self.digests(ids).await?;
        rows.into_iter()
            .map(|row| {
                let seen = observables.remove(&row.id).unwrap_or_default();
                let raw_sha256 =
                    digests.get(&row.id).ok_or_else(|| StoreError::Corrupt(format!("alert {} has no bytes", row.id)))?;
                alert(row, seen, *raw_sha256)
            })
            .collect()
    }

    async fn observables(&self, ids: BTreeSet<i64>) -> Result<HashMap<i64, Vec<Observable>>, StoreError> {
        let mut seen: HashMap<i64, Vec<Observable>> = HashMap::new();
        if ids.is_empty() {
            return Ok(seen);
        }
        let of_alerts = alert_observables::Entity::find().filter(alert_observables::Column::AlertId.is_in(ids));
        for row in of_alerts.order_by_asc(alert_observables::Column::Position).all(self.0.connected()).await? {
            let observable = Observable { kind: word(&row.kind)?, value: row.value, field: row.field };
            seen.entry(row.alert_id).or_default().push(observable);
        }
        Ok(seen)
    }

    async fn digests(&self, ids: BTreeSet<i64>) -> Result<HashMap<i64, Digest>, StoreError> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let rows: Vec<(i64, String)> = raw_alerts::Entity::find()
            .select_only()
            .columns([raw_alerts::Column::AlertId, raw_alerts::Column::Sha256])
            .filter(raw_alerts::Column::AlertId.is_in(ids))
            .into_tuple()
            .all(self.0.connected())
            .await?;
        rows.into_iter().map(|(id, digest)| Ok((id, word(&digest)?))).collect()
    }
}

fn newest_ids_of(incident_id: IncidentId) -> SelectStatement {
    let of_incident = Entity::find().select_only().column(Column::Id).filter(Column::IncidentId.eq(incident_id.number()));
    of_incident.order_by_desc(Column::Id).limit(OBSERVED_ALERTS_MAX).into_query()
}

fn alert(row: Model, observables: Vec<Observable>, raw_sha256: Digest) -> Result<Alert, StoreError> {
    let id = AlertId::new(row.id);
    Ok(Alert {
        id,
        alert_id: row.sender_alert_id.unwrap_or_else(|| id.to_string()),
        source: word(&row.source)?,
        incident_id: row.incident_id.map(IncidentId::new),
        incident_type: word(&row.incident_type)?,
        title: row.title,
        source_severity: maybe_word(row.source_severity.as_deref())?,
        occurred_at: maybe_time(row.occurred_at),
        received_at: time(row.received_at),
        duplicates: small(row.duplicates)?,
        observables,
        raw_sha256,
    })
}
