//! How this browser shows things: theme, density and time zone.

use leptos::prelude::*;

use crate::components::switch::Switch;
use crate::preferences::{Density, Preferences, Theme, Zone};

const THEMES: [(&str, &str); 3] = [("system", "System"), ("light", "Light"), ("dark", "Dark")];
const DENSITIES: [(&str, &str); 2] = [("comfortable", "Comfortable"), ("compact", "Compact")];
const ZONES: [(&str, &str); 2] = [("utc", "UTC"), ("local", "Local")];

/// The three switches. `place` is unique on the page.
#[component]
pub fn Appearance(place: &'static str) -> impl IntoView {
    let preferences = expect_context::<Preferences>();
    let theme = Signal::derive(move || preferences.theme.get().word());
    let density = Signal::derive(move || preferences.density.get().word());
    let zone = Signal::derive(move || preferences.zone.get().word());
    let choose_theme = Callback::new(move |word: &'static str| preferences.choose_theme(Theme::of(word)));
    let choose_density = Callback::new(move |word: &'static str| preferences.choose_density(Density::of(word)));
    let choose_zone = Callback::new(move |word: &'static str| preferences.choose_zone(Zone::of(word)));
    view! {
        <div class="appearance">
            <Switch legend="Theme" name=format!("{place}-theme") options=&THEMES chosen=theme choose=choose_theme />
            <Switch legend="Density" name=format!("{place}-density") options=&DENSITIES chosen=density choose=choose_density />
            <Switch legend="Times" name=format!("{place}-zone") options=&ZONES chosen=zone choose=choose_zone />
        </div>
    }
    .into_any()
}
