//! The tables as SeaORM sees them, one file each; nothing outside this crate sees them. What the columns mean stands with the
//! migration that made them.

/// One table: its name and its columns, in the manner of SeaORM.
macro_rules! table {
    ($table:tt $($(#[$attribute:meta])* $column:ident: $kind:ty,)+) => {
        use sea_orm::entity::prelude::{
            ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter, PrimaryKeyTrait,
        };

        /// A row.
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = $table)]
        pub struct Model {
            $($(#[$attribute])* pub $column: $kind,)+
        }

        /// Joins are written where they are used.
        #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    };
}

use table;

pub mod account_changes;
pub mod account_confirmations;
pub mod account_hands;
pub mod account_settings;
pub mod alert_observables;
pub mod alerts;
pub mod api_keys;
pub mod approval_contributors;
pub mod approval_votes;
pub mod approvals;
pub mod audit_checkpoints;
pub mod audit_detail;
pub mod audit_entries;
pub mod audit_erasures;
pub mod audit_head;
pub mod audit_keys;
pub mod audit_nodes;
pub mod audit_pending;
pub mod backfills;
pub mod effects;
pub mod evidence;
pub mod evidence_pieces;
pub mod grants;
pub mod incident_contributors;
pub mod incident_keys;
pub mod incident_movers;
pub mod incident_past_facts;
pub mod incident_terms;
pub mod incidents;
pub mod jobs;
pub mod kept_answers;
pub mod links;
pub mod log_followers;
pub mod marks;
pub mod notes;
pub mod notifications;
pub mod outbox_messages;
pub mod plans;
pub mod playbook_uploads;
pub mod playbook_versions;
pub mod raw_alerts;
pub mod run_steps;
pub mod runs;
pub mod saved_views;
pub mod sessions;
pub mod tasks;
pub mod users;
