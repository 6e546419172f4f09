//! Alerts as normalised.

super::table! { "alerts"
    #[sea_orm(primary_key, auto_increment = false)]
    id: i64,
    sender_alert_id: Option<String>,
    source: String,
    incident_id: Option<i64>,
    incident_type: String,
    title: String,
    source_severity: Option<String>,
    occurred_at: Option<i64>,
    received_at: i64,
    duplicates: i64,
    normalised: String,
    submitted_by: Option<String>,
    joined_by: Option<String>,
    merged_from: Option<i64>,
}
