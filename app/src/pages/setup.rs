//! First set-up: whoever holds the link that the server printed makes the first admin, and learns what comes next.

use api::ApiError;
use api::people::UserView;
use api::users::SetupRequest;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::components::error_notice::ErrorNotice;
use crate::components::icon::{Icon, IconName};
use crate::components::password_form::{NewPasswordFields, TypedPassword};
use crate::components::quoted::Quoted;
use crate::components::text_field::{Entry, TextField};
use crate::server_fns::users::set_up;

/// The form, and then the way on.
#[component]
pub fn SetupPage() -> impl IntoView {
    let query = use_query_map();
    let token = Memo::new(move |_| query.with(|query| query.get("token")).unwrap_or_default());
    view! {
        <Title text="Set-up" />
        <main class="bare">
            <div class="setup card stack">
                <p class="brand"><Icon name=IconName::Brand />"Countersign"</p>
                <h1>"Make the first admin"</h1>
                <FirstAdmin token />
            </div>
        </main>
    }
    .into_any()
}

#[component]
fn FirstAdmin(token: Memo<String>) -> impl IntoView {
    let username = RwSignal::new(String::new());
    let display_name = RwSignal::new(String::new());
    let typed = TypedPassword::new();
    let making = Action::new(move |request: &SetupRequest| set_up(request.clone()));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let name = display_name.get_untracked().trim().to_owned();
        making.dispatch(SetupRequest {
            token: token.get_untracked(),
            username: username.get_untracked().trim().to_owned(),
            display_name: Some(name).filter(|name| !name.is_empty()),
            password: typed.new.get_untracked(),
        });
    };
    let error = Signal::derive(move || making.value().get().and_then(Result::err));
    let made = Memo::new(move |_| making.value().get().and_then(Result::ok));
    let cannot = move || {
        making.pending().get() || username.with(String::is_empty) || typed.new.with(String::is_empty) || !typed.is_repeated()
    };
    let form = move || {
        view! {
            <form class="stack" on:submit=submit>
                <p class="quiet">"Nobody can sign in yet. An admin manages people, keys and settings, and signs nothing: for that add analysts and approvers afterwards."</p>
                <TextField label="User name" id="setup-username" entry=Entry::Username value=username pointer="/username" error note="1 to 64 of a-z, 0-9 and . _ -" />
                <TextField label="Display name" id="setup-display-name" entry=Entry::Text value=display_name pointer="/display_name" error note="How others see you; by default the user name." />
                <NewPasswordFields typed pointer="/password" error />
                {move || error.get().filter(elsewhere).map(refusal)}
                <p><button type="submit" class="button primary" disabled=cannot>"Make the admin"</button></p>
            </form>
        }
    };
    move || match made.get() {
        Some(person) => view! { <NextSteps person /> }.into_any(),
        None => form().into_any(),
    }
}

/// Is it about something that has no field?
fn elsewhere(error: &ApiError) -> bool {
    error.errors.is_empty() || error.errors.iter().any(|fault| fault.pointer == "/token")
}

/// A link that does not work is what goes wrong here; how to get another one stands beside it.
fn refusal(error: ApiError) -> impl IntoView {
    view! {
        <ErrorNotice error>
            <p>"A link works once, for an hour, and as long as nobody can sign in. On the server, " <code>"countersign user setup-link"</code> " prints another one."</p>
        </ErrorNotice>
    }
}

#[component]
fn NextSteps(person: UserView) -> impl IntoView {
    view! {
        <p role="status"><b><Quoted text=person.display_name /></b>" is the first admin."</p>
        <p>"What comes next:"</p>
        <ol class="setup-steps">
            <li>"Sign in as " <code><Quoted text=person.username /></code>"."</li>
            <li>"Under Settings, Users, add an analyst and an approver: two people, because nobody signs for what they asked for."</li>
            <li>"Under Settings, API keys, create a key with " <code>"alerts:write"</code> " for your first source."</li>
        </ol>
        <p><a class="button primary" href="/sign-in?next=%2Fsettings%3Fsection%3Dusers" rel="external">"Sign in"</a></p>
    }
    .into_any()
}
