//! API keys: made, changed and revoked. The secret leaves once; a digest of it is kept.

use api::api_keys::{ApiKeyChange, ApiKeyCreated, ApiKeyView as KeyState};
use api::version::ExpectedVersion;
use domain::access::{Role, Scope};
use domain::alert::FieldError;
use domain::audit::{AuditAction, EntryDraft, Target};
use domain::digest::Digest;
use domain::id::ApiKeyId;
use domain::timestamp::Timestamp;
use domain::user::{USERNAME_BYTES_MAX, is_account_name};
use store::{ApiKey, KeyMaker, StoreError, Trail, Tx};

use super::people::refuse_any;
use super::{Accounts, NewKey, SECRET_CHARS, not_found};
use crate::api_keys::view as key_view;
use crate::core::kept;
use crate::error::{ServiceError, check_expected};

const PREFIX_CHARS: usize = 10;
const TAKEN: &str = "is taken by another key";

impl Accounts {
    /// Creates a key and returns it: only its digest is kept.
    pub async fn create_key(&self, new: NewKey) -> Result<String, ServiceError> {
        self.make_key(new).await.map(|(_, key)| key)
    }

    /// Creates a key; the second value is the whole key, secret and all.
    pub(crate) async fn make_key(&self, new: NewKey) -> Result<(ApiKey, String), ServiceError> {
        let created_at = self.clock.now();
        refuse_any(faults_of(&new.name, &new.scopes, new.expires_at, created_at))?;
        let (prefix, secret) = (self.clock.secret(PREFIX_CHARS), self.clock.secret(SECRET_CHARS));
        let key = ApiKey {
            id: ApiKeyId::new(self.clock.uuid()),
            name: new.name,
            prefix: prefix.clone(),
            secret_sha256: Digest::of(secret.as_bytes()),
            scopes: sorted(new.scopes),
            source: new.source,
            maker: self.key_maker(),
            created_at,
            expires_at: new.expires_at,
            last_used_at: None,
            revoked_at: None,
        };
        let (made, origin) = (key.clone(), self.origin.clone());
        self.store
            .write(move |tx| async move {
                refuse_taken(&tx, &made).await?;
                tx.api_keys().insert(&made).await?;
                let entry = EntryDraft::new(&origin, AuditAction::ApiKeyCreated, Target::api_key(made.id));
                let trail = Trail::new((), vec![entry.fact("scopes", words(&made))]);
                let answer = |_: &()| kept(&ApiKeyCreated { api_key: key_view(made), key: String::new() });
                Ok::<_, ServiceError>(trail.answering(&origin, answer))
            })
            .await
            .map_err(named_twice)?;
        Ok((key, format!("cs_{prefix}_{secret}")))
    }

    fn key_maker(&self) -> KeyMaker {
        match &self.person {
            None => KeyMaker::Nobody,
            Some(person) if person.roles.contains(&Role::Analyst) => KeyMaker::Analyst(person.user.id),
            Some(person) => KeyMaker::Person(person.user.id),
        }
    }

    /// Changes a key that is one of those expected and not revoked.
    pub(crate) async fn change_key(
        &self,
        id: ApiKeyId,
        change: ApiKeyChange,
        expected: ExpectedVersion,
    ) -> Result<ApiKey, ServiceError> {
        let (origin, now) = (self.origin.clone(), self.clock.now());
        let changed = self
            .store
            .write(move |tx| async move {
                let key = tx.api_keys().find_by_id(id).await?.ok_or_else(|| not_found("this key"))?;
                check_expected(&expected, key_view(key.clone()).version(), "this key")?;
                if key.revoked_at.is_some() {
                    return Err(ServiceError::invalid("", "a revoked key cannot be changed; make a new one"));
                }
                let next = changed(&key, &change);
                let in_question = if change.expires_at.is_some() { next.expires_at } else { None };
                refuse_any(faults_of(&next.name, &next.scopes, in_question, now))?;
                if next == key {
                    return Ok(Trail::unchanged(key));
                }
                refuse_taken(&tx, &next).await?;
                tx.api_keys().update(&next).await?;
                let entry = EntryDraft::new(&origin, AuditAction::ApiKeyUpdated, Target::api_key(id))
                    .fact("scopes_before", words(&key))
                    .fact("scopes", words(&next))
                    .fact("expires_at", next.expires_at.map(|time| time.to_string()));
                Ok(Trail::new(next, vec![entry]))
            })
            .await;
        changed.map_err(named_twice)
    }

    /// Revokes the key with this name, if there is one, and creates it anew.
    pub async fn replace_key(&self, new: NewKey) -> Result<String, ServiceError> {
        if self.find_key(&new.name).await?.is_some() {
            self.revoke_key(&new.name).await?;
        }
        self.create_key(new).await
    }

    /// Revokes the key with this name.
    pub async fn revoke_key(&self, name: &str) -> Result<(), ServiceError> {
        let key = self.find_key(name).await?.ok_or_else(|| ServiceError::invalid("/name", format!("there is no key {name}")))?;
        self.revoke(key.id).await.map(|_| ())
    }

    /// Revokes a key; one that is revoked already stays as it is.
    pub(crate) async fn revoke(&self, id: ApiKeyId) -> Result<ApiKey, ServiceError> {
        let (origin, at) = (self.origin.clone(), self.clock.now());
        self.store
            .write(move |tx| async move {
                let key = tx.api_keys().find_by_id(id).await?.ok_or_else(|| not_found("this key"))?;
                if key.revoked_at.is_some() {
                    return Ok(Trail::unchanged(key));
                }
                tx.api_keys().revoke(id, at).await?;
                let entry = EntryDraft::new(&origin, AuditAction::ApiKeyRevoked, Target::api_key(id));
                Ok(Trail::new(ApiKey { revoked_at: Some(at), ..key }, vec![entry]))
            })
            .await
    }

    /// Every key without its secret, by name; revoked ones too.
    pub async fn list_key_states(&self) -> Result<Vec<KeyState>, ServiceError> {
        Ok(self.store.api_keys().list().await?.into_iter().map(key_view).collect())
    }

    /// The key in force with this name.
    async fn find_key(&self, name: &str) -> Result<Option<ApiKey>, ServiceError> {
        Ok(self.store.api_keys().find_by_name(name).await?.filter(|key| key.revoked_at.is_none()))
    }
}

fn faults_of(name: &str, scopes: &[Scope], expires_at: Option<Timestamp>, now: Timestamp) -> Vec<FieldError> {
    let mut faults = Vec::new();
    let mut refuse = |pointer: &str, detail: String| faults.push(FieldError { pointer: pointer.into(), detail });
    if !is_account_name(name) {
        refuse("/name", format!("must be 1 to {USERNAME_BYTES_MAX} of a-z, 0-9 and . _ -"));
    }
    if scopes.is_empty() {
        refuse("/scopes", "must name at least one scope".to_owned());
    }
    if expires_at.is_some_and(|expires_at| expires_at <= now) {
        refuse("/expires_at", "must be in the future".to_owned());
    }
    faults
}

/// Somebody else took the name at the same moment.
fn named_twice(error: ServiceError) -> ServiceError {
    match error {
        ServiceError::Store(StoreError::AlreadyExists(_)) => ServiceError::invalid("/name", TAKEN),
        other => other,
    }
}

async fn refuse_taken(tx: &Tx, key: &ApiKey) -> Result<(), ServiceError> {
    let other = tx.api_keys().find_by_name(&key.name).await?;
    if other.is_some_and(|other| other.id != key.id && other.revoked_at.is_none()) {
        return Err(ServiceError::invalid("/name", TAKEN));
    }
    Ok(())
}

fn changed(key: &ApiKey, change: &ApiKeyChange) -> ApiKey {
    let change = change.clone();
    ApiKey {
        name: change.name.unwrap_or_else(|| key.name.clone()),
        scopes: change.scopes.map_or_else(|| key.scopes.clone(), sorted),
        expires_at: change.expires_at.unwrap_or(key.expires_at),
        ..key.clone()
    }
}

fn sorted(mut scopes: Vec<Scope>) -> Vec<Scope> {
    scopes.sort_unstable();
    scopes.dedup();
    scopes
}

fn words(key: &ApiKey) -> Vec<&'static str> {
    key.scopes.iter().map(|scope| scope.as_str()).collect()
}
