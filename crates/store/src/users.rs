//! People: their accounts and the hashes of their passwords. What a password must be, and who may make accounts, is decided elsewhere.

use std::collections::{BTreeSet, HashMap};

use domain::access::Role;
use domain::account::{AccountAspect, Setter};
use domain::id::UserId;
use domain::timestamp::Timestamp;
use domain::user::{User, UserRef};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set};

use crate::entity::users::{ActiveModel, Column, Entity, Model};
use crate::error::StoreError;
use crate::nouns::{Reads, Users};
use crate::page::{Cursor, Page, PageRequest};
use crate::rows::{join_words, maybe_time, time, word, words};
use crate::write::Tx;

mod settings;

pub use settings::ApproverHistory;

/// An account, for signing in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub user: User,
    /// A PHC string.
    pub password_hash: String,
    /// Sessions that are older have ended.
    pub password_changed_at: Timestamp,
}

impl<D: Reads> Users<'_, D> {
    /// The account with this name.
    pub async fn find_by_username(&self, username: &str) -> Result<Option<Account>, StoreError> {
        if username.contains('\0') {
            // PostgreSQL refuses to compare with it, and nobody is called so.
            return Ok(None);
        }
        let row = Entity::find().filter(Column::Username.eq(username)).one(self.0.connected()).await?;
        row.map(Account::try_from).transpose()
    }

    /// The account with this id. In a change it stays as it is until the change ends.
    pub async fn find_by_id(&self, id: UserId) -> Result<Option<Account>, StoreError> {
        let row = self.0.for_decision(Entity::find_by_id(id.to_string())).one(self.0.connected()).await?;
        row.map(Account::try_from).transpose()
    }

    /// The people who can administer now, by id. In a change they stay so until the change ends.
    pub async fn list_enabled_admins(&self) -> Result<Vec<User>, StoreError> {
        let enabled = Entity::find().filter(Column::DisabledAt.is_null()).filter(Column::Roles.contains(Role::Admin.as_str()));
        let rows = self.0.for_decision(enabled.order_by_asc(Column::Id)).all(self.0.connected()).await?;
        let people = rows.into_iter().map(|row| Account::try_from(row).map(|account| account.user));
        people.filter(|user| user.as_ref().map_or(true, User::is_enabled_admin)).collect()
    }

    /// Everybody who may decide an approval now: their accounts are not disabled and hold the role `approver`.
    pub async fn list_approvers(&self) -> Result<BTreeSet<UserId>, StoreError> {
        let enabled = Entity::find().filter(Column::DisabledAt.is_null()).filter(Column::Roles.contains(Role::Approver.as_str()));
        let people =
            enabled.all(self.0.connected()).await?.into_iter().map(|row| Account::try_from(row).map(|account| account.user));
        let approvers = people.filter(|user| user.as_ref().map_or(true, |user| user.roles.contains(&Role::Approver)));
        approvers.map(|user| user.map(|user| user.id)).collect()
    }

    /// Is there nobody at all?
    pub async fn is_empty(&self) -> Result<bool, StoreError> {
        Ok(Entity::find().limit(1).one(self.0.connected()).await?.is_none())
    }

    /// A page of everybody, the newest account first.
    pub async fn list_page(&self, page: PageRequest) -> Result<Page<Account>, StoreError> {
        let mut rows = Entity::find().order_by_desc(Column::Id).limit(page.rows());
        if let Some(after) = page.after {
            rows = rows.filter(Column::Id.lt(after.uuid().to_string()));
        }
        let accounts = rows.all(self.0.connected()).await?.into_iter().map(Account::try_from).collect::<Result<_, _>>()?;
        Ok(page.cut(accounts, |account: &Account| Cursor::of_uuid(account.user.id.uuid())))
    }

    /// These people, by id; unknown ids are left out.
    pub async fn list_by_ids(&self, ids: &[UserId]) -> Result<Vec<UserRef>, StoreError> {
        let names = usernames(self.0.connected(), ids.iter().map(ToString::to_string).collect()).await?;
        ids.iter().filter_map(|id| names.get(&id.to_string()).map(|_| *id)).map(|id| reference(&names, &id.to_string())).collect()
    }

    /// Which of these people may decide an approval: their accounts are not disabled and hold the role `approver`. In a change they
    /// stay so until the change ends.
    pub async fn approvers_among(&self, ids: BTreeSet<UserId>) -> Result<BTreeSet<UserId>, StoreError> {
        let people = Entity::find().filter(Column::Id.is_in(ids.iter().map(ToString::to_string))).order_by_asc(Column::Id);
        let rows = self.0.for_reliance(people.filter(Column::DisabledAt.is_null())).all(self.0.connected()).await?;
        let accounts = rows.into_iter().map(Account::try_from).collect::<Result<Vec<_>, _>>()?;
        Ok(accounts.into_iter().filter(|one| one.user.roles.contains(&Role::Approver)).map(|one| one.user.id).collect())
    }

    /// Everybody, by name.
    pub async fn list(&self) -> Result<Vec<User>, StoreError> {
        let rows = Entity::find().order_by_asc(Column::Username).all(self.0.connected()).await?;
        rows.into_iter().map(|row| Account::try_from(row).map(|account| account.user)).collect()
    }
}

impl Users<'_, Tx> {
    /// Adds an account that this person sets up; [`StoreError::AlreadyExists`] if the name is taken.
    pub async fn insert(&self, account: &Account, setter: Setter, at: Timestamp) -> Result<(), StoreError> {
        let Account { user, password_hash, password_changed_at } = account;
        let row = ActiveModel {
            id: Set(user.id.to_string()),
            username: Set(user.username.clone()),
            display_name: Set(user.display_name.clone()),
            password_hash: Set(password_hash.clone()),
            roles: Set(join_words(&user.roles)),
            created_at: Set(user.created_at.unix_ms()),
            password_changed_at: Set(password_changed_at.unix_ms()),
            disabled_at: Set(user.disabled_at.map(Timestamp::unix_ms)),
        };
        Entity::insert(row).exec_without_returning(self.0.connection()).await?;
        for aspect in AccountAspect::ALL {
            self.note_setter(user, *aspect, setter, at).await?;
        }
        Ok(())
    }

    /// Sets the hash of a new password. The person's sessions, and who set it, are the caller's business.
    pub async fn set_password_hash(&self, id: UserId, password_hash: &str, at: Timestamp) -> Result<(), StoreError> {
        let changed = Entity::update_many()
            .col_expr(Column::PasswordHash, Expr::value(password_hash))
            .col_expr(Column::PasswordChangedAt, Expr::value(at.unix_ms()))
            .filter(Column::Id.eq(id.to_string()))
            .exec(self.0.connection())
            .await?;
        if changed.rows_affected == 0 { Err(StoreError::NotFound(format!("user {id}"))) } else { Ok(()) }
    }

    /// Sets what others see of a person, what they may do, and whether they may at all; the user name stays.
    pub async fn update(&self, user: &User) -> Result<(), StoreError> {
        Entity::update_many()
            .col_expr(Column::DisplayName, Expr::value(user.display_name.as_str()))
            .col_expr(Column::Roles, Expr::value(join_words(&user.roles)))
            .col_expr(Column::DisabledAt, Expr::value(user.disabled_at.map(Timestamp::unix_ms)))
            .filter(Column::Id.eq(user.id.to_string()))
            .exec(self.0.connection())
            .await?;
        Ok(())
    }
}

impl TryFrom<Model> for Account {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let user = User {
            id: word(&row.id)?,
            username: row.username,
            display_name: row.display_name,
            roles: words(&row.roles)?,
            created_at: time(row.created_at),
            disabled_at: maybe_time(row.disabled_at),
        };
        Ok(Self { user, password_hash: row.password_hash, password_changed_at: time(row.password_changed_at) })
    }
}

/// Names by id, for rows that refer to people.
pub(crate) type Usernames = HashMap<String, String>;

/// The names of these people.
pub(crate) async fn usernames<C: ConnectionTrait>(connection: &C, ids: BTreeSet<String>) -> Result<Usernames, StoreError> {
    if ids.is_empty() {
        return Ok(Usernames::new());
    }
    let rows: Vec<(String, String)> = Entity::find()
        .select_only()
        .column(Column::Id)
        .column(Column::Username)
        .filter(Column::Id.is_in(ids))
        .into_tuple()
        .all(connection)
        .await?;
    Ok(rows.into_iter().collect())
}

/// A person as other records show them.
pub(crate) fn reference(names: &Usernames, id: &str) -> Result<UserRef, StoreError> {
    let username = names.get(id).ok_or_else(|| StoreError::Corrupt(format!("there is no user {id}")))?;
    Ok(UserRef { id: word(id)?, username: username.clone() })
}

/// The same for a column that may be null.
pub(crate) fn maybe_reference(names: &Usernames, id: Option<&str>) -> Result<Option<UserRef>, StoreError> {
    id.map(|id| reference(names, id)).transpose()
}
