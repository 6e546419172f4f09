//! Browser sessions as rows: whatever the server keeps in one is text to us. Signing in and out leave their audit entries; the rows
//! themselves do not.

use domain::id::UserId;
use domain::session::ABSOLUTE_MS_MAX;
use domain::timestamp::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set};

use crate::entity::sessions::{ActiveModel, Column, Entity, Model};
use crate::error::StoreError;
use crate::nouns::{Reads, Sessions};
use crate::page::{Cursor, Page, PageRequest};
use crate::rows::{maybe_time, maybe_word, time};
use crate::store::Store;
use crate::write::{Tx, Untrailed};

/// A browser session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub id: String,
    /// Who is signed in.
    pub user_id: Option<UserId>,
    /// What the server keeps in it.
    pub data: String,
    pub expires_at: Timestamp,
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub seen_at: Option<Timestamp>,
    /// The block of addresses that it began from.
    pub network: Option<String>,
    /// What its browser said of itself.
    pub browser: Option<String>,
}

/// Whose sessions a list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionFilter {
    OfEverybody,
    OfUser(UserId),
}

/// How much of a session's id a cursor carries: 15 of its 64 hexadecimal digits.
const CURSOR_DIGITS: usize = 15;

impl<D: Reads> Sessions<'_, D> {
    /// The session with this id, unless it has expired by `now`.
    pub async fn find(&self, id: &str, now: Timestamp) -> Result<Option<Session>, StoreError> {
        let row = Entity::find_by_id(id).filter(Column::ExpiresAt.gt(now.unix_ms())).one(self.0.connected()).await?;
        row.map(Session::try_from).transpose()
    }

    /// A page of the sessions of signed-in people that have not expired by `now`, the newest first.
    pub async fn list(&self, filter: SessionFilter, page: PageRequest, now: Timestamp) -> Result<Page<Session>, StoreError> {
        let oldest = now.plus_ms(-ABSOLUTE_MS_MAX).unix_ms();
        let lasting = Column::ExpiresAt.gt(now.unix_ms()).and(Column::CreatedAt.gt(oldest));
        let mut rows = Entity::find().filter(lasting).filter(Column::UserId.is_not_null());
        if let SessionFilter::OfUser(id) = filter {
            rows = rows.filter(Column::UserId.eq(id.to_string()));
        }
        if let Some(after) = page.after {
            let same_time =
                Column::CreatedAt.eq(after.sort_key).and(Column::Id.lt(format!("{:01$x}", after.number, CURSOR_DIGITS)));
            rows = rows.filter(Column::CreatedAt.lt(after.sort_key).or(same_time));
        }
        let newest_first = rows.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id).limit(page.rows());
        let sessions =
            newest_first.all(self.0.connected()).await?.into_iter().map(Session::try_from).collect::<Result<_, _>>()?;
        Ok(page.cut(sessions, cursor_of))
    }
}

fn cursor_of(session: &Session) -> Cursor {
    let digits = session.id.get(..CURSOR_DIGITS).unwrap_or_default();
    Cursor { sort_key: session.created_at.unix_ms(), number: i64::from_str_radix(digits, 16).unwrap_or_default() }
}

impl Sessions<'_, Tx> {
    /// Adds a session.
    pub async fn insert(&self, session: &Session) -> Result<(), StoreError> {
        let row = ActiveModel {
            id: Set(session.id.clone()),
            user_id: Set(session.user_id.map(|id| id.to_string())),
            data: Set(session.data.clone()),
            expires_at: Set(session.expires_at.unix_ms()),
            created_at: Set(session.created_at.unix_ms()),
            seen_at: Set(session.seen_at.map(Timestamp::unix_ms)),
            network: Set(session.network.clone()),
            browser: Set(session.browser.clone()),
        };
        Entity::insert(row).exec_without_returning(self.0.connection()).await?;
        Ok(())
    }

    /// Saves what a session holds and how long it lasts; one that has ended meanwhile stays so.
    pub async fn update(&self, session: &Session) -> Result<(), StoreError> {
        Entity::update_many()
            .col_expr(Column::UserId, Expr::value(session.user_id.map(|id| id.to_string())))
            .col_expr(Column::Data, Expr::value(session.data.as_str()))
            .col_expr(Column::ExpiresAt, Expr::value(session.expires_at.unix_ms()))
            .col_expr(Column::SeenAt, Expr::value(session.seen_at.map(Timestamp::unix_ms)))
            .filter(Column::Id.eq(session.id.as_str()))
            .exec(self.0.connection())
            .await?;
        Ok(())
    }

    /// Ends a session; says whether it was there.
    pub async fn delete(&self, id: &str) -> Result<bool, StoreError> {
        Ok(Entity::delete_by_id(id).exec(self.0.connection()).await?.rows_affected > 0)
    }

    /// Ends every session of a person; says how many there were.
    pub async fn delete_for_user(&self, user_id: UserId) -> Result<u64, StoreError> {
        let of_user = Entity::delete_many().filter(Column::UserId.eq(user_id.to_string()));
        Ok(of_user.exec(self.0.connection()).await?.rows_affected)
    }

    /// Ends every session of a person but this one; says how many there were.
    pub async fn delete_others_of_user(&self, user_id: UserId, kept: &str) -> Result<u64, StoreError> {
        let others = Entity::delete_many().filter(Column::UserId.eq(user_id.to_string())).filter(Column::Id.ne(kept));
        Ok(others.exec(self.0.connection()).await?.rows_affected)
    }

    /// Takes away the sessions that have expired by `now`; says how many there were.
    pub async fn delete_expired(&self, now: Timestamp) -> Result<u64, StoreError> {
        let expired = Entity::delete_many().filter(Column::ExpiresAt.lte(now.unix_ms()));
        Ok(expired.exec(self.0.connection()).await?.rows_affected)
    }
}

impl Store {
    /// Adds a session.
    pub async fn insert_session(&self, session: Session) -> Result<(), StoreError> {
        self.write_untrailed(Untrailed::Session, move |tx| async move { tx.sessions().insert(&session).await }).await
    }

    /// Saves what a session holds and how long it lasts; one that has ended meanwhile stays so.
    pub async fn update_session(&self, session: Session) -> Result<(), StoreError> {
        self.write_untrailed(Untrailed::Session, move |tx| async move { tx.sessions().update(&session).await }).await
    }

    /// Ends a session.
    pub async fn delete_session(&self, id: &str) -> Result<(), StoreError> {
        let id = id.to_owned();
        self.write_untrailed(Untrailed::Session, move |tx| async move { tx.sessions().delete(&id).await.map(|_| ()) }).await
    }

    /// Ends every session of a person; says how many there were.
    pub async fn delete_sessions_of(&self, user_id: UserId) -> Result<u64, StoreError> {
        self.write_untrailed(Untrailed::Session, move |tx| async move { tx.sessions().delete_for_user(user_id).await }).await
    }

    /// Takes away the sessions that have expired by `now`; says how many there were.
    pub async fn delete_expired_sessions(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.write_untrailed(Untrailed::Session, move |tx| async move { tx.sessions().delete_expired(now).await }).await
    }
}

impl TryFrom<Model> for Session {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            user_id: maybe_word(row.user_id.as_deref())?,
            data: row.data,
            expires_at: time(row.expires_at),
            created_at: time(row.created_at),
            seen_at: maybe_time(row.seen_at),
            network: row.network,
            browser: row.browser,
        })
    }
}
