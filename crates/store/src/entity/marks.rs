//! What was done already.

super::table! { "marks"
    #[sea_orm(primary_key, auto_increment = false)]
    subject: String,
    #[sea_orm(primary_key, auto_increment = false)]
    mark: String,
    made_at: i64,
}
