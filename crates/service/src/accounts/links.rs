//! One-time links: made, looked up, and used once. The secret is in the link alone; a digest of it is kept.

use domain::access::Role;
use domain::account::{AccountAspect, SetVia, Setter};
use domain::audit::{AuditAction, EntryDraft, Origin, Target};
use domain::digest::Digest;
use domain::id::UserId;
use domain::link::LinkPurpose;
use domain::timestamp::Timestamp;
use domain::user::{User, faults_of_words};
use store::{Link, Trail, Tx};

use super::people::{insert, note, password_fault, refuse_any, replace_password};
use super::{Accounts, SECRET_CHARS, not_found};
use crate::error::ServiceError;

/// What a link that no longer works, or never did, is answered with.
const DEAD: &str = "is of no link that works: it was used, has expired, or never was one";

/// A link as it is shown, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeLink {
    /// Path and query.
    pub path: String,
    pub expires_at: Timestamp,
}

/// Who becomes the first admin.
pub struct SetupPerson {
    pub username: String,
    pub display_name: String,
    pub password: String,
}

/// Whose link it is, and who made it.
#[derive(Clone, Copy, Default)]
struct LinkOwner {
    user_id: Option<UserId>,
    made_by: Option<UserId>,
}

impl MadeLink {
    /// The link by which this person sets their password; earlier ones no longer work.
    pub(super) async fn for_password(
        tx: &Tx,
        origin: &Origin,
        (user, setter): (&User, Setter),
        secret: String,
    ) -> Result<(Self, EntryDraft), ServiceError> {
        tx.links().use_up_of_user(user.id, tx.now().await?).await?;
        let owner = LinkOwner { user_id: Some(user.id), made_by: setter.by };
        let (link, entry) = Self::make(tx, origin, LinkPurpose::Password, (owner, secret)).await?;
        let mut entries = vec![entry.fact_named("user_id", user.id)];
        // Whoever has the link can set the password.
        note(tx, user, AccountAspect::Password, (setter, &mut entries)).await?;
        let entry = entries.pop().ok_or_else(|| ServiceError::Corrupt("an entry".to_owned()))?;
        Ok((link, entry))
    }

    async fn make(
        tx: &Tx,
        origin: &Origin,
        purpose: LinkPurpose,
        (LinkOwner { user_id, made_by }, secret): (LinkOwner, String),
    ) -> Result<(Self, EntryDraft), ServiceError> {
        let created_at = tx.now().await?;
        let expires_at = created_at.plus_ms(purpose.lifetime_ms());
        let token_sha256 = Digest::of(secret.as_bytes());
        tx.links().insert(&Link { token_sha256, purpose, user_id, created_at, expires_at, used_at: None, made_by }).await?;
        let entry = EntryDraft::new(origin, AuditAction::LinkCreated, Target::link(&token_sha256.to_string()))
            .fact_named("purpose", purpose)
            .fact_named("expires_at", expires_at);
        Ok((Self { path: format!("{}?token={secret}", purpose.page()), expires_at }, entry))
    }
}

impl Accounts {
    /// A link by which the first admin is made; `None` if there is somebody already.
    pub async fn make_setup_link(&self) -> Result<Option<MadeLink>, ServiceError> {
        let (origin, secret) = (self.origin.clone(), self.clock.secret(SECRET_CHARS));
        self.store
            .write(move |tx| async move {
                if !tx.users().is_empty().await? {
                    return Ok(Trail::unchanged(None));
                }
                let (link, entry) = MadeLink::make(&tx, &origin, LinkPurpose::Setup, (LinkOwner::default(), secret)).await?;
                Ok::<_, ServiceError>(Trail::new(Some(link), vec![entry]))
            })
            .await
    }

    /// A link by which this person sets their password; earlier ones no longer work.
    pub async fn make_password_link(&self, user_id: UserId) -> Result<MadeLink, ServiceError> {
        let (origin, secret, setter) = (self.origin.clone(), self.clock.secret(SECRET_CHARS), self.setter());
        self.store
            .write(move |tx| async move {
                let account = tx.users().find_by_id(user_id).await?.ok_or_else(|| not_found("this account"))?;
                let (link, entry) = MadeLink::for_password(&tx, &origin, (&account.user, setter), secret).await?;
                Ok(Trail::new(link, vec![entry]))
            })
            .await
    }

    /// The link with this token, if it still works, and the person whose it is.
    async fn find_open_link(&self, token: &str) -> Result<Option<(Link, Option<User>)>, ServiceError> {
        let now = self.store.now().await?;
        let Some(link) = open_link(self.store.links().find(digest(token)).await?, now) else { return Ok(None) };
        let Some(id) = link.user_id else { return Ok(self.store.users().is_empty().await?.then_some((link, None))) };
        let owner = self.store.users().find_by_id(id).await?.map(|account| account.user);
        Ok(owner.filter(|user| user.disabled_at.is_none()).map(|user| (link, Some(user))))
    }

    /// Makes the first admin by the link with this token; every such link dies with it.
    pub(crate) async fn set_up(&self, token: &str, person: SetupPerson) -> Result<User, ServiceError> {
        self.find_open_link(token).await?.filter(|(_, owner)| owner.is_none()).ok_or_else(dead)?;
        let roles = vec![Role::Admin];
        let mut faults = faults_of_words(&person.username, &person.display_name, &roles);
        faults.extend(password_fault("/password", &person.password, &person.username));
        refuse_any(faults)?;
        let account = self.account(person.username, person.display_name, roles, person.password).await?;
        let (user, origin, token_sha256) = (account.user.clone(), self.origin.clone(), digest(token));
        self.store
            .write(move |tx| async move {
                let now = tx.now().await?;
                let unused = tx.links().list_unused(LinkPurpose::Setup).await?;
                let works = unused.iter().any(|link| link.token_sha256 == token_sha256 && now < link.expires_at);
                if !works || !tx.users().is_empty().await? {
                    return Err(dead());
                }
                let first = Setter::nobody(SetVia::SetUp);
                let entry = insert(&tx, &origin, &account, first).await?.fact_named("link", token_sha256);
                tx.links().use_up_setup(now).await?;
                Ok(Trail::new((), vec![entry]))
            })
            .await?;
        Ok(user)
    }

    /// Sets the password of the person whose link has this token; it dies with this, and their sessions end.
    pub(crate) async fn set_password_by_link(&self, token: &str, password: String) -> Result<User, ServiceError> {
        let (_, owner) = self.find_open_link(token).await?.ok_or_else(dead)?;
        let owner = owner.ok_or_else(dead)?;
        refuse_any(password_fault("/password", &password, &owner.username))?;
        let hash = self.passwords.hash(password).await?;
        let (id, origin, token_sha256) = (owner.id, self.origin.clone(), digest(token));
        self.store
            .write(move |tx| async move {
                let now = tx.now().await?;
                let account = tx.users().find_by_id(id).await?.ok_or_else(dead)?;
                let link = open_link(tx.links().find(token_sha256).await?, now).ok_or_else(dead)?;
                let replaced = replace_password(&tx, id, &hash).await?;
                let mut entries = vec![replaced.entry(&origin, AuditAction::UserPasswordSet).fact_named("link", token_sha256)];
                // It was set by whoever made the link: nobody can tell who opened it.
                let setter = link.made_by.map_or(Setter::nobody(SetVia::CommandLine), Setter::person);
                note(&tx, &account.user, AccountAspect::Password, (setter, &mut entries)).await?;
                Ok::<_, ServiceError>(Trail::new((), entries))
            })
            .await?;
        Ok(owner)
    }
}

fn digest(token: &str) -> Digest {
    Digest::of(token.as_bytes())
}

fn open_link(link: Option<Link>, now: Timestamp) -> Option<Link> {
    link.filter(|link| link.used_at.is_none() && now < link.expires_at)
}

fn dead() -> ServiceError {
    ServiceError::invalid("/token", DEAD)
}
