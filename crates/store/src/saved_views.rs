//! Lists of incidents that people keep under names; every read and change names the person.

use domain::id::{UserId, ViewId};
use domain::saved_view::{SavedView, ViewContent};
use domain::timestamp::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Set};

use crate::entity::saved_views::{ActiveModel, Column, Entity, Model};
use crate::error::StoreError;
use crate::nouns::{Reads, SavedViews};
use crate::rows::{time, word};
use crate::write::Tx;

impl<D: Reads> SavedViews<'_, D> {
    /// What this person keeps, by name.
    pub async fn list_of_user(&self, user_id: UserId) -> Result<Vec<SavedView>, StoreError> {
        let of_user = Entity::find().filter(Column::UserId.eq(user_id.to_string()));
        let rows = of_user.order_by_asc(Column::Name).all(self.0.connected()).await?;
        rows.into_iter().map(SavedView::try_from).collect()
    }

    /// One of them.
    pub async fn find_of_user(&self, user_id: UserId, id: ViewId) -> Result<Option<SavedView>, StoreError> {
        let row = Entity::find_by_id(id.to_string()).filter(Column::UserId.eq(user_id.to_string()));
        row.one(self.0.connected()).await?.map(SavedView::try_from).transpose()
    }
}

impl SavedViews<'_, Tx> {
    /// Adds one; [`StoreError::AlreadyExists`] if the person has another with this name.
    pub async fn insert(&self, user_id: UserId, view: &SavedView) -> Result<(), StoreError> {
        let SavedView { id, content, created_at, updated_at } = view;
        let row = ActiveModel {
            id: Set(id.to_string()),
            user_id: Set(user_id.to_string()),
            name: Set(content.name.clone()),
            query: Set(content.query.clone()),
            sort: Set(content.sort.to_string()),
            sort_order: Set(content.order.to_string()),
            created_at: Set(created_at.unix_ms()),
            updated_at: Set(updated_at.unix_ms()),
        };
        Entity::insert(row).exec_without_returning(self.0.connection()).await?;
        Ok(())
    }

    /// Replaces the content; [`StoreError::AlreadyExists`] if the person has another with this name.
    pub async fn replace(&self, id: ViewId, content: &ViewContent, at: Timestamp) -> Result<(), StoreError> {
        Entity::update_many()
            .col_expr(Column::Name, Expr::value(content.name.clone()))
            .col_expr(Column::Query, Expr::value(content.query.clone()))
            .col_expr(Column::Sort, Expr::value(content.sort.as_str()))
            .col_expr(Column::SortOrder, Expr::value(content.order.as_str()))
            .col_expr(Column::UpdatedAt, Expr::value(at.unix_ms()))
            .filter(Column::Id.eq(id.to_string()))
            .exec(self.0.connection())
            .await?;
        Ok(())
    }

    /// Takes it away.
    pub async fn remove(&self, id: ViewId) -> Result<(), StoreError> {
        Entity::delete_by_id(id.to_string()).exec(self.0.connection()).await?;
        Ok(())
    }
}

impl TryFrom<Model> for SavedView {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let content = ViewContent { name: row.name, query: row.query, sort: word(&row.sort)?, order: word(&row.sort_order)? };
        Ok(Self { id: word(&row.id)?, content, created_at: time(row.created_at), updated_at: time(row.updated_at) })
    }
}
