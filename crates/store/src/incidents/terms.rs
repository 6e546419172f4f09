//! What incidents are found by, as rows. Which terms a text, a tag or an observable gives is in `domain::search`.

use domain::id::IncidentId;
use sea_orm::Set;
use sea_orm::sea_query::OnConflict;

use crate::entity::incident_terms::{ActiveModel, Column};
use crate::error::StoreError;
use crate::rows::insert_all_or;
use crate::write::Tx;

/// Adds terms; those that are there already stay.
pub(crate) async fn add(tx: &Tx, terms: Vec<(IncidentId, String)>) -> Result<(), StoreError> {
    let rows = terms.into_iter().map(|(id, term)| ActiveModel { incident_id: Set(id.number()), term: Set(term) });
    let known = OnConflict::columns([Column::IncidentId, Column::Term]).do_nothing().to_owned();
    insert_all_or(tx.connection(), rows.collect(), known).await
}
