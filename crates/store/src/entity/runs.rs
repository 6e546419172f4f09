//! Runs.

super::table! { "runs"
    #[sea_orm(primary_key, auto_increment = false)]
    id: i64,
    incident_id: i64,
    playbook_id: String,
    playbook_digest: String,
    plan_digest: String,
    mode: String,
    status: String,
    requested_by: Option<String>,
    approval_id: Option<i64>,
    approval_required: i64,
    asked_from: String,
    current_plan_digest: String,
    requested_at: i64,
    started_at: Option<i64>,
    finished_at: Option<i64>,
    error: Option<String>,
}
