//! Playbooks from the outside: files in, plans and decisions out.

#![expect(clippy::unwrap_used, reason = "tests may unwrap, their scenes too")]

mod bombs;
mod expressions;
mod files;
mod frozen;
mod json_schema;
mod plans;
mod runs;
mod scenes;
mod shipped;
mod triage;
