//! One installation without a server: services over a database of its own, and people who ask for things.

use api::approvals::{ApprovalView, DecisionRequest};
use api::incidents::IncidentDetail;
use api::runs::{RunRequest, RunRequested};
use api::{ApiError, Backend, Caller};
use connectors::Registry;
use domain::access::{Actor, Role, SignedIn};
use domain::approval::Decision;
use domain::id::{EvidenceId, IncidentId};
use domain::user::UserRef;
use futures::TryStreamExt as _;
use playbooks::{Library, LibraryFile};
use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend, Statement};
use serde_json::Value;
use service::accounts::{Accounts, NewUser};
use service::clock::Clock;
use service::{LogSigner, Parts, Services};
use std::sync::Arc;
use store::{AuditFilter, AuditOrder, PageRequest, Store};
use tempfile::TempDir;

use crate::database::{On, plain};

const PASSWORD: &str = "correct horse battery";

/// Services, with people.
pub struct Office {
    pub services: Services,
    pub store: Store,
    pub folder: TempDir,
    library: Library,
    registry: Registry,
    signer: LogSigner,
    url: String,
    people: Vec<UserRef>,
}

impl Office {
    /// With the shipped playbooks and these files laid over them.
    pub async fn with_playbooks(on: &On, files: &[(&str, &str)]) -> Self {
        Self::open(on, files, |registry| registry).await
    }

    /// The same, with connectors that the story puts in place.
    pub async fn open(on: &On, files: &[(&str, &str)], connectors: impl FnOnce(Registry) -> Registry) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = on.new_database(folder.path()).await;
        let store = Store::open(&url, Arc::new(Clock::System)).await.unwrap();
        store.migrate().await.unwrap();
        let files: Vec<LibraryFile> =
            files.iter().map(|(name, text)| LibraryFile { name: (*name).into(), bytes: text.as_bytes().to_vec() }).collect();
        let (library, errors) = Library::shipped().unwrap().with_folder(&files);
        assert!(errors.is_empty(), "{errors:?}");
        let registry = connectors(Registry::with_outbox(&folder.path().join("outbox")));
        let signer = LogSigner::make(&store, Clock::System).await.unwrap();
        let parts =
            Parts { library: library.clone(), registry: registry.clone(), clock: Clock::System, keys: Box::new(signer.clone()) };
        let services = Services::start(store.clone(), parts).await.unwrap();
        let accounts = Accounts::new(store.clone(), Clock::System).await.unwrap();
        let mut people = Vec::new();
        for (username, role) in
            [("ann", Role::Analyst), ("ben", Role::Approver), ("cat", Role::Approver), ("dan", Role::Approver)]
        {
            let new = NewUser {
                username: username.into(),
                display_name: username.into(),
                roles: vec![role],
                password: PASSWORD.into(),
            };
            people.push(accounts.add_user(new).await.unwrap().reference());
        }
        Self { services, store, folder, library, registry, signer, url, people }
    }

    /// The server died and was started again: nobody holds a job any more.
    pub async fn restart(&mut self) {
        self.restart_at(Clock::System).await;
    }

    /// The same, with a machine that has this time.
    pub async fn restart_at(&mut self, clock: Clock) {
        self.store.release_all_leases().await.unwrap();
        let (library, registry) = (self.library.clone(), self.registry.clone());
        let parts = Parts { library, registry, clock, keys: Box::new(self.signer.clone()) };
        self.services = Services::start(self.store.clone(), parts).await.unwrap();
    }

    pub fn backend(&self) -> Backend {
        self.services.backend()
    }

    /// This person, who has just signed in.
    pub async fn caller(&self, username: &str) -> Caller {
        let user = self.people.iter().find(|user| user.username == username).unwrap().clone();
        let roles = self.store.users().find_by_id(user.id).await.unwrap().unwrap().user.roles;
        let actor = Actor::User(SignedIn { user, roles, authenticated_at: Clock::System.now() });
        Caller { actor, correlation_id: "test".parse().unwrap(), network: "test".into(), claim: None }
    }

    /// An incident from an alert that Ann posts by hand, unless somebody else does.
    pub async fn incident(&self, poster: &str, alert: &Value) -> IncidentId {
        let source = Caller { actor: Actor::System, ..self.caller("ann").await };
        let caller = if poster == "source" { source } else { self.caller(poster).await };
        self.backend().alerts.ingest(&caller, alert.to_string().into_bytes()).await.unwrap().incident_id
    }

    pub async fn run(&self, incident: IncidentId) -> RunRequested {
        self.backend().runs.request(&self.caller("ann").await, incident, RunRequest::default()).await.unwrap()
    }

    pub async fn decide(&self, username: &str, approval: &ApprovalView, decision: Decision) -> Result<ApprovalView, ApiError> {
        let request = DecisionRequest { decision, reason: "looked at it closely".into(), plan_digest: approval.plan_digest };
        self.backend().approvals.decide(&self.caller(username).await, approval.id, request).await
    }

    pub async fn detail(&self, incident: IncidentId) -> IncidentDetail {
        self.backend().incidents.get(&self.caller("ann").await, incident).await.unwrap()
    }

    /// The actions of the audit log about this incident, the oldest first.
    pub async fn trail(&self, incident: IncidentId) -> Vec<&'static str> {
        let entries = self
            .store
            .audit()
            .list(AuditFilter::OfIncident(incident), AuditOrder::OldestFirst, PageRequest::first(200))
            .await
            .unwrap();
        entries.items.iter().map(|entry| entry.action.as_str()).collect()
    }

    /// Changes rows behind the services' back, as time or an administrator would.
    pub async fn sql(&self, statement: &str) {
        let connection = self.plain().await;
        connection.execute_unprepared(statement).await.unwrap();
        connection.close().await.unwrap();
    }

    /// The bytes of a file kept with an incident.
    pub async fn file(&self, id: EvidenceId) -> Vec<u8> {
        let file = self.backend().incidents.evidence(&self.caller("ann").await, id).await.unwrap();
        file.bytes.try_concat().await.unwrap()
    }

    /// A connection that knows nothing of the store.
    pub async fn plain(&self) -> DatabaseConnection {
        plain(&self.url).await
    }

    /// Waits until somebody waits for a row that another change holds. PostgreSQL only.
    pub async fn until_somebody_waits_for_a_row(&self) {
        let connection = self.plain().await;
        let waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        while connection.query_one_raw(Statement::from_string(DbBackend::Postgres, waiting)).await.unwrap().is_none() {
            tokio::task::yield_now().await;
        }
    }

    /// Takes away the trigger that keeps a table's rows as they are: what an intruder with the owner's password would do.
    pub async fn unlock(&self, table: &str) {
        let of = if self.store.is_sqlite() { String::new() } else { format!(" ON {table}") };
        self.sql(&format!("DROP TRIGGER {table}_update{of}")).await;
    }

    /// Takes away the trigger that keeps some columns of a table as they are.
    pub async fn unfreeze(&self, table: &str) {
        let of = if self.store.is_sqlite() { String::new() } else { format!(" ON {table}") };
        self.sql(&format!("DROP TRIGGER {table}_frozen{of}")).await;
    }

    /// Everything that waits for its time is due now.
    pub async fn make_jobs_due(&self) {
        self.sql("UPDATE jobs SET run_after = 1").await;
    }

    pub async fn work(&self) {
        self.services.do_due_jobs().await.unwrap();
    }
}
