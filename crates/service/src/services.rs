//! The use cases put together: what `server` starts and the tests step through by hand.

use std::sync::{Arc, Mutex, PoisonError};

use api::{Abilities, Backend};
use connectors::Registry;
use playbooks::notifications::NotificationRules;
use playbooks::{Library, LibraryFile};
use store::{IngestRules, SignedHead, Store};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::alerts::AlertCases;
use crate::answers::AnswerCases;
use crate::api_keys::ApiKeyCases;
use crate::approvals::ApprovalCases;
use crate::audit::AuditCases;
use crate::backfill;
use crate::changes::{ChangeCases, Feed};
use crate::checkpoints;
use crate::clock::Clock;
use crate::core::Core;
use crate::error::ServiceError;
use crate::guard_watch::GuardWatch;
use crate::health::HealthCases;
use crate::incidents::IncidentCases;
use crate::log_key::SigningKeys;
use crate::observation::MetricCases;
use crate::outbox_messages::{self, StoredMessages};
use crate::overview::OverviewCases;
use crate::passwords::Passwords;
use crate::people::PeopleCases;
use crate::playbooks::PlaybookCases;
use crate::runs::RunCases;
use crate::saved_views::SavedViewCases;
use crate::sessions::{SessionCases, sweep};
use crate::shelf::{self, Shelf};
use crate::throttle::Throttle;
use crate::triage;
use crate::users::UserCases;
use crate::worker::{Found, Pulse, Worker, wake_workers};

/// Tasks that do jobs at the same time.
const WORKERS: usize = 4;
const DECOY_CHARS: usize = 32;

/// What the use cases work with.
pub struct Parts {
    pub library: Library,
    pub registry: Registry,
    pub clock: Clock,
    /// Sign the heads of the log.
    pub keys: Box<dyn SigningKeys>,
}

/// All use cases of one process. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    core: Arc<Core>,
    pulse: Arc<Pulse>,
    guards: Arc<GuardWatch>,
    tasks: Arc<Mutex<JoinSet<()>>>,
}

impl Services {
    /// Over this store; puts the playbooks in force on record and frees the jobs of a server that died.
    pub async fn start(store: Store, parts: Parts) -> Result<Self, ServiceError> {
        let Parts { library, registry, clock, keys } = parts;
        let signer = keys.current()?;
        signer.sign_in(&store, clock).await?;
        let rules = Arc::new(IngestRules {
            scoring_digest: library.scoring.digest(),
            scoring: library.scoring.clone(),
            classification: library.classification.clone(),
            correlation: domain::correlation::CorrelationRules::default(),
        });
        let sla = playbooks::sla_rules().map_err(|errors| ServiceError::Playbooks(format!("{errors:?}")))?;
        let notifications = NotificationRules::shipped().map_err(|faults| ServiceError::Playbooks(format!("{faults:?}")))?;
        let passwords = Passwords::new(clock.secret(DECOY_CHARS)).await?;
        let registry = registry.recorded_in(Arc::new(StoredMessages { store: store.clone(), clock }));
        let core = Core {
            store,
            shelf: Shelf::new(library),
            registry,
            notifications,
            clock,
            rules,
            sla,
            passwords,
            throttle: Throttle::default(),
            feed: Feed::default(),
            log_origin: signer.origin().to_owned(),
            keys,
            signed: watch::Sender::new(None),
            work: Notify::new(),
        };
        shelf::record_versions(&core).await?;
        shelf::take_uploads(&core).await?;
        if core.store.is_sqlite() {
            core.store.release_all_leases().await?;
        }
        Ok(Self { core: Arc::new(core), pulse: Arc::default(), guards: Arc::default(), tasks: Arc::default() })
    }

    /// The newest signed head of the log, as this process goes on signing them.
    #[must_use]
    pub fn signed_heads(&self) -> watch::Receiver<Option<SignedHead>> {
        self.core.signed.subscribe()
    }

    /// What the product can do.
    #[must_use]
    pub fn backend(&self) -> Backend {
        let core = || Arc::clone(&self.core);
        let abilities = Abilities {
            alerts: Arc::new(AlertCases(core())),
            answers: Arc::new(AnswerCases(core())),
            api_keys: Arc::new(ApiKeyCases(core())),
            approvals: Arc::new(ApprovalCases(core())),
            audit: Arc::new(AuditCases(core())),
            changes: Arc::new(ChangeCases(core())),
            health: Arc::new(HealthCases { core: core(), pulse: Arc::clone(&self.pulse), guards: Arc::clone(&self.guards) }),
            incidents: Arc::new(IncidentCases(core())),
            metrics: Arc::new(MetricCases(core())),
            overview: Arc::new(OverviewCases(core())),
            people: Arc::new(PeopleCases(core())),
            playbooks: Arc::new(PlaybookCases(core())),
            runs: Arc::new(RunCases(core())),
            sessions: Arc::new(SessionCases(core())),
            users: Arc::new(UserCases(core())),
            saved_views: Arc::new(SavedViewCases(core())),
        };
        abilities.into()
    }

    /// Starts the workers and the live stream, until the token is cancelled.
    pub fn spawn_worker(&self, end: &CancellationToken) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        for _ in 0..WORKERS {
            let (worker, end) = (Worker::new(Arc::clone(&self.core), Arc::clone(&self.pulse)), end.clone());
            tasks.spawn(async move { worker.run(end).await });
        }
        tasks.spawn(wake_workers(Arc::clone(&self.core), end.clone()));
        let (core, until) = (Arc::clone(&self.core), end.clone());
        tasks.spawn(async move { core.feed.follow_log(&core.store, until).await });
        tasks.spawn(sweep(Arc::clone(&self.core), end.clone()));
        tasks.spawn(backfill::fill(Arc::clone(&self.core), end.clone()));
        tasks.spawn(checkpoints::make_regularly(Arc::clone(&self.core), end.clone()));
        tasks.spawn(outbox_messages::take_up_regularly(Arc::clone(&self.core), end.clone()));
        if self.core.clock.follows_log() {
            let (core, until) = (Arc::clone(&self.core), end.clone());
            tasks.spawn(async move { triage::follow_log(&core, until).await });
        }
        let (core, end) = (Arc::clone(&self.core), end.clone());
        tasks.spawn(async move { shelf::follow_uploads(&core, end).await });
    }

    /// Puts the files of a folder in force, as they are now. A file with a fault is refused, with an entry.
    pub async fn take_folder(&self, files: &[LibraryFile]) -> Result<(), ServiceError> {
        shelf::take_folder(&self.core, files).await
    }

    /// Waits until the workers have ended, after the token was cancelled, and signs what they left in the log.
    pub async fn worker_ended(&self) {
        let mut tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        while tasks.join_next().await.is_some() {}
        checkpoints::make_or_say(&self.core).await;
    }

    /// Looks at what has changed and does every job that is due, one after another; says how many.
    pub async fn do_due_jobs(&self) -> Result<usize, ServiceError> {
        let worker = Worker::new(Arc::clone(&self.core), Arc::clone(&self.pulse));
        let mut done = 0;
        loop {
            triage::catch_up(&self.core).await?;
            if worker.step().await? == Found::Nothing {
                return Ok(done);
            }
            done += 1;
        }
    }
}
