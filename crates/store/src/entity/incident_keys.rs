//! The keys that alerts are correlated by.

super::table! { "incident_keys"
    #[sea_orm(primary_key, auto_increment = false)]
    incident_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    kind: String,
    #[sea_orm(primary_key, auto_increment = false)]
    value: String,
    newest_alert_at: i64,
}
