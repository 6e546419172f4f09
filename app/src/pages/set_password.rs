//! Setting one's own password by a one-time link that an admin gave.

use api::users::PasswordByLink;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::components::error_notice::ErrorNotice;
use crate::components::icon::{Icon, IconName};
use crate::components::password_form::{NewPasswordFields, TypedPassword};
use crate::components::quoted::Quoted;
use crate::server_fns::users::set_password_by_link;

/// The form, and then the way to sign in.
#[component]
pub fn SetPasswordPage() -> impl IntoView {
    let query = use_query_map();
    let token = Memo::new(move |_| query.with(|query| query.get("token")).unwrap_or_default());
    view! {
        <Title text="Set your password" />
        <main class="bare">
            <div class="setup card stack">
                <p class="brand"><Icon name=IconName::Brand />"Countersign"</p>
                <h1>"Set your password"</h1>
                <OwnPassword token />
            </div>
        </main>
    }
    .into_any()
}

#[component]
fn OwnPassword(token: Memo<String>) -> impl IntoView {
    let typed = TypedPassword::new();
    let setting = Action::new(move |request: &PasswordByLink| set_password_by_link(request.clone()));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        setting.dispatch(PasswordByLink { token: token.get_untracked(), password: typed.new.get_untracked() });
    };
    let error = Signal::derive(move || setting.value().get().and_then(Result::err));
    let person = Memo::new(move |_| setting.value().get().and_then(Result::ok));
    let other = move || {
        error
            .get()
            .filter(|error| error.errors.iter().all(|fault| fault.pointer != "/password"))
            .map(|error| view! { <ErrorNotice error /> })
    };
    let cannot = move || setting.pending().get() || typed.new.with(String::is_empty) || !typed.is_repeated();
    let form = move || {
        view! {
            <form class="stack" on:submit=submit>
                <p class="quiet">"The link works once, for 24 hours, until a newer one replaces it."</p>
                <NewPasswordFields typed pointer="/password" error />
                {other}
                <p><button type="submit" class="button primary" disabled=cannot>"Set password"</button></p>
            </form>
        }
    };
    move || match person.get() {
        Some(person) => view! {
            <p role="status">"The password of " <code><Quoted text=person.username /></code> " is set."</p>
            <p><a class="button primary" href="/sign-in" rel="external">"Sign in"</a></p>
        }
        .into_any(),
        None => form().into_any(),
    }
}
