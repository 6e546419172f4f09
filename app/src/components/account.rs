//! Who is signed in, what they may do, how this browser shows things, and the way out.

use leptos::prelude::*;

use crate::components::appearance::Appearance;
use crate::components::live_state::LiveState;
use crate::components::quoted::Quoted;
use crate::viewer::Viewer;

/// The person's corner of the navigation.
#[component]
pub fn Account(show_keys: Callback<()>) -> impl IntoView {
    let viewer = Viewer::here();
    let name = move || viewer.person().map(|person| view! { <Quoted text=person.display_name /> });
    let roles =
        move || viewer.person().map(|person| person.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(", "));
    view! {
        <div class="account">
            <details class="menu">
                <summary>
                    <span class="account-name"><span class="heard-only">"Account: "</span>{name}</span>
                    <span class="account-roles">{roles}</span>
                </summary>
                <div class="account-panel">
                    <Appearance place="account" />
                    <button type="button" class="button" on:click=move |_| show_keys.run(())>"Keys " <kbd>"?"</kbd></button>
                    <form method="post" action="/sign-out"><button type="submit" class="button">"Sign out"</button></form>
                </div>
            </details>
            <LiveState />
        </div>
    }
    .into_any()
}
