//! Says aloud that nothing is really done, and what is the exception.

use leptos::prelude::*;

use crate::components::quoted::Quoted;

/// The connector that touches nothing.
pub const SIMULATED: &str = "simulated";

/// For steps given as (title, connector); nothing if none is simulated.
#[component]
pub fn SimulatedBanner(steps: Vec<(String, String)>) -> impl IntoView {
    let (simulated, real): (Vec<_>, Vec<_>) = steps.into_iter().partition(|(_, connector)| connector == SIMULATED);
    let real: Vec<String> = real.into_iter().map(|(title, connector)| format!("{title} (by {connector})")).collect();
    let words = match real.as_slice() {
        [] => "Nothing outside Countersign is touched; each step records what it would have done.".to_owned(),
        real => format!("Nothing outside Countersign is touched, except by: {}.", real.join(", ")),
    };
    (!simulated.is_empty()).then(|| view! { <p class="simulated-banner"><b>"Simulated. "</b><Quoted text=words /></p> })
}
