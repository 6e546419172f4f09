//! The store, on SQLite and on PostgreSQL: every story below runs on both, in a database of its own.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on has failed")]

mod api_keys;
mod approvals;
mod attacks;
mod audit;
mod audit_tree;
mod backfill;
mod fixture;
mod guards;
mod incident_lists;
mod incidents;
mod ingestion;
mod jobs;
mod kept_answers;
mod notes;
mod playbook_versions;
mod runs;
mod saved_views;
mod scene;
mod schema;
mod sessions;
mod users;
mod writing;
