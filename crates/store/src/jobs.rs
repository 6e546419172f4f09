//! The table of work: handing it out by the database's clock, and the fence that keeps a worker that lost its lease from writing.
//! What the kinds of jobs are and do is the crate `service`'s business.

use domain::timestamp::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType, Query, SelectStatement, UpdateStatement};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, Order, PaginatorTrait, QueryFilter, QueryResult, Set, UpdateMany};

use crate::clock;
use crate::entity::jobs::{ActiveModel, Column, Entity};
use crate::error::StoreError;
use crate::nouns::{Jobs, Reads};
use crate::numbers::Numbered;
use crate::rows::small;
use crate::store::Store;
use crate::write::{Tx, Untrailed};

/// Work to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewJob {
    pub kind: String,
    /// The id of what it is about.
    pub subject: String,
    /// Not before this, by the database's clock.
    pub run_after: Timestamp,
}

/// Work that this worker does, as long as its lease lasts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedJob {
    pub id: i64,
    pub kind: String,
    pub subject: String,
    /// The number of this claim: whoever has an older one has lost the job.
    pub fence: i64,
    /// How often it was claimed, this time included.
    pub attempts: u32,
}

impl<D: Reads> Jobs<'_, D> {
    /// May a job be claimed now, by the database's clock? One look at the head of an index.
    pub async fn is_due(&self) -> Result<bool, StoreError> {
        let now = Expr::cust(clock::now_ms(self.0.connected().get_database_backend()));
        let first = Query::select()
            .column(Column::RunAfter)
            .expr_as(now, "now_ms")
            .from(Entity)
            .order_by(Column::RunAfter, Order::Asc)
            .limit(1)
            .to_owned();
        let Some(row) = self.0.connected().query_one(&first).await? else { return Ok(false) };
        let (run_after, now_ms): (i64, i64) = (row.try_get("", "run_after")?, row.try_get("", "now_ms")?);
        Ok(run_after <= now_ms)
    }

    /// How many jobs there are, waiting or being done.
    pub async fn count(&self) -> Result<u64, StoreError> {
        Ok(Entity::find().count(self.0.connected()).await?)
    }
}

impl Jobs<'_, Tx> {
    /// Adds a job, in the transaction of the change that caused it.
    pub async fn enqueue(&self, job: &NewJob) -> Result<i64, StoreError> {
        let id = self.0.next_number(Numbered::Jobs).await?;
        let row = ActiveModel {
            id: Set(id),
            kind: Set(job.kind.clone()),
            subject: Set(job.subject.clone()),
            run_after: Set(job.run_after.unix_ms()),
            attempts: Set(0),
            claimed_by: Set(None),
            lease_until: Set(None),
            fence: Set(0),
            created_at: Set(self.0.surroundings().now().unix_ms()),
        };
        Entity::insert(row).exec_without_returning(self.0.connection()).await?;
        Ok(id)
    }

    /// Takes away what nobody needs to be done any more. A worker that does it at this moment finds that it has lost it.
    pub async fn call_off(&self, kind: &str, subject: &str) -> Result<(), StoreError> {
        let called_off = Entity::delete_many().filter(Column::Kind.eq(kind)).filter(Column::Subject.eq(subject));
        called_off.exec(self.0.connection()).await?;
        Ok(())
    }

    /// Claims the job that has waited longest, until `lease_ms` from now by the database's clock.
    pub async fn claim(&self, worker: &str, lease_ms: i64) -> Result<Option<ClaimedJob>, StoreError> {
        let now = clock::now(self.0.connection()).await?;
        let claimed = self.0.connection().query_one(&claim(worker, now, lease_ms)).await?;
        claimed.map(|row| claimed_job(&row)).transpose()
    }

    /// Extends the lease. Any write of a job that is not its last one calls this, so that a lost lease stops it.
    pub async fn hold(&self, job: &ClaimedJob, lease_ms: i64) -> Result<(), StoreError> {
        let until = clock::now(self.0.connection()).await?.plus_ms(lease_ms).unix_ms();
        let held =
            Entity::update_many().col_expr(Column::LeaseUntil, Expr::value(until)).col_expr(Column::RunAfter, Expr::value(until));
        self.change(held, job).await
    }

    /// Takes a job away that is done.
    pub async fn finish(&self, job: &ClaimedJob) -> Result<(), StoreError> {
        let mine = Entity::delete_many().filter(Column::Id.eq(job.id)).filter(Column::Fence.eq(job.fence));
        let finished = mine.exec(self.0.connection()).await?;
        if finished.rows_affected == 0 { Err(StoreError::LostLease) } else { Ok(()) }
    }

    /// Gives a job back, to be claimed again after this time.
    pub async fn retry_later(&self, job: &ClaimedJob, run_after: Timestamp) -> Result<(), StoreError> {
        let given_back = released().col_expr(Column::RunAfter, Expr::value(run_after.unix_ms()));
        self.change(given_back, job).await
    }

    async fn change(&self, change: UpdateMany<Entity>, job: &ClaimedJob) -> Result<(), StoreError> {
        let mine = change.filter(Column::Id.eq(job.id)).filter(Column::Fence.eq(job.fence));
        let changed = mine.exec(self.0.connection()).await?;
        if changed.rows_affected == 0 { Err(StoreError::LostLease) } else { Ok(()) }
    }
}

impl Store {
    /// Claims the job that has waited longest, if one is due. Costs no write if none is.
    pub async fn claim_job(&self, worker: &str, lease_ms: i64) -> Result<Option<ClaimedJob>, StoreError> {
        if !self.jobs().is_due().await? {
            return Ok(None);
        }
        let worker = worker.to_owned();
        self.write_untrailed(Untrailed::JobClaim, move |tx| async move { tx.jobs().claim(&worker, lease_ms).await }).await
    }

    /// Extends the lease; [`StoreError::LostLease`] if another worker has the job.
    pub async fn heartbeat_job(&self, job: &ClaimedJob, lease_ms: i64) -> Result<(), StoreError> {
        let job = job.clone();
        self.write_untrailed(Untrailed::JobClaim, move |tx| async move { tx.jobs().hold(&job, lease_ms).await }).await
    }

    /// Takes a job away that turned out to have nothing to do.
    pub async fn finish_job(&self, job: &ClaimedJob) -> Result<(), StoreError> {
        let job = job.clone();
        self.write_untrailed(Untrailed::JobClaim, move |tx| async move { tx.jobs().finish(&job).await }).await
    }

    /// Gives a job back, to be claimed again after this time.
    pub async fn retry_job_later(&self, job: &ClaimedJob, run_after: Timestamp) -> Result<(), StoreError> {
        let job = job.clone();
        self.write_untrailed(Untrailed::JobClaim, move |tx| async move { tx.jobs().retry_later(&job, run_after).await }).await
    }

    /// Ends every lease: on one machine whoever held one is gone when the server starts.
    pub async fn release_all_leases(&self) -> Result<(), StoreError> {
        self.write_untrailed(Untrailed::JobClaim, |tx| async move {
            let now = clock::now(tx.connection()).await?.unix_ms();
            let due = released().col_expr(Column::RunAfter, Expr::value(now));
            due.filter(Column::LeaseUntil.is_not_null()).exec(tx.connection()).await?;
            Ok(())
        })
        .await
    }
}

fn released() -> UpdateMany<Entity> {
    Entity::update_many()
        .col_expr(Column::LeaseUntil, Expr::value(None::<i64>))
        .col_expr(Column::ClaimedBy, Expr::value(None::<String>))
}

/// While its lease lasts a job may not be claimed again: it is due when that ends.
fn claim(worker: &str, now: Timestamp, lease_ms: i64) -> UpdateStatement {
    let until = now.plus_ms(lease_ms).unix_ms();
    Query::update()
        .table(Entity)
        .value(Column::ClaimedBy, worker)
        .value(Column::LeaseUntil, until)
        .value(Column::RunAfter, until)
        .value(Column::Fence, Expr::col(Column::Fence).add(1))
        .value(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .and_where(Expr::col(Column::Id).eq(Expr::SubQuery(None, Box::new(longest_waiting(now).into()))))
        .returning(Query::returning().columns([Column::Id, Column::Kind, Column::Subject, Column::Fence, Column::Attempts]))
        .to_owned()
}

/// On PostgreSQL rows that another worker is claiming right now are passed over.
fn longest_waiting(now: Timestamp) -> SelectStatement {
    Query::select()
        .column(Column::Id)
        .from(Entity)
        .cond_where(Column::RunAfter.lte(now.unix_ms()))
        .order_by(Column::RunAfter, Order::Asc)
        .order_by(Column::Id, Order::Asc)
        .limit(1)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .to_owned()
}

fn claimed_job(row: &QueryResult) -> Result<ClaimedJob, StoreError> {
    let attempts: i64 = row.try_get("", "attempts")?;
    Ok(ClaimedJob {
        id: row.try_get("", "id")?,
        kind: row.try_get("", "kind")?,
        subject: row.try_get("", "subject")?,
        fence: row.try_get("", "fence")?,
        attempts: small(attempts)?,
    })
}
