//! The plans that approvals are about: shown, decided and compared only if they are the very ones that were asked about. What was asked
//! about stands in the audit log too.

use std::collections::HashMap;

use domain::approval::Approval;
use domain::audit::{AuditAction, Target};
use domain::digest::Digest;
use domain::id::{ApprovalId, IncidentId};
use serde_json::Value;
use store::Reads;

use crate::error::ServiceError;
use crate::tampering::{Finding, Kept};

/// The stored plan of each approval; what was found where it is not the one that was asked about.
pub async fn of_approvals<D: Reads>(
    reads: &D,
    approvals: &[Approval],
) -> Result<HashMap<ApprovalId, Result<Value, Finding>>, ServiceError> {
    let digests: Vec<Digest> = approvals.iter().map(|approval| approval.plan_digest).collect();
    let stored = reads.plans().list(&digests).await?;
    let asked = asked_about(reads, approvals).await?;
    let plan_of = |approval: &Approval| {
        let is_asked = asked.get(&approval.id.to_string()).is_none_or(|digest| *digest == approval.plan_digest.to_string());
        let body = stored.get(&approval.plan_digest).filter(|_| is_asked).and_then(|sealed| sealed.opened().ok());
        let Some(body) = body else { return Ok(Err(finding(approval))) };
        let plan = serde_json::from_str(body).map_err(|error| ServiceError::Corrupt(error.to_string()))?;
        Ok::<_, ServiceError>(Ok(plan))
    };
    approvals.iter().map(|approval| Ok((approval.id, plan_of(approval)?))).collect()
}

/// The same of one approval.
pub async fn of_approval<D: Reads>(reads: &D, approval: &Approval) -> Result<Result<Value, Finding>, ServiceError> {
    let mut plans = of_approvals(reads, std::slice::from_ref(approval)).await?;
    plans.remove(&approval.id).ok_or_else(|| ServiceError::Corrupt(format!("{} has no plan", approval.id)))
}

/// What is said of an approval whose plan was changed.
pub fn finding(approval: &Approval) -> Finding {
    Finding {
        what: Kept::Plan,
        target: Target::approval(approval.id),
        incident_id: Some(approval.incident_id),
        digest: approval.plan_digest,
    }
}

/// The digest that each approval was asked for, by its id, as far as the log has it: on PostgreSQL an entry may wait for its place.
async fn asked_about<D: Reads>(reads: &D, approvals: &[Approval]) -> Result<HashMap<String, String>, ServiceError> {
    let mut incidents: Vec<IncidentId> = approvals.iter().map(|approval| approval.incident_id).collect();
    incidents.sort();
    incidents.dedup();
    let logged = reads.audit().facts_of_incidents(AuditAction::ApprovalRequested, &incidents).await?;
    let digest_of = |entry: store::LoggedFacts| Some((entry.target.id.clone(), entry.text("plan_digest")?.to_owned()));
    Ok(logged.into_iter().filter_map(digest_of).collect())
}
