//! Sessions of signed-in people: whose they are, and their end before their time.

use std::sync::Arc;
use std::time::Duration;

use api::sessions::{BrowserSession, SessionOwner, Sessions};
use api::{ApiError, Caller, Page, PageRequest};
use async_trait::async_trait;
use domain::access::{Permission, SignedIn, authorize};
use domain::audit::{AuditAction, EntryDraft, Target};
use domain::id::UserId;
use domain::session;
use domain::user::UserRef;
use store::{Session, SessionFilter, Trail};
use tokio_util::sync::CancellationToken;

use crate::core::{Core, origin};
use crate::error::ServiceError;
use crate::views::{page_of, page_request};

/// How often what has expired is taken out of the database.
const SWEEP: Duration = Duration::from_secs(10 * 60);

/// Takes expired sessions, and answers that are no longer kept, away now and then, until the token is cancelled.
pub async fn sweep(core: Arc<Core>, end: CancellationToken) {
    loop {
        if let Err(error) = sweep_once(&core).await {
            tracing::warn!(%error, "what has expired could not be taken away; trying again later");
        }
        tokio::select! {
            () = end.cancelled() => return,
            () = tokio::time::sleep(SWEEP) => {}
        }
    }
}

async fn sweep_once(core: &Core) -> Result<(), ServiceError> {
    let now = core.clock.now();
    core.store.delete_expired_sessions(now).await?;
    core.store.delete_expired_answers(now).await?;
    Ok(())
}

/// The use cases of sessions.
pub struct SessionCases(pub Arc<Core>);

#[async_trait]
impl Sessions for SessionCases {
    async fn list(
        &self,
        caller: &Caller,
        current: Option<&str>,
        owner: SessionOwner,
        page: PageRequest,
    ) -> Result<Page<BrowserSession>, ApiError> {
        let filter = match owner {
            SessionOwner::Me => SessionFilter::OfUser(self.own_id(caller).await?),
            SessionOwner::Everybody => {
                self.0.permit(caller, Permission::ManageUsers).await?;
                SessionFilter::OfEverybody
            }
        };
        let (store, now) = (&self.0.store, self.0.clock.now());
        let sessions = store.sessions().list(filter, page_request(&page)?, now).await.map_err(ServiceError::from)?;
        let ids: Vec<UserId> = sessions.items.iter().filter_map(|session| session.user_id).collect();
        let people = store.users().list_by_ids(&ids).await.map_err(ServiceError::from)?;
        let page = page_of(sessions, |session| view(session, &people, current));
        Ok(Page { items: page.items.into_iter().flatten().collect(), next_cursor: page.next_cursor })
    }

    async fn end(&self, caller: &Caller, id: &str) -> Result<(), ApiError> {
        let own_id = self.own_id(caller).await?;
        let found = self.0.store.sessions().find(id, self.0.clock.now()).await.map_err(ServiceError::from)?;
        let is_admin = authorize(&caller.actor, Permission::ManageUsers).is_ok();
        let session = found.filter(|session| is_admin || session.user_id == Some(own_id));
        let owner = session.and_then(|session| session.user_id).ok_or_else(|| ApiError::not_found("this session"))?;
        let entry = EntryDraft::new(&origin(caller), AuditAction::SessionEnded, Target::session(id)).fact_named("user_id", owner);
        let id = id.to_owned();
        let ended = self.0.store.write(move |tx| async move {
            let was_there = tx.sessions().delete(&id).await?;
            Ok::<_, ServiceError>(if was_there { Trail::new((), vec![entry]) } else { Trail::unchanged(()) })
        });
        Ok(ended.await?)
    }

    async fn end_others(&self, caller: &Caller, current: Option<&str>) -> Result<(), ApiError> {
        let own_id = self.own_id(caller).await?;
        let kept = current.unwrap_or_default().to_owned();
        let entry = EntryDraft::new(&origin(caller), AuditAction::SessionEnded, Target::user(own_id));
        let ended = self.0.store.write(move |tx| async move {
            let count = tx.sessions().delete_others_of_user(own_id, &kept).await?;
            Ok::<_, ServiceError>(trail_of(count, entry))
        });
        Ok(ended.await?)
    }

    async fn end_of_user(&self, caller: &Caller, user_id: UserId) -> Result<(), ApiError> {
        self.0.permit(caller, Permission::ManageUsers).await?;
        let known = self.0.store.users().find_by_id(user_id).await.map_err(ServiceError::from)?;
        known.ok_or_else(|| ApiError::not_found("this account"))?;
        let entry = EntryDraft::new(&origin(caller), AuditAction::SessionEnded, Target::user(user_id));
        let ended = self.0.store.write(move |tx| async move {
            let count = tx.sessions().delete_for_user(user_id).await?;
            Ok::<_, ServiceError>(trail_of(count, entry))
        });
        Ok(ended.await?)
    }

    async fn find_holder(&self, id: &str) -> Result<Option<SignedIn>, ApiError> {
        let (store, now) = (&self.0.store, self.0.clock.now());
        let found = store.sessions().find(id, now).await.map_err(ServiceError::from)?;
        let Some(session) = found.filter(|session| !session::is_over(session.created_at, now)) else { return Ok(None) };
        let Some(user_id) = session.user_id else { return Ok(None) };
        let account = store.users().find_by_id(user_id).await.map_err(ServiceError::from)?;
        let user = account.map(|account| account.user).filter(|user| user.disabled_at.is_none());
        Ok(user.map(|user| SignedIn { user: user.reference(), roles: user.roles, authenticated_at: session.created_at }))
    }
}

impl SessionCases {
    /// The caller as a person with sessions.
    async fn own_id(&self, caller: &Caller) -> Result<UserId, ServiceError> {
        self.0.permit(caller, Permission::ManageOwnAccount).await?;
        let person = caller.actor.as_user().ok_or(domain::access::Denied::Forbidden)?;
        Ok(person.user.id)
    }
}

fn trail_of(ended: u64, entry: EntryDraft) -> Trail<()> {
    if ended == 0 { Trail::unchanged(()) } else { Trail::new((), vec![entry.fact("sessions_ended", ended)]) }
}

fn view(session: Session, people: &[UserRef], current: Option<&str>) -> Option<BrowserSession> {
    let user = people.iter().find(|person| Some(person.id) == session.user_id)?.clone();
    Some(BrowserSession {
        current: current == Some(session.id.as_str()),
        user,
        created_at: session.created_at,
        seen_at: session.seen_at.unwrap_or(session.created_at),
        expires_at: session.expires_at.min(session.created_at.plus_ms(session::ABSOLUTE_MS_MAX)),
        network: session.network.unwrap_or_default(),
        browser: session.browser.unwrap_or_default(),
        id: session.id,
    })
}
