//! The database schema as a list of reversible changes, the same on SQLite and PostgreSQL. Changes are only added, never edited
//! once merged; reading and writing rows is the business of the crate `store`.

mod change;
mod dialect;
mod m20261101_000001_refusals;
mod m20261101_000002_numbers;
mod m20261101_000003_users;
mod m20261101_000004_sessions;
mod m20261101_000005_api_keys;
mod m20261101_000006_audit;
mod m20261101_000007_incidents;
mod m20261101_000008_alerts;
mod m20261101_000009_raw_alerts;
mod m20261101_000010_notes;
mod m20261101_000011_playbook_versions;
mod m20261101_000012_plans;
mod m20261101_000013_runs;
mod m20261101_000014_approvals;
mod m20261101_000015_votes;
mod m20261101_000016_grants;
mod m20261101_000017_effects;
mod m20261101_000018_jobs;
mod m20261124_000101_incident_terms;
mod m20261124_000102_incident_lists;
mod m20261124_000103_incident_contributors;
mod m20261124_000104_tasks;
mod m20261124_000105_merged_incidents;
mod m20261124_000106_evidence;
mod m20261124_000107_audit_times;
mod m20261124_000108_evidence_pieces;
mod m20261124_000201_kept_answers;
mod m20261124_000301_session_traces;
mod m20261124_000302_links;
mod m20261124_000401_playbook_uploads;
mod m20261124_000402_playbook_sources;
mod m20261124_000403_step_attempts;
mod m20261124_000404_notifications;
mod m20261124_000405_task_makers;
mod m20261124_000501_saved_views;
mod m20261124_000601_audit_filters;
mod m20261124_000701_grant_gates;
mod m20261124_000702_job_subjects;
mod m20261124_000703_job_leases;
mod m20261124_000801_captured_evidence;
mod m20261124_000802_backfills;
mod m20261124_000803_key_names;
mod m20261124_000901_effect_targets;
mod m20261124_001001_audit_tree;
mod m20261128_000101_audit_pending;
mod m20261128_000201_audit_erasures;
mod m20261128_000301_fewer_audit_indexes;
mod m20261128_000401_plain_audit_index;
mod m20261128_000501_leaves_say_the_rest;
mod m20261201_000101_past_facts;
mod m20261201_000102_key_makers;
mod m20261201_000201_account_changes;
mod m20261201_000202_vote_people;
mod m20261201_000203_incident_movers;
mod m20261201_000204_link_makers;
mod m20261201_030101_outbox_messages;

pub use dialect::Dialect;
pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::{MigrationTrait, async_trait};

use crate::change::Change;

/// Applies and takes back the changes, in order.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        changes().into_iter().map(|change| Box::new(change) as Box<dyn MigrationTrait>).collect()
    }
}

impl Migrator {
    /// The names of the changes that this version knows, in order.
    #[must_use]
    pub fn names() -> Vec<&'static str> {
        changes().iter().map(Change::known_as).collect()
    }
}

fn changes() -> Vec<Change> {
    vec![
        m20261101_000001_refusals::change(),
        m20261101_000002_numbers::change(),
        m20261101_000003_users::change(),
        m20261101_000004_sessions::change(),
        m20261101_000005_api_keys::change(),
        m20261101_000006_audit::change(),
        m20261101_000007_incidents::change(),
        m20261101_000008_alerts::change(),
        m20261101_000009_raw_alerts::change(),
        m20261101_000010_notes::change(),
        m20261101_000011_playbook_versions::change(),
        m20261101_000012_plans::change(),
        m20261101_000013_runs::change(),
        m20261101_000014_approvals::change(),
        m20261101_000015_votes::change(),
        m20261101_000016_grants::change(),
        m20261101_000017_effects::change(),
        m20261101_000018_jobs::change(),
        m20261124_000101_incident_terms::change(),
        m20261124_000102_incident_lists::change(),
        m20261124_000103_incident_contributors::change(),
        m20261124_000104_tasks::change(),
        m20261124_000105_merged_incidents::change(),
        m20261124_000106_evidence::change(),
        m20261124_000107_audit_times::change(),
        m20261124_000108_evidence_pieces::change(),
        m20261124_000201_kept_answers::change(),
        m20261124_000301_session_traces::change(),
        m20261124_000302_links::change(),
        m20261124_000401_playbook_uploads::change(),
        m20261124_000402_playbook_sources::change(),
        m20261124_000403_step_attempts::change(),
        m20261124_000404_notifications::change(),
        m20261124_000405_task_makers::change(),
        m20261124_000501_saved_views::change(),
        m20261124_000601_audit_filters::change(),
        m20261124_000701_grant_gates::change(),
        m20261124_000702_job_subjects::change(),
        m20261124_000703_job_leases::change(),
        m20261124_000801_captured_evidence::change(),
        m20261124_000802_backfills::change(),
        m20261124_000803_key_names::change(),
        m20261124_000901_effect_targets::change(),
        m20261124_001001_audit_tree::change(),
        m20261128_000101_audit_pending::change(),
        m20261128_000201_audit_erasures::change(),
        m20261128_000301_fewer_audit_indexes::change(),
        m20261128_000401_plain_audit_index::change(),
        m20261128_000501_leaves_say_the_rest::change(),
        m20261201_000101_past_facts::change(),
        m20261201_000102_key_makers::change(),
        m20261201_000201_account_changes::change(),
        m20261201_000202_vote_people::change(),
        m20261201_000203_incident_movers::change(),
        m20261201_000204_link_makers::change(),
        m20261201_030101_outbox_messages::change(),
    ]
}
