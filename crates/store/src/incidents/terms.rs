//! What incidents are found by, as rows. Which terms a text, a tag or an observable gives is in `domain::search`.

use std::collections::BTreeSet;

use domain::id::IncidentId;
use domain::incident::Incident;
use domain::search;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};

use crate::batch::Batch;
use crate::entity::incident_terms::{ActiveModel, Column, Entity};
use crate::error::StoreError;
use crate::write::{Tx, Writes};

/// Observables whose words stay when a text with the same words is taken away.
const OBSERVABLES_MAX: u64 = 1_000;

/// Adds terms; those that are there already stay.
pub(crate) async fn add(tx: &Tx, terms: Vec<(IncidentId, String)>) -> Result<(), StoreError> {
    let mut batch = Batch::on(tx.connection());
    insert(&mut batch, terms);
    batch.send().await
}

/// The same, together with other writes.
pub(crate) fn insert(batch: &mut Writes<'_>, terms: Vec<(IncidentId, String)>) {
    let rows = terms.into_iter().map(|(id, term)| ActiveModel { incident_id: Set(id.number()), term: Set(term) });
    let known = OnConflict::columns([Column::IncidentId, Column::Term]).do_nothing().to_owned();
    batch.insert_all_or(rows.collect(), &known);
}

/// Takes away what only the incident `before` was found by, and adds what it is found by now.
pub(super) async fn change(tx: &Tx, before: &Incident, after: &Incident) -> Result<(), StoreError> {
    let (old, new) = (of_texts(before), of_texts(after));
    let mut gone: BTreeSet<&String> = old.difference(&new).collect();
    let added = new.difference(&old).map(|term| (after.id, term.clone())).collect();
    if !gone.is_empty() {
        let seen = tx.alerts().observables_of_incident(after.id, OBSERVABLES_MAX).await?;
        let words: BTreeSet<String> = seen.iter().flat_map(|observable| search::terms_of_text(&observable.value)).collect();
        gone.retain(|term| !words.contains(*term));
        Entity::delete_many()
            .filter(Column::IncidentId.eq(after.id.number()))
            .filter(Column::Term.is_in(gone.into_iter().cloned()))
            .exec(tx.connection())
            .await?;
    }
    add(tx, added).await
}

/// What the parts that people change are found by, and the id.
pub(super) fn of_texts(incident: &Incident) -> BTreeSet<String> {
    let mut terms = search::terms_of_id(incident.id);
    terms.extend(search::terms_of_text(&incident.title));
    terms.extend(search::terms_of_text(&incident.analyst_notes));
    terms.extend(incident.tags.iter().map(|tag| search::term_of_tag(tag)));
    terms
}
