//! Browser sessions as rows: whatever the server keeps in one is text to us. Signing in and out leave their audit entries; the rows
//! themselves do not.

use domain::id::UserId;
use domain::timestamp::Timestamp;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};

use crate::entity::sessions::{ActiveModel, Column, Entity, Model};
use crate::error::StoreError;
use crate::nouns::{Reads, Sessions};
use crate::rows::{maybe_word, time};
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
}

impl<D: Reads> Sessions<'_, D> {
    /// The session with this id, unless it has expired by `now`.
    pub async fn find(&self, id: &str, now: Timestamp) -> Result<Option<Session>, StoreError> {
        let row = Entity::find_by_id(id).filter(Column::ExpiresAt.gt(now.unix_ms())).one(self.0.connected()).await?;
        row.map(Session::try_from).transpose()
    }
}

impl Sessions<'_, Tx> {
    /// Saves a session, new or known.
    pub async fn save(&self, session: &Session) -> Result<(), StoreError> {
        let row = ActiveModel {
            id: Set(session.id.clone()),
            user_id: Set(session.user_id.map(|id| id.to_string())),
            data: Set(session.data.clone()),
            expires_at: Set(session.expires_at.unix_ms()),
            created_at: Set(session.created_at.unix_ms()),
        };
        let known = OnConflict::column(Column::Id).update_columns([Column::UserId, Column::Data, Column::ExpiresAt]).to_owned();
        Entity::insert(row).on_conflict(known).exec_without_returning(self.0.connection()).await?;
        Ok(())
    }

    /// Ends a session.
    pub async fn delete(&self, id: &str) -> Result<(), StoreError> {
        Entity::delete_by_id(id).exec(self.0.connection()).await?;
        Ok(())
    }

    /// Ends every session of a person; says how many there were.
    pub async fn delete_for_user(&self, user_id: UserId) -> Result<u64, StoreError> {
        let of_user = Entity::delete_many().filter(Column::UserId.eq(user_id.to_string()));
        Ok(of_user.exec(self.0.connection()).await?.rows_affected)
    }

    /// Takes away the sessions that have expired by `now`; says how many there were.
    pub async fn delete_expired(&self, now: Timestamp) -> Result<u64, StoreError> {
        let expired = Entity::delete_many().filter(Column::ExpiresAt.lte(now.unix_ms()));
        Ok(expired.exec(self.0.connection()).await?.rows_affected)
    }
}

impl Store {
    /// Saves a session, new or known.
    pub async fn save_session(&self, session: Session) -> Result<(), StoreError> {
        self.write_untrailed(Untrailed::Session, move |tx| async move { tx.sessions().save(&session).await }).await
    }

    /// Ends a session.
    pub async fn delete_session(&self, id: &str) -> Result<(), StoreError> {
        let id = id.to_owned();
        self.write_untrailed(Untrailed::Session, move |tx| async move { tx.sessions().delete(&id).await }).await
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
        })
    }
}
