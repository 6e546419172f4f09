//! Whether what stands on the screen is kept current.

use leptos::prelude::*;

use crate::live::{Connection, Live};

/// "live", "connecting" or "not live: reconnecting", with a dot.
#[component]
pub fn LiveState() -> impl IntoView {
    let live = expect_context::<Live>();
    let (class, words) = (
        move || match live.connection.get() {
            Connection::Live => "live-state live",
            Connection::Connecting => "live-state connecting",
            Connection::Lost => "live-state lost",
        },
        move || match live.connection.get() {
            Connection::Live => "live",
            Connection::Connecting => "connecting",
            Connection::Lost => "reconnecting",
        },
    );
    let explanation = move || match live.connection.get() {
        Connection::Live => "Changes appear here by themselves",
        Connection::Connecting => "Waiting for the stream of changes",
        Connection::Lost => "The stream of changes is interrupted; what you see may be out of date",
    };
    view! { <span class=class role="status" title=explanation>{words}</span> }.into_any()
}
