//! How the server is, asked again as long as somebody looks.

use std::time::Duration;

use leptos::prelude::*;

use crate::components::health_list::HealthList;
use crate::components::loaded::{Loaded, Scope};
use crate::server_fns::health::get_health;

/// How often the parts are asked.
const ASK_EVERY: Duration = Duration::from_secs(10);

/// The section.
#[component]
pub fn HealthSection() -> impl IntoView {
    let turn = RwSignal::new(0_u32);
    let report = Resource::new(move || turn.get(), |_| get_health());
    Effect::new(move || {
        if let Ok(timer) = set_interval_with_handle(move || turn.update(|turn| *turn += 1), ASK_EVERY) {
            on_cleanup(move || timer.clear());
        }
    });
    view! {
        <Loaded resource=report what="health" scope=Scope::Part view=|report| view! { <HealthList report /> } />
        <p class="quiet">"The same as "<code>"/health"</code>", which needs no session. Asked every 10 seconds while this page is open."</p>
    }
    .into_any()
}
