//! The server from outside: one test binary, real requests to a real listener, on SQLite and on PostgreSQL.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

mod access_matrix;
mod api_keys;
mod architecture;
mod audit_proofs;
mod audit_verification;
mod batches;
mod bombs;
mod command_line;
mod configuration;
mod corpus;
mod crash_safety;
mod cross_origin;
mod evidence;
mod exports;
mod hostile_requests;
mod hostile_texts;
mod http_edges;
mod idempotency;
mod incident_editing;
mod incident_lists;
mod inert;
mod inspection;
mod installation;
mod main_job;
mod metrics;
mod openapi;
mod overload;
mod playbooks;
mod replicas;
mod saved_views;
mod sessions;
mod setup;
mod stream;
mod users;
