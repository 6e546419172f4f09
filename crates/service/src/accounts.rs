//! People and keys as an administrator makes and unmakes them.

use domain::access::{Role, Scope};
use domain::audit::{AuditAction, EntryDraft, Origin, Target};
use domain::digest::Digest;
use domain::id::{ApiKeyId, Source, UserId};
use domain::timestamp::Timestamp;
use domain::user::User;
use store::{Account, ApiKey, Store, Trail};

use crate::clock::Clock;
use crate::error::ServiceError;
use crate::passwords::{PASSWORD_BYTES_MAX, PASSWORD_BYTES_MIN, Passwords};

/// The longest user name and the longest name of a key, in bytes.
pub const NAME_BYTES_MAX: usize = 64;
/// The longest display name, in bytes of UTF-8.
const DISPLAY_NAME_BYTES_MAX: usize = 128;
const KEY_PREFIX_CHARS: usize = 10;
/// 43 letters and digits hold 256 bits.
const KEY_SECRET_CHARS: usize = 43;
const DECOY_CHARS: usize = 32;

/// A person to be added.
pub struct NewUser {
    pub username: String,
    pub display_name: String,
    pub roles: Vec<Role>,
    pub password: String,
}

/// A key to be created.
pub struct NewKey {
    pub name: String,
    pub scopes: Vec<Scope>,
    pub source: Option<Source>,
    pub expires_at: Option<Timestamp>,
}

/// Administration of people and keys.
pub struct Accounts {
    store: Store,
    clock: Clock,
    passwords: Passwords,
}

impl Accounts {
    /// Over this store.
    pub async fn new(store: Store, clock: Clock) -> Result<Self, ServiceError> {
        let passwords = Passwords::new(clock.secret(DECOY_CHARS)).await?;
        Ok(Self { store, clock, passwords })
    }

    /// Adds a person; the user name must be free.
    pub async fn add_user(&self, new: NewUser) -> Result<User, ServiceError> {
        check_name("/username", &new.username)?;
        check_display_name(&new.display_name)?;
        check_password(&new.password)?;
        let hash = self.passwords.hash(new.password).await?;
        let user = User {
            id: UserId::new(self.clock.uuid()),
            username: new.username,
            display_name: new.display_name,
            roles: new.roles,
            created_at: self.clock.now(),
            disabled_at: None,
        };
        let account = Account { user: user.clone(), password_hash: hash, password_changed_at: user.created_at };
        self.store
            .write(move |tx| async move {
                tx.users().insert(&account).await?;
                let roles: Vec<&str> = account.user.roles.iter().map(|role| role.as_str()).collect();
                let entry = EntryDraft::new(&Origin::system(), AuditAction::UserCreated, Target::user(account.user.id))
                    .fact("roles", roles);
                Ok::<_, ServiceError>(Trail::new((), vec![entry]))
            })
            .await?;
        Ok(user)
    }

    /// Adds a person, or sets the password of the one with this name.
    pub async fn add_or_reset_user(&self, new: NewUser) -> Result<(), ServiceError> {
        if self.store.users().find_by_username(&new.username).await?.is_some() {
            self.set_password(&new.username, new.password).await
        } else {
            self.add_user(new).await.map(|_| ())
        }
    }

    /// Can this person sign in with this password? Leaves no trace: for somebody who holds the database anyway.
    pub async fn is_password_of(&self, username: &str, password: String) -> Result<bool, ServiceError> {
        let account = self.store.users().find_by_username(username).await?;
        let enabled = account.filter(|account| account.user.disabled_at.is_none());
        self.passwords.verify(password, enabled.map(|account| account.password_hash)).await
    }

    /// Sets a person's password and ends their sessions.
    pub async fn set_password(&self, username: &str, password: String) -> Result<(), ServiceError> {
        check_password(&password)?;
        let id = self.user_id(username).await?;
        let hash = self.passwords.hash(password).await?;
        let at = self.clock.now();
        self.store
            .write(move |tx| async move {
                tx.users().set_password_hash(id, &hash, at).await?;
                tx.sessions().delete_for_user(id).await?;
                let entry = EntryDraft::new(&Origin::system(), AuditAction::UserPasswordSet, Target::user(id));
                Ok(Trail::new((), vec![entry]))
            })
            .await
    }

    /// Disables an account and ends its sessions.
    pub async fn disable_user(&self, username: &str) -> Result<(), ServiceError> {
        let id = self.user_id(username).await?;
        let at = self.clock.now();
        self.store
            .write(move |tx| async move {
                tx.users().disable(id, at).await?;
                tx.sessions().delete_for_user(id).await?;
                let entry = EntryDraft::new(&Origin::system(), AuditAction::UserDisabled, Target::user(id));
                Ok(Trail::new((), vec![entry]))
            })
            .await
    }

    /// Creates a key and returns it: only its digest is kept.
    pub async fn create_key(&self, new: NewKey) -> Result<String, ServiceError> {
        check_name("/name", &new.name)?;
        if self.find_key(&new.name).await?.is_some() {
            return Err(ServiceError::invalid("/name", "is taken by another key"));
        }
        let prefix = self.clock.secret(KEY_PREFIX_CHARS);
        let secret = self.clock.secret(KEY_SECRET_CHARS);
        let key = ApiKey {
            id: ApiKeyId::new(self.clock.uuid()),
            name: new.name,
            prefix: prefix.clone(),
            secret_sha256: Digest::of(secret.as_bytes()),
            scopes: new.scopes,
            source: new.source,
            created_at: self.clock.now(),
            expires_at: new.expires_at,
            last_used_at: None,
            revoked_at: None,
        };
        self.store
            .write(move |tx| async move {
                tx.api_keys().insert(&key).await?;
                let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.as_str()).collect();
                let entry = EntryDraft::new(&Origin::system(), AuditAction::ApiKeyCreated, Target::api_key(key.id))
                    .fact("scopes", scopes);
                Ok::<_, ServiceError>(Trail::new((), vec![entry]))
            })
            .await?;
        Ok(format!("cs_{prefix}_{secret}"))
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
        let id = self.find_key(name).await?.ok_or_else(|| ServiceError::invalid("/name", format!("there is no key {name}")))?.id;
        let at = self.clock.now();
        self.store
            .write(move |tx| async move {
                tx.api_keys().revoke(id, at).await?;
                let entry = EntryDraft::new(&Origin::system(), AuditAction::ApiKeyRevoked, Target::api_key(id));
                Ok(Trail::new((), vec![entry]))
            })
            .await
    }

    /// The key in force with this name.
    async fn find_key(&self, name: &str) -> Result<Option<ApiKey>, ServiceError> {
        Ok(self.store.api_keys().find_by_name(name).await?.filter(|key| key.revoked_at.is_none()))
    }

    async fn user_id(&self, username: &str) -> Result<UserId, ServiceError> {
        let found = self.store.users().find_by_username(username).await?;
        Ok(found.ok_or_else(|| ServiceError::invalid("/username", format!("there is no {username}")))?.user.id)
    }
}

fn check_name(pointer: &str, name: &str) -> Result<(), ServiceError> {
    let well_formed = (1..=NAME_BYTES_MAX).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b));
    if well_formed {
        Ok(())
    } else {
        Err(ServiceError::invalid(pointer, format!("must be 1 to {NAME_BYTES_MAX} of a-z, 0-9 and . _ -")))
    }
}

fn check_display_name(name: &str) -> Result<(), ServiceError> {
    let well_formed = (1..=DISPLAY_NAME_BYTES_MAX).contains(&name.len()) && !name.contains('\0');
    if well_formed {
        Ok(())
    } else {
        Err(ServiceError::invalid("/display_name", format!("must be 1 to {DISPLAY_NAME_BYTES_MAX} bytes")))
    }
}

fn check_password(password: &str) -> Result<(), ServiceError> {
    if (PASSWORD_BYTES_MIN..=PASSWORD_BYTES_MAX).contains(&password.len()) {
        Ok(())
    } else {
        Err(ServiceError::invalid("/password", format!("must be {PASSWORD_BYTES_MIN} to {PASSWORD_BYTES_MAX} bytes")))
    }
}
