//! What each action does that touches only Countersign's own record: its change and the entries about it, within the step's write.

use domain::action::Action;
use domain::audit::{AuditAction, EntryDraft, Origin};
use domain::canonical;
use domain::digest::Digest;
use domain::evidence::evidence_name;
use domain::incident::State;
use domain::incident::editing::{GivenVerdict, IncidentEdit};
use domain::run::{Run, Step};
use domain::task::TASK_TITLE_LIMITS;
use domain::timestamp::Timestamp;
use domain::user::UserRef;
use domain::verdict::Verdict;
use serde_json::{Value, json};
use store::{NewEvidence, NewTask, Tx};

use super::step_entry;
use crate::core::Core;
use crate::error::ServiceError;
use crate::incidents::editing::{self, Editor};
use crate::incidents::{evidence, find, move_by_system, tasks};
use crate::planning;

/// What a file is called that is given no name.
const SNAPSHOT: &str = "snapshot";

/// One change of the record.
pub struct RecordChange<'a> {
    pub core: &'a Core,
    pub run: &'a Run,
    pub step: &'a Step,
    pub at: Timestamp,
}

/// What became of it.
pub enum Made {
    Done {
        output: Value,
        entries: Vec<EntryDraft>,
    },
    /// It cannot be made, for a reason that is no defect.
    Refused(String),
}

impl RecordChange<'_> {
    /// Makes the change. What a person would be refused, the step is refused.
    pub async fn make(&self, tx: &Tx) -> Result<Made, ServiceError> {
        let made = match self.step.action {
            Action::AddTag => self.add_tag(tx).await,
            Action::Assign => self.assign(tx).await,
            Action::SetVerdict => self.set_verdict(tx).await,
            Action::CreateTask => self.create_task(tx).await,
            Action::CaptureEvidence => self.capture_evidence(tx).await,
            Action::Transition => self.transition(tx).await,
            other => Ok(Made::Refused(format!("{other} is no change of the record"))),
        };
        match made {
            Err(ServiceError::Invalid(errors)) => {
                let told = errors.iter().map(|error| format!("{} {}", error.pointer, error.detail));
                Ok(Made::Refused(told.collect::<Vec<_>>().join("; ")))
            }
            Err(ServiceError::Transition(illegal)) => Ok(Made::Refused(illegal.to_string())),
            Err(ServiceError::Answer(answer)) => Ok(Made::Refused(answer.detail)),
            Err(ServiceError::Api(_, detail)) => Ok(Made::Refused(detail)),
            made => made,
        }
    }

    async fn add_tag(&self, tx: &Tx) -> Result<Made, ServiceError> {
        let mut tags = find(tx, self.run.incident_id).await?.tags;
        tags.extend(self.text("tag").map(str::to_owned));
        self.edit(tx, IncidentEdit { tags: Some(tags), ..IncidentEdit::default() }).await
    }

    async fn assign(&self, tx: &Tx) -> Result<Made, ServiceError> {
        match self.person(tx, "user").await? {
            Ok(person) => self.edit(tx, IncidentEdit { assignee: Some(Some(person)), ..IncidentEdit::default() }).await,
            Err(refused) => Ok(refused),
        }
    }

    async fn set_verdict(&self, tx: &Tx) -> Result<Made, ServiceError> {
        let (Some(Ok(verdict)), Some(reason)) = (self.text("verdict").map(str::parse::<Verdict>), self.text("reason")) else {
            return Ok(Made::Refused("`verdict` names no verdict".to_owned()));
        };
        let given = GivenVerdict { verdict, reason: reason.to_owned() };
        self.edit(tx, IncidentEdit { verdict: Some(given), ..IncidentEdit::default() }).await
    }

    /// Whoever asked for the run contributes by what it changes.
    async fn edit(&self, tx: &Tx, edit: IncidentEdit) -> Result<Made, ServiceError> {
        let edit = edit.checked().map_err(ServiceError::Invalid)?;
        let incident = find(tx, self.run.incident_id).await?;
        let editor = Editor { origin: Origin::system(), person: self.run.requested_by.as_ref().map(|asker| asker.id) };
        let (_, entries) = editing::apply(self.core, tx, &editor, (incident, edit)).await?;
        Ok(Made::Done { output: json!({ "changed": !entries.is_empty() }), entries })
    }

    async fn create_task(&self, tx: &Tx) -> Result<Made, ServiceError> {
        let title = self.text("title").unwrap_or_default().trim().to_owned();
        if let Err(fault) = TASK_TITLE_LIMITS.check(&title) {
            return Ok(Made::Refused(format!("the title {fault}")));
        }
        let assignee = match self.text("assignee") {
            None => None,
            Some(_) => match self.person(tx, "assignee").await? {
                Ok(person) => Some(person.id),
                Err(refused) => return Ok(refused),
            },
        };
        let new = NewTask {
            incident_id: self.run.incident_id,
            title,
            assignee,
            created_by: self.run.requested_by.as_ref().map(|asker| asker.id),
            created_at: self.at,
        };
        let (id, entries) = tasks::insert(tx, new, (&Origin::system(), self.at)).await?.into_parts();
        Ok(Made::Done { output: json!({ "task": id }), entries })
    }

    /// The file is RFC 8785 JSON; its digest stands in the log's facts too, so that nobody can change it unnoticed.
    async fn capture_evidence(&self, tx: &Tx) -> Result<Made, ServiceError> {
        let facts = planning::facts_in(tx, self.run.incident_id).await?;
        let name = self.text("name").unwrap_or(SNAPSHOT);
        let snapshot = json!({
            "name": name,
            "run_id": self.run.id,
            "step": self.step.id,
            "captured_at": self.at,
            "incident": facts.incident,
            "alert": facts.alert.ecs_json(),
            "context": facts.alert.context,
            "observables": facts.observables,
        });
        let bytes = canonical::to_json(&snapshot).into_bytes();
        let author = self.run.requested_by.clone();
        let new = NewEvidence {
            incident_id: self.run.incident_id,
            upload: self.core.clock.uuid(),
            name: evidence_name(&format!("{name}.json")),
            size: bytes.len() as u64,
            sha256: Digest::of(&bytes),
            added_by: author.as_ref().map(|asker| asker.id),
            run_id: Some(self.run.id),
            added_at: self.at,
        };
        let kept = evidence::capture(tx, new, (author, &bytes)).await?;
        let entry = step_entry(AuditAction::EvidenceCaptured, self.run, &self.step.id, self.step.action.as_str())
            .fact_named("evidence_id", kept.id)
            .fact_named("sha256", kept.sha256)
            .fact("size", kept.size)
            .detail(json!({ "name": kept.name }));
        Ok(Made::Done { output: json!({ "evidence": kept.id, "sha256": kept.sha256 }), entries: vec![entry] })
    }

    async fn transition(&self, tx: &Tx) -> Result<Made, ServiceError> {
        let Some(Ok(to)) = self.text("to").map(str::parse::<State>) else {
            return Ok(Made::Refused("`to` names no state".to_owned()));
        };
        let moved = move_by_system(tx, self.run.incident_id, to, (&Origin::system(), self.at)).await?;
        Ok(Made::Done { output: json!({ "changed": moved.is_some() }), entries: moved.into_iter().collect() })
    }

    /// The analyst whom a parameter names.
    async fn person(&self, tx: &Tx, parameter: &str) -> Result<Result<UserRef, Made>, ServiceError> {
        let name = self.text(parameter).unwrap_or_default();
        let found = editing::may_be_assigned(tx.users().find_by_username(name).await?);
        Ok(found.ok_or_else(|| Made::Refused(format!("there is no analyst called {name} whose account is enabled"))))
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.step.input.as_ref()?.get(name)?.as_str()
    }
}
