//! The keys of the list.

use domain::id::IncidentId;
use leptos::ev;
use leptos::prelude::*;

use super::Table;
use super::bulk::Bulk;
use crate::bulk::Ask;
use crate::components::filter_menu::FILTER_MENU;
use crate::{keyboard, menus};

/// What the keys act upon.
#[derive(Clone, Copy)]
pub struct Keys {
    pub table: Table,
    pub open: Callback<IncidentId>,
    pub previewing: RwSignal<bool>,
    pub bulk: Bulk,
}

/// `j` and `k` move, with Shift they select, and a letter for each thing that can be done.
pub fn follow_keys(keys: Keys) {
    Effect::new(move || {
        let handle = window_event_listener(ev::keydown, move |event| {
            let Some(key) = keyboard::command(&event) else { return };
            if keys.moved(&key) || keys.acted(&key) {
                event.prevent_default();
            }
        });
        on_cleanup(move || handle.remove());
    });
}

impl Keys {
    /// Keys that change which row is chosen or selected.
    fn moved(self, key: &str) -> bool {
        let Table { rows, chosen, selection } = self.table;
        let ids: Vec<IncidentId> = rows.with_untracked(|rows| rows.iter().map(|row| row.id).collect());
        let at = chosen.get_untracked().and_then(|id| ids.iter().position(|other| *other == id));
        match (key, at) {
            ("j" | "J", at) => choose(chosen, ids.get(at.map_or(0, |at| at + 1)).or(ids.last())),
            ("k" | "K", at) => choose(chosen, ids.get(at.unwrap_or(0).saturating_sub(1))),
            ("x", Some(at)) => selection.toggle(ids[at]),
            ("X", Some(at)) => selection.extend_to(ids[at]),
            ("Escape", _) if selection.count_now() > 0 => selection.clear(),
            ("Escape", _) => chosen.set(None),
            _ => return false,
        }
        if let ("J" | "K", Some(id)) = (key, chosen.get_untracked()) {
            at.into_iter().for_each(|at| selection.extend_to(ids[at]));
            selection.extend_to(id);
        }
        true
    }

    /// Keys that do something.
    fn acted(self, key: &str) -> bool {
        let ask = |what| {
            self.bulk.ask(what);
            true
        };
        match (key, self.table.chosen.get_untracked()) {
            ("o" | "Enter", Some(id)) => self.open.run(id),
            (" ", _) => self.previewing.update(|previewing| *previewing = !*previewing),
            ("f", _) => menus::open(FILTER_MENU),
            ("/", _) => menus::focus("#filter-text"),
            ("a", _) => return ask(Ask::Take),
            ("s", _) => return ask(Ask::Move),
            ("p", _) => return ask(Ask::Run),
            _ => return false,
        }
        true
    }
}

fn choose(chosen: RwSignal<Option<IncidentId>>, id: Option<&IncidentId>) {
    chosen.set(id.copied());
    request_animation_frame(|| {
        if let Ok(Some(row)) = document().query_selector("tr.chosen") {
            row.scroll_into_view_with_bool(false);
        }
    });
}
