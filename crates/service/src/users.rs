//! Accounts of people for admins, and the links by which people set their own passwords.

mod confirming;

use std::sync::Arc;

use api::people::UserView;
use api::users::{
    AccountView, LinkView, NewUserRequest, PasswordByLink, SetupRequest, UnconfirmedAccount, UserChange, UserCreated, Users,
};
use api::version::ExpectedVersion;
use api::{ApiError, Caller, Page, PageRequest, ProblemCode};
use async_trait::async_trait;
use domain::access::Permission;
use domain::account::AccountSetting;
use domain::id::UserId;
use store::{Account, Reads};

use crate::accounts::{Accounts, MadeLink, NewUser, SetupPerson};
use crate::core::Core;
use crate::error::ServiceError;
use crate::people;
use crate::views::{page_of, page_request};

/// The use cases of accounts.
pub struct UserCases(pub Arc<Core>);

#[async_trait]
impl Users for UserCases {
    async fn list(&self, caller: &Caller, page: PageRequest) -> Result<Page<AccountView>, ApiError> {
        self.0.permit(caller, Permission::ManageUsers).await?;
        let accounts = self.0.store.users().list_page(page_request(&page)?).await.map_err(ServiceError::from)?;
        let ids: Vec<UserId> = accounts.items.iter().map(|account| account.user.id).collect();
        let settings = self.0.store.users().settings_of(&ids).await.map_err(ServiceError::from)?;
        Ok(page_of(accounts, |account| {
            let of_account = settings.get(&account.user.id).cloned().unwrap_or_default();
            view(account, of_account)
        }))
    }

    async fn get(&self, caller: &Caller, id: UserId) -> Result<AccountView, ApiError> {
        self.0.permit(caller, Permission::ManageUsers).await?;
        Ok(get(&self.0.store, id).await?)
    }

    async fn create(&self, caller: &Caller, request: NewUserRequest) -> Result<UserCreated, ApiError> {
        self.0.permit(caller, Permission::ManageUsers).await?;
        let accounts = Accounts::of(&self.0, caller);
        let NewUserRequest { username, display_name, roles, password } = request;
        let display_name = display_name.unwrap_or_else(|| username.clone());
        let Some(password) = password else {
            let (user, link) = accounts.add_user_with_link(username, display_name, roles).await?;
            return Ok(UserCreated { user: self.get(caller, user.id).await?, password_link: Some(link_view(link)) });
        };
        let user = accounts.add_user(NewUser { username, display_name, roles, password }).await?;
        Ok(UserCreated { user: self.get(caller, user.id).await?, password_link: None })
    }

    async fn change(
        &self,
        caller: &Caller,
        id: UserId,
        change: UserChange,
        expected: ExpectedVersion,
    ) -> Result<AccountView, ApiError> {
        self.0.permit(caller, Permission::ManageUsers).await?;
        Ok(Accounts::of(&self.0, caller).change_user(id, change, expected).await?)
    }

    async fn make_password_link(&self, caller: &Caller, id: UserId) -> Result<LinkView, ApiError> {
        self.0.permit(caller, Permission::ManageUsers).await?;
        Ok(link_view(Accounts::of(&self.0, caller).make_password_link(id).await?))
    }

    async fn list_unconfirmed(&self, caller: &Caller) -> Result<Vec<UnconfirmedAccount>, ApiError> {
        self.0.permit(caller, Permission::ConfirmAccount).await?;
        Ok(confirming::list(&self.0.store, caller).await?)
    }

    async fn confirm(&self, caller: &Caller, id: UserId) -> Result<AccountView, ApiError> {
        self.0.permit(caller, Permission::ConfirmAccount).await?;
        let (confirmer, store) = (caller.clone(), &self.0.store);
        Ok(store.write(move |tx| async move { confirming::confirm(&tx, &confirmer, id).await }).await?)
    }

    async fn set_up(&self, caller: &Caller, request: SetupRequest) -> Result<UserView, ApiError> {
        let SetupRequest { token, username, display_name, password } = request;
        let display_name = display_name.unwrap_or_else(|| username.clone());
        let person = SetupPerson { username, display_name, password };
        Ok(people::view(&Accounts::of(&self.0, caller).set_up(&token, person).await?))
    }

    async fn set_password_by_link(&self, caller: &Caller, request: PasswordByLink) -> Result<UserView, ApiError> {
        let accounts = Accounts::of(&self.0, caller);
        Ok(people::view(&accounts.set_password_by_link(&request.token, request.password).await?))
    }
}

/// The account with this id as an admin sees it.
pub async fn get<D: Reads>(reads: &D, id: UserId) -> Result<AccountView, ServiceError> {
    let account = reads.users().find_by_id(id).await?;
    seen(reads, account.ok_or_else(|| ServiceError::refuse(ProblemCode::NotFound, "this account does not exist"))?).await
}

/// An account as an admin sees it, with who set what of it.
pub async fn seen<D: Reads>(reads: &D, account: Account) -> Result<AccountView, ServiceError> {
    let id = account.user.id;
    let settings = reads.users().settings_of(&[id]).await?.remove(&id).unwrap_or_default();
    Ok(view(account, settings))
}

fn view(account: Account, settings: Vec<AccountSetting>) -> AccountView {
    let user = account.user;
    AccountView {
        needs_confirmation: settings.iter().any(|setting| setting.is_open(user.id)),
        settings,
        id: user.id,
        username: user.username,
        display_name: user.display_name,
        roles: user.roles,
        enabled: user.disabled_at.is_none(),
        created_at: user.created_at,
        disabled_at: user.disabled_at,
        password_changed_at: account.password_changed_at,
    }
}

fn link_view(link: MadeLink) -> LinkView {
    LinkView { path: link.path, expires_at: link.expires_at }
}
