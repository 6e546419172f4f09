//! Who set what of an account.

super::table! { "account_changes"
    #[sea_orm(primary_key, auto_increment = false)]
    id: i64,
    user_id: String,
    aspect: String,
    is_approver: i64,
    set_by: Option<String>,
    via: String,
    set_at: i64,
}
