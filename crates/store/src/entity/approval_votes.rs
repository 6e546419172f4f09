//! Votes on approvals.

super::table! { "approval_votes"
    #[sea_orm(primary_key, auto_increment = false)]
    approval_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    user_id: String,
    decision: String,
    reason: String,
    plan_digest: String,
    at: i64,
}
