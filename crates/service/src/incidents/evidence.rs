//! Files kept with incidents: received in pieces, put on record with their digest, and given back as they came. A run keeps what it
//! captures in the same way.

use api::incidents::{EvidenceFile, EvidenceUpload};
use api::{ApiError, Caller, ProblemCode};
use domain::access::Denied;
use domain::audit::{AuditAction, EntryDraft, Origin, Target};
use domain::digest::{Digest, RunningDigest};
use domain::evidence::{EVIDENCE_BYTES_MAX, EVIDENCE_FILES_MAX, Evidence, evidence_name};
use domain::id::{EvidenceId, IncidentId};
use domain::idempotency::Claim;
use domain::incident::Incident;
use domain::timestamp::Timestamp;
use domain::user::UserRef;
use futures::StreamExt as _;
use futures::stream;
use serde_json::json;
use store::{NewEvidence, Store, StoreError, StoredEvidence, Trail, Tx};
use uuid::Uuid;

use super::find;
use crate::core::{Core, kept, origin};
use crate::error::ServiceError;
use crate::tampering::{Finding, Kept};

/// The bytes of one piece: a change that keeps one holds the writer up only shortly.
const PIECE_BYTES: usize = 512 * 1024;

/// What was received of a file.
struct Received {
    size: usize,
    sha256: Digest,
}

/// Where the pieces of a file go while it is received.
#[derive(Clone, Copy)]
enum Destination {
    Upload(Uuid),
    /// The file is on record already; only its digest is asked for.
    Nowhere,
}

/// Receives a file and puts it on record. One that an earlier request with the same key brought is only compared.
pub async fn add(core: &Core, caller: &Caller, id: IncidentId, upload: EvidenceUpload) -> Result<Evidence, ApiError> {
    let author = caller.actor.as_user().ok_or(Denied::Forbidden)?.user.clone();
    core.store.incidents().find(id).await.map_err(ServiceError::from)?.ok_or_else(|| ApiError::not_found(id))?;
    let name = evidence_name(&upload.name);
    if let Some(claim) = &caller.claim
        && core.store.kept_answers().find(&claim.place, core.clock.now()).await.map_err(ServiceError::from)?.is_some()
    {
        let received = receive(core, Destination::Nowhere, upload).await?;
        return Err(repeated(core, &claim.of_file(&name, &received.sha256)).await);
    }
    core.store.drop_lost_pieces(core.clock.now()).await.map_err(ServiceError::from)?;
    let key = core.clock.uuid();
    let added = match receive(core, Destination::Upload(key), upload).await {
        Ok(received) => put_on_record(core, caller, &author, (id, key, name, received)).await,
        Err(error) => Err(error),
    };
    if added.is_err() {
        core.store.drop_pieces(key).await.map_err(ServiceError::from)?;
    }
    added
}

/// The file's row and its entry; what the request is answered is kept with them.
async fn put_on_record(
    core: &Core,
    caller: &Caller,
    author: &UserRef,
    (incident_id, upload, name, Received { size, sha256 }): (IncidentId, Uuid, String, Received),
) -> Result<Evidence, ApiError> {
    let claim = caller.claim.as_ref().map(|claim| claim.of_file(&name, &sha256));
    let origin = Origin { claim: claim.clone().map(Into::into), ..origin(caller) };
    let added_at = core.clock.now();
    let new = NewEvidence {
        incident_id,
        upload,
        name,
        size: u64::try_from(size).unwrap_or(u64::MAX),
        sha256,
        added_by: Some(author.id),
        run_id: None,
        added_at,
    };
    let author = author.clone();
    let write = move |tx: Tx| async move {
        let incident = find(&tx, incident_id).await?;
        let evidence = insert(&tx, new, Some(author)).await?;
        let entry = added_entry(&origin, &evidence);
        acknowledge(&tx, incident, added_at).await?;
        Ok::<_, ServiceError>(Trail::new(evidence, vec![entry]).answering(&origin, kept))
    };
    match (core.store.write(write).await, claim) {
        (Err(ServiceError::Store(StoreError::Claimed)), Some(claim)) => Err(repeated(core, &claim).await),
        (added, _) => Ok(added?),
    }
}

/// What a request is answered whose key was used before: that this is the same one, or that it is not.
async fn repeated(core: &Core, claim: &Claim) -> ApiError {
    match core.store.kept_answers().find(&claim.place, core.clock.now()).await {
        Ok(Some(kept)) if kept.request != claim.request => {
            ApiError::new(ProblemCode::IdempotencyMismatch, "use another key for another file")
        }
        Ok(_) => ServiceError::from(StoreError::Claimed).into(),
        Err(error) => ServiceError::from(error).into(),
    }
}

async fn receive(core: &Core, destination: Destination, mut upload: EvidenceUpload) -> Result<Received, ApiError> {
    let (mut size, mut digest) = (0, RunningDigest::default());
    let (mut waiting, mut position) = (Vec::new(), 0);
    while let Some(bytes) = upload.bytes.next().await {
        let bytes = bytes?;
        size += bytes.len();
        if size > EVIDENCE_BYTES_MAX {
            return Err(ApiError::new(ProblemCode::TooLarge, format!("a file has at most {EVIDENCE_BYTES_MAX} bytes")));
        }
        digest.add(&bytes);
        waiting.extend_from_slice(&bytes);
        while waiting.len() >= PIECE_BYTES {
            let rest = waiting.split_off(PIECE_BYTES);
            keep(core, destination, position, std::mem::replace(&mut waiting, rest)).await?;
            position += 1;
        }
    }
    if size == 0 {
        return Err(ApiError::invalid_field("/file", "is empty"));
    }
    if !waiting.is_empty() {
        keep(core, destination, position, waiting).await?;
    }
    Ok(Received { size, sha256: digest.finish() })
}

async fn keep(core: &Core, destination: Destination, position: usize, bytes: Vec<u8>) -> Result<(), ServiceError> {
    match destination {
        Destination::Upload(key) => Ok(core.store.keep_piece(key, position, bytes, core.clock.now()).await?),
        Destination::Nowhere => Ok(()),
    }
}

/// Puts a file on record whose pieces are there, if its incident has room for it. The incident is locked by the caller.
async fn insert(tx: &Tx, new: NewEvidence, author: Option<UserRef>) -> Result<Evidence, ServiceError> {
    if tx.evidence_files().count_of_incident(new.incident_id).await? >= EVIDENCE_FILES_MAX {
        return Err(ServiceError::invalid("", format!("an incident has at most {EVIDENCE_FILES_MAX} files")));
    }
    let id = tx.evidence_files().insert(&new).await?;
    let NewEvidence { incident_id, name, size, sha256, run_id, added_at, .. } = new;
    Ok(Evidence { id, incident_id, name, size, sha256, added_by: author, run_id, added_at })
}

fn added_entry(origin: &Origin, evidence: &Evidence) -> EntryDraft {
    EntryDraft::new(origin, AuditAction::EvidenceAdded, Target::incident(evidence.incident_id))
        .incident(evidence.incident_id)
        .fact_named("evidence_id", evidence.id)
        .fact_named("sha256", evidence.sha256)
        .fact("size", evidence.size)
        .detail(json!({ "name": evidence.name }))
}

/// A human act on the incident.
async fn acknowledge(tx: &Tx, incident: Incident, at: Timestamp) -> Result<(), ServiceError> {
    let from = incident.state;
    Ok(tx.incidents().save_state(&incident.acknowledged(at), from).await?)
}

/// Keeps what a run captured, whole, within the step's own write. The incident is locked by the caller.
pub async fn capture(tx: &Tx, new: NewEvidence, (author, bytes): (Option<UserRef>, &[u8])) -> Result<Evidence, ServiceError> {
    for (position, piece) in bytes.chunks(PIECE_BYTES).enumerate() {
        tx.evidence_files().insert_piece(new.upload, position, piece.to_vec(), new.added_at).await?;
    }
    insert(tx, new, author).await
}

/// A file with its bytes, a piece at a time. All of it is compared with its digest before the first byte goes out, and again on the way.
pub async fn find_file(core: &Core, caller: &Caller, id: EvidenceId) -> Result<Option<EvidenceFile>, ServiceError> {
    let Some(StoredEvidence { evidence, upload }) = core.store.evidence_files().find(id).await? else { return Ok(None) };
    if !is_as_logged(core, &evidence).await? || !is_whole(core, &evidence, upload).await? {
        return finding(&evidence).refuse(core, caller).await;
    }
    let outgoing =
        Outgoing { store: core.store.clone(), evidence: evidence.clone(), upload, position: 0, digest: RunningDigest::default() };
    let pieces = stream::try_unfold(outgoing, |outgoing| async move { Ok(outgoing.next_piece().await?) });
    Ok(Some(EvidenceFile { evidence, bytes: pieces.boxed() }))
}

/// A file on its way out.
struct Outgoing {
    store: Store,
    evidence: Evidence,
    upload: Uuid,
    position: usize,
    digest: RunningDigest,
}

impl Outgoing {
    /// The next piece. The last one goes out only if all of them are the file: else it breaks off.
    async fn next_piece(mut self) -> Result<Option<(Vec<u8>, Self)>, ServiceError> {
        let files = self.store.evidence_files();
        let Some(piece) = files.find_piece(self.upload, self.position).await? else { return Ok(None) };
        self.digest.add(&piece);
        self.position += 1;
        let is_last = files.find_piece(self.upload, self.position).await?.is_none();
        if is_last && self.digest.clone().finish() != self.evidence.sha256 {
            return Err(finding(&self.evidence).refusal());
        }
        Ok(Some((piece, self)))
    }
}

async fn is_whole(core: &Core, evidence: &Evidence, upload: Uuid) -> Result<bool, ServiceError> {
    let mut digest = RunningDigest::default();
    let mut position = 0;
    while let Some(piece) = core.store.evidence_files().find_piece(upload, position).await? {
        digest.add(&piece);
        position += 1;
    }
    Ok(digest.finish() == evidence.sha256)
}

/// Is its digest the one that the log has of the file?
async fn is_as_logged(core: &Core, evidence: &Evidence) -> Result<bool, ServiceError> {
    let id = evidence.id.to_string();
    let mut logged = Vec::new();
    for action in [AuditAction::EvidenceAdded, AuditAction::EvidenceCaptured] {
        logged.extend(core.store.audit().facts_of_incidents(action, &[evidence.incident_id]).await?);
    }
    let mut of_file = logged.iter().filter(|entry| entry.text("evidence_id") == Some(&*id));
    Ok(of_file.all(|entry| entry.text("sha256") == Some(&*evidence.sha256.to_string())))
}

fn finding(evidence: &Evidence) -> Finding {
    let target = Target::incident(evidence.incident_id);
    Finding { what: Kept::Evidence, target, incident_id: Some(evidence.incident_id), digest: evidence.sha256 }
}
