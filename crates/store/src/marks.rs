//! What was done once and is not done again, and how far the log was followed: the memory of what Countersign does by itself.

use domain::timestamp::Timestamp;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};

use crate::entity::{log_followers, marks};
use crate::error::StoreError;
use crate::nouns::{Marks, Reads};
use crate::playbook_versions::Inserted;
use crate::write::Tx;

impl<D: Reads> Marks<'_, D> {
    /// The `seq` of the first entry that this follower has not dealt with.
    pub async fn next_seq(&self, follower: &str) -> Result<i64, StoreError> {
        let row = log_followers::Entity::find_by_id(follower).one(self.0.connected()).await?;
        row.map(|row| row.next_seq).ok_or_else(|| StoreError::NotFound(format!("follower {follower}")))
    }

    /// Was this done already?
    pub async fn is_made(&self, subject: &str, mark: &str) -> Result<bool, StoreError> {
        let key = (subject.to_owned(), mark.to_owned());
        Ok(marks::Entity::find_by_id(key).one(self.0.connected()).await?.is_some())
    }
}

impl Marks<'_, Tx> {
    /// Remembers that this is done; `Known` if it was before.
    pub async fn make(&self, subject: &str, mark: &str, at: Timestamp) -> Result<Inserted, StoreError> {
        if self.is_made(subject, mark).await? {
            return Ok(Inserted::Known);
        }
        let row = marks::ActiveModel { subject: Set(subject.to_owned()), mark: Set(mark.to_owned()), made_at: Set(at.unix_ms()) };
        let key = [marks::Column::Subject, marks::Column::Mark];
        let known = OnConflict::columns(key).do_nothing().to_owned();
        let added = marks::Entity::insert(row).on_conflict(known).exec_without_returning(self.0.connection()).await?;
        Ok(if added == 0 { Inserted::Known } else { Inserted::New })
    }

    /// Remembers how far the log was followed; never goes back.
    pub async fn advance(&self, follower: &str, next_seq: i64) -> Result<(), StoreError> {
        log_followers::Entity::update_many()
            .col_expr(log_followers::Column::NextSeq, Expr::value(next_seq))
            .filter(log_followers::Column::Name.eq(follower))
            .filter(log_followers::Column::NextSeq.lt(next_seq))
            .exec(self.0.connection())
            .await?;
        Ok(())
    }
}
