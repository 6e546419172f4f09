//! Erasing what an entry of the log says of people: the detail goes for good, the entry and every proof of it stay, and another entry says why.

use domain::audit::{AuditAction, EntryDraft, Origin, Target};
use domain::id::{EntryId, IncidentId};
use domain::text::ReasonLimits;
use serde_json::json;
use store::{Store, Trail};

use crate::error::ServiceError;

/// How short and how long the reason may be.
pub const ERASURE_REASON: ReasonLimits = ReasonLimits { letters_min: 10, bytes_max: 4_096 };

/// Erases the detail of the entry with this `seq`; gives the entry's id.
pub async fn erase_detail(store: &Store, seq: i64, reason: &str) -> Result<EntryId, ServiceError> {
    ERASURE_REASON.check(reason).map_err(|error| ServiceError::invalid("/reason", error.to_string()))?;
    let reason = reason.to_owned();
    store
        .write(move |tx| async move {
            let none = || ServiceError::invalid("/seq", format!("entry {seq} has no detail that could be erased"));
            let erased = tx.audit().erase_detail(seq).await?.ok_or_else(none)?;
            let entry = EntryDraft::new(&Origin::system(), AuditAction::DetailErased, Target::entry(erased.id));
            let entry = entry.fact("erased_seq", seq).detail(json!({ "reason": reason }));
            let entry = match erased.incident {
                Some(number) => entry.incident(IncidentId::new(number)),
                None => entry,
            };
            Ok(Trail::new(erased.id, vec![entry]))
        })
        .await
}
