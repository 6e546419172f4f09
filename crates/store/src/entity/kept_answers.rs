//! Answers that are given again to whoever repeats a request.

super::table! { "kept_answers"
    #[sea_orm(primary_key, auto_increment = false)]
    caller: String,
    #[sea_orm(primary_key, auto_increment = false)]
    path: String,
    #[sea_orm(primary_key, auto_increment = false)]
    idempotency_key: String,
    body_sha256: String,
    status: i64,
    headers: String,
    body: Vec<u8>,
    expires_at: i64,
}
