//! What is made anew from rows that were there before, and how far that has come.

super::table! { "backfills"
    #[sea_orm(primary_key, auto_increment = false)]
    name: String,
    next_id: i64,
    last_id: i64,
}
