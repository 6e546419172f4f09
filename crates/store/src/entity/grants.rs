//! What an approval gave a run.

super::table! { "grants"
    #[sea_orm(primary_key, auto_increment = false)]
    id: String,
    approval_id: i64,
    run_id: i64,
    kind: String,
    plan_digest: String,
    step: String,
    granted_at: i64,
    start_by: i64,
}
