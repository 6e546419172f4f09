//! Who moved an incident by hand.

super::table! { "incident_movers"
    #[sea_orm(primary_key, auto_increment = false)]
    incident_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    user_id: String,
}
