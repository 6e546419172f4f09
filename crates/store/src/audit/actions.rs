//! Finding the entries of one action. What is logged with nearly every alert has no index: a page of it is found soon by walking along the log,
//! and an index would be written with every entry.

use domain::audit::AuditAction;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition};

use crate::entity::audit_entries::Column;

/// What alerts bring with them.
const FREQUENT: [AuditAction; 4] =
    [AuditAction::AlertIngested, AuditAction::IncidentCreated, AuditAction::IncidentUpdated, AuditAction::StateChanged];
/// Which entries are in the index `audit_entries_by_action`, in the words of its definition: SQLite takes it only for these.
const RARE: &str = "action NOT IN ('ALERT_INGESTED', 'INCIDENT_CREATED', 'INCIDENT_UPDATED', 'STATE_CHANGED')";

/// The entries of this action.
pub(super) fn acting(action: AuditAction) -> Condition {
    let rare = (!FREQUENT.contains(&action)).then(|| Expr::cust(RARE));
    Condition::all().add(Column::Action.eq(action.as_str())).add_option(rare)
}

#[cfg(test)]
mod tests {
    use migration::{Migrator, MigratorTrait};
    use sea_orm::{ConnectionTrait, Database, DbBackend, EntityTrait, QueryFilter, QueryOrder, QueryTrait, Statement};

    use super::*;
    use crate::entity::audit_entries::Entity;

    #[tokio::test]
    async fn a_rare_action_is_found_by_the_index_and_a_frequent_one_along_the_log() {
        let database = Database::connect("sqlite::memory:").await.unwrap();
        Migrator::up(&database, None).await.unwrap();
        for (action, expected) in [(AuditAction::UserCreated, "audit_entries_by_action"), (AuditAction::AlertIngested, "SCAN")] {
            let query = Entity::find().filter(acting(action)).order_by_desc(Column::Seq).build(DbBackend::Sqlite).to_string();
            let explained = Statement::from_string(DbBackend::Sqlite, format!("EXPLAIN QUERY PLAN {query}"));
            let plan = database.query_all_raw(explained).await.unwrap();
            let steps: Vec<String> = plan.iter().map(|step| step.try_get("", "detail").unwrap()).collect();
            assert!(steps.len() == 1 && steps[0].contains(expected), "{action}: {steps:?}");
        }
    }

    #[test]
    fn the_index_leaves_out_what_is_frequent() {
        let named = FREQUENT.map(|action| format!("'{action}'")).join(", ");
        assert_eq!(RARE, format!("action NOT IN ({named})"));
    }
}
