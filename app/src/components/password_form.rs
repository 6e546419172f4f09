//! Setting a password: typed twice, because nobody sees it; and the old one where it is one's own.

use api::{ApiError, ProblemCode};
use domain::password::{PASSWORD_BYTES_MAX, PASSWORD_BYTES_MIN};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::components::error_notice::ErrorNotice;
use crate::components::text_field::{Entry, TextField};

const NOTE: &str = "12 to 256 bytes. A few unrelated words are easy to keep and hard to guess.";
const _: () = assert!(PASSWORD_BYTES_MIN == 12 && PASSWORD_BYTES_MAX == 256, "the note says so");

/// What was typed.
#[derive(Clone, Copy)]
pub struct TypedPassword {
    pub old: RwSignal<String>,
    pub new: RwSignal<String>,
    pub again: RwSignal<String>,
}

impl TypedPassword {
    /// Nothing yet.
    pub fn new() -> Self {
        Self { old: RwSignal::default(), new: RwSignal::default(), again: RwSignal::default() }
    }

    /// Nothing again.
    pub fn clear(self) {
        for part in [self.old, self.new, self.again] {
            part.set(String::new());
        }
    }

    /// Were the two the same?
    pub fn is_repeated(self) -> bool {
        self.new.with(|new| self.again.with(|again| new == again))
    }
}

/// The two fields; `pointer` is where the server names what is wrong.
#[component]
pub fn NewPasswordFields(
    typed: TypedPassword,
    pointer: &'static str,
    #[prop(into)] error: Signal<Option<ApiError>>,
) -> impl IntoView {
    let differs = Signal::derive(move || {
        let typed_both = typed.again.with(|again| !again.is_empty());
        (typed_both && !typed.is_repeated()).then(|| ApiError::invalid_field("/again", "is not the same"))
    });
    view! {
        <TextField label="New password" id="new-password" entry=Entry::NewPassword value=typed.new pointer error note=NOTE />
        <TextField label="New password again" id="new-password-again" entry=Entry::NewPassword value=typed.again pointer="/again" error=differs />
    }
    .into_any()
}

/// Changing one's own password.
#[component]
pub fn PasswordForm(
    typed: TypedPassword,
    #[prop(into)] busy: Signal<bool>,
    #[prop(into)] error: Signal<Option<ApiError>>,
    save: Callback<()>,
) -> impl IntoView {
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        save.run(());
    };
    let other =
        move || error.get().filter(|error| error.code != ProblemCode::Invalid).map(|error| view! { <ErrorNotice error /> });
    let cannot =
        move || busy.get() || typed.old.with(String::is_empty) || typed.new.with(String::is_empty) || !typed.is_repeated();
    view! {
        <form class="password-form card stack" on:submit=submit>
            <h2>"Change your password"</h2>
            <p class="quiet">"Every other session of yours ends; this one goes on."</p>
            <TextField label="Old password" id="old-password" entry=Entry::CurrentPassword value=typed.old pointer="/old_password" error />
            <NewPasswordFields typed pointer="/new_password" error />
            {other}
            <p><button type="submit" class="button primary" disabled=cannot>"Change password"</button></p>
        </form>
    }
    .into_any()
}
