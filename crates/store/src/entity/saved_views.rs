//! Lists of incidents that people keep under names.

super::table! { "saved_views"
    #[sea_orm(primary_key, auto_increment = false)]
    id: String,
    user_id: String,
    name: String,
    query: String,
    sort: String,
    sort_order: String,
    created_at: i64,
    updated_at: i64,
}
