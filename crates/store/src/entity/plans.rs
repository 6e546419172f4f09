//! Plans by digest.

super::table! { "plans"
    #[sea_orm(primary_key, auto_increment = false)]
    digest: String,
    incident_id: i64,
    body: String,
    created_at: i64,
}
