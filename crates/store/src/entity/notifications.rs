//! Messages of Countersign itself.

super::table! { "notifications"
    #[sea_orm(primary_key, auto_increment = false)]
    id: i64,
    incident_id: i64,
    event: String,
    channel: String,
    message: String,
    queued_at: i64,
    sent_at: Option<i64>,
}
