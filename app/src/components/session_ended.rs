//! The session ended while somebody was working: sign in again beside it, and nothing that was typed is lost.

use api::{ApiError, ProblemCode};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::components::error_notice::ErrorNotice;
use crate::components::modal::Modal;
use crate::components::text_field::{Entry, TextField};

/// The dialog; `close` is called when the person dismisses it, `sign_in` with the user name and password that they gave.
#[component]
pub fn SessionEnded(
    #[prop(into)] open: Signal<bool>,
    #[prop(into)] username: Signal<String>,
    #[prop(into)] busy: Signal<bool>,
    #[prop(into)] error: Signal<Option<ApiError>>,
    close: Callback<()>,
    sign_in: Callback<(String, String)>,
) -> impl IntoView {
    let (name, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    Effect::new(move || {
        if open.get() {
            name.set(username.get_untracked());
            password.set(String::new());
        }
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        sign_in.run((name.get_untracked().trim().to_owned(), password.get_untracked()));
    };
    let cannot = move || busy.get() || name.with(String::is_empty) || password.with(String::is_empty);
    let nothing = Signal::stored(None::<ApiError>);
    let problem = move || error.get().map(problem);
    view! {
        <Modal open close label="Your session ended" name="session-ended">
            <form class="stack" on:submit=submit>
                <p>"It ran out, or somebody ended it. Sign in again to go on: this page stays as it is, with everything you typed."</p>
                <TextField label="User name" id="again-username" entry=Entry::Username value=name pointer="/username" error=nothing />
                <TextField label="Password" id="again-password" entry=Entry::CurrentPassword value=password pointer="/password" error=nothing />
                {problem}
                <div class="modal-actions">
                    <a class="button" href="/sign-in" rel="external">"Leave this page"</a>
                    <button type="submit" class="button primary" disabled=cannot>"Sign in and go on"</button>
                </div>
            </form>
        </Modal>
    }
    .into_any()
}

fn problem(error: ApiError) -> AnyView {
    match error.code {
        ProblemCode::SignInFailed => {
            view! { <p class="field-problem" role="alert">"User name or password is wrong, or the account is disabled."</p> }
                .into_any()
        }
        _ => view! { <ErrorNotice error /> }.into_any(),
    }
}
