//! What can be done with the selected rows, and how far it is.

use leptos::prelude::*;

use crate::bulk::{Ask, Progress};

/// The buttons, in their order.
const BUTTONS: [(&str, Ask); 4] = [("Assign to me", Ask::Take), ("Tag", Ask::Tag), ("Move", Ask::Move), ("Run", Ask::Run)];

/// Shown while rows are selected or something is being done.
#[component]
pub fn BulkBar(
    #[prop(into)] count: Signal<usize>,
    #[prop(into)] progress: Signal<Option<Progress>>,
    #[prop(into)] may_work: Signal<bool>,
    ask: Callback<Ask>,
    clear: Callback<()>,
) -> impl IntoView {
    let shown = Memo::new(move |_| count.get() > 0 || progress.with(Option::is_some));
    let words = move || match progress.get() {
        Some(Progress { done, all }) => format!("{done} of {all}…"),
        None => format!("{} selected", count.get()),
    };
    let disabled = move || !may_work.get() || progress.with(Option::is_some);
    let button = move |(label, what): (&'static str, Ask)| {
        view! { <button type="button" class="button" disabled=disabled on:click=move |_| ask.run(what)>{label}</button> }
    };
    let bar = move || {
        shown.get().then(|| {
            view! {
                <section class="bulk-bar" aria-label="Selected rows">
                    <b role="status">{words}</b>
                    <div class="row">
                        {BUTTONS.map(button).collect_view()}
                        <button type="button" class="button" on:click=move |_| clear.run(())>"Clear "<kbd>"Esc"</kbd></button>
                    </div>
                    {move || (!may_work.get()).then(|| view! { <p class="quiet">"Only analysts may work on incidents."</p> })}
                </section>
            }
        })
    };
    view! { <div class="bulk-place">{bar}</div> }.into_any()
}
