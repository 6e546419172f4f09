//! How many new rows wait above the list, and the way to them.

use leptos::prelude::*;

use crate::components::icon::{Icon, IconName};

/// "3 new"; nothing while none waits.
#[component]
pub fn NewRows(#[prop(into)] waiting: Signal<usize>, show: Callback<()>) -> impl IntoView {
    let pill = move || {
        (waiting.get() > 0).then(|| {
            view! {
                <button type="button" class="new-rows" on:click=move |_| show.run(())>
                    <Icon name=IconName::Up />
                    {move || waiting.get()}" new"
                </button>
            }
        })
    };
    view! { <div class="new-rows-place" aria-live="polite">{pill}</div> }.into_any()
}
