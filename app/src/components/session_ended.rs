//! The session ended while somebody was working: sign in again beside it, and nothing that was typed is lost.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::components::modal::Modal;

/// The dialog; `close` is called when the person dismisses it, `retry` when they say that they have signed in.
#[component]
pub fn SessionEnded(#[prop(into)] open: Signal<bool>, close: Callback<()>, retry: Callback<()>) -> impl IntoView {
    let path = use_location().pathname;
    let go_on = move |_| {
        close.run(());
        retry.run(());
    };
    view! {
        <Modal open close label="Your session ended" name="session-ended">
            <p>"Sign in again to go on. This page stays as it is, with everything you typed."</p>
            <div class="modal-actions">
                <button type="button" class="button" on:click=go_on>"I have signed in"</button>
                <a class="button primary" target="_blank" rel="noopener" href=move || format!("/sign-in?next={}", path.get())>
                    "Sign in again"<span class="heard-only">" (opens a new tab)"</span>
                </a>
            </div>
        </Modal>
    }
    .into_any()
}
