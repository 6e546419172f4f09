//! A secret that is shown this once, to be copied before the page goes on.

use leptos::prelude::*;

use crate::components::copy_button::CopyButton;
use crate::components::icon::{Icon, IconName};
use crate::components::quoted::Quoted;

/// The secret; `done` is called when the person says that they have it. `words` say what it is and for whom.
#[component]
pub fn ShownOnce(
    title: &'static str,
    #[prop(into)] words: Signal<String>,
    #[prop(into)] secret: Signal<String>,
    copy_label: &'static str,
    done: Callback<()>,
) -> impl IntoView {
    view! {
        <section class="shown-once" role="status" aria-label=title>
            <Icon name=IconName::Warning />
            <div class="stack-tight">
                <p><b>{title}</b></p>
                <p>{move || view! { <Quoted text=words.get() /> }}</p>
                <div class="shown-once-secret"><code>{move || view! { <Quoted text=secret.get() /> }}</code><CopyButton text=secret label=copy_label /></div>
                <p><button type="button" class="button" on:click=move |_| done.run(())>"I have copied it"</button></p>
            </div>
        </section>
    }
    .into_any()
}
