//! What is stored under a digest and is not what was stored there: it is shown to nobody, and put on record. Reads find it; whoever
//! asked is not who changed it.

use std::fmt;

use api::{Caller, ProblemCode};
use domain::audit::{AuditAction, EntryDraft, Origin, Outcome, Target};
use domain::digest::Digest;
use domain::id::IncidentId;
use domain::timestamp::Timestamp;
use store::{Inserted, Trail, Tx};

use crate::core::Core;
use crate::error::ServiceError;

/// So often the same finding is put on record, in milliseconds: once a day, however often it is asked for.
const SAID_EVERY_MS: i64 = 24 * 60 * 60 * 1_000;

/// What kind of thing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    Plan,
    Playbook,
    Evidence,
    RawAlert,
}

impl Kept {
    /// The one spelling, in the log too.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Playbook => "playbook",
            Self::Evidence => "evidence",
            Self::RawAlert => "raw_alert",
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Playbook => "version of the playbook",
            Self::Evidence => "file",
            Self::RawAlert => "raw alert",
        }
    }
}

/// Something that was changed in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub what: Kept,
    /// What it belongs to.
    pub target: Target,
    pub incident_id: Option<IncidentId>,
    /// Under which it was stored, or was to be.
    pub digest: Digest,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the {} with the digest {} was changed in the database; it is not shown, and the audit log says so",
            self.what.words(),
            self.digest
        )
    }
}

impl Finding {
    /// What is answered in its place.
    pub fn refusal(&self) -> ServiceError {
        let code = if self.what == Kept::Plan { ProblemCode::PlanChanged } else { ProblemCode::Internal };
        ServiceError::refuse(code, self.to_string())
    }

    /// Puts it on record and refuses what was asked for.
    pub async fn refuse<T>(self, core: &Core, caller: &Caller) -> Result<T, ServiceError> {
        let refusal = self.refusal();
        report(core, &found_by(caller), vec![self]).await?;
        Err(refusal)
    }

    /// The entry about it, unless there is one of this day.
    pub async fn entry(&self, tx: &Tx, (origin, at): (&Origin, Timestamp)) -> Result<Option<EntryDraft>, ServiceError> {
        if tx.marks().make(&self.subject(), &mark(at), at).await? == Inserted::Known {
            return Ok(None);
        }
        let entry = EntryDraft::new(origin, AuditAction::TamperingFound, self.target.clone())
            .outcome(Outcome::Error)
            .fact("what", self.what.as_str())
            .fact_named("digest", self.digest);
        Ok(Some(match self.incident_id {
            Some(id) => entry.incident(id),
            None => entry,
        }))
    }

    fn subject(&self) -> String {
        format!("{} {} {}", self.what.as_str(), self.target.id, self.digest)
    }
}

fn mark(at: Timestamp) -> String {
    format!("tampering {}", at.unix_ms().div_euclid(SAID_EVERY_MS))
}

/// Countersign finds it, in answering this request.
pub fn found_by(caller: &Caller) -> Origin {
    Origin { correlation_id: Some(caller.correlation_id.clone()), ..Origin::system() }
}

/// Puts findings on record.
pub async fn report(core: &Core, origin: &Origin, findings: Vec<Finding>) -> Result<(), ServiceError> {
    let at = core.clock.now();
    for finding in findings {
        if core.store.marks().is_made(&finding.subject(), &mark(at)).await? {
            continue;
        }
        tracing::error!(digest = %finding.digest, target = %finding.target.id, "{finding}");
        let origin = origin.clone();
        core.store
            .write(move |tx| async move {
                let entry = finding.entry(&tx, (&origin, at)).await?;
                Ok::<_, ServiceError>(entry.map_or_else(|| Trail::unchanged(()), |entry| Trail::new((), vec![entry])))
            })
            .await?;
    }
    Ok(())
}
