//! Finding the entries of one action. What a new incident is logged with has no index, which would be written with every entry: a page of it is found
//! by walking along the log.

use domain::audit::AuditAction;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition};

use crate::entity::audit_entries::Column;

/// What a new incident brings with it.
const FREQUENT: [AuditAction; 3] = [AuditAction::AlertIngested, AuditAction::IncidentCreated, AuditAction::StateChanged];
/// Which entries are in the index `audit_entries_by_action`, in the words of its definition: SQLite takes it only for these.
const RARE: &str = "action <> 'ALERT_INGESTED' AND action <> 'INCIDENT_CREATED' AND action <> 'STATE_CHANGED'";

/// The entries of this action.
pub(super) fn acting(action: AuditAction) -> Condition {
    let rare = (!FREQUENT.contains(&action)).then(|| Expr::cust(RARE));
    Condition::all().add(Column::Action.eq(action.as_str())).add_option(rare)
}

#[cfg(test)]
mod tests {
    use domain::id::IncidentId;
    use migration::{Migrator, MigratorTrait};
    use sea_orm::{ConnectionTrait, Database, DbBackend, QueryFilter, QueryOrder, QueryTrait, Statement};
    use sea_orm::{EntityTrait, Select};

    use super::super::{AuditFilter, AuditSelection, condition, erasing, facts};
    use super::*;
    use crate::entity::audit_entries::Entity;

    fn listed(selection: AuditSelection) -> Select<Entity> {
        let matching = condition(selection, DbBackend::Sqlite).unwrap();
        Entity::find().filter(Column::Seq.lt(9)).filter(matching).order_by_desc(Column::Seq)
    }

    #[tokio::test]
    async fn what_is_rare_is_found_by_an_index_and_what_is_frequent_along_the_log() {
        let folder = tempfile::TempDir::new().unwrap();
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("countersign.db").display());
        let database = Database::connect(url).await.unwrap();
        Migrator::up(&database, None).await.unwrap();
        let of = |filter: AuditFilter, action| AuditSelection { action: Some(action), ..filter.into() };
        let one = AuditFilter::OfIncident(IncidentId::new(7));
        for (query, expected) in [
            (listed(of(AuditFilter::All, AuditAction::UserCreated)), "audit_entries_by_action"),
            (listed(of(AuditFilter::OfIncidents, AuditAction::IncidentUpdated)), "audit_entries_by_action"),
            (listed(of(AuditFilter::All, AuditAction::AlertIngested)), "USING INTEGER PRIMARY KEY"),
            (listed(of(one, AuditAction::StateChanged)), "audit_entries_by_incident"),
            (
                facts::of_incidents(AuditAction::ApprovalRequested, &[IncidentId::new(7), IncidentId::new(8)]),
                "audit_entries_by_incident",
            ),
            (erasing::saying(vec!["an entry".to_owned()], DbBackend::Sqlite).unwrap(), "audit_entries_by_erased"),
        ] {
            let explained = format!("EXPLAIN QUERY PLAN {}", query.build(DbBackend::Sqlite));
            let plan = database.query_all_raw(Statement::from_string(DbBackend::Sqlite, explained)).await.unwrap();
            let steps: Vec<String> = plan.iter().map(|step| step.try_get("", "detail").unwrap()).collect();
            assert!(steps.len() == 1 && steps[0].contains(expected), "{expected}: {steps:?}");
        }
    }

    #[test]
    fn the_index_leaves_out_what_is_frequent() {
        assert_eq!(RARE, FREQUENT.map(|action| format!("action <> '{action}'")).join(" AND "));
    }
}
