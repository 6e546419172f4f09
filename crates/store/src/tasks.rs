//! Tasks of incidents as rows. Who may change them, and when, is decided elsewhere.

use std::collections::BTreeSet;

use domain::id::{IncidentId, TaskId, UserId};
use domain::task::Task;
use domain::timestamp::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Set};

use crate::entity::tasks::{ActiveModel, Column, Entity, Model};
use crate::error::StoreError;
use crate::nouns::{Reads, Tasks};
use crate::numbers::Numbered;
use crate::rows::{maybe_time, time};
use crate::users::{Usernames, maybe_reference, usernames};
use crate::write::Tx;

/// A task before it has its id; it is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTask {
    pub incident_id: IncidentId,
    pub title: String,
    pub assignee: Option<UserId>,
    /// `None` if a run makes it that started by itself.
    pub created_by: Option<UserId>,
    pub created_at: Timestamp,
}

impl<D: Reads> Tasks<'_, D> {
    /// The task with this id. It is not locked: who decides upon it locks its incident.
    pub async fn find(&self, id: TaskId) -> Result<Option<Task>, StoreError> {
        let row = Entity::find_by_id(id.number()).one(self.0.connected()).await?;
        Ok(self.complete(row.into_iter().collect()).await?.pop())
    }

    /// The tasks of an incident: open ones first, then the oldest.
    pub async fn list_of_incident(&self, incident_id: IncidentId, limit: u64) -> Result<Vec<Task>, StoreError> {
        let of_incident = Entity::find().filter(Column::IncidentId.eq(incident_id.number()));
        let sorted = of_incident.order_by_asc(Column::Done).order_by_asc(Column::Id);
        self.complete(sorted.limit(limit).all(self.0.connected()).await?).await
    }

    /// How many tasks of an incident there are.
    pub async fn count_of_incident(&self, incident_id: IncidentId) -> Result<u64, StoreError> {
        Ok(Entity::find().filter(Column::IncidentId.eq(incident_id.number())).count(self.0.connected()).await?)
    }

    /// How many tasks of an incident are open.
    pub async fn count_open_of_incident(&self, incident_id: IncidentId) -> Result<u64, StoreError> {
        let open = Entity::find().filter(Column::IncidentId.eq(incident_id.number())).filter(Column::Done.eq(0));
        Ok(open.count(self.0.connected()).await?)
    }

    async fn complete(&self, rows: Vec<Model>) -> Result<Vec<Task>, StoreError> {
        let people: BTreeSet<String> =
            rows.iter().flat_map(|row| row.assignee.iter().chain(&row.created_by).cloned().collect::<Vec<_>>()).collect();
        let names = usernames(self.0.connected(), people).await?;
        rows.into_iter().map(|row| task(row, &names)).collect()
    }
}

impl Tasks<'_, Tx> {
    /// Adds a task.
    pub async fn insert(&self, task: &NewTask) -> Result<TaskId, StoreError> {
        let number = self.0.next_number(Numbered::Tasks).await?;
        let row = ActiveModel {
            id: Set(number),
            incident_id: Set(task.incident_id.number()),
            title: Set(task.title.clone()),
            assignee: Set(task.assignee.map(|id| id.to_string())),
            done: Set(0),
            created_by: Set(task.created_by.map(|id| id.to_string())),
            created_at: Set(task.created_at.unix_ms()),
            done_at: Set(None),
        };
        Entity::insert(row).exec_without_returning(self.0.connection()).await?;
        Ok(TaskId::new(number))
    }

    /// Saves title, assignee and whether it is done.
    pub async fn save(&self, task: &Task) -> Result<(), StoreError> {
        let saved = Entity::update_many()
            .col_expr(Column::Title, Expr::value(task.title.as_str()))
            .col_expr(Column::Assignee, Expr::value(task.assignee.as_ref().map(|person| person.id.to_string())))
            .col_expr(Column::Done, Expr::value(i64::from(task.done)))
            .col_expr(Column::DoneAt, Expr::value(task.done_at.map(Timestamp::unix_ms)))
            .filter(Column::Id.eq(task.id.number()))
            .exec(self.0.connection())
            .await?;
        if saved.rows_affected == 0 { Err(StoreError::NotFound(task.id.to_string())) } else { Ok(()) }
    }
}

fn task(row: Model, names: &Usernames) -> Result<Task, StoreError> {
    Ok(Task {
        id: TaskId::new(row.id),
        incident_id: IncidentId::new(row.incident_id),
        title: row.title,
        assignee: maybe_reference(names, row.assignee.as_deref())?,
        done: row.done != 0,
        created_by: maybe_reference(names, row.created_by.as_deref())?,
        created_at: time(row.created_at),
        done_at: maybe_time(row.done_at),
    })
}
