//! Confirming accounts: somebody who did not set an account says that it is its owner's. The rule is in `domain::account`; the database enforces it
//! again.

use std::collections::BTreeSet;

use api::users::{AccountView, UnconfirmedAccount};
use api::{Caller, ProblemCode};
use domain::access::Denied;
use domain::account::{AccountSetting, check_confirmation};
use domain::audit::{AuditAction, EntryDraft, Target};
use domain::id::UserId;
use domain::user::User;
use store::{Reads, Store, Trail, Tx};

use crate::core::{kept_view, origin};
use crate::error::ServiceError;

/// The accounts that wait for somebody's confirmation, by name, each with whether the caller can give it.
pub async fn list(store: &Store, caller: &Caller) -> Result<Vec<UnconfirmedAccount>, ServiceError> {
    let person = caller.actor.as_user().ok_or(Denied::Forbidden)?.user.id;
    let mut settings = store.users().list_open_settings().await?;
    let owners: Vec<UserId> = settings.keys().copied().collect();
    let hands = hands_of(store, person).await?;
    let mut waiting = Vec::new();
    for owner in owners {
        let open = open(settings.remove(&owner).unwrap_or_default(), owner);
        let account = store.users().find_by_id(owner).await?.filter(|account| account.user.disabled_at.is_none());
        if let Some(User { username, display_name, roles, .. }) = account.map(|account| account.user).filter(|_| !open.is_empty())
        {
            let why_not = check_confirmation(person, owner, &open, &hands).err().map(|refused| refused.to_string());
            waiting.push(UnconfirmedAccount { id: owner, username, display_name, roles, settings: open, why_not });
        }
    }
    waiting.sort_by(|one, other| one.username.cmp(&other.username));
    Ok(waiting)
}

/// Confirms what others set of an account; where nothing is open nothing changes.
pub async fn confirm(tx: &Tx, caller: &Caller, owner: UserId) -> Result<Trail<AccountView>, ServiceError> {
    let person = caller.actor.as_user().ok_or(Denied::Forbidden)?.user.id;
    let account = tx.users().find_by_id(owner).await?;
    let account = account.ok_or_else(|| ServiceError::refuse(ProblemCode::NotFound, "this account does not exist"))?;
    let settings = tx.users().settings_of(&[owner]).await?.remove(&owner).unwrap_or_default();
    let open = open(settings, owner);
    let refused = check_confirmation(person, owner, &open, &hands_of(tx, person).await?);
    refused.map_err(|refused| ServiceError::refuse(ProblemCode::SeparationOfDuties, refused.to_string()))?;
    if open.is_empty() {
        return Ok(Trail::unchanged(super::seen(tx, account).await?));
    }
    let confirmed_at = tx.now().await?;
    tx.users().confirm(owner, person, confirmed_at).await?;
    let origin = origin(caller);
    let entry =
        EntryDraft::new(&origin, AuditAction::UserConfirmed, Target::user(owner)).fact_named("confirmed_at", confirmed_at);
    let seen = super::seen(tx, account).await?;
    Ok(Trail::new(seen, vec![entry]).answering(&origin, kept_view))
}

fn open(settings: Vec<AccountSetting>, owner: UserId) -> Vec<AccountSetting> {
    settings.into_iter().filter(|setting| setting.is_open(owner)).collect()
}

async fn hands_of<D: Reads>(reads: &D, person: UserId) -> Result<BTreeSet<UserId>, ServiceError> {
    let hands = reads.users().hands_of(&BTreeSet::from([person])).await?.remove(&person).unwrap_or_default();
    Ok(hands.into_iter().map(|hand| hand.id).collect())
}
