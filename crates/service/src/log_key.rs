//! The key that signs the heads of the log. Where its text is kept is the caller's business; it is never in the database, which holds only the
//! verifier keys and from which size of the log on each of them signs.

use domain::audit::{AuditAction, EntryDraft, Origin, Target};
use store::{Audit, Reads, SigningKey, Store, StoreError, Trail, Tx};
use transparency::{KeyError, LogKey, VerifierKey};

use crate::clock::Clock;
use crate::error::ServiceError;

/// A signing key.
#[derive(Clone, Debug)]
pub struct LogSigner(LogKey);

impl LogSigner {
    /// The key with this text, in the form of C2SP signed-note.
    pub fn read(text: &str) -> Result<Self, KeyError> {
        text.trim().parse().map(Self)
    }

    /// A new key for the log of this store: under its name, if it has one already.
    pub async fn make(store: &Store, clock: Clock) -> Result<Self, ServiceError> {
        let name = match newest(&store.audit()).await? {
            Some(known) => verifier(&known.verifier)?.name().to_owned(),
            None => format!("countersign/{}", clock.uuid()),
        };
        LogKey::from_secret(&name, &clock.random_bytes()).map(Self).map_err(unreadable)
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

    /// The log's name.
    pub(crate) fn origin(&self) -> &str {
        self.0.name()
    }

    /// Signs from now on, whichever key signed before. Whoever pinned that one has to be told of this one.
    pub async fn take_over(&self, store: &Store, clock: Clock) -> Result<(), ServiceError> {
        let (key, at) = (self.clone(), clock.now());
        store
            .write(move |tx| async move {
                let known = newest(&tx.audit()).await?.is_some_and(|known| known.verifier == key.verifier());
                if known { Ok(Trail::unchanged(())) } else { key.put_on_record(&tx, at).await }
            })
            .await
    }

    /// Signs the log if it signed before, or if no key did.
    pub(crate) async fn begin(&self, store: &Store, clock: Clock) -> Result<(), ServiceError> {
        let (key, at) = (self.clone(), clock.now());
        store
            .write(move |tx| async move {
                match newest(&tx.audit()).await? {
                    None => key.put_on_record(&tx, at).await,
                    Some(known) if known.verifier == key.verifier() => Ok(Trail::unchanged(())),
                    Some(known) => Err(ServiceError::Store(StoreError::Misconfigured(format!(
                        "the audit log is signed by the key {}, and this server has {}; give it the key of the server that began the log",
                        known.verifier,
                        key.verifier()
                    )))),
                }
            })
            .await
    }

    async fn put_on_record(&self, tx: &Tx, at: domain::timestamp::Timestamp) -> Result<Trail<()>, ServiceError> {
        let since = tx.audit().size().await?.unsigned_abs();
        let verifier = self.verifier();
        tx.audit().add_signing_key(SigningKey { since, verifier: verifier.clone(), added_at: at }).await?;
        let entry = EntryDraft::new(&Origin::system(), AuditAction::LogKeyAdded, Target::log(self.0.name()));
        Ok(Trail::new((), vec![entry.fact("verifier_key", verifier)]))
    }

    pub(crate) const fn key(&self) -> &LogKey {
        &self.0
    }
}

async fn newest<D: Reads>(audit: &Audit<'_, D>) -> Result<Option<SigningKey>, ServiceError> {
    Ok(audit.signing_keys().await?.pop())
}

/// A verifier key that is on record.
pub fn verifier(text: &str) -> Result<VerifierKey, ServiceError> {
    text.parse().map_err(unreadable)
}

fn unreadable(error: KeyError) -> ServiceError {
    ServiceError::Corrupt(format!("a key of the audit log: {error}"))
}
