//! Tasks of incidents.

super::table! { "tasks"
    #[sea_orm(primary_key, auto_increment = false)]
    id: i64,
    incident_id: i64,
    title: String,
    assignee: Option<String>,
    done: i64,
    created_by: Option<String>,
    created_at: i64,
    done_at: Option<i64>,
}
