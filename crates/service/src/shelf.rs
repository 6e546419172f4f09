//! The playbooks in force, as they change while the server runs: uploads of any replica, files of this one's folder. Each version
//! is put on record when it comes into force, and so is each refusal of a file.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use domain::audit::{AuditAction, EntryDraft, Origin, Outcome, Target, TargetKind};
use domain::digest::Digest;
use domain::playbook::PlaybookOrigin;
use domain::sealed::Sealed;
use domain::timestamp::Timestamp;
use playbooks::{Library, LibraryFile, LoadError, Playbook};
use serde_json::json;
use store::{Inserted, PlaybookVersion, Trail, Tx};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use crate::core::Core;
use crate::error::ServiceError;
use crate::tampering::{self, Finding, Kept};

/// How often uploads of other replicas are looked for.
const POLL: Duration = Duration::from_secs(1);
/// The fact with the SHA-256 of the text, comments and all.
const SOURCE: &str = "source_sha256";
/// Faults of one file that its refusal names.
const FAULTS_NAMED_MAX: usize = 20;

/// What is in force. It is replaced as a whole, so that a plan is made from one state of it.
pub struct Shelf {
    library: RwLock<Arc<Library>>,
    /// The number of the newest upload that is in it.
    uploads_seen: AtomicI64,
    /// Held while uploads are taken: what was read earlier never replaces what was read later.
    taking: Mutex<()>,
}

impl Shelf {
    /// With this library, before any upload.
    pub fn new(library: Library) -> Self {
        Self { library: RwLock::new(Arc::new(library)), uploads_seen: AtomicI64::new(0), taking: Mutex::default() }
    }

    /// What is in force now.
    pub fn library(&self) -> Arc<Library> {
        Arc::clone(&self.library.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn change<T>(&self, change: impl FnOnce(Library) -> (Library, T)) -> T {
        let mut library = self.library.write().unwrap_or_else(PoisonError::into_inner);
        let (changed, value) = change(Library::clone(&library));
        *library = Arc::new(changed);
        value
    }
}

/// A version as it is stored.
pub fn version(playbook: &Playbook, origin: PlaybookOrigin, at: Timestamp) -> PlaybookVersion {
    PlaybookVersion {
        digest: playbook.digest(),
        playbook_id: playbook.id().clone(),
        document: Sealed::of(playbook.canonical().to_owned()),
        source: Some(playbook.source().to_owned()),
        origin,
        author: None,
        created_at: at,
    }
}

/// The entry about a version that comes into force.
pub fn loaded_entry(origin: &Origin, playbook: &Playbook, from: PlaybookOrigin) -> EntryDraft {
    EntryDraft::new(origin, AuditAction::PlaybookLoaded, Target::playbook(playbook.id()))
        .fact_named("playbook_digest", playbook.digest())
        .fact("origin", from.as_str())
}

/// The same, of a version that is put on record with it: then the log has the text that is kept, comments and all.
pub fn recorded_entry(origin: &Origin, playbook: &Playbook, from: PlaybookOrigin) -> EntryDraft {
    loaded_entry(origin, playbook, from).fact_named(SOURCE, Digest::of(playbook.source().as_bytes()))
}

/// Stores the versions in force that are not on record yet, each with its entry.
pub async fn record_versions(core: &Core) -> Result<(), ServiceError> {
    let (library, at) = (core.shelf.library(), core.clock.now());
    for (origin, playbook) in library.list() {
        let (version, playbook) = (version(playbook, origin, at), playbook.clone());
        core.store.write(move |tx| async move { record(&tx, &version, &playbook).await }).await?;
    }
    Ok(())
}

async fn record(tx: &Tx, version: &PlaybookVersion, playbook: &Playbook) -> Result<Trail<()>, ServiceError> {
    Ok(match tx.playbook_versions().insert_if_new(version).await? {
        Inserted::Known => Trail::unchanged(()),
        Inserted::New => Trail::new((), vec![recorded_entry(&Origin::system(), playbook, version.origin)]),
    })
}

/// Puts the newest uploads in force if there are any that are not yet.
pub async fn take_uploads(core: &Core) -> Result<(), ServiceError> {
    let _taking = core.shelf.taking.lock().await;
    let newest = core.store.playbook_uploads().newest_number().await?;
    if newest == core.shelf.uploads_seen.load(Ordering::Acquire) {
        return Ok(());
    }
    let uploads = core.store.playbook_uploads().list_in_force().await?;
    let mut findings = Vec::new();
    for version in &uploads {
        findings.extend(changed(core, version).await?);
    }
    let is_changed = |version: &PlaybookVersion| findings.iter().any(|finding| finding.digest == version.digest);
    let read = |version: &PlaybookVersion| match is_changed(version) {
        true => Err(vec![LoadError::changed_in_database(&version.digest)]),
        false => Playbook::from_stored(&version.document, version.source.as_deref()),
    };
    let uploads: Vec<_> = uploads.iter().map(read).collect();
    tampering::report(core, &Origin::system(), findings).await?;
    core.shelf.change(|library| (library.with_uploads(uploads), ()));
    core.shelf.uploads_seen.store(newest, Ordering::Release);
    Ok(())
}

/// What was found if this version, or the text that it was written as, was changed in the database.
pub async fn changed(core: &Core, version: &PlaybookVersion) -> Result<Option<Finding>, ServiceError> {
    let is_its_text = |source: &String| playbooks::is_text_of(source, &version.digest);
    let is_whole = version.document.opened().is_ok() && version.source.as_ref().is_none_or(is_its_text);
    if is_whole && is_as_logged(core, version).await? {
        return Ok(None);
    }
    let target = Target::playbook(&version.playbook_id);
    Ok(Some(Finding { what: Kept::Playbook, target, incident_id: None, digest: version.digest }))
}

/// Is the text, comments and all, the one that the log has of this version?
async fn is_as_logged(core: &Core, version: &PlaybookVersion) -> Result<bool, ServiceError> {
    let Some(source) = &version.source else { return Ok(true) };
    let (digest, text) = (version.digest.to_string(), Digest::of(source.as_bytes()).to_string());
    let loaded = core.store.audit().facts_of_setting(AuditAction::PlaybookLoaded, version.playbook_id.as_str()).await?;
    let mut of_version = loaded.iter().filter(|entry| entry.text("playbook_digest") == Some(&*digest));
    Ok(of_version.all(|entry| entry.text(SOURCE).is_none_or(|known| known == text)))
}

/// Takes up what other replicas upload, until the token is cancelled.
pub async fn follow_uploads(core: &Core, end: CancellationToken) {
    loop {
        tokio::select! {
            () = end.cancelled() => return,
            () = tokio::time::sleep(POLL) => {}
        }
        if let Err(error) = take_uploads(core).await {
            tracing::warn!(%error, "uploaded playbooks could not be read; trying again");
        }
    }
}

/// Puts the files of the folder in force as they are now; says in the log which of them are refused.
pub async fn take_folder(core: &Core, files: &[LibraryFile]) -> Result<(), ServiceError> {
    let known: Vec<LoadError> = core.shelf.library().faults().cloned().collect();
    let faults = core.shelf.change(|library| library.with_folder(files));
    record_versions(core).await?;
    let mut fresh: BTreeMap<String, Vec<LoadError>> = BTreeMap::new();
    for fault in faults.into_iter().filter(|fault| !known.contains(fault)) {
        tracing::error!("a playbook is refused: {fault}");
        fresh.entry(fault.file.clone()).or_default().push(fault);
    }
    for (file, faults) in fresh {
        let entry = refused_entry(&file, &faults);
        core.store.write(move |_| async move { Ok::<_, ServiceError>(Trail::new((), vec![entry])) }).await?;
    }
    Ok(())
}

/// A file that is refused has no id yet: the entry is about its name, which is a detail.
pub fn refused_entry(file: &str, faults: &[LoadError]) -> EntryDraft {
    let named: Vec<String> = faults.iter().take(FAULTS_NAMED_MAX).map(ToString::to_string).collect();
    let target = Target { kind: TargetKind::Playbook, id: "refused".to_owned() };
    EntryDraft::new(&Origin::system(), AuditAction::PlaybookLoaded, target)
        .outcome(Outcome::Error)
        .fact("faults", faults.len())
        .detail(json!({ "file": file, "errors": named }))
}
