//! Who may not decide an approval.

super::table! { "approval_contributors"
    #[sea_orm(primary_key, auto_increment = false)]
    approval_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    user_id: String,
}
