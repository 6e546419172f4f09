//! People and programs proving who they are.

use std::sync::Arc;

use api::people::{Authenticated, Credentials, PasswordChange, People, StepUp, UserView};
use api::{ApiError, Caller, ProblemCode};
use async_trait::async_trait;
use domain::access::{Denied, KeyHolder, Permission, SignedIn};
use domain::alert::FieldError;
use domain::audit::{ActorKind, AuditAction, AuditActor, EntryDraft, Origin, Outcome, Target};
use domain::digest::Digest;
use domain::id::UserId;
use domain::text::InvalidText;
use domain::timestamp::Timestamp;
use domain::user::User;
use store::{Account, Trail, Untrailed};
use subtle::ConstantTimeEq as _;

use crate::accounts::Accounts;
use crate::core::{Core, origin};
use crate::error::ServiceError;
use crate::metrics::count_failed_sign_in;
use crate::throttle::Attempt;

/// A failed sign-in leaves one entry per account and this long.
const FAILURE_ENTRY_MS: i64 = 60_000;

/// The use cases of identity.
pub struct PeopleCases(pub Arc<Core>);

#[async_trait]
impl People for PeopleCases {
    async fn sign_in(&self, caller: &Caller, credentials: Credentials) -> Result<Authenticated, ApiError> {
        let Credentials { username, password } = credentials;
        refuse_nul(&[("/username", &username), ("/password", &password)])?;
        let attempt = Attempt { account: &username, network: Some(&caller.network), at: self.0.clock.now() };
        let found = self.checked(caller, attempt, password).await?;
        let at = self.0.store.now().await.map_err(ServiceError::from)?;
        self.record(caller, AuditAction::UserSignedIn, found.user.id).await?;
        Ok(Authenticated { user: view(&found.user), at })
    }

    async fn step_up(&self, caller: &Caller, request: StepUp) -> Result<Authenticated, ApiError> {
        let person = caller.actor.as_user().ok_or(Denied::SignInFirst)?;
        refuse_nul(&[("/password", &request.password)])?;
        let attempt = Attempt { account: &person.user.username, network: None, at: self.0.clock.now() };
        let found = self.checked(caller, attempt, request.password).await?;
        // By the clock that decisions go by, wherever this replica's own stands.
        let at = self.0.store.now().await.map_err(ServiceError::from)?;
        self.record(caller, AuditAction::StepUp, found.user.id).await?;
        Ok(Authenticated { user: view(&found.user), at })
    }

    async fn change_password(&self, caller: &Caller, request: PasswordChange) -> Result<Authenticated, ApiError> {
        self.0.permit(caller, Permission::ManageOwnAccount).await?;
        let person = caller.actor.as_user().ok_or(Denied::SignInFirst)?;
        refuse_nul(&[("/old_password", &request.old_password), ("/new_password", &request.new_password)])?;
        let same = request.old_password == request.new_password;
        let attempt = Attempt { account: &person.user.username, network: None, at: self.0.clock.now() };
        let found = self.checked(caller, attempt, request.old_password).await?;
        if same {
            return Err(ApiError::invalid_field("/new_password", "must differ from the old one"));
        }
        let at = Accounts::of(&self.0, caller).change_own_password(&found, request.new_password).await?;
        Ok(Authenticated { user: view(&found.user), at })
    }

    async fn sign_out(&self, caller: &Caller) -> Result<(), ApiError> {
        let person = caller.actor.as_user().ok_or(Denied::SignInFirst)?;
        Ok(self.record(caller, AuditAction::UserSignedOut, person.user.id).await?)
    }

    async fn current(&self, caller: &Caller) -> Result<UserView, ApiError> {
        let person = caller.actor.as_user().ok_or(Denied::SignInFirst)?;
        let user = self.0.store.users().find_by_id(person.user.id).await.map_err(ServiceError::from)?;
        Ok(view(&user.ok_or(Denied::SignInFirst)?.user))
    }

    async fn find_signed_in(&self, id: UserId, authenticated_at: Timestamp) -> Result<Option<SignedIn>, ApiError> {
        let account = self.0.store.users().find_by_id(id).await.map_err(ServiceError::from)?;
        let in_force =
            account.filter(|account| account.user.disabled_at.is_none() && account.password_changed_at <= authenticated_at);
        Ok(in_force.map(|account| SignedIn { user: account.user.reference(), roles: account.user.roles, authenticated_at }))
    }

    async fn find_key_holder(&self, bearer: &str) -> Result<Option<KeyHolder>, ApiError> {
        Ok(self.key_holder(bearer).await?)
    }
}

impl PeopleCases {
    /// The person, if the password is theirs; failures are counted, and say nothing about what was wrong.
    async fn checked(&self, caller: &Caller, attempt: Attempt<'_>, password: String) -> Result<Account, ApiError> {
        let core = &self.0;
        let begun = core.throttle.begin(&attempt).map_err(|throttled| ApiError {
            retry_after_s: Some(throttled.retry_after_s),
            ..ApiError::new(ProblemCode::RateLimited, "too many failed sign-ins for this account or from this network")
        })?;
        let found = core.store.users().find_by_username(attempt.account).await.map_err(ServiceError::from)?;
        let id = found.as_ref().map(|found| found.user.id);
        let enabled = found.filter(|found| found.user.disabled_at.is_none());
        let hash = enabled.as_ref().map(|found| found.password_hash.clone());
        let right = core.passwords.verify(password, hash).await?;
        if let Some(found) = enabled.filter(|_| right) {
            core.throttle.succeeded(&attempt);
            return Ok(found);
        }
        count_failed_sign_in();
        let minute_ago = attempt.at.plus_ms(-FAILURE_ENTRY_MS);
        if begun.previous_failure.is_none_or(|previous| previous < minute_ago) {
            self.record_failure(caller, id).await?;
        }
        Err(ApiError::new(ProblemCode::SignInFailed, ""))
    }

    /// The first failure of a minute leaves an entry; for an account that does not exist the same time is spent.
    async fn record_failure(&self, caller: &Caller, id: Option<UserId>) -> Result<(), ServiceError> {
        let Some(id) = id else {
            return self.0.store.write_untrailed(Untrailed::Check, |tx| async move { Ok(tx.now().await.map(|_| ())?) }).await;
        };
        let entry = EntryDraft::new(&origin(caller), AuditAction::SignInFailed, Target::user(id))
            .outcome(Outcome::Denied)
            .detail(serde_json::json!({ "network": caller.network }));
        self.0.store.write(move |_| async move { Ok::<_, ServiceError>(Trail::new((), vec![entry])) }).await
    }

    async fn record(&self, caller: &Caller, action: AuditAction, id: UserId) -> Result<(), ServiceError> {
        let actor = AuditActor { kind: ActorKind::User, id: Some(id.to_string()) };
        let entry = EntryDraft::new(&Origin { actor, ..origin(caller) }, action, Target::user(id))
            .detail(serde_json::json!({ "network": caller.network }));
        self.0.store.write(move |_| async move { Ok(Trail::new((), vec![entry])) }).await
    }

    async fn key_holder(&self, bearer: &str) -> Result<Option<KeyHolder>, ServiceError> {
        let Some((prefix, secret)) = bearer.strip_prefix("cs_").and_then(|rest| rest.split_once('_')) else { return Ok(None) };
        let Some(key) = self.0.store.api_keys().find_by_prefix(prefix).await? else { return Ok(None) };
        let now = self.0.clock.now();
        let given = Digest::of(secret.as_bytes());
        let right: bool = given.as_bytes().ct_eq(key.secret_sha256.as_bytes()).into();
        let in_force = key.revoked_at.is_none() && key.expires_at.is_none_or(|expires_at| now < expires_at);
        if !right || !in_force {
            return Ok(None);
        }
        self.0.store.touch_api_key(&key, now).await?;
        let hand_of = key.maker.hand();
        Ok(Some(KeyHolder { id: key.id, name: key.name, scopes: key.scopes, source: key.source, hand_of }))
    }
}

/// No name and no password holds U+0000, so that whoever sends one is not told that it is wrong, but why.
fn refuse_nul(texts: &[(&str, &str)]) -> Result<(), ApiError> {
    let held = texts.iter().filter(|(_, text)| text.contains('\0'));
    let errors: Vec<FieldError> =
        held.map(|(pointer, _)| FieldError::new(*pointer, InvalidText::ContainsNul.to_string())).collect();
    if errors.is_empty() { Ok(()) } else { Err(ApiError::invalid(errors)) }
}

/// A person as they see themselves.
pub fn view(user: &User) -> UserView {
    UserView { id: user.id, username: user.username.clone(), display_name: user.display_name.clone(), roles: user.roles.clone() }
}
