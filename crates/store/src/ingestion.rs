//! The one hot path: alerts that wait together are looked up together, correlated together and written together, with a number of
//! statements that does not depend on how many they are. What an alert means and which belong together is decided in `domain`.

use std::sync::Arc;

use domain::alert::NormalisedAlert;
use domain::audit::Origin;
use domain::classification::ClassificationRules;
use domain::correlation::CorrelationRules;
use domain::digest::Digest;
use domain::id::{AlertId, IncidentId, IncidentType, Source, UserId};
use domain::idempotency::{Claim, KeptAnswer};
use domain::incident::State;
use domain::score::ScoringRules;
use domain::severity::Severity;
use domain::verdict::Verdict;
use tokio::sync::oneshot;

use crate::error::StoreError;
use crate::places::{Place, Places};
use crate::store::Store;

mod board;
mod candidates;
mod entries;
mod group;
mod saving;

pub(crate) use group::ingest_group;

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

/// Alerts that were posted together. They share one transaction, in which each succeeds or fails by itself.
pub struct Posting {
    pub requests: Vec<IngestRequest>,
    /// What is kept for whoever repeats the post.
    pub keeping: Option<Keeping>,
}

/// What becomes of each alert of a posting, in the same order.
pub type Results = Vec<Result<Ingested, StoreError>>;

/// Makes, of what became of a group of alerts, the answer that is kept for a repetition; `None` if it is not to be kept.
pub type AnswerOf = Box<dyn Fn(&[Result<Ingested, StoreError>]) -> Option<KeptAnswer> + Send + Sync>;

/// The claim of a posting, and how its answer is made from what became of it; no answer is kept where none is made.
pub struct Keeping {
    pub claim: Arc<Claim>,
    pub answer: AnswerOf,
}

impl Store {
    /// Takes an alert in: stores it, joins it to an open incident or makes a new one, and answers after the commit. Alerts that wait
    /// at the same time share one transaction; one that cannot be stored harms only itself.
    pub async fn ingest(&self, request: IngestRequest) -> Result<Ingested, StoreError> {
        let mut results = self.ingest_posting(Posting { requests: vec![request], keeping: None }).await?;
        results.pop().unwrap_or(Err(StoreError::Abandoned))
    }

    /// Takes in alerts that were posted together, in one transaction. An error means that none of them was looked at:
    /// [`StoreError::Claimed`] if the same post was done before.
    pub async fn ingest_posting(&self, posting: Posting) -> Result<Results, StoreError> {
        self.writer().ingest(posting).await
    }
}

/// A posting that waits for its group.
pub(crate) struct Posted {
    pub posting: Posting,
    pub reply: Reply,
    pub place: Place,
}

/// Where the answer goes.
pub(crate) type Reply = oneshot::Sender<Result<Results, StoreError>>;

impl Posted {
    /// Finds a place in the queue, or answers that there is none.
    pub(crate) fn queued(posting: Posting, places: &Places, reply: Reply) -> Option<Self> {
        let bytes = posting.requests.iter().map(|request| request.raw.len()).sum();
        match places.take(posting.requests.len(), bytes) {
            Ok(place) => Some(Self { posting, reply, place }),
            Err(error) => {
                // A caller that went away needs no answer.
                let _ = reply.send(Err(error));
                None
            }
        }
    }

    pub(crate) fn refuse(self, error: StoreError) {
        let _ = self.reply.send(Err(error));
    }

    pub(crate) fn split(posted: Vec<Self>) -> (Vec<Posting>, Vec<(Reply, Place)>) {
        posted.into_iter().map(|Self { posting, reply, place }| (posting, (reply, place))).unzip()
    }
}
