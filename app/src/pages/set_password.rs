//! Setting one's own password by a one-time link that an admin gave.

use api::users::PasswordByLink;
use domain::link::LinkPurpose;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::components::error_notice::ErrorNotice;
use crate::components::icon::{Icon, IconName};
use crate::components::password_form::{NewPasswordFields, TypedPassword};
use crate::server_fns::users::{find_link, set_password_by_link};

/// The form, while the link works; then the way to sign in.
#[component]
pub fn SetPasswordPage() -> impl IntoView {
    let query = use_query_map();
    let token = Memo::new(move |_| query.with(|query| query.get("token")).unwrap_or_default());
    let link = Resource::new(move || token.get(), find_link);
    let body = move || {
        link.get().map(|found| match found {
            Ok(Some(link)) if link.purpose == LinkPurpose::Password => {
                view! { <OwnPassword token username=link.username.unwrap_or_default() /> }.into_any()
            }
            Ok(_) => view! { <p>"This link does not work: it was used, is older than 24 hours, or a newer one replaced it. Ask your admin for another."</p> }.into_any(),
            Err(error) => view! { <ErrorNotice error /> }.into_any(),
        })
    };
    view! {
        <Title text="Set your password" />
        <main class="bare">
            <div class="setup card stack">
                <p class="brand"><Icon name=IconName::Brand />"Countersign"</p>
                <h1>"Set your password"</h1>
                <Transition fallback=|| view! { <p class="quiet">"Looking at the link…"</p> }>{body}</Transition>
            </div>
        </main>
    }
    .into_any()
}

#[component]
fn OwnPassword(token: Memo<String>, username: String) -> impl IntoView {
    let typed = TypedPassword::new();
    let setting = Action::new(move |request: &PasswordByLink| set_password_by_link(request.clone()));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        setting.dispatch(PasswordByLink { token: token.get_untracked(), password: typed.new.get_untracked() });
    };
    let error = Signal::derive(move || setting.value().get().and_then(Result::err));
    let done = Memo::new(move |_| setting.value().get().is_some_and(|outcome| outcome.is_ok()));
    let other = move || {
        error
            .get()
            .filter(|error| error.errors.iter().all(|fault| fault.pointer != "/password"))
            .map(|error| view! { <ErrorNotice error /> })
    };
    let cannot = move || setting.pending().get() || typed.new.with(String::is_empty) || !typed.is_repeated();
    let name = username.clone();
    let form = move || {
        view! {
            <form class="stack" on:submit=submit>
                <p>"For the account " <code>{name.clone()}</code>"."</p>
                <input type="text" autocomplete="username" value=name.clone() hidden />
                <NewPasswordFields typed pointer="/password" error />
                {other}
                <p><button type="submit" class="button primary" disabled=cannot>"Set password"</button></p>
            </form>
        }
    };
    move || {
        if done.get() {
            view! {
                <p role="status">"The password of " <code>{username.clone()}</code> " is set."</p>
                <p><a class="button primary" href="/sign-in" rel="external">"Sign in"</a></p>
            }
            .into_any()
        } else {
            form().into_any()
        }
    }
}
