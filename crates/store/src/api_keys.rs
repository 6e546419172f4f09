//! API keys: what each may do, and a digest of its secret. Making and checking secrets is not done here.

use domain::access::Scope;
use domain::digest::Digest;
use domain::id::{ApiKeyId, Source, UserId};
use domain::timestamp::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set};

use crate::entity::api_keys::{ActiveModel, Column, Entity, Model};
use crate::error::StoreError;
use crate::nouns::{ApiKeys, Reads};
use crate::page::{Cursor, Page, PageRequest};
use crate::rows::{join_words, maybe_time, maybe_word, time, word, words};
use crate::store::Store;
use crate::write::{Tx, Untrailed};

/// The last use of a key is kept to the minute, to spare the writer.
const LAST_USE_STEP_MS: i64 = 60_000;

/// An API key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    pub id: ApiKeyId,
    pub name: String,
    /// The public part, by which the key is found.
    pub prefix: String,
    pub secret_sha256: Digest,
    pub scopes: Vec<Scope>,
    /// The one source that it may post for, if it is bound.
    pub source: Option<Source>,
    pub maker: KeyMaker,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

/// Who made a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyMaker {
    /// Somebody at the command line, or before it was kept.
    Nobody,
    Person(UserId),
    /// Somebody who was an analyst then, or became one: what the key posts is posted by their hand.
    Analyst(UserId),
}

impl KeyMaker {
    /// The person by whose hand the key posts.
    #[must_use]
    pub fn hand(self) -> Option<UserId> {
        if let Self::Analyst(id) = self { Some(id) } else { None }
    }

    fn of(made_by: Option<UserId>, by_hand: i64) -> Self {
        match made_by {
            None => Self::Nobody,
            Some(id) if by_hand == 0 => Self::Person(id),
            Some(id) => Self::Analyst(id),
        }
    }

    fn person(self) -> Option<UserId> {
        match self {
            Self::Nobody => None,
            Self::Person(id) | Self::Analyst(id) => Some(id),
        }
    }
}

impl<D: Reads> ApiKeys<'_, D> {
    /// The key with this public part.
    pub async fn find_by_prefix(&self, prefix: &str) -> Result<Option<ApiKey>, StoreError> {
        let row = Entity::find().filter(Column::Prefix.eq(prefix)).one(self.0.connected()).await?;
        row.map(ApiKey::try_from).transpose()
    }

    /// The newest key with this name.
    pub async fn find_by_name(&self, name: &str) -> Result<Option<ApiKey>, StoreError> {
        let newest = Entity::find().filter(Column::Name.eq(name)).order_by_desc(Column::CreatedAt).order_by_desc(Column::Id);
        newest.one(self.0.connected()).await?.map(ApiKey::try_from).transpose()
    }

    /// The key with this id. In a change it stays as it is until the change ends.
    pub async fn find_by_id(&self, id: ApiKeyId) -> Result<Option<ApiKey>, StoreError> {
        let row = self.0.for_decision(Entity::find_by_id(id.to_string())).one(self.0.connected()).await?;
        row.map(ApiKey::try_from).transpose()
    }

    /// Every key, by name.
    pub async fn list(&self) -> Result<Vec<ApiKey>, StoreError> {
        let rows = Entity::find().order_by_asc(Column::Name).order_by_asc(Column::Id).all(self.0.connected()).await?;
        rows.into_iter().map(ApiKey::try_from).collect()
    }

    /// A page of the keys, the newest first.
    pub async fn list_page(&self, page: PageRequest) -> Result<Page<ApiKey>, StoreError> {
        let mut rows = Entity::find().order_by_desc(Column::Id).limit(page.rows());
        if let Some(after) = page.after {
            rows = rows.filter(Column::Id.lt(after.uuid().to_string()));
        }
        let keys = rows.all(self.0.connected()).await?.into_iter().map(ApiKey::try_from).collect::<Result<_, _>>()?;
        Ok(page.cut(keys, |key: &ApiKey| Cursor::of_uuid(key.id.uuid())))
    }
}

impl ApiKeys<'_, Tx> {
    /// Adds a key; [`StoreError::AlreadyExists`] if the prefix is taken.
    pub async fn insert(&self, key: &ApiKey) -> Result<(), StoreError> {
        let row = ActiveModel {
            id: Set(key.id.to_string()),
            name: Set(key.name.clone()),
            prefix: Set(key.prefix.clone()),
            secret_sha256: Set(key.secret_sha256.to_string()),
            scopes: Set(join_words(&key.scopes)),
            source: Set(key.source.as_ref().map(ToString::to_string)),
            created_at: Set(key.created_at.unix_ms()),
            expires_at: Set(key.expires_at.map(Timestamp::unix_ms)),
            last_used_at: Set(key.last_used_at.map(Timestamp::unix_ms)),
            revoked_at: Set(key.revoked_at.map(Timestamp::unix_ms)),
            made_by: Set(key.maker.person().map(|id| id.to_string())),
            by_hand: Set(key.maker.hand().is_some().into()),
        };
        Entity::insert(row).exec_without_returning(self.0.connection()).await?;
        Ok(())
    }

    /// Sets a key's name, scopes and end; the rest never changes.
    pub async fn update(&self, key: &ApiKey) -> Result<(), StoreError> {
        Entity::update_many()
            .col_expr(Column::Name, Expr::value(key.name.as_str()))
            .col_expr(Column::Scopes, Expr::value(join_words(&key.scopes)))
            .col_expr(Column::ExpiresAt, Expr::value(key.expires_at.map(Timestamp::unix_ms)))
            .filter(Column::Id.eq(key.id.to_string()))
            .exec(self.0.connection())
            .await?;
        Ok(())
    }

    /// From now on what this person's keys post is posted by their hand: they became an analyst.
    pub async fn set_by_hand_of(&self, maker: UserId) -> Result<(), StoreError> {
        Entity::update_many()
            .col_expr(Column::ByHand, Expr::value(1_i64))
            .filter(Column::MadeBy.eq(maker.to_string()))
            .exec(self.0.connection())
            .await?;
        Ok(())
    }

    /// Revokes a key from this time on; one that is revoked already stays as it is.
    pub async fn revoke(&self, id: ApiKeyId, at: Timestamp) -> Result<(), StoreError> {
        Entity::update_many()
            .col_expr(Column::RevokedAt, Expr::value(at.unix_ms()))
            .filter(Column::Id.eq(id.to_string()))
            .filter(Column::RevokedAt.is_null())
            .exec(self.0.connection())
            .await?;
        Ok(())
    }
}

impl Store {
    /// Notes that a key was used, to the minute: most calls write nothing.
    pub async fn touch_api_key(&self, key: &ApiKey, at: Timestamp) -> Result<(), StoreError> {
        if key.last_used_at.is_some_and(|last| at.since_ms(last) < LAST_USE_STEP_MS) {
            return Ok(());
        }
        let id = key.id.to_string();
        self.write_untrailed(Untrailed::Counter, move |tx| async move {
            Entity::update_many()
                .col_expr(Column::LastUsedAt, Expr::value(at.unix_ms()))
                .filter(Column::Id.eq(id))
                .exec(tx.connection())
                .await?;
            Ok(())
        })
        .await
    }
}

impl TryFrom<Model> for ApiKey {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: word(&row.id)?,
            name: row.name,
            prefix: row.prefix,
            secret_sha256: word(&row.secret_sha256)?,
            scopes: words(&row.scopes)?,
            source: maybe_word(row.source.as_deref())?,
            maker: KeyMaker::of(maybe_word(row.made_by.as_deref())?, row.by_hand),
            created_at: time(row.created_at),
            expires_at: maybe_time(row.expires_at),
            last_used_at: maybe_time(row.last_used_at),
            revoked_at: maybe_time(row.revoked_at),
        })
    }
}
