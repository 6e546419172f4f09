//! Which rows of a list are selected, and from where a range is drawn.

use std::collections::BTreeSet;

use domain::id::IncidentId;
use leptos::prelude::*;

/// The selected rows.
#[derive(Clone, Copy)]
pub struct Selection {
    selected: RwSignal<BTreeSet<IncidentId>>,
    /// Where a range begins: the row that was touched last.
    anchor: StoredValue<Option<IncidentId>>,
    /// The rows on the screen, in order.
    rows: Signal<Vec<IncidentId>>,
}

impl Selection {
    /// None of these rows.
    pub fn new(rows: Signal<Vec<IncidentId>>) -> Self {
        Self { selected: RwSignal::new(BTreeSet::new()), anchor: StoredValue::new(None), rows }
    }

    /// Is this row selected?
    pub fn has(self, id: IncidentId) -> bool {
        self.selected.with(|selected| selected.contains(&id))
    }

    /// How many are.
    pub fn count(self) -> usize {
        self.selected.with(BTreeSet::len)
    }

    /// How many are, without following it.
    pub fn count_now(self) -> usize {
        self.selected.with_untracked(BTreeSet::len)
    }

    /// The selected rows.
    pub fn ids(self) -> Vec<IncidentId> {
        self.selected.with_untracked(|selected| selected.iter().copied().collect())
    }

    /// Selects the row, or no longer.
    pub fn toggle(self, id: IncidentId) {
        self.anchor.set_value(Some(id));
        self.selected.update(|selected| {
            if !selected.remove(&id) {
                selected.insert(id);
            }
        });
    }

    /// Selects everything from the row that was touched last to this one.
    pub fn extend_to(self, id: IncidentId) {
        let range = self.rows.with_untracked(|rows| between(rows, self.anchor.get_value().unwrap_or(id), id));
        self.selected.update(|selected| selected.extend(range));
        self.anchor.set_value(Some(id));
    }

    /// Selects exactly these.
    pub fn set_all(self, ids: Vec<IncidentId>) {
        self.selected.set(ids.into_iter().collect());
    }

    /// Selects nothing.
    pub fn clear(self) {
        self.anchor.set_value(None);
        if self.selected.with_untracked(|selected| !selected.is_empty()) {
            self.selected.set(BTreeSet::new());
        }
    }
}

/// The rows from one to another, whichever comes first; only `to` if one of them is not there.
fn between(rows: &[IncidentId], from: IncidentId, to: IncidentId) -> Vec<IncidentId> {
    let at = |id| rows.iter().position(|row| *row == id);
    match (at(from), at(to)) {
        (Some(from), Some(to)) => rows[from.min(to)..=from.max(to)].to_vec(),
        _ => vec![to],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_goes_both_ways() {
        let rows: Vec<IncidentId> = [9, 7, 5, 3].map(IncidentId::new).to_vec();
        for (from, to, expected) in [(9, 5, vec![9, 7, 5]), (3, 7, vec![7, 5, 3]), (5, 5, vec![5]), (8, 5, vec![5])] {
            let found = between(&rows, IncidentId::new(from), IncidentId::new(to));
            assert_eq!(found, expected.into_iter().map(IncidentId::new).collect::<Vec<_>>(), "{from} to {to}");
        }
    }
}
