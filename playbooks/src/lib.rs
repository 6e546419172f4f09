//! The only place that knows playbooks: how they are written and checked, what their expressions mean, which one fits an
//! incident, what its plan is, and what comes next in a run. Pure: no clock, no network, no database. Beside `src/` stand the
//! files that a SOC edits: `library/*.yaml`, `samples/*.json`, `notifications.yaml`, `scoring.yaml` and `classification.yaml`.

mod check;
pub mod compare;
pub mod duration;
pub mod expression;
mod frozen;
pub mod library;
pub mod load;
pub mod notifications;
pub mod parameter;
pub mod plan;
pub mod run;
pub mod samples;
pub mod schema;
pub mod scope;
mod select;
mod shape;
mod suggestion;
pub mod template;
pub mod testing;
pub mod triage;
mod yaml;

pub use check::{
    DESCRIPTION_BYTES_MAX, FAULTS_MAX, NAME_BYTES_MAX, REASON_BYTES_MAX, STEPS_MAX, TAG_BYTES_MAX, TESTS_MAX, TYPES_MAX,
};
pub use library::sla_rules;
pub use library::{Library, LibraryFile};
pub use load::{LoadError, Playbook, is_text_of, yaml_of};
pub use plan::{Bindings, ConnectorBinding, PlanError, Situation, Starter, Terms, plan, remaining, remaining_anew};
pub use run::{AfterFailure, Failure, HoldsFacts, Next, Progress, after_failure, next};
pub use scope::{ByHand, Facts, Past, Scope};
pub use shape::json_schema::{SCHEMA_ID, actions, schema};
pub use triage::{Triage, triage};
pub use yaml::{FILE_BRACKETS_MAX, FILE_BYTES_MAX, FILE_DEPTH_MAX, FILE_NODES_MAX, FILE_TEXT_BYTES_MAX, Position};
