//! Signed heads of the log: made when someone needs one, each minute in which the log has grown, and at the end. A head is signed only if it
//! continues the one before it.

use std::sync::Arc;
use std::time::Duration;

use domain::run::Run;
use store::{SignedHead, Untrailed};
use tokio_util::sync::CancellationToken;
use transparency::{Checkpoint, check_consistency, consistency_positions, prove_consistency};

use crate::core::Core;
use crate::error::ServiceError;

/// A log that has grown gets a signed head after this time at the latest.
const HEAD_EVERY: Duration = Duration::from_secs(60);

/// A signed head over every entry that is in the log now.
pub async fn make(core: &Core) -> Result<SignedHead, ServiceError> {
    core.store.catch_up_log().await?;
    let audit = core.store.audit();
    let newest = audit.newest_head().await?;
    let size = audit.size().await?.unsigned_abs();
    if let Some(newest) = newest.as_ref().filter(|newest| newest.size >= size) {
        return Ok(newest.clone());
    }
    let root = audit.edge(size).await?.root();
    let head = Checkpoint { origin: core.log_origin.clone(), size, root };
    if let Some(before) = &newest {
        expect_continued(core, before, &head).await?;
    }
    // Asked for after the size is known: a key that was replaced before that entry does not sign over it.
    let note = head.sign(&[core.keys.current()?.key()]).map_err(|error| ServiceError::Corrupt(error.to_string()))?;
    let head = SignedHead { size, note, made_at: core.clock.now() };
    let kept: Result<SignedHead, ServiceError> =
        core.store.write_untrailed(Untrailed::LogHead, move |tx| async move { Ok(tx.audit().keep_head(head).await?) }).await;
    let kept = kept?;
    core.signed.send_replace(Some(kept.clone()));
    Ok(kept)
}

/// Whoever changed what was signed before gets no signature for it.
async fn expect_continued(core: &Core, before: &SignedHead, head: &Checkpoint) -> Result<(), ServiceError> {
    let broken = |what: &str| {
        ServiceError::Corrupt(format!("the log does not continue its signed head of {} entries: {what}", before.size))
    };
    let signed = Checkpoint::read(&before.note).map_err(|error| broken(&error.to_string()))?;
    let positions = consistency_positions(signed.size, head.size).map_err(|error| broken(&error.to_string()))?;
    let hashes = core.store.audit().hashes(&positions).await?;
    let proof = prove_consistency(signed.size, head.size, &hashes).map_err(|error| broken(&error.to_string()))?;
    check_consistency(&proof, (signed.size, signed.root), (head.size, head.root)).map_err(|error| broken(&error.to_string()))
}

/// Makes sure that the decision on a run's approval is under a signed head, so that nobody can take it back unseen.
pub async fn cover(core: &Core, run: &Run) -> Result<(), ServiceError> {
    // Whoever took the decision may have died before its entry had its place.
    core.store.catch_up_log().await?;
    let decided = match run.approval_id {
        Some(approval) => core.store.audit().decision_on(approval, run.incident_id).await?,
        None => None,
    };
    let decided =
        decided.ok_or_else(|| ServiceError::Corrupt(format!("the log has no decision on the approval of {}", run.id)))?;
    let newest = core.store.audit().newest_head().await?;
    if newest.is_none_or(|newest| newest.size <= decided.unsigned_abs()) {
        make(core).await?;
    }
    Ok(())
}

/// Signs a head each minute in which the log has grown.
pub async fn make_regularly(core: Arc<Core>, end: CancellationToken) {
    while tokio::time::timeout(HEAD_EVERY, end.cancelled()).await.is_err() {
        make_or_say(&core).await;
    }
}

/// Signs a head; why it could not is logged.
pub async fn make_or_say(core: &Core) {
    if let Err(error) = make(core).await {
        tracing::error!(%error, "no head of the audit log was signed");
    }
}
