//! What the palette offers on every page, besides places.

use domain::access::Permission;
use leptos::prelude::*;

use crate::palette::Choice;
use crate::preferences::{Density, Preferences, Theme, Zone};
use crate::viewer::Viewer;

/// The commands as they stand when the palette is opened.
pub fn everywhere(help: RwSignal<bool>) -> Callback<(), Vec<Choice>> {
    let viewer = Viewer::here();
    let preferences = expect_context::<Preferences>();
    Callback::new(move |()| {
        let alert = viewer
            .may(Permission::SubmitAlert)
            .then(|| Choice::place("New alert", "create manual incident", "/alerts/new".to_owned()));
        let keys = Choice::command("Keys", "?", Callback::new(move |()| help.set(true)));
        alert.into_iter().chain(looks(preferences)).chain([keys]).collect()
    })
}

/// The other themes, the other density, the other clock.
fn looks(preferences: Preferences) -> Vec<Choice> {
    let command = |label: &str, act: Callback<()>| Choice { hint: "appearance".to_owned(), ..Choice::command(label, "", act) };
    let theme = |label, theme| command(label, Callback::new(move |()| preferences.choose_theme(theme)));
    let (density_label, density) = match preferences.density.get() {
        Density::Comfortable => ("Density: compact", Density::Compact),
        Density::Compact => ("Density: comfortable", Density::Comfortable),
    };
    let (zone_label, zone) = match preferences.zone.get() {
        Zone::Utc => ("Times: local", Zone::Local),
        Zone::Local => ("Times: UTC", Zone::Utc),
    };
    vec![
        theme("Theme: light", Theme::Light),
        theme("Theme: dark", Theme::Dark),
        theme("Theme: system", Theme::System),
        command(density_label, Callback::new(move |()| preferences.choose_density(density))),
        command(zone_label, Callback::new(move |()| preferences.choose_zone(zone))),
    ]
}
