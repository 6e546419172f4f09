//! An upload: checked whole, put on record, and in force from then on.

use api::Caller;
use api::playbooks::PlaybookUploaded;
use domain::access::Denied;
use domain::alert::FieldError;
use domain::id::{PlaybookId, UserId};
use domain::playbook::PlaybookOrigin;
use playbooks::{LoadError, Playbook, Position};
use store::{Inserted, NewUpload, PlaybookVersion, Trail, Tx};

use super::NO_FILE;
use crate::core::{Core, origin};
use crate::error::ServiceError;
use crate::shelf::{loaded_entry, recorded_entry, version};

/// Stores the version if it is new, and the upload.
pub async fn upload(core: &Core, caller: &Caller, (id, source): (PlaybookId, Vec<u8>)) -> Result<PlaybookUploaded, ServiceError> {
    let author = caller.actor.as_user().ok_or(Denied::Forbidden)?.user.id;
    let playbook = Playbook::parse(NO_FILE, &source).map_err(|faults| refused(&faults))?;
    if *playbook.id() != id {
        return Err(ServiceError::invalid("/id", format!("is {}, but the address says {id}", playbook.id())));
    }
    let (digest, origin, at) = (playbook.digest(), origin(caller), core.clock.now());
    let version = PlaybookVersion { author: Some(author), ..version(&playbook, PlaybookOrigin::Upload, at) };
    let inserted = core
        .store
        .write(move |tx| async move {
            let inserted = tx.playbook_versions().insert_if_new(&version).await?;
            if inserted == Inserted::Known && is_in_force(&tx, &version, author).await? {
                return Ok(Trail::unchanged(inserted));
            }
            let upload = NewUpload { playbook_id: version.playbook_id, digest, author, created_at: at };
            tx.playbook_uploads().insert(&upload).await?;
            let entry = match inserted {
                Inserted::New => recorded_entry(&origin, &playbook, PlaybookOrigin::Upload),
                Inserted::Known => loaded_entry(&origin, &playbook, PlaybookOrigin::Upload),
            };
            Ok::<_, ServiceError>(Trail::new(inserted, vec![entry]))
        })
        .await?;
    Ok(PlaybookUploaded { id, digest, known: inserted == Inserted::Known })
}

/// Is it the newest upload already, and by the same person?
async fn is_in_force(tx: &Tx, version: &PlaybookVersion, author: UserId) -> Result<bool, ServiceError> {
    let in_force = tx.playbook_uploads().list_in_force().await?;
    let is_newest = in_force.iter().any(|known| known.digest == version.digest);
    Ok(is_newest && tx.playbook_uploads().authors_of(&version.digest).await?.contains(&author))
}

/// Every fault as a field of the document, with its place in the text.
fn refused(faults: &[LoadError]) -> ServiceError {
    let field = |fault: &LoadError| {
        let place = fault.position.map(|Position { line, column }| format!("line {line}, column {column}: "));
        FieldError::new(fault.pointer.clone(), place.unwrap_or_default() + &fault.explanation())
    };
    ServiceError::Invalid(faults.iter().map(field).collect())
}
