//! One-time links.

super::table! { "links"
    #[sea_orm(primary_key, auto_increment = false)]
    token_sha256: String,
    purpose: String,
    user_id: Option<String>,
    created_at: i64,
    expires_at: i64,
    used_at: Option<i64>,
    made_by: Option<String>,
}
