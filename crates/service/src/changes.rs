//! The live stream: follows the audit log from one place and hands each new entry to every listener.

use std::sync::Arc;
use std::time::Duration;

use api::changes::{Change, Changes, RESUME_ENTRIES_MAX, StreamItem, StreamStart, Topic};
use api::{ApiError, Caller};
use async_trait::async_trait;
use domain::access::{Permission, authorize};
use domain::audit::{Target, TargetKind};
use domain::id::IncidentId;
use futures::stream::{self, BoxStream};
use futures::{Stream, StreamExt as _};
use store::{LoggedChange, Store, StoreError};
use tokio::sync::broadcast;
use tokio_stream::wrappers::BroadcastStream;
use tokio_util::sync::CancellationToken;

use crate::core::Core;
use crate::error::ServiceError;

/// How often the log is looked at for entries of other processes.
const POLL: Duration = Duration::from_millis(250);
/// Entries read at once.
const BATCH: u64 = 1_000;
/// Entries that a slow listener may lag behind before it gets a gap.
const LAG_MAX: usize = 8_192;

/// Where new entries come out.
#[derive(Clone)]
pub struct Feed(broadcast::Sender<Heard>);

/// What a listener may hear of an entry.
#[derive(Clone)]
struct Heard {
    seq: i64,
    target: Target,
    incident_id: Option<IncidentId>,
}

impl Heard {
    fn of(entry: &LoggedChange) -> Result<Self, StoreError> {
        Ok(Self { seq: entry.seq, target: entry.target()?, incident_id: entry.incident_id })
    }
}

impl Default for Feed {
    fn default() -> Self {
        Self(broadcast::Sender::new(LAG_MAX))
    }
}

impl Feed {
    /// How many listen.
    pub fn listeners(&self) -> usize {
        self.0.receiver_count()
    }

    /// Follows the log until the token is cancelled: at once for commits of this process, soon for those of others. As long as nobody
    /// listens, only its end is kept in sight.
    pub async fn follow_log(&self, store: &Store, end: CancellationToken) {
        let mut heads = store.head_changes();
        let mut next = None;
        loop {
            match self.pass_on(store, next).await {
                Ok(seen) => next = Some(seen),
                Err(error) => tracing::warn!(%error, "the audit log could not be followed; trying again"),
            }
            tokio::select! {
                () = end.cancelled() => return,
                changed = heads.changed(), if self.listeners() > 0 => if changed.is_err() { return },
                () = tokio::time::sleep(POLL) => {}
            }
        }
    }

    /// Hands on the entries from `next`, and says where to go on; without `next`, begins at the log's end.
    async fn pass_on(&self, store: &Store, next: Option<i64>) -> Result<i64, ServiceError> {
        let Some(next) = next else { return Ok(store.audit().size().await?) };
        if self.listeners() == 0 {
            let size = store.audit().size().await?;
            // Whoever began to listen meanwhile may have seen a shorter log than this.
            if self.listeners() == 0 {
                return Ok(size);
            }
        }
        self.hand_on(store, next).await
    }

    async fn hand_on(&self, store: &Store, mut next: i64) -> Result<i64, ServiceError> {
        loop {
            let entries = store.audit().changes_after(next - 1, BATCH).await?;
            let (read, last) = (entries.len() as u64, entries.last().map(|entry| entry.seq));
            next = last.map_or(next, |last| last + 1);
            for entry in &entries {
                // No listener is no failure.
                let _ = self.0.send(Heard::of(entry)?);
            }
            if read < BATCH {
                return Ok(next);
            }
        }
    }
}

/// The use cases of the live stream.
pub struct ChangeCases(pub Arc<Core>);

#[async_trait]
impl Changes for ChangeCases {
    async fn follow(&self, caller: &Caller, start: StreamStart) -> Result<BoxStream<'static, StreamItem>, ApiError> {
        self.0.permit(caller, Permission::Follow).await?;
        let sight =
            if authorize(&caller.actor, Permission::ReadWholeAudit).is_ok() { Sight::Everything } else { Sight::OfIncidents };
        let live = BroadcastStream::new(self.0.feed.0.subscribe());
        let head = self.0.store.audit().size().await.map_err(ServiceError::from)? - 1;
        let (missed, seen) = match start {
            StreamStart::Now => (Vec::new(), head),
            StreamStart::After(seq) if head - seq > RESUME_ENTRIES_MAX || seq > head => (vec![StreamItem::Gap(head)], head),
            StreamStart::After(seq) => (self.missed(seq, head, sight).await?, head),
        };
        Ok(stream::iter(missed).chain(after(live, seen, sight)).boxed())
    }
}

/// Which entries a listener may hear of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sight {
    Everything,
    /// Those of incidents, and playbooks, which everybody reads.
    OfIncidents,
}

impl ChangeCases {
    async fn missed(&self, after: i64, head: i64, sight: Sight) -> Result<Vec<StreamItem>, ApiError> {
        let mut items = Vec::new();
        let mut last = after;
        while last < head {
            let entries = self.0.store.audit().changes_after(last, BATCH).await.map_err(ServiceError::from)?;
            let Some(newest) = entries.last() else { break };
            last = newest.seq;
            let heard = entries.iter().filter(|entry| entry.seq <= head).map(Heard::of);
            let heard: Vec<Heard> = heard.collect::<Result<_, _>>().map_err(ServiceError::from)?;
            items.extend(heard.into_iter().filter(|entry| is_visible(entry, sight)).map(item));
        }
        Ok(items)
    }
}

fn after(live: BroadcastStream<Heard>, seen: i64, sight: Sight) -> impl Stream<Item = StreamItem> + Send {
    live.scan(seen, move |seen, received| {
        let item = match received {
            Ok(entry) if entry.seq > *seen => {
                *seen = entry.seq;
                is_visible(&entry, sight).then(|| item(entry))
            }
            Ok(_) => None,
            Err(_) => Some(StreamItem::Gap(*seen)),
        };
        std::future::ready(Some(item))
    })
    .filter_map(std::future::ready)
}

fn is_visible(entry: &Heard, sight: Sight) -> bool {
    sight == Sight::Everything || entry.incident_id.is_some() || entry.target.kind == TargetKind::Playbook
}

fn item(entry: Heard) -> StreamItem {
    let topic = match entry.target.kind {
        TargetKind::Incident => Topic::Incident,
        TargetKind::Alert => Topic::Alert,
        TargetKind::Run => Topic::Run,
        TargetKind::Approval => Topic::Approval,
        TargetKind::Playbook => Topic::Playbook,
        TargetKind::User
        | TargetKind::ApiKey
        | TargetKind::Log
        | TargetKind::Entry
        | TargetKind::Session
        | TargetKind::Link
        | TargetKind::View => Topic::Audit,
    };
    StreamItem::Change(entry.seq, Change { topic, id: entry.target.id, incident_id: entry.incident_id })
}
