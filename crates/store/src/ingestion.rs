//! The one hot path: alerts that wait together are looked up together, correlated together and written together, with a number of
//! statements that does not depend on how many they are. What an alert means and which belong together is decided in `domain`.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use domain::alert::NormalisedAlert;
use domain::audit::Origin;
use domain::classification::ClassificationRules;
use domain::correlation::CorrelationRules;
use domain::digest::Digest;
use domain::id::{AlertId, IncidentId, IncidentType, Source, UserId};
use domain::incident::State;
use domain::score::ScoringRules;
use domain::severity::Severity;
use domain::verdict::Verdict;
use futures::FutureExt;
use tokio::sync::oneshot;

use crate::error::StoreError;
use crate::store::Store;
use crate::write::Tx;

mod board;
mod candidates;
mod entries;
mod saving;

/// The rules that alerts are taken in by.
#[derive(Clone, Debug)]
pub struct IngestRules {
    pub scoring: ScoringRules,
    /// The digest of `scoring`, stored with each score.
    pub scoring_digest: Digest,
    pub classification: ClassificationRules,
    pub correlation: CorrelationRules,
}

/// An alert to take in.
#[derive(Clone, Debug)]
pub struct IngestRequest {
    pub alert: NormalisedAlert,
    /// The bytes exactly as received.
    pub raw: Vec<u8>,
    pub source: Source,
    pub origin: Origin,
    /// The person who posted it by hand; they contribute to the incident.
    pub submitted_by: Option<UserId>,
    pub rules: Arc<IngestRules>,
}

/// What became of an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ingested {
    pub id: AlertId,
    /// The sender's own id, or `id`.
    pub alert_id: String,
    /// The incident that took it, as it was then.
    pub incident: IncidentSnapshot,
    /// It was known already, and only counted.
    pub deduplicated: bool,
    /// It joined an incident that was there already.
    pub correlated: bool,
}

/// What an answer says about an incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncidentSnapshot {
    pub id: IncidentId,
    pub incident_type: IncidentType,
    pub state: State,
    pub severity: Severity,
    pub risk_score: u8,
    pub verdict: Verdict,
}

impl Store {
    /// Takes an alert in: stores it, joins it to an open incident or makes a new one, and answers after the commit. Alerts that wait
    /// at the same time share one transaction; one that cannot be stored harms only itself.
    pub async fn ingest(&self, request: IngestRequest) -> Result<Ingested, StoreError> {
        self.writer().ingest(request).await
    }
}

/// An alert that waits for its group.
pub(crate) struct Posted {
    pub request: IngestRequest,
    pub reply: Reply,
}

/// Where the answer goes.
pub(crate) type Reply = oneshot::Sender<Result<Ingested, StoreError>>;

impl Posted {
    pub(crate) fn refuse(self, error: StoreError) {
        // A caller that went away needs no answer.
        let _ = self.reply.send(Err(error));
    }

    pub(crate) fn split(posted: Vec<Self>) -> (Vec<IngestRequest>, Vec<Reply>) {
        posted.into_iter().map(|Self { request, reply }| (request, reply)).unzip()
    }
}

/// Takes a group in, all or none of it; one result for each request, in the same order.
pub(crate) async fn ingest_group(tx: &Tx, requests: &[IngestRequest]) -> Result<Vec<Ingested>, StoreError> {
    AssertUnwindSafe(take_in(tx, requests)).catch_unwind().await.unwrap_or(Err(StoreError::Abandoned))
}

async fn take_in(tx: &Tx, requests: &[IngestRequest]) -> Result<Vec<Ingested>, StoreError> {
    let received_at = tx.surroundings().now();
    let mut board = candidates::look_up(tx, requests, received_at).await?;
    for request in requests {
        board.place(request)?;
    }
    saving::save(tx, board).await
}
