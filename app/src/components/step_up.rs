//! Giving the password again, inside the page, before a decision.

use api::ApiError;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::components::error_notice::ErrorNotice;

/// The form; the password goes to `confirm` and nowhere else.
#[component]
pub fn StepUpForm(
    #[prop(into)] busy: Signal<bool>,
    #[prop(into)] error: Signal<Option<ApiError>>,
    confirm: Callback<String>,
) -> impl IntoView {
    let password = RwSignal::new(String::new());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        confirm.run(password.get_untracked());
        password.set(String::new());
    };
    view! {
        <form class="step-up stack" on:submit=submit>
            <p><b>"Confirm that it is you."</b>" Your sign-in is more than 5 minutes old. Your decision goes on as soon as the password is right."</p>
            <label for="step-up-password">"Password"</label>
            <input
                id="step-up-password"
                type="password"
                autocomplete="current-password"
                autofocus
                required
                prop:value=move || password.get()
                on:input=move |event| password.set(event_target_value(&event))
            />
            {move || error.get().map(|error| view! { <ErrorNotice error /> })}
            <button type="submit" class="button primary" disabled=move || busy.get() || password.with(String::is_empty)>"Confirm and decide"</button>
        </form>
    }
    .into_any()
}
