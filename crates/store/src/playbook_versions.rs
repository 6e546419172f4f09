//! Every version of a playbook that was ever in force, by the digest of its content. Which one is in force now is decided elsewhere.

use domain::digest::Digest;
use domain::id::{PlaybookId, UserId};
use domain::playbook::PlaybookOrigin;
use domain::sealed::Sealed;
use domain::timestamp::Timestamp;
use sea_orm::sea_query::{ExprTrait, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set};

use crate::entity::playbook_versions::{ActiveModel, Column, Entity, Model};
use crate::error::StoreError;
use crate::nouns::{PlaybookVersions, Reads};
use crate::page::{Cursor, Page, PageRequest};
use crate::rows::{maybe_word, time, word};
use crate::write::Tx;

/// A version of a playbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaybookVersion {
    pub digest: Digest,
    pub playbook_id: PlaybookId,
    /// The canonical JSON of the parsed document.
    pub document: Sealed<String>,
    /// The text that it was written as; `None` if it was stored without.
    pub source: Option<String>,
    pub origin: PlaybookOrigin,
    /// Who uploaded it; a file on disk has no author.
    pub author: Option<UserId>,
    pub created_at: Timestamp,
}

/// Whether an insert added something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inserted {
    New,
    Known,
}

impl<D: Reads> PlaybookVersions<'_, D> {
    /// The version with this digest.
    pub async fn find(&self, digest: &Digest) -> Result<Option<PlaybookVersion>, StoreError> {
        let row = Entity::find_by_id(digest.to_string()).one(self.0.connected()).await?;
        row.map(PlaybookVersion::try_from).transpose()
    }

    /// A page of the versions of a playbook, the newest first.
    pub async fn list(&self, id: &PlaybookId, request: PageRequest) -> Result<Page<PlaybookVersion>, StoreError> {
        let of_playbook = Entity::find().filter(Column::PlaybookId.eq(id.as_str()));
        let newest_first = of_playbook.order_by_desc(Column::CreatedAt).order_by_asc(Column::Digest);
        let mut page = newest_first.limit(request.rows());
        if let Some(after) = request.after {
            let older = Column::CreatedAt.lt(after.sort_key);
            let beside = Column::CreatedAt.eq(after.sort_key).and(Column::Digest.gt(digits_of(after)));
            page = page.filter(older.or(beside));
        }
        let page = request.cut(page.all(self.0.connected()).await?, cursor_behind);
        Ok(Page { items: page.items.into_iter().map(PlaybookVersion::try_from).collect::<Result<_, _>>()?, next: page.next })
    }

    /// The versions of a playbook whose digest starts so, at most two.
    pub async fn list_starting_with(&self, id: &PlaybookId, digits: &str) -> Result<Vec<PlaybookVersion>, StoreError> {
        let of_playbook = Entity::find().filter(Column::PlaybookId.eq(id.as_str()));
        let fitting = of_playbook.filter(Column::Digest.between(digits.to_owned(), format!("{digits}g"))).limit(2);
        fitting.all(self.0.connected()).await?.into_iter().map(PlaybookVersion::try_from).collect()
    }
}

/// Digits of a digest that a cursor has room for; of versions of one millisecond they tell which is which.
const CURSOR_DIGITS: usize = 15;

fn cursor_behind(row: &Model) -> Cursor {
    let digits = row.digest.get(..CURSOR_DIGITS).and_then(|digits| i64::from_str_radix(digits, 16).ok());
    Cursor { sort_key: row.created_at, number: digits.unwrap_or_default() }
}

/// Behind every digest that starts with the cursor's digits.
fn digits_of(cursor: Cursor) -> String {
    format!("{:0CURSOR_DIGITS$x}g", cursor.number)
}

impl PlaybookVersions<'_, Tx> {
    /// Adds a version unless its digest is known.
    pub async fn insert_if_new(&self, version: &PlaybookVersion) -> Result<Inserted, StoreError> {
        if self.find(&version.digest).await?.is_some() {
            return Ok(Inserted::Known);
        }
        let row = ActiveModel {
            digest: Set(version.digest.to_string()),
            playbook_id: Set(version.playbook_id.to_string()),
            document: Set(version.document.clone().open().map_err(|tampered| StoreError::Corrupt(tampered.to_string()))?),
            source: Set(version.source.clone()),
            origin: Set(version.origin.as_str().to_owned()),
            author: Set(version.author.map(|id| id.to_string())),
            created_at: Set(version.created_at.unix_ms()),
        };
        let known = OnConflict::column(Column::Digest).do_nothing().to_owned();
        let added = Entity::insert(row).on_conflict(known).exec_without_returning(self.0.connection()).await?;
        Ok(if added == 0 { Inserted::Known } else { Inserted::New })
    }
}

impl TryFrom<Model> for PlaybookVersion {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            digest: word(&row.digest)?,
            playbook_id: word(&row.playbook_id)?,
            document: Sealed::new(word(&row.digest)?, Some(row.document)),
            source: row.source,
            origin: word(&row.origin)?,
            author: maybe_word(row.author.as_deref())?,
            created_at: time(row.created_at),
        })
    }
}
