//! What must be known before a group of alerts can be placed: which of them are stored already, and which open incidents they may
//! join. It is looked up inside the write, so that posts at the same time find each other.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::correlation::{CorrelationKey, correlation_keys};
use domain::timestamp::Timestamp;
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::IngestRequest;
use super::board::{Board, Case, KnownAlert, SenderKey};
use crate::entity::{alerts, incident_keys, incidents};
use crate::error::StoreError;
use crate::rows::word;
use crate::write::Tx;

/// Keys of candidates that one group looks at, the newest first.
const CANDIDATE_KEYS_MAX: u64 = 20_000;

/// Looks everything up with at most three statements.
pub(super) async fn look_up<'a>(
    tx: &Tx,
    requests: &[&'a IngestRequest],
    received_at: Timestamp,
) -> Result<Board<'a>, StoreError> {
    let known = known_alerts(tx, requests).await?;
    let new: Vec<&IngestRequest> = requests.iter().copied().filter(|request| !is_known(&known, request)).collect();
    let keys = candidate_keys(tx, &new, received_at).await?;
    let incident_ids = keys.keys().copied().chain(known.values().filter_map(|alert| alert.incident_id)).collect();
    let cases = stored_cases(tx, incident_ids, keys).await?;
    Ok(Board::new(received_at, known, cases))
}

fn is_known(known: &HashMap<SenderKey, KnownAlert>, request: &IngestRequest) -> bool {
    SenderKey::of(request).is_some_and(|key| known.contains_key(&key))
}

async fn known_alerts(tx: &Tx, requests: &[&IngestRequest]) -> Result<HashMap<SenderKey, KnownAlert>, StoreError> {
    let sent: BTreeSet<&str> =
        requests.iter().filter_map(|request| Some(request.alert.sender_alert_id.as_ref()?.as_str())).collect();
    if sent.is_empty() {
        return Ok(HashMap::new());
    }
    type Columns = (i64, Option<String>, String, Option<i64>, Option<String>);
    let rows: Vec<Columns> = alerts::Entity::find()
        .select_only()
        .columns([alerts::Column::Id, alerts::Column::SenderAlertId, alerts::Column::Source])
        .columns([alerts::Column::IncidentId, alerts::Column::JoinedBy])
        .filter(alerts::Column::SenderAlertId.is_in(sent))
        .into_tuple()
        .all(tx.connection())
        .await?;
    let known = rows.into_iter().filter_map(|(id, sender_alert_id, source, incident_id, joined_by)| {
        let alert = KnownAlert { id, incident_id, correlated: joined_by.is_some(), repeats: 0 };
        Some((SenderKey { source, alert_id: sender_alert_id? }, alert))
    });
    Ok(known.collect())
}

/// The keys that incidents with a new enough alert share with these, by incident.
async fn candidate_keys(
    tx: &Tx,
    requests: &[&IngestRequest],
    received_at: Timestamp,
) -> Result<BTreeMap<i64, Vec<CorrelationKey>>, StoreError> {
    let wanted: BTreeSet<CorrelationKey> = requests.iter().flat_map(|request| correlation_keys(&request.alert)).collect();
    let Some((from, to)) = window(requests, received_at).filter(|_| !wanted.is_empty()) else {
        return Ok(BTreeMap::new());
    };
    let values: BTreeSet<&str> = wanted.iter().map(|key| key.value.as_str()).collect();
    let rows = incident_keys::Entity::find()
        .filter(incident_keys::Column::Value.is_in(values))
        .filter(incident_keys::Column::NewestAlertAt.between(from.unix_ms(), to.unix_ms()))
        .order_by_desc(incident_keys::Column::NewestAlertAt)
        .limit(CANDIDATE_KEYS_MAX)
        .all(tx.connection())
        .await?;
    let mut keys: BTreeMap<i64, Vec<CorrelationKey>> = BTreeMap::new();
    for row in rows {
        let key = CorrelationKey { kind: word(&row.kind)?, value: row.value };
        if wanted.contains(&key) {
            keys.entry(row.incident_id).or_default().push(key);
        }
    }
    Ok(keys)
}

/// The times between which the newest alert of any candidate lies.
fn window(requests: &[&IngestRequest], received_at: Timestamp) -> Option<(Timestamp, Timestamp)> {
    let reach = |request: &&IngestRequest| {
        let at = request.alert.occurred_or(received_at);
        let window_ms = request.rules.correlation.window_s.saturating_mul(1_000);
        (at.plus_ms(-window_ms), at.plus_ms(window_ms))
    };
    requests.iter().map(reach).reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))
}

/// The incidents themselves. They stay as they are until the group is written.
async fn stored_cases(
    tx: &Tx,
    ids: BTreeSet<i64>,
    mut keys: BTreeMap<i64, Vec<CorrelationKey>>,
) -> Result<Vec<Case>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = incidents::Entity::find()
        .filter(incidents::Column::Id.is_in(ids))
        .order_by_asc(incidents::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .all(tx.connection())
        .await?;
    rows.into_iter().map(|row| Case::stored(keys.remove(&row.id).unwrap_or_default(), row)).collect()
}
