//! Work that waits or is being done.

super::table! { "jobs"
    #[sea_orm(primary_key, auto_increment = false)]
    id: i64,
    kind: String,
    subject: String,
    run_after: i64,
    attempts: i64,
    claimed_by: Option<String>,
    lease_until: Option<i64>,
    fence: i64,
    created_at: i64,
}
