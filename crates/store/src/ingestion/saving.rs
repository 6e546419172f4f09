//! Writing a board: ids are given, then each table gets its rows with one multi-row statement, all of them sent together, and then the log its
//! entries.

use std::collections::BTreeSet;

use domain::digest::Digest;
use domain::id::{AlertId, IncidentId};
use domain::search::terms_of_id;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, OnConflict, Query};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, Iterable, QueryFilter, Set};

use super::Ingested;
use super::board::{Board, Case, KnownAlert, NewAlert, Placement};
use super::entries::entries_of;
use crate::entity::{alert_observables, alerts, incident_keys, incidents, raw_alerts};
use crate::error::StoreError;
use crate::incidents::terms;
use crate::numbers::Numbered;
use crate::rows::{big, to_json};
use crate::write::{Tx, Writes};

/// Saves everything; one result for each placement, in the same order.
pub(super) async fn save(tx: &Tx, mut board: Board<'_>) -> Result<Vec<Ingested>, StoreError> {
    number_incidents(tx, &mut board).await?;
    let numbers = tx.next_numbers(Numbered::Alerts, board.alerts.len()).await?;
    let ids: Vec<AlertId> = numbers.into_iter().map(AlertId::new).collect();
    let digests: Vec<Digest> = board.alerts.iter().map(|alert| Digest::of(&alert.request.raw)).collect();
    let make = |batch: &mut Writes<'_>| {
        save_incidents(batch, &board);
        save_alerts(batch, &board, &ids, &digests)?;
        save_keys(batch, &board);
        save_terms(batch, &board);
        count_repeats(batch, &board);
        let named = board.alerts.iter().zip(&ids).zip(&digests);
        Ok(named.flat_map(|((alert, id), digest)| entries_of(alert, *id, board.cases[alert.case].id(), digest)))
    };
    tx.send_with(make).await?;
    board.placements.iter().map(|placement| result_of(&board, placement, &ids)).collect()
}

async fn number_incidents(tx: &Tx, board: &mut Board<'_>) -> Result<(), StoreError> {
    let unstored: Vec<&mut Case> = board.cases.iter_mut().filter(|case| !case.is_stored).collect();
    let numbers = tx.next_numbers(Numbered::Incidents, unstored.len()).await?;
    for (case, number) in unstored.into_iter().zip(numbers) {
        case.row.id = number;
    }
    Ok(())
}

fn save_incidents(batch: &mut Writes<'_>, board: &Board<'_>) {
    let changed = board.cases.iter().filter(|case| case.is_changed);
    let rows = changed.map(|case| case.row.clone().into_active_model().reset_all()).collect();
    let columns = incidents::Column::iter().filter(|column| !matches!(column, incidents::Column::Id));
    let stored = OnConflict::column(incidents::Column::Id).update_columns(columns).to_owned();
    batch.insert_all_or::<incidents::ActiveModel>(rows, &stored);
}

fn save_alerts(batch: &mut Writes<'_>, board: &Board<'_>, ids: &[AlertId], digests: &[Digest]) -> Result<(), StoreError> {
    let received_at = board.received_at.unix_ms();
    let named = || board.alerts.iter().zip(ids);
    let rows = named().map(|(alert, id)| alert_row(board, alert, *id)).collect::<Result<_, _>>()?;
    batch.insert_all::<alerts::ActiveModel>(rows);
    let raw = named().zip(digests).map(|((alert, id), digest)| raw_alerts::ActiveModel {
        alert_id: Set(id.number()),
        bytes: Set(alert.request.raw.clone()),
        sha256: Set(digest.to_string()),
        received_at: Set(received_at),
    });
    batch.insert_all(raw.collect());
    let observables = named().flat_map(|(alert, id)| {
        alert.request.alert.observables().into_iter().enumerate().map(|(position, observable)| alert_observables::ActiveModel {
            alert_id: Set(id.number()),
            position: Set(big(position)),
            field: Set(observable.field),
            kind: Set(observable.kind.to_string()),
            value: Set(observable.value),
        })
    });
    batch.insert_all(observables.collect());
    Ok(())
}

fn alert_row(board: &Board<'_>, new: &NewAlert<'_>, id: AlertId) -> Result<alerts::ActiveModel, StoreError> {
    let alert = &new.request.alert;
    Ok(alerts::ActiveModel {
        id: Set(id.number()),
        sender_alert_id: Set(alert.sender_alert_id.as_ref().map(ToString::to_string)),
        source: Set(new.request.source.to_string()),
        incident_id: Set(Some(board.cases[new.case].row.id)),
        incident_type: Set(new.assessed.incident_type.to_string()),
        title: Set(new.title.clone()),
        source_severity: Set(alert.source_severity.map(|severity| severity.to_string())),
        occurred_at: Set(alert.occurred_at.map(|at| at.unix_ms())),
        received_at: Set(board.received_at.unix_ms()),
        duplicates: Set(new.duplicates),
        normalised: Set(to_json(alert)?),
        submitted_by: Set(new.request.submitted_by.map(|id| id.to_string())),
        joined_by: Set(new.joined_by.as_ref().map(ToString::to_string)),
        merged_from: Set(None),
    })
}

/// Keys carry the time of their incident's newest alert: new ones are added, those of incidents that became newer are brought up.
fn save_keys(batch: &mut Writes<'_>, board: &Board<'_>) {
    let rows = board.cases.iter().flat_map(|case| {
        case.new_keys.iter().map(|key| incident_keys::ActiveModel {
            incident_id: Set(case.row.id),
            kind: Set(key.kind.to_string()),
            value: Set(key.value.clone()),
            newest_alert_at: Set(case.row.newest_alert_at),
        })
    });
    let known =
        OnConflict::columns([incident_keys::Column::IncidentId, incident_keys::Column::Kind, incident_keys::Column::Value])
            .update_column(incident_keys::Column::NewestAlertAt)
            .to_owned();
    batch.insert_all_or(rows.collect(), &known);
    let newer: Vec<i64> = board.cases.iter().filter(|case| case.is_stored && case.is_newer).map(|case| case.row.id).collect();
    if newer.is_empty() {
        return;
    }
    let newest = Query::select()
        .column(incidents::Column::NewestAlertAt)
        .from(incidents::Entity)
        .and_where(
            Expr::col((incidents::Entity, incidents::Column::Id))
                .equals((incident_keys::Entity, incident_keys::Column::IncidentId)),
        )
        .to_owned();
    let update = incident_keys::Entity::update_many()
        .col_expr(incident_keys::Column::NewestAlertAt, Expr::SubQuery(None, Box::new(newest.into())))
        .filter(incident_keys::Column::IncidentId.is_in(newer));
    batch.add(&update);
}

/// What incidents are found by; what a new one is found by begins with its id.
fn save_terms(batch: &mut Writes<'_>, board: &Board<'_>) {
    let rows = board.cases.iter().flat_map(|case| {
        let named = if case.is_stored { BTreeSet::new() } else { terms_of_id(case.id()) };
        named.into_iter().chain(case.terms.iter().cloned()).map(|term| (case.id(), term))
    });
    terms::insert(batch, rows.collect());
}

fn count_repeats(batch: &mut Writes<'_>, board: &Board<'_>) {
    let repeated: Vec<&KnownAlert> = board.known.values().filter(|alert| alert.repeats > 0).collect();
    if repeated.is_empty() {
        return;
    }
    let often = repeated.iter().filter(|alert| alert.repeats > 1);
    let case =
        |counts: CaseStatement, alert: &&KnownAlert| counts.case(Expr::col(alerts::Column::Id).eq(alert.id), alert.repeats);
    let mut counts = often.fold(CaseStatement::new(), case);
    counts = counts.case(Expr::col(alerts::Column::Id).is_not_null(), 1_i64);
    let update = alerts::Entity::update_many()
        .col_expr(alerts::Column::Duplicates, Expr::col(alerts::Column::Duplicates).add(Expr::Case(Box::new(counts))))
        .filter(alerts::Column::Id.is_in(repeated.iter().map(|alert| alert.id)));
    batch.add(&update);
}

fn result_of(board: &Board<'_>, placement: &Placement, ids: &[AlertId]) -> Result<Ingested, StoreError> {
    match placement {
        Placement::New(index) => Ok(result_of_new(board, *index, ids)),
        Placement::RepeatsNew(index) => Ok(Ingested { deduplicated: true, ..result_of_new(board, *index, ids) }),
        Placement::RepeatsKnown(sender) => {
            let lost = || StoreError::Corrupt(format!("alert {} of {} has no incident", sender.alert_id, sender.source));
            let known = board.known.get(sender).ok_or_else(lost)?;
            let case = known.incident_id.and_then(|id| board.index_of(IncidentId::new(id))).ok_or_else(lost)?;
            Ok(Ingested {
                id: AlertId::new(known.id),
                alert_id: sender.alert_id.clone(),
                incident: board.cases[case].snapshot()?,
                deduplicated: true,
                correlated: known.correlated,
            })
        }
    }
}

fn result_of_new(board: &Board<'_>, index: usize, ids: &[AlertId]) -> Ingested {
    let (alert, id) = (&board.alerts[index], ids[index]);
    let mut incident = alert.snapshot.clone();
    incident.id = board.cases[alert.case].id();
    let sender_alert_id = alert.request.alert.sender_alert_id.as_ref();
    Ingested {
        id,
        alert_id: sender_alert_id.map_or_else(|| id.to_string(), ToString::to_string),
        incident,
        deduplicated: false,
        correlated: alert.joined_by.is_some(),
    }
}
