//! Files kept with incidents: received in pieces, put on record with their digest, and given back as they came.

use api::incidents::{EvidenceFile, EvidenceUpload};
use api::{ApiError, Caller, ProblemCode};
use domain::access::Denied;
use domain::audit::{AuditAction, EntryDraft, Origin, Target};
use domain::digest::RunningDigest;
use domain::evidence::{EVIDENCE_BYTES_MAX, EVIDENCE_FILES_MAX, Evidence, evidence_name};
use domain::id::{EvidenceId, IncidentId};
use futures::StreamExt as _;
use futures::stream;
use serde_json::json;
use store::{NewEvidence, StoredEvidence, Trail, Tx};
use uuid::Uuid;

use super::find;
use crate::core::{Core, origin};
use crate::error::ServiceError;

/// The bytes of one piece: a change that keeps one holds the writer up only shortly.
const PIECE_BYTES: usize = 512 * 1024;

/// What was received of a file.
struct Received {
    size: usize,
    digest: RunningDigest,
}

/// Receives a file and puts it on record. What was received of one that cannot be kept is forgotten.
pub async fn add(core: &Core, caller: &Caller, id: IncidentId, upload: EvidenceUpload) -> Result<Evidence, ApiError> {
    let author = caller.actor.as_user().ok_or(Denied::Forbidden)?.user.clone();
    core.store.incidents().find(id).await.map_err(ServiceError::from)?.ok_or_else(|| ApiError::not_found(id))?;
    let at = core.clock.now();
    core.store.drop_lost_pieces(at).await.map_err(ServiceError::from)?;
    let key = core.clock.uuid();
    let name = evidence_name(&upload.name);
    let kept = async {
        let Received { size, digest } = receive(core, key, upload).await?;
        let size = u64::try_from(size).unwrap_or(u64::MAX);
        let sha256 = digest.finish();
        let new =
            NewEvidence { incident_id: id, upload: key, name: name.clone(), size, sha256, added_by: author.id, added_at: at };
        let origin = origin(caller);
        let evidence_id = core.store.write(move |tx| async move { record(&tx, new, &origin).await }).await?;
        Ok(Evidence {
            id: evidence_id,
            incident_id: id,
            name: name.clone(),
            size,
            sha256,
            added_by: author.clone(),
            added_at: at,
        })
    }
    .await;
    if kept.is_err() {
        core.store.drop_pieces(key).await.map_err(ServiceError::from)?;
    }
    kept
}

async fn receive(core: &Core, key: Uuid, mut upload: EvidenceUpload) -> Result<Received, ApiError> {
    let mut received = Received { size: 0, digest: RunningDigest::default() };
    let (mut waiting, mut position) = (Vec::new(), 0);
    while let Some(bytes) = upload.bytes.next().await {
        let bytes = bytes?;
        received.size += bytes.len();
        if received.size > EVIDENCE_BYTES_MAX {
            return Err(ApiError::new(ProblemCode::TooLarge, format!("a file has at most {EVIDENCE_BYTES_MAX} bytes")));
        }
        received.digest.add(&bytes);
        waiting.extend_from_slice(&bytes);
        while waiting.len() >= PIECE_BYTES {
            let rest = waiting.split_off(PIECE_BYTES);
            keep(core, key, position, std::mem::replace(&mut waiting, rest)).await?;
            position += 1;
        }
    }
    if received.size == 0 {
        return Err(ApiError::invalid_field("", "the file is empty"));
    }
    if !waiting.is_empty() {
        keep(core, key, position, waiting).await?;
    }
    Ok(received)
}

async fn keep(core: &Core, key: Uuid, position: usize, bytes: Vec<u8>) -> Result<(), ServiceError> {
    Ok(core.store.keep_piece(key, position, bytes, core.clock.now()).await?)
}

async fn record(tx: &Tx, new: NewEvidence, origin: &Origin) -> Result<Trail<EvidenceId>, ServiceError> {
    let incident = find(tx, new.incident_id).await?;
    if tx.evidence_files().count_of_incident(incident.id).await? >= EVIDENCE_FILES_MAX {
        return Err(ServiceError::invalid("", format!("an incident has at most {EVIDENCE_FILES_MAX} files")));
    }
    let id = tx.evidence_files().insert(&new).await?;
    let entry = EntryDraft::new(origin, AuditAction::EvidenceAdded, Target::incident(incident.id))
        .incident(incident.id)
        .fact_named("evidence_id", id)
        .fact_named("sha256", new.sha256)
        .fact("size", new.size)
        .detail(json!({ "name": new.name }));
    let from = incident.state;
    tx.incidents().save_state(&incident.acknowledged(new.added_at), from).await?;
    Ok(Trail::new(id, vec![entry]))
}

/// A file with its bytes, a piece at a time.
pub async fn find_file(core: &Core, id: EvidenceId) -> Result<Option<EvidenceFile>, ServiceError> {
    let Some(StoredEvidence { evidence, upload }) = core.store.evidence_files().find(id).await? else { return Ok(None) };
    let store = core.store.clone();
    let pieces = stream::try_unfold((store, 0), move |(store, position)| async move {
        let piece = store.evidence_files().find_piece(upload, position).await.map_err(ServiceError::from)?;
        Ok(piece.map(|bytes| (bytes, (store, position + 1))))
    });
    Ok(Some(EvidenceFile { evidence, bytes: pieces.boxed() }))
}
