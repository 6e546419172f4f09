//! What incidents are found by.

super::table! { "incident_terms"
    #[sea_orm(primary_key, auto_increment = false)]
    incident_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    term: String,
}
