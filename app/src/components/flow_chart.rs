//! A flow as a picture, with the live states of its steps where there are any. The picture is for the eye: whoever cannot see it
//! reads the list of the same steps beside it.

use std::collections::BTreeMap;

use domain::run::StepStatus;
use leptos::prelude::*;

use crate::components::quoted;
use crate::flow::{Drawing, Kind, Line, Shape, WIDTH, Way};

/// Which steps stand where, by their id.
pub type Standings = BTreeMap<String, StepStatus>;

/// The drawing; `label` says what it shows.
#[component]
pub fn FlowChart(drawing: Drawing, #[prop(into)] label: String, #[prop(into)] standings: Signal<Standings>) -> impl IntoView {
    let size = format!("0 0 {WIDTH} {}", drawing.height);
    view! {
        <svg class="flow-chart" role="img" aria-label=quoted::line(&label) viewBox=size width=WIDTH height=drawing.height>
            {drawing.lines.into_iter().map(line).collect_view()}
            {drawing.shapes.into_iter().map(|shape| drawn(shape, standings)).collect_view()}
        </svg>
    }
    .into_any()
}

fn line(line: Line) -> AnyView {
    let class = match line.way {
        Way::Next => "flow-line",
        Way::Around => "flow-line around",
        Way::Failure => "flow-line failure",
    };
    view! { <path class=class d=line.path></path> }.into_any()
}

fn drawn(shape: Shape, standings: Signal<Standings>) -> AnyView {
    match shape.kind {
        Kind::Step => step(shape, standings),
        _ => small(shape),
    }
}

/// A condition has pointed ends, an end round ones, a signature a double line.
fn small(shape: Shape) -> AnyView {
    let (top, middle, bottom) = (shape.top, shape.top + shape.height / 2, shape.top + shape.height);
    let (class, path) = match shape.kind {
        Kind::Condition => ("condition", format!("M34 {middle}L46 {top}H332L344 {middle}L332 {bottom}H46z")),
        Kind::Signature | Kind::Gate => ("signature", format!("M34 {top}H344V{bottom}H34z")),
        Kind::Undone => ("undone", round(top, bottom)),
        _ => ("end", round(top, bottom)),
    };
    let class = format!("flow-small {class}{}", if shape.skipped { " skipped" } else { "" });
    let no = (shape.kind == Kind::Condition).then(|| view! { <text class="flow-no" x="16" y=middle - 5>"no"</text> });
    view! {
        <g class=class>
            <path d=path></path>
            <text x="189" y=middle + 4 text-anchor="middle">{quoted::line(&shape.label)}</text>
            {no}
        </g>
    }
    .into_any()
}

fn round(top: i32, bottom: i32) -> String {
    let radius = (bottom - top) / 2;
    format!(
        "M{} {top}H{}A{radius} {radius} 0 0 1 {} {bottom}H{}A{radius} {radius} 0 0 1 {} {top}z",
        34 + radius,
        344 - radius,
        344 - radius,
        34 + radius,
        34 + radius
    )
}

fn step(shape: Shape, standings: Signal<Standings>) -> AnyView {
    let Shape { top, height, number, label, target, print, step, destructive, skipped, .. } = shape;
    let id = step.clone();
    let standing = Memo::new(move |_| standings.with(|standings| standings.get(&id).copied()));
    let class = move || {
        let known = standing.get().map_or("", StepStatus::as_str);
        format!("flow-step {known}{}{}", if destructive { " destructive" } else { "" }, if skipped { " skipped" } else { "" })
    };
    let mark = move || standing.get().and_then(sign).map_or_else(|| number.to_string(), str::to_owned);
    let word = move || standing.get().map_or("", StepStatus::as_str);
    view! {
        <g class=class>
            <rect x="34" y=top width="310" height=height rx="6"></rect>
            <rect class="flow-edge" x="34" y=top + 6 width="4" height=height - 12 rx="2"></rect>
            <circle cx="58" cy=top + 20 r="11"></circle>
            <text class="flow-mark" x="58" y=top + 24 text-anchor="middle">{mark}</text>
            <text class="flow-title" x="78" y=top + 24>{quoted::line(&label)}</text>
            <text class="flow-standing" x="334" y=top + 24 text-anchor="end">{word}</text>
            <text class="flow-target" x="78" y=top + 41>{quoted::line(&target)}</text>
            <text class="flow-print" x="78" y=top + 57>{quoted::line(&print)}</text>
        </g>
    }
    .into_any()
}

/// A sign for where a step stands, so that colour is not all that tells.
const fn sign(status: StepStatus) -> Option<&'static str> {
    match status {
        StepStatus::Pending => None,
        StepStatus::Running => Some("▸"),
        StepStatus::Succeeded => Some("✓"),
        StepStatus::Failed => Some("✕"),
        StepStatus::Skipped => Some("–"),
        StepStatus::Unknown => Some("?"),
        StepStatus::Undone => Some("↶"),
    }
}
