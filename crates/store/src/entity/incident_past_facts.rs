//! What incidents were before people changed them.

super::table! { "incident_past_facts"
    #[sea_orm(primary_key, auto_increment = false)]
    incident_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    position: i64,
    facts: String,
}
