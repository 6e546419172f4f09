//! Approvals.

super::table! { "approvals"
    #[sea_orm(primary_key, auto_increment = false)]
    id: i64,
    incident_id: i64,
    run_id: i64,
    step: Option<String>,
    status: String,
    plan_digest: String,
    reasons: String,
    requested_by: Option<String>,
    requested_at: i64,
    expires_at: i64,
    quorum: i64,
    return_to: String,
    decided_at: Option<i64>,
}
