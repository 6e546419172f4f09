//! Which entities were named together, drawn. The table beside it says the same in words.

use domain::containment::Containment;
use domain::observable::{Observable, ObservableKind};
use leptos::prelude::*;

use crate::components::entity_table::address;
use crate::components::quoted::line;
use crate::entity_graph::{HEIGHT, Point, WIDTH};
use crate::{defang, wording};

/// A label of more characters than this is cut; the table has all of it.
const LABEL_CHARS_MAX: usize = 26;
/// The thickest line.
const LINE_MAX: usize = 5;

/// The drawing; each point leads to the incidents that its entity was seen in, and says what holds it.
#[component]
pub fn EntityGraph(points: Vec<Point>, lines: Vec<crate::entity_graph::Line>, containments: Vec<Containment>) -> impl IntoView {
    let drawn = lines.iter().filter_map(|line| {
        let (from, to) = (points.get(line.from)?, points.get(line.to)?);
        let width = line.alerts.min(LINE_MAX).to_string();
        Some(view! { <line x1=from.x.to_string() y1=from.y.to_string() x2=to.x.to_string() y2=to.y.to_string() stroke-width=width></line> })
    });
    let drawn = drawn.collect_view();
    let points = points.iter().map(|one| point(one, &containments)).collect_view();
    view! {
        <svg class="entity-graph" viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="group" aria-label="Entities; a line joins two that one alert names">
            <g class="entity-lines">{drawn}</g>
            {points}
        </svg>
    }
    .into_any()
}

fn point(point: &Point, containments: &[Containment]) -> impl IntoView + use<> {
    let shown = defang::observable(&Observable { kind: point.kind, value: point.value.clone(), field: String::new() });
    let shown = line(&shown);
    let label: String = if shown.chars().count() > LABEL_CHARS_MAX {
        shown.chars().take(LABEL_CHARS_MAX - 1).chain(['…']).collect()
    } else {
        shown
    };
    let left = point.x < WIDTH / 2.0 - 1.0;
    let (anchor, x) = if left { ("end", point.x - 14.0) } else { ("start", point.x + 14.0) };
    let held = containments.iter().find(|held| held.kind == point.kind && held.value == point.value);
    let measure = held.map(|held| view! { <tspan class="entity-held">{format!(" {}", held.measure)}</tspan> });
    let words = held.map(|held| format!(", {}", held.measure)).unwrap_or_default();
    let title = format!("{} {}{words}", wording::observable_kind(point.kind), line(&point.value));
    view! {
        <a href=address(point.kind, &point.value)>
            <title>{title}</title>
            <path class=if held.is_some() { "entity-point held" } else { "entity-point" } d=shape(point.kind, point.x, point.y)></path>
            <text x=x.to_string() y=(point.y + 4.0).to_string() text-anchor=anchor>{label}{measure}</text>
        </a>
    }
}

/// Who is round, what is square, where is a diamond.
fn shape(kind: ObservableKind, x: f64, y: f64) -> String {
    match kind {
        ObservableKind::User | ObservableKind::Email => {
            format!("M{} {y}a7 7 0 1 0 14 0a7 7 0 1 0 -14 0z", x - 7.0)
        }
        ObservableKind::Host | ObservableKind::FileHash | ObservableKind::Process => {
            format!("M{} {}h12v12h-12z", x - 6.0, y - 6.0)
        }
        ObservableKind::Ip | ObservableKind::Domain | ObservableKind::Url => format!("M{x} {}l8 8l-8 8l-8 -8z", y - 8.0),
    }
}
