//! Files kept with incidents.

super::table! { "evidence"
    #[sea_orm(primary_key, auto_increment = false)]
    id: i64,
    incident_id: i64,
    upload: String,
    name: String,
    size: i64,
    sha256: String,
    added_by: Option<String>,
    added_at: i64,
    run_id: Option<i64>,
}
