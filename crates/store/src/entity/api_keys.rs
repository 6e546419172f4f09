//! API keys.

super::table! { "api_keys"
    #[sea_orm(primary_key, auto_increment = false)]
    id: String,
    name: String,
    prefix: String,
    secret_sha256: String,
    scopes: String,
    source: Option<String>,
    created_at: i64,
    expires_at: Option<i64>,
    last_used_at: Option<i64>,
    revoked_at: Option<i64>,
    made_by: Option<String>,
    by_hand: i64,
}
