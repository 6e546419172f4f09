//! Who set an incident's verdict or title.

super::table! { "incident_contributors"
    #[sea_orm(primary_key, auto_increment = false)]
    incident_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    user_id: String,
}
