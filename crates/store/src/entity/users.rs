//! People who can sign in.

super::table! { "users"
    #[sea_orm(primary_key, auto_increment = false)]
    id: String,
    username: String,
    display_name: String,
    password_hash: String,
    roles: String,
    created_at: i64,
    password_changed_at: i64,
    disabled_at: Option<i64>,
}
