//! How far the log was followed.

super::table! { "log_followers"
    #[sea_orm(primary_key, auto_increment = false)]
    name: String,
    next_seq: i64,
}
