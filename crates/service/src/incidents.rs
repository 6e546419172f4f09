//! Incidents: read, moved by hand, written notes on, planned for. How runs move them is in `runs` and `jobs`.

mod containment;
mod detail;
pub mod editing;
pub mod evidence;
mod listing;
mod merging;
mod moving;
mod related;
pub mod tasks;

use std::sync::Arc;

use api::incidents::{
    EvidenceFile, EvidenceUpload, IncidentDetail, IncidentPatch, IncidentQuery, IncidentView, Incidents, MergeRequest,
    NoteRequest, TaskPatch, TaskRequest, TransitionRequest,
};
use api::version::ExpectedVersion;
use api::{ApiError, Caller, Page, ProblemCode};
use async_trait::async_trait;
use domain::access::{Denied, Permission, Role};
use domain::audit::{AuditAction, EntryDraft, Origin, Target};
use domain::evidence::Evidence;
use domain::id::{EvidenceId, IncidentId, PlaybookId, TaskId};
use domain::incident::{Incident, RunActivity, State, check_by_system};
use domain::note::{NOTE_BYTES_MAX, Note};
use domain::plan::{DigestedPlan, RunMode};
use domain::task::Task;
use domain::text::TextLimits;
use domain::timestamp::Timestamp;
use domain::user::{User, UserRef};
use playbooks::Starter;
use store::{NewNote, Trail, Tx};

use crate::core::{Core, kept, kept_view, origin};
use crate::error::ServiceError;
use crate::planning;
use crate::views::incident_view;

const NOTE_LIMITS: TextLimits = TextLimits { chars_min: 1, bytes_max: NOTE_BYTES_MAX };

/// The use cases of incidents.
pub struct IncidentCases(pub Arc<Core>);

#[async_trait]
impl Incidents for IncidentCases {
    async fn list(&self, caller: &Caller, query: IncidentQuery) -> Result<Page<IncidentView>, ApiError> {
        self.0.permit(caller, Permission::Read).await?;
        listing::page(&self.0, caller, query).await
    }

    async fn get(&self, caller: &Caller, id: IncidentId) -> Result<IncidentDetail, ApiError> {
        self.0.permit(caller, Permission::Read).await?;
        detail::load(&self.0, caller, id).await?.ok_or_else(|| ApiError::not_found(id))
    }

    async fn transition(&self, caller: &Caller, id: IncidentId, request: TransitionRequest) -> Result<IncidentView, ApiError> {
        self.0.permit(caller, Permission::MoveState).await?;
        let (core, mover) = (Arc::clone(&self.0), caller.clone());
        let write = move |tx: Tx| async move {
            let moved = moving::by_hand(&core, &tx, &mover, (id, request)).await?;
            Ok::<_, ServiceError>(answered(&core, &mover, moved))
        };
        Ok(self.0.store.write(write).await?)
    }

    async fn update(
        &self,
        caller: &Caller,
        id: IncidentId,
        patch: IncidentPatch,
        expected: ExpectedVersion,
    ) -> Result<IncidentView, ApiError> {
        self.0.permit(caller, Permission::EditIncident).await?;
        let edit = editing::checked(&self.0, patch).await?;
        let (core, editor) = (Arc::clone(&self.0), caller.clone());
        let write = move |tx: Tx| async move { editing::update(&core, &tx, &editor, (id, edit, expected)).await };
        let (incident, activity) = self.0.store.write(write).await?;
        Ok(incident_view(&self.0, incident, activity))
    }

    async fn assignees(&self, caller: &Caller) -> Result<Vec<UserRef>, ApiError> {
        self.0.permit(caller, Permission::Read).await?;
        let people = self.0.store.users().list().await.map_err(ServiceError::from)?;
        let may_work = |user: &User| user.disabled_at.is_none() && user.roles.contains(&Role::Analyst);
        Ok(people.into_iter().filter(may_work).map(|user| user.reference()).collect())
    }

    async fn add_task(&self, caller: &Caller, id: IncidentId, request: TaskRequest) -> Result<Task, ApiError> {
        self.0.permit(caller, Permission::EditIncident).await?;
        Ok(tasks::add(&self.0, caller, id, request).await?)
    }

    async fn update_task(
        &self,
        caller: &Caller,
        id: TaskId,
        patch: TaskPatch,
        expected: ExpectedVersion,
    ) -> Result<Task, ApiError> {
        self.0.permit(caller, Permission::EditIncident).await?;
        Ok(tasks::update(&self.0, caller, (id, patch, expected)).await?)
    }

    async fn merge(&self, caller: &Caller, id: IncidentId, request: MergeRequest) -> Result<IncidentView, ApiError> {
        self.0.permit(caller, Permission::EditIncident).await?;
        let (core, merger) = (Arc::clone(&self.0), caller.clone());
        let write = move |tx: Tx| async move {
            let into = merging::merge(&core, &tx, &merger, (id, request.into)).await?;
            Ok::<_, ServiceError>(answered(&core, &merger, into))
        };
        Ok(self.0.store.write(write).await?)
    }

    async fn check_may_edit(&self, caller: &Caller) -> Result<(), ApiError> {
        Ok(self.0.permit(caller, Permission::EditIncident).await?)
    }

    async fn add_evidence(&self, caller: &Caller, id: IncidentId, upload: EvidenceUpload) -> Result<Evidence, ApiError> {
        self.0.permit(caller, Permission::EditIncident).await?;
        evidence::add(&self.0, caller, id, upload).await
    }

    async fn evidence(&self, caller: &Caller, id: EvidenceId) -> Result<EvidenceFile, ApiError> {
        self.0.permit(caller, Permission::Read).await?;
        evidence::find_file(&self.0, caller, id).await?.ok_or_else(|| ApiError::not_found(id))
    }

    async fn add_note(&self, caller: &Caller, id: IncidentId, request: NoteRequest) -> Result<Note, ApiError> {
        self.0.permit(caller, Permission::WriteNote).await?;
        let author = caller.actor.as_user().ok_or(Denied::Forbidden)?.user.clone();
        NOTE_LIMITS.check(&request.text).map_err(|error| ApiError::invalid_field("/text", error.to_string()))?;
        let (origin, at) = (origin(caller), self.0.clock.now());
        let new = NewNote { incident_id: id, author: author.id, text: request.text.clone(), created_at: at };
        self.0
            .store
            .write(move |tx| async move {
                let incident = find(&tx, id).await?;
                let from = incident.state;
                tx.incidents().save_state(&incident.acknowledged(at), from).await?;
                let note_id = tx.notes().insert(&new).await?;
                let entry = EntryDraft::new(&origin, AuditAction::NoteAdded, Target::incident(id))
                    .incident(id)
                    .fact_named("note_id", note_id);
                let note = Note { id: note_id, incident_id: id, author, text: request.text, created_at: at };
                Ok::<_, ServiceError>(Trail::new(note, vec![entry]).answering(&origin, kept))
            })
            .await
            .map_err(ApiError::from)
    }

    async fn plan(&self, caller: &Caller, id: IncidentId, playbook_id: Option<PlaybookId>) -> Result<DigestedPlan, ApiError> {
        self.0.permit(caller, Permission::Read).await?;
        let facts = planning::facts(&self.0.store, id).await?.ok_or_else(|| ApiError::not_found(id))?;
        let facts = planning::judged(&self.0.store, &self.0, facts).await?;
        Ok(planning::plan(&self.0, &facts, playbook_id.as_ref(), (RunMode::Live, Starter::Person))?.digested())
    }
}

/// An incident that no run holds as its caller sees it, kept for whoever repeats the request.
fn answered(core: &Core, caller: &Caller, changed: Trail<Incident>) -> Trail<IncidentView> {
    changed.map(|incident| incident_view(core, incident, RunActivity::Idle)).answering(&origin(caller), kept_view)
}

/// The incident, locked for the rest of the change; `not-found` if there is none.
pub async fn find(tx: &Tx, id: IncidentId) -> Result<Incident, ServiceError> {
    let found = tx.incidents().find(id).await?;
    found.ok_or_else(|| ServiceError::refuse(ProblemCode::NotFound, format!("{id} does not exist")))
}

/// Moves an incident as its runs go; nothing happens if it is there already.
pub async fn move_by_system(
    tx: &Tx,
    id: IncidentId,
    to: State,
    (origin, at): (&Origin, Timestamp),
) -> Result<Option<EntryDraft>, ServiceError> {
    let incident = find(tx, id).await?;
    if incident.state == to {
        return Ok(None);
    }
    check_by_system(incident.state, to)?;
    let entry = state_entry(origin, &incident, to);
    let from = incident.state;
    tx.incidents().save_state(&incident.moved(to, at), from).await?;
    Ok(Some(entry))
}

fn state_entry(origin: &Origin, incident: &Incident, to: State) -> EntryDraft {
    EntryDraft::new(origin, AuditAction::StateChanged, Target::incident(incident.id))
        .incident(incident.id)
        .fact("from", incident.state.as_str())
        .fact("to", to.as_str())
}
