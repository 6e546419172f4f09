//! Who has decided what, and why; and how many are still needed.

use domain::approval::Vote;
use domain::visible::Place;
use leptos::prelude::*;

use crate::components::age::Ago;
use crate::components::quoted::Quoted;
use crate::components::status_mark::StatusMark;

/// The decisions so far.
#[component]
pub fn DecisionList(#[prop(into)] decisions: Signal<Vec<Vote>>, #[prop(into)] quorum: Signal<u8>) -> impl IntoView {
    let progress = move || {
        let given =
            decisions.with(|votes| votes.iter().filter(|vote| vote.decision == domain::approval::Decision::Approve).count());
        format!("{given} of {} signatures", quorum.get())
    };
    view! {
        <section class="card decision-list" aria-labelledby="decisions">
            <h2 id="decisions">"Decisions so far"</h2>
            <p class="quiet">{progress}"; one rejection ends it."</p>
            <ul>{move || decisions.with(|votes| votes.iter().map(vote).collect_view())}</ul>
        </section>
    }
    .into_any()
}

fn vote(vote: &Vote) -> impl IntoView + use<> {
    let word = match vote.decision {
        domain::approval::Decision::Approve => "approved",
        domain::approval::Decision::Reject => "rejected",
    };
    view! {
        <li>
            <p class="row"><StatusMark word label=word /><b><Quoted text=vote.by.username.clone() /></b><small><Ago at=vote.at /></small></p>
            <p><Quoted text=vote.reason.clone() place=Place::Lines /></p>
        </li>
    }
}
