//! Browser sessions.

super::table! { "sessions"
    #[sea_orm(primary_key, auto_increment = false)]
    id: String,
    user_id: Option<String>,
    data: String,
    expires_at: i64,
    created_at: i64,
    seen_at: Option<i64>,
    network: Option<String>,
    browser: Option<String>,
}
