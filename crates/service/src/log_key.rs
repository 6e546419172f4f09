//! The key with which a server signs the heads of the log. Where its text is kept is the caller's business; it is never in the database, which
//! holds the verifier keys of every server that signs this log, and from which size on it does.

use domain::audit::{AuditAction, EntryDraft, Origin, Target};
use store::{Audit, Reads, SigningKey, Store, StoreError, Trail};
use transparency::{KeyError, LogKey, VerifierKey};

use crate::clock::Clock;
use crate::error::ServiceError;

/// A signing key. Its name is the log's.
#[derive(Clone, Debug)]
pub struct LogSigner(LogKey);

/// Where the key comes from with which heads are signed now: it may be replaced while the server runs.
pub trait SigningKeys: Send + Sync {
    /// The key that signs now.
    fn current(&self) -> Result<LogSigner, ServiceError>;
}

/// Always this one.
impl SigningKeys for LogSigner {
    fn current(&self) -> Result<LogSigner, ServiceError> {
        Ok(self.clone())
    }
}

impl LogSigner {
    /// The key with this text, in the form of C2SP signed-note.
    pub fn read(text: &str) -> Result<Self, KeyError> {
        text.trim().parse().map(Self)
    }

    /// A new key for the log of this store.
    pub async fn make(store: &Store, clock: Clock) -> Result<Self, ServiceError> {
        let origin = Self::origin_of(store).await?.unwrap_or_else(|| format!("countersign/{}", clock.uuid()));
        LogKey::from_secret(&origin, &clock.random_bytes()).map(Self).map_err(unreadable)
    }

    /// The name of the log of this store; none before its first key.
    pub async fn origin_of(store: &Store) -> Result<Option<String>, ServiceError> {
        origin(&store.audit()).await
    }

    /// The log's name.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.0.name()
    }

    /// The text to keep secret.
    #[must_use]
    pub fn secret_text(&self) -> &str {
        self.0.secret_text()
    }

    /// The key by which anyone verifies.
    #[must_use]
    pub fn verifier(&self) -> String {
        self.0.verifier().to_string()
    }

    /// Puts the key on record, with an entry, unless it is. A key of another log is refused.
    pub async fn sign_in(&self, store: &Store, clock: Clock) -> Result<(), ServiceError> {
        self.put_on_record(store, clock, None).await
    }

    /// Puts the key on record in the place of an older one, which signs no head over that entry or a later one.
    pub async fn replace(&self, store: &Store, clock: Clock, older: &Self) -> Result<(), ServiceError> {
        self.put_on_record(store, clock, Some(older.verifier())).await
    }

    async fn put_on_record(&self, store: &Store, clock: Clock, replaced: Option<String>) -> Result<(), ServiceError> {
        let (signer, at) = (self.clone(), clock.now());
        store
            .write(move |tx| async move {
                let size = tx.audit().locked_size().await?;
                let (keys, verifier) = (tx.audit().signing_keys().await?, signer.verifier());
                if keys.iter().any(|key| key.verifier == verifier) {
                    return Ok(Trail::unchanged(()));
                }
                if let Some(other) = origin(&tx.audit()).await?.filter(|origin| origin != signer.origin()) {
                    let problem = format!("the key of the audit log is for {}, and this log is {other}", signer.origin());
                    return Err(ServiceError::Store(StoreError::Misconfigured(problem)));
                }
                // Another replica's key may be on record whose entry has no place yet.
                let since = keys.iter().map(|key| key.since + 1).max().unwrap_or(0).max(size);
                tx.audit().add_signing_key(SigningKey { since, verifier: verifier.clone(), added_at: at }).await?;
                let entry = EntryDraft::new(&Origin::system(), AuditAction::LogKeyAdded, Target::log(signer.origin()));
                let entry = entry.fact("verifier_key", verifier);
                let entry = match replaced {
                    Some(older) => entry.fact("replaces", older),
                    None => entry,
                };
                Ok(Trail::new((), vec![entry]))
            })
            .await
    }

    pub(crate) const fn key(&self) -> &LogKey {
        &self.0
    }
}

async fn origin<D: Reads>(audit: &Audit<'_, D>) -> Result<Option<String>, ServiceError> {
    let Some(first) = audit.signing_keys().await?.into_iter().next() else { return Ok(None) };
    let key: VerifierKey = first.verifier.parse().map_err(unreadable)?;
    Ok(Some(key.name().to_owned()))
}

fn unreadable(error: KeyError) -> ServiceError {
    ServiceError::Corrupt(format!("a key of the audit log: {error}"))
}
