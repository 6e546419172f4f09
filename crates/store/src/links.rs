//! One-time links as rows: who may make them, and what happens when one is used, is decided elsewhere.

use domain::digest::Digest;
use domain::id::UserId;
use domain::link::LinkPurpose;
use domain::timestamp::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Set};

use crate::entity::links::{ActiveModel, Column, Entity, Model};
use crate::error::StoreError;
use crate::nouns::{Links, Reads};
use crate::rows::{maybe_time, maybe_word, time, word};
use crate::write::Tx;

/// A one-time link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The digest of what makes it secret.
    pub token_sha256: Digest,
    pub purpose: LinkPurpose,
    /// Whose password it sets; `None` for the link that makes the first admin.
    pub user_id: Option<UserId>,
    /// By the database's clock, as are the others.
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub used_at: Option<Timestamp>,
    /// Who made it; `None` at the command line, or before it was kept.
    pub made_by: Option<UserId>,
}

impl<D: Reads> Links<'_, D> {
    /// The link with this digest. In a change it stays as it is until the change ends.
    pub async fn find(&self, token_sha256: Digest) -> Result<Option<Link>, StoreError> {
        let row = self.0.for_decision(Entity::find_by_id(token_sha256.to_string())).one(self.0.connected()).await?;
        row.map(Link::try_from).transpose()
    }

    /// The unused links of a purpose. In a change they stay as they are until the change ends.
    pub async fn list_unused(&self, purpose: LinkPurpose) -> Result<Vec<Link>, StoreError> {
        let unused = Entity::find().filter(Column::Purpose.eq(purpose.as_str())).filter(Column::UsedAt.is_null());
        let rows = self.0.for_decision(unused.order_by_asc(Column::TokenSha256)).all(self.0.connected()).await?;
        rows.into_iter().map(Link::try_from).collect()
    }
}

impl Links<'_, Tx> {
    /// Adds a link.
    pub async fn insert(&self, link: &Link) -> Result<(), StoreError> {
        let row = ActiveModel {
            token_sha256: Set(link.token_sha256.to_string()),
            purpose: Set(link.purpose.to_string()),
            user_id: Set(link.user_id.map(|id| id.to_string())),
            created_at: Set(link.created_at.unix_ms()),
            expires_at: Set(link.expires_at.unix_ms()),
            used_at: Set(link.used_at.map(Timestamp::unix_ms)),
            made_by: Set(link.made_by.map(|id| id.to_string())),
        };
        Entity::insert(row).exec_without_returning(self.0.connection()).await?;
        Ok(())
    }

    /// Uses up every link by which this person could set their password.
    pub async fn use_up_of_user(&self, user_id: UserId, at: Timestamp) -> Result<(), StoreError> {
        let of_user = Entity::update_many().filter(Column::UserId.eq(user_id.to_string()));
        of_user
            .col_expr(Column::UsedAt, Expr::value(at.unix_ms()))
            .filter(Column::UsedAt.is_null())
            .exec(self.0.connection())
            .await?;
        Ok(())
    }

    /// Uses up every link that makes the first admin.
    pub async fn use_up_setup(&self, at: Timestamp) -> Result<(), StoreError> {
        let of_setup = Entity::update_many().filter(Column::Purpose.eq(LinkPurpose::Setup.as_str()));
        of_setup
            .col_expr(Column::UsedAt, Expr::value(at.unix_ms()))
            .filter(Column::UsedAt.is_null())
            .exec(self.0.connection())
            .await?;
        Ok(())
    }
}

impl TryFrom<Model> for Link {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            token_sha256: word(&row.token_sha256)?,
            purpose: word(&row.purpose)?,
            user_id: maybe_word(row.user_id.as_deref())?,
            created_at: time(row.created_at),
            expires_at: time(row.expires_at),
            used_at: maybe_time(row.used_at),
            made_by: maybe_word(row.made_by.as_deref())?,
        })
    }
}
