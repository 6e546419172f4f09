//! Which other incidents share observables with one, a bounded number for each.

use domain::id::IncidentId;
use domain::observable::Observable;
use domain::search;
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Order, Query, SelectStatement, UnionType};

use crate::entity::incident_terms::{Column, Entity};
use crate::error::StoreError;
use crate::nouns::{Incidents, Reads};

/// Other incidents are counted no further than this for each observable.
pub const SEEN_MAX: u64 = 100;

impl<D: Reads> Incidents<'_, D> {
    /// For each observable the newest other incidents in which it was seen, at most [`SEEN_MAX`], with one statement.
    pub async fn list_sharing(&self, id: IncidentId, seen: &[Observable]) -> Result<Vec<Vec<IncidentId>>, StoreError> {
        let terms: Vec<String> = seen.iter().map(|seen| search::term_of_observable(seen.kind, &seen.value)).collect();
        let mut selects = terms.iter().enumerate().map(|(place, term)| newest_others(id, place, term));
        let Some(mut all) = selects.next() else { return Ok(Vec::new()) };
        for select in selects {
            all.union(UnionType::All, select);
        }
        let mut others = vec![Vec::new(); seen.len()];
        for row in self.0.connected().query_all(&all).await? {
            let (place, other): (i64, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            if let Some(of_place) = usize::try_from(place).ok().and_then(|place| others.get_mut(place)) {
                of_place.push(IncidentId::new(other));
            }
        }
        Ok(others)
    }
}

/// A limit stands in a query of its own: a union has only one.
fn newest_others(id: IncidentId, place: usize, term: &str) -> SelectStatement {
    let newest = Query::select()
        .column(Column::IncidentId)
        .from(Entity)
        .and_where(Expr::col(Column::Term).eq(term))
        .and_where(Expr::col(Column::IncidentId).ne(id.number()))
        .order_by(Column::IncidentId, Order::Desc)
        .limit(SEEN_MAX)
        .to_owned();
    let place = i64::try_from(place).unwrap_or(i64::MAX);
    Query::select()
        .expr(Expr::value(place).cast_as(Alias::new("bigint")))
        .column(Column::IncidentId)
        .from_subquery(newest, Alias::new("newest"))
        .to_owned()
}
