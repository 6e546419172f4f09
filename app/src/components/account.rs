//! Who is signed in, what they may do, how this browser shows things, and the way out.

use leptos::prelude::*;

use crate::components::live_state::LiveState;
use crate::components::switch::Switch;
use crate::preferences::{Preferences, Theme, Zone};
use crate::viewer::Viewer;

const THEMES: [(&str, &str); 3] = [("system", "System"), ("light", "Light"), ("dark", "Dark")];
const ZONES: [(&str, &str); 2] = [("utc", "UTC"), ("local", "Local")];

/// The person's corner of the navigation.
#[component]
pub fn Account(show_keys: Callback<()>) -> impl IntoView {
    let viewer = Viewer::here();
    let name = move || viewer.person().map(|person| person.display_name);
    let roles =
        move || viewer.person().map(|person| person.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(", "));
    view! {
        <div class="account">
            <details>
                <summary>
                    <span class="account-name"><span class="heard-only">"Account: "</span>{name}</span>
                    <span class="account-roles">{roles}</span>
                </summary>
                <div class="account-panel">
                    <Preference />
                    <button type="button" class="button" on:click=move |_| show_keys.run(())>"Keys " <kbd>"?"</kbd></button>
                    <form method="post" action="/sign-out"><button type="submit" class="button">"Sign out"</button></form>
                </div>
            </details>
            <LiveState />
        </div>
    }
    .into_any()
}

#[component]
fn Preference() -> impl IntoView {
    let preferences = expect_context::<Preferences>();
    let theme = Signal::derive(move || preferences.theme.get().word());
    let zone = Signal::derive(move || preferences.zone.get().word());
    let choose_theme = Callback::new(move |word: &'static str| preferences.choose_theme(Theme::of(word)));
    let choose_zone = Callback::new(move |word: &'static str| preferences.choose_zone(Zone::of(word)));
    view! {
        <Switch legend="Theme" name="theme" options=&THEMES chosen=theme choose=choose_theme />
        <Switch legend="Times" name="zone" options=&ZONES chosen=zone choose=choose_zone />
    }
    .into_any()
}
