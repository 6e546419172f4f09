//! Lists of incidents: filtered, sorted, a page at a time. A filter that few incidents pass gives the rows to sort; where every filter
//! lets many pass, the index of the sort is walked and each row is tested, so that neither needs more than a bounded look.

use domain::id::UserId;
use domain::incident::Incident;
use domain::incident_filter::{AssigneeFilter, IncidentFilter, IncidentSort, ObservableFilter, SortOrder};
use domain::observable::ObservableKind;
use domain::search;
use domain::severity::Severity;
use sea_orm::sea_query::{Expr, ExprTrait, Func, Order, Query, SelectStatement, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::with_names;
use crate::entity::incidents::{Column, Entity, Model};
use crate::entity::{incident_terms, users};
use crate::error::StoreError;
use crate::nouns::{Incidents, Reads};
use crate::page::{Cursor, Page, PageRequest};

/// A filter that at most this many incidents pass gives the rows to sort.
const FEW_MAX: usize = 5_000;
/// Above every character, so above every term that begins with a word.
const LAST: char = char::MAX;

/// Which incidents, and in which order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncidentSelection {
    pub filter: IncidentFilter,
    pub sort: IncidentSort,
    pub order: SortOrder,
    /// The person who is meant by "me"; nothing is assigned to anyone else.
    pub viewer: Option<UserId>,
}

impl IncidentSelection {
    /// All incidents, the newest first.
    #[must_use]
    pub fn newest_first() -> Self {
        Self { filter: IncidentFilter::default(), sort: IncidentSort::CreatedAt, order: SortOrder::Descending, viewer: None }
    }
}

/// One part of a filter: the incidents that pass it, and the test of one incident.
struct Part {
    ids: SelectStatement,
    test: SimpleExpr,
}

impl<D: Reads> Incidents<'_, D> {
    /// A page of incidents.
    pub async fn list(&self, selection: &IncidentSelection, request: PageRequest) -> Result<Page<Incident>, StoreError> {
        let Some(condition) = self.condition(selection).await? else { return Ok(Page { items: Vec::new(), next: None }) };
        let sorted_by = sort_column(selection.sort);
        let order = if selection.order == SortOrder::Ascending { Order::Asc } else { Order::Desc };
        let after = request.after.map(|cursor| after(sorted_by, selection.order, cursor));
        let rows = Entity::find()
            .filter(condition.add_option(after))
            .order_by(sorted_by, order.clone())
            .order_by(Column::Id, order)
            .limit(request.rows())
            .all(self.0.connected())
            .await?;
        let page = request.cut(rows, |row| Cursor { sort_key: sort_key(row, selection.sort), number: row.id });
        Ok(Page { items: with_names(self.0.connected(), page.items).await?, next: page.next })
    }

    /// The whole filter; `None` if no incident passes it.
    async fn condition(&self, selection: &IncidentSelection) -> Result<Option<Condition>, StoreError> {
        let backend = self.0.connected().get_database_backend();
        let parts = parts(selection, backend);
        let mut few = None;
        let mut tests = Vec::new();
        for Part { ids, test } in parts {
            if few.is_none() {
                few = self.few(ids).await?;
                if few.is_some() {
                    continue;
                }
            }
            tests.push(test);
        }
        if few.as_ref().is_some_and(Vec::is_empty) {
            return Ok(None);
        }
        let few = few.map(|ids| Column::Id.is_in(ids));
        Ok(Some(tests.into_iter().fold(plain(&selection.filter).add_option(few), Condition::add)))
    }

    /// The incidents that pass, if they are few.
    async fn few(&self, mut ids: SelectStatement) -> Result<Option<Vec<i64>>, StoreError> {
        ids.limit(FEW_MAX as u64 + 1);
        let rows = self.0.connected().query_all(&ids).await?;
        if rows.len() > FEW_MAX {
            return Ok(None);
        }
        Ok(Some(rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?))
    }
}

/// What can be tested on a row alone, and has no index of its own.
fn plain(filter: &IncidentFilter) -> Condition {
    let ranks =
        |severities: &[Severity]| Column::SeverityRank.is_in(severities.iter().map(|severity| i64::from(severity.rank())));
    let words = |column: Column, words: Vec<String>| (!words.is_empty()).then(|| column.is_in(words));
    Condition::all()
        .add_option((!filter.severity.is_empty()).then(|| ranks(&filter.severity)))
        .add_option(filter.severity_at_least.map(|least| Column::SeverityRank.lte(i64::from(least.rank()))))
        .add_option(words(Column::IncidentType, filter.incident_type.iter().map(ToString::to_string).collect()))
        .add_option(words(Column::Verdict, filter.verdict.iter().map(ToString::to_string).collect()))
        .add_option(filter.risk_score_at_least.map(|least| Column::RiskScore.gte(i64::from(least))))
}

fn parts(selection: &IncidentSelection, backend: DbBackend) -> Vec<Part> {
    let filter = &selection.filter;
    let mut parts = Vec::new();
    parts.extend(filter.assignee.as_ref().map(|assignee| assigned(assignee, selection.viewer, backend)));
    parts.extend(filter.observable.iter().map(|observable| labelled(terms_of(observable))));
    parts.extend(filter.tag.iter().map(|tag| labelled(vec![search::term_of_tag(tag)])));
    parts.extend(search::words_of_search(filter.q.as_deref().unwrap_or_default()).into_iter().map(written));
    if !filter.source.is_empty() {
        parts.push(labelled(filter.source.iter().map(search::term_of_source).collect()));
    }
    if !filter.state.is_empty() {
        let states: Vec<&str> = filter.state.iter().map(|state| state.as_str()).collect();
        parts.push(on_row(Column::State, backend, |state| state.is_in(states.clone())));
    }
    if filter.from.is_some() || filter.to.is_some() {
        let from = filter.from.map_or(i64::MIN, |from| from.unix_ms());
        let to = filter.to.map_or(i64::MAX, |to| to.unix_ms());
        parts.push(on_row(Column::CreatedAt, backend, |at| at.clone().gte(from).and(at.lt(to))));
    }
    parts
}

fn terms_of(observable: &ObservableFilter) -> Vec<String> {
    let kinds = observable.kind.as_ref().map_or(ObservableKind::ALL, std::slice::from_ref);
    kinds.iter().map(|kind| search::term_of_observable(*kind, &observable.value)).collect()
}

/// Incidents with one of these terms.
fn labelled(terms: Vec<String>) -> Part {
    found_by(Expr::col(incident_terms::Column::Term).is_in(terms))
}

/// Incidents in whose texts a word begins so.
fn written(word: String) -> Part {
    let last = format!("{word}{LAST}");
    found_by(Expr::col(incident_terms::Column::Term).between(word, last))
}

fn found_by(term: SimpleExpr) -> Part {
    let id = (incident_terms::Entity, incident_terms::Column::IncidentId);
    let ids = Query::select().distinct().column(id).from(incident_terms::Entity).and_where(term.clone()).to_owned();
    let of_row = Query::select()
        .expr(Expr::value(1))
        .from(incident_terms::Entity)
        .and_where(Expr::col(id).equals((Entity, Column::Id)))
        .and_where(term)
        .to_owned();
    Part { ids, test: Expr::exists(of_row) }
}

fn assigned(assignee: &AssigneeFilter, viewer: Option<UserId>, backend: DbBackend) -> Part {
    match assignee {
        AssigneeFilter::Nobody => on_row(Column::Assignee, backend, |column| column.is_null()),
        AssigneeFilter::Me => {
            let id = viewer.map(|id| id.to_string());
            on_row(Column::Assignee, backend, |column| column.eq(id.clone()))
        }
        AssigneeFilter::Named(username) => {
            let named = Query::select()
                .column(users::Column::Id)
                .from(users::Entity)
                .and_where(Expr::col(users::Column::Username).eq(username.as_str()))
                .to_owned();
            on_row(Column::Assignee, backend, |column| column.in_subquery(named.clone()))
        }
    }
}

/// A part that the row itself answers, by an index where the incidents that pass are looked up, and without one in the test: there
/// the rows come in the order of the sort.
fn on_row(column: Column, backend: DbBackend, passes: impl Fn(SimpleExpr) -> SimpleExpr) -> Part {
    let indexed = Expr::col((Entity, column));
    let ids = Query::select().column((Entity, Column::Id)).from(Entity).and_where(passes(indexed.clone())).to_owned();
    let tested = match (backend, column) {
        // PostgreSQL knows how many rows pass; SQLite would take any index there is.
        (DbBackend::Sqlite, Column::State | Column::Assignee) => Func::coalesce([indexed, Expr::null()]).into(),
        _ => indexed,
    };
    Part { ids, test: passes(tested) }
}

fn sort_column(sort: IncidentSort) -> Column {
    match sort {
        IncidentSort::CreatedAt => Column::CreatedAt,
        IncidentSort::UpdatedAt => Column::UpdatedAt,
        IncidentSort::RiskScore => Column::RiskScore,
    }
}

fn sort_key(row: &Model, sort: IncidentSort) -> i64 {
    match sort {
        IncidentSort::CreatedAt => row.created_at,
        IncidentSort::UpdatedAt => row.updated_at,
        IncidentSort::RiskScore => row.risk_score,
    }
}

fn after(sorted_by: Column, order: SortOrder, cursor: Cursor) -> SimpleExpr {
    let here = Expr::tuple([Expr::col((Entity, sorted_by)), Expr::col((Entity, Column::Id))]);
    let last = Expr::tuple([Expr::value(cursor.sort_key), Expr::value(cursor.number)]);
    if order == SortOrder::Ascending { here.gt(last) } else { here.lt(last) }
}
