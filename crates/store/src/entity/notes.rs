//! Notes on incidents.

super::table! { "notes"
    #[sea_orm(primary_key, auto_increment = false)]
    id: i64,
    incident_id: i64,
    author: String,
    text: String,
    created_at: i64,
}
