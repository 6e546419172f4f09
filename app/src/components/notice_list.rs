//! The notices of the moment, read out as they come.

use leptos::prelude::*;

use crate::components::icon::{Icon, IconName};
use crate::components::quoted::Quoted;
use crate::notices::{Notice, Notices, Tone};

/// The corner where notices appear.
#[component]
pub fn NoticeList() -> impl IntoView {
    let notices = expect_context::<Notices>();
    view! {
        <div class="notice-list" role="region" aria-label="Notices" aria-live="polite">
            <For each=move || notices.shown() key=|notice| notice.number children=move |notice| view! { <NoticeCard notice notices /> } />
        </div>
    }
    .into_any()
}

#[component]
fn NoticeCard(notice: Notice, notices: Notices) -> impl IntoView {
    let (class, icon) = match notice.tone {
        Tone::Good => ("notice good", IconName::Check),
        Tone::Bad => ("notice bad", IconName::Warning),
    };
    let number = notice.number;
    let rows = notice.details.iter().map(|line| view! { <li><Quoted text=line.clone() /></li> }).collect_view();
    let details = (!notice.details.is_empty()).then(|| view! { <details><summary>"Show"</summary><ul>{rows}</ul></details> });
    view! {
        <div class=class>
            <Icon name=icon />
            <div class="stack-tight">
                <p><Quoted text=notice.text /></p>
                {details}
                {notice.correlation_id.map(|id| view! { <p class="faint">"Correlation id " <code><Quoted text=id /></code></p> })}
            </div>
            <button type="button" class="copy-button" aria-label="Dismiss" on:click=move |_| notices.dismiss(number)>
                <Icon name=IconName::Cross />
            </button>
        </div>
    }
    .into_any()
}
