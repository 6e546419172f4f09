//! Steps of runs.

super::table! { "run_steps"
    #[sea_orm(primary_key, auto_increment = false)]
    run_id: i64,
    position: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    step: String,
    action: String,
    connector: String,
    status: String,
    attempts: i64,
    gate: Option<String>,
    input: Option<String>,
    output: Option<String>,
    error: Option<String>,
    started_at: Option<i64>,
    finished_at: Option<i64>,
    due_at: Option<i64>,
    undo: Option<String>,
}
