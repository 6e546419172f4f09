//! People: added, changed, disabled, and given passwords. Whatever takes a right away ends the sessions that had it.

use api::users::{AccountView, UserChange, UserCreated};
use api::version::ExpectedVersion;
use domain::access::Role;
use domain::account::{AccountAspect, Setter};
use domain::alert::FieldError;
use domain::audit::{AuditAction, EntryDraft, Origin, Target};
use domain::id::UserId;
use domain::password;
use domain::timestamp::Timestamp;
use domain::user::{Changer, User, faults_of_words};
use store::{Account, StoreError, Trail, Tx};

use super::{Accounts, NewUser, SECRET_CHARS, not_found};
use crate::accounts::links::MadeLink;
use crate::core::kept;
use crate::error::{ServiceError, check_expected};
use crate::run_requests;
use crate::users;

impl Accounts {
    /// Adds a person; the user name must be free.
    pub async fn add_user(&self, new: NewUser) -> Result<User, ServiceError> {
        let mut faults = faults_of_words(&new.username, &new.display_name, &new.roles);
        faults.extend(password_fault("/password", &new.password, &new.username));
        refuse_any(faults)?;
        let account = self.account(new.username, new.display_name, new.roles, new.password).await?;
        let (user, origin, setter) = (account.user.clone(), self.origin.clone(), self.setter());
        self.store
            .write(move |tx| async move {
                let entry = insert(&tx, &origin, &account, setter).await?;
                let created = UserCreated { user: users::get(&tx, account.user.id).await?, password_link: None };
                Ok::<_, ServiceError>(Trail::new((), vec![entry]).answering(&origin, |_| kept(&created)))
            })
            .await?;
        Ok(user)
    }

    /// Adds a person whose password nobody knows, and makes the link by which they set it.
    pub(crate) async fn add_user_with_link(
        &self,
        username: String,
        display_name: String,
        roles: Vec<Role>,
    ) -> Result<(User, MadeLink), ServiceError> {
        refuse_any(faults_of_words(&username, &display_name, &roles))?;
        let account = self.account(username, display_name, roles, self.clock.secret(SECRET_CHARS)).await?;
        let (origin, secret, added) = (self.origin.clone(), self.clock.secret(SECRET_CHARS), account.clone());
        let setter = self.setter();
        let link = self
            .store
            .write(move |tx| async move {
                let added_entry = insert(&tx, &origin, &added, setter).await?;
                let (link, link_entry) = MadeLink::for_password(&tx, &origin, (&added.user, setter), secret).await?;
                let created = UserCreated { user: users::get(&tx, added.user.id).await?, password_link: None };
                Ok::<_, ServiceError>(Trail::new(link, vec![added_entry, link_entry]).answering(&origin, |_| kept(&created)))
            })
            .await?;
        Ok((account.user, link))
    }

    /// Adds a person, or sets the password of the one with this name.
    pub async fn add_or_reset_user(&self, new: NewUser) -> Result<(), ServiceError> {
        if self.store.users().find_by_username(&new.username).await?.is_some() {
            self.set_password(&new.username, new.password).await
        } else {
            self.add_user(new).await.map(|_| ())
        }
    }

    /// Sets a person's password and ends their sessions.
    pub async fn set_password(&self, username: &str, password: String) -> Result<(), ServiceError> {
        let id = self.user_id(username).await?;
        self.change_user(id, UserChange { password: Some(password), ..UserChange::default() }, ExpectedVersion::Any)
            .await
            .map(|_| ())
    }

    /// Disables an account and ends its sessions.
    pub async fn disable_user(&self, username: &str) -> Result<(), ServiceError> {
        let id = self.user_id(username).await?;
        self.change_user(id, UserChange { enabled: Some(false), ..UserChange::default() }, ExpectedVersion::Any).await.map(|_| ())
    }

    /// Can this person sign in with this password? Leaves no trace: for somebody who holds the database anyway.
    pub async fn is_password_of(&self, username: &str, password: String) -> Result<bool, ServiceError> {
        let account = self.store.users().find_by_username(username).await?;
        let enabled = account.filter(|account| account.user.disabled_at.is_none());
        self.passwords.verify(password, enabled.map(|account| account.password_hash)).await
    }

    /// Enables an account that was disabled.
    pub async fn enable_user(&self, username: &str) -> Result<(), ServiceError> {
        let id = self.user_id(username).await?;
        self.change_user(id, UserChange { enabled: Some(true), ..UserChange::default() }, ExpectedVersion::Any).await.map(|_| ())
    }

    /// Adds a person who sets their own password, by this link.
    pub async fn invite_user(
        &self,
        username: String,
        display_name: String,
        roles: Vec<Role>,
    ) -> Result<(User, MadeLink), ServiceError> {
        self.add_user_with_link(username, display_name, roles).await
    }

    /// A link by which the person with this name sets their password; earlier ones no longer work.
    pub async fn make_password_link_for(&self, username: &str) -> Result<MadeLink, ServiceError> {
        self.make_password_link(self.user_id(username).await?).await
    }

    /// Everybody, by name.
    pub async fn list_users(&self) -> Result<Vec<User>, ServiceError> {
        Ok(self.store.users().list().await?)
    }

    /// Changes an account that is one of those expected; everything that is wrong is told at once, and then nothing is changed.
    pub async fn change_user(
        &self,
        id: UserId,
        change: UserChange,
        expected: ExpectedVersion,
    ) -> Result<AccountView, ServiceError> {
        let known = self.store.users().find_by_id(id).await?.ok_or_else(|| not_found("this account"))?;
        let at = self.clock.now();
        let wanted = changed(&known.user, &change, at);
        let mut faults = faults_of_words(&wanted.username, &wanted.display_name, &wanted.roles);
        faults.extend(change.password.as_ref().and_then(|text| password_fault("/password", text, &known.user.username)));
        refuse_any(faults)?;
        let hash = match change.password.clone() {
            Some(password) => Some(self.passwords.hash(password).await?),
            None => None,
        };
        let (origin, changer, setter) = (self.origin.clone(), self.changer(id), self.setter());
        self.store
            .write(move |tx| async move {
                let admins = tx.users().list_enabled_admins().await?;
                let others = admins.iter().filter(|admin| admin.id != id).count();
                let account = tx.users().find_by_id(id).await?.ok_or_else(|| not_found("this account"))?;
                check_expected(&expected, users::seen(&tx, account.clone()).await?.version(), "this account")?;
                let next = changed(&account.user, &change, at);
                refuse_any(account.user.faults_of_change(&next, changer, others))?;
                let mut entries = apply(&tx, &origin, (&account.user, &next), setter).await?;
                let mut account = Account { user: next, ..account };
                if let Some(hash) = hash {
                    let replaced = replace_password(&tx, id, &hash).await?;
                    entries.push(replaced.entry(&origin, AuditAction::UserPasswordSet));
                    note(&tx, &account.user, AccountAspect::Password, (setter, &mut entries)).await?;
                    account.password_changed_at = replaced.at;
                }
                let seen = users::seen(&tx, account).await?;
                Ok(if entries.is_empty() { Trail::unchanged(seen) } else { Trail::new(seen, entries) })
            })
            .await
    }

    /// Changes a person's own password, after the old one was given; ends all their sessions.
    pub(crate) async fn change_own_password(&self, account: &Account, new: String) -> Result<Timestamp, ServiceError> {
        refuse_any(password_fault("/new_password", &new, &account.user.username))?;
        let hash = self.passwords.hash(new).await?;
        let (id, origin) = (account.user.id, self.origin.clone());
        self.store
            .write(move |tx| async move {
                let replaced = replace_password(&tx, id, &hash).await?;
                Ok::<_, ServiceError>(Trail::new(replaced.at, vec![replaced.entry(&origin, AuditAction::PasswordChanged)]))
            })
            .await
    }

    pub(super) async fn account(
        &self,
        username: String,
        display_name: String,
        mut roles: Vec<Role>,
        password: String,
    ) -> Result<Account, ServiceError> {
        let password_hash = self.passwords.hash(password).await?;
        roles.sort_unstable();
        roles.dedup();
        let created_at = self.clock.now();
        let id = UserId::new(self.clock.uuid());
        let user = User { id, username, display_name, roles, created_at, disabled_at: None };
        Ok(Account { user, password_hash, password_changed_at: created_at })
    }

    fn changer(&self, id: UserId) -> Changer {
        if self.origin.actor.id == Some(id.to_string()) { Changer::Themself } else { Changer::SomebodyElse }
    }

    async fn user_id(&self, username: &str) -> Result<UserId, ServiceError> {
        let found = self.store.users().find_by_username(username).await?;
        Ok(found.ok_or_else(|| ServiceError::invalid("/username", format!("there is no {username}")))?.user.id)
    }
}

/// Adds the row; says so in an entry.
pub(super) async fn insert(tx: &Tx, origin: &Origin, account: &Account, setter: Setter) -> Result<EntryDraft, ServiceError> {
    if tx.users().find_by_username(&account.user.username).await?.is_some() {
        return Err(ServiceError::invalid("/username", "is taken"));
    }
    // Somebody else may take the name at the same moment.
    let set_at = tx.now().await?;
    let account = &Account { password_changed_at: set_at, ..account.clone() };
    let inserted = tx.users().insert(account, setter, set_at).await;
    inserted.map_err(|error| match error {
        StoreError::AlreadyExists(_) => ServiceError::invalid("/username", "is taken"),
        other => other.into(),
    })?;
    let entry = EntryDraft::new(origin, AuditAction::UserCreated, Target::user(account.user.id));
    Ok(with_setter(entry.fact("roles", words(&account.user)), setter, set_at))
}

/// Who set it, for whoever reads the log: in whose hands an account is follows from this.
pub(super) fn with_setter(entry: EntryDraft, setter: Setter, set_at: Timestamp) -> EntryDraft {
    entry.fact("set_by", setter.by.map(|id| id.to_string())).fact_named("set_at", set_at)
}

/// Puts on record who set this of an account, and says so in the last of these entries.
pub(super) async fn note(
    tx: &Tx,
    user: &User,
    aspect: AccountAspect,
    (setter, entries): (Setter, &mut Vec<EntryDraft>),
) -> Result<(), ServiceError> {
    let set_at = tx.now().await?;
    tx.users().note_setter(user, aspect, setter, set_at).await?;
    if let Some(entry) = entries.pop() {
        entries.push(with_setter(entry, setter, set_at));
    }
    Ok(())
}

async fn apply(tx: &Tx, origin: &Origin, (user, next): (&User, &User), setter: Setter) -> Result<Vec<EntryDraft>, ServiceError> {
    if user == next {
        return Ok(Vec::new());
    }
    tx.users().update(next).await?;
    let mut entries = told(tx, origin, user, next).await?;
    if (&user.roles, user.disabled_at) != (&next.roles, next.disabled_at) {
        note(tx, next, AccountAspect::Roles, (setter, &mut entries)).await?;
    }
    if !user.is_enabled_approver() && next.is_enabled_approver() {
        entries.extend(run_requests::renew_interrupted_by(tx, user.id, tx.now().await?).await?);
    }
    if !user.roles.contains(&Role::Analyst) && next.roles.contains(&Role::Analyst) {
        tx.api_keys().set_by_hand_of(user.id).await?;
    }
    Ok(entries)
}

/// The entries of a change, and the end of the sessions of whoever is disabled.
async fn told(tx: &Tx, origin: &Origin, user: &User, next: &User) -> Result<Vec<EntryDraft>, ServiceError> {
    let mut entries = Vec::new();
    let is_disabled = user.disabled_at.is_none() && next.disabled_at.is_some();
    if is_disabled {
        let ended = tx.sessions().delete_for_user(user.id).await?;
        let entry = EntryDraft::new(origin, AuditAction::UserDisabled, Target::user(user.id));
        entries.push(entry.fact("sessions_ended", ended));
    }
    let same_but_disabled = User { disabled_at: next.disabled_at, ..user.clone() } == *next;
    if !(is_disabled && same_but_disabled) {
        let entry = EntryDraft::new(origin, AuditAction::UserUpdated, Target::user(user.id))
            .fact("roles_before", words(user))
            .fact("roles", words(next))
            .fact("enabled", u8::from(next.disabled_at.is_none()));
        entries.push(entry.detail(serde_json::json!({ "display_name": next.display_name })));
    }
    Ok(entries)
}

/// A password that was set, and how many sessions ended with it.
pub(super) struct Replaced {
    user_id: UserId,
    sessions_ended: u64,
    /// By the database's clock, as sign-ins are: sessions that are older have ended.
    at: Timestamp,
}

impl Replaced {
    /// The entry of this.
    pub(super) fn entry(&self, origin: &Origin, action: AuditAction) -> EntryDraft {
        EntryDraft::new(origin, action, Target::user(self.user_id)).fact("sessions_ended", self.sessions_ended)
    }
}

/// Sets the password; sessions and links of the person end with the old one.
pub(super) async fn replace_password(tx: &Tx, id: UserId, hash: &str) -> Result<Replaced, ServiceError> {
    let at = tx.now().await?;
    tx.users().set_password_hash(id, hash, at).await?;
    tx.links().use_up_of_user(id, at).await?;
    Ok(Replaced { user_id: id, sessions_ended: tx.sessions().delete_for_user(id).await?, at })
}

fn changed(user: &User, change: &UserChange, at: Timestamp) -> User {
    let mut next = user.clone();
    if let Some(display_name) = &change.display_name {
        next.display_name.clone_from(display_name);
    }
    if let Some(roles) = &change.roles {
        next.roles.clone_from(roles);
        next.roles.sort_unstable();
        next.roles.dedup();
    }
    match change.enabled {
        Some(true) => next.disabled_at = None,
        Some(false) => next.disabled_at = next.disabled_at.or(Some(at)),
        None => {}
    }
    next
}

fn words(user: &User) -> Vec<&'static str> {
    user.roles.iter().map(|role| role.as_str()).collect()
}

/// What is wrong with a password, if anything is.
pub(super) fn password_fault(pointer: &str, text: &str, username: &str) -> Option<FieldError> {
    let weak = password::check(text, username).err()?;
    Some(FieldError { pointer: pointer.to_owned(), detail: weak.to_string() })
}

/// All the faults, if there are any.
pub(super) fn refuse_any(faults: impl IntoIterator<Item = FieldError>) -> Result<(), ServiceError> {
    let faults: Vec<FieldError> = faults.into_iter().collect();
    if faults.is_empty() { Ok(()) } else { Err(ServiceError::Invalid(faults)) }
}
