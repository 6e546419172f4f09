//! Answers to requests with an `Idempotency-Key` as rows: written in the transaction of the change that they answer for, so that both
//! are there or neither. What a claim is stands in `domain::idempotency`.

use std::collections::HashSet;

use domain::idempotency::{ANSWER_KEPT_MS, Claim, ClaimPlace, Kept, KeptAnswer};
use domain::timestamp::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};

use crate::entity::kept_answers::{ActiveModel, Column, Entity, Model};
use crate::error::StoreError;
use crate::nouns::{KeptAnswers, Reads};
use crate::rows::{json, small, to_json, word};
use crate::store::Store;
use crate::write::{Tx, Untrailed};

impl<D: Reads> KeptAnswers<'_, D> {
    /// What was done for this caller, at this address, under this key, unless it has expired by `now`.
    pub async fn find(&self, place: &ClaimPlace, now: Timestamp) -> Result<Option<Kept>, StoreError> {
        let key = (place.caller.clone(), place.path.clone(), place.key.digest().to_string());
        let row = Entity::find_by_id(key).filter(Column::ExpiresAt.gt(now.unix_ms())).one(self.0.connected()).await?;
        row.map(kept).transpose()
    }
}

impl KeptAnswers<'_, Tx> {
    /// Keeps an answer; [`StoreError::Claimed`] if there is one already.
    pub async fn insert(&self, claim: &Claim, answer: &KeptAnswer) -> Result<(), StoreError> {
        let now = self.0.surroundings().now();
        let expired = Expr::col((Entity, Column::ExpiresAt)).lte(now.unix_ms());
        let replaced = [Column::BodySha256, Column::Status, Column::Headers, Column::Body, Column::ExpiresAt];
        let known = OnConflict::columns([Column::Caller, Column::Path, Column::IdempotencyKey])
            .update_columns(replaced)
            .action_and_where(expired)
            .to_owned();
        let inserted =
            Entity::insert(row(claim, answer, now)?).on_conflict(known).exec_without_returning(self.0.connection()).await?;
        if inserted == 0 { Err(StoreError::Claimed) } else { Ok(()) }
    }

    /// Which of these are taken already, with one statement.
    pub(crate) async fn taken<'a>(&self, claims: &[&'a Claim]) -> Result<Vec<&'a ClaimPlace>, StoreError> {
        if claims.is_empty() {
            return Ok(Vec::new());
        }
        let now = self.0.surroundings().now();
        let keys = claims.iter().map(|claim| claim.place.key.digest().to_string());
        let in_force = Entity::find().filter(Column::IdempotencyKey.is_in(keys)).filter(Column::ExpiresAt.gt(now.unix_ms()));
        let rows = in_force.all(self.0.connection()).await?;
        let rows: HashSet<(&str, &str, &str)> =
            rows.iter().map(|row| (row.caller.as_str(), row.path.as_str(), row.idempotency_key.as_str())).collect();
        let is_taken = |place: &&ClaimPlace| rows.contains(&(&*place.caller, &*place.path, &*place.key.digest().to_string()));
        Ok(claims.iter().map(|claim| &claim.place).filter(is_taken).collect())
    }

    /// Takes away what has expired by `now`; says how many there were.
    pub async fn delete_expired(&self, now: Timestamp) -> Result<u64, StoreError> {
        let expired = Entity::delete_many().filter(Column::ExpiresAt.lte(now.unix_ms()));
        Ok(expired.exec(self.0.connection()).await?.rows_affected)
    }
}

impl Store {
    /// Takes away the answers that have expired by `now`; says how many there were.
    pub async fn delete_expired_answers(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.write_untrailed(Untrailed::KeptAnswer, move |tx| async move { tx.kept_answers().delete_expired(now).await }).await
    }
}

fn row(claim: &Claim, answer: &KeptAnswer, now: Timestamp) -> Result<ActiveModel, StoreError> {
    Ok(ActiveModel {
        caller: Set(claim.place.caller.clone()),
        path: Set(claim.place.path.clone()),
        idempotency_key: Set(claim.place.key.digest().to_string()),
        body_sha256: Set(claim.request.to_string()),
        status: Set(answer.status.into()),
        headers: Set(to_json(&answer.headers)?),
        body: Set(answer.body.clone()),
        expires_at: Set(now.plus_ms(ANSWER_KEPT_MS).unix_ms()),
    })
}

fn kept(row: Model) -> Result<Kept, StoreError> {
    let answer = KeptAnswer { status: small(row.status)?, headers: json(&row.headers)?, body: row.body };
    Ok(Kept { request: word(&row.body_sha256)?, answer })
}
