//! One's own account: the password, and where one is signed in.

use api::page::PAGE_LIMIT_MAX;
use api::sessions::{BrowserSession, SessionOwner};
use api::{ApiError, Page, PageRequest};
use domain::digest::Digest;
use leptos::prelude::*;

use crate::components::confirm_dialog::{ConfirmDialog, Question};
use crate::components::loaded::{Loaded, Scope};
use crate::components::password_form::{PasswordForm, TypedPassword};
use crate::components::session_table::{Owners, SessionTable};
use crate::live::Live;
use crate::notices::Notices;
use crate::server_fns::session::change_password;
use crate::server_fns::sessions::{end_other_sessions, end_session, list_sessions};

/// The section.
#[component]
pub fn AccountSection() -> impl IntoView {
    let live = expect_context::<Live>();
    let reload = RwSignal::new(0_u32);
    let sessions = Resource::new(
        move || (live.account.get(), reload.get()),
        |_| list_sessions(SessionOwner::Me, PageRequest { limit: PAGE_LIMIT_MAX, cursor: None }),
    );
    let changed = Callback::new(move |()| reload.update(|count| *count += 1));
    view! {
        <OwnPassword changed />
        <OwnSessions sessions changed />
    }
    .into_any()
}

#[component]
fn OwnPassword(changed: Callback<()>) -> impl IntoView {
    let notices = expect_context::<Notices>();
    let typed = TypedPassword::new();
    let changing = Action::new(move |(old, new): &(String, String)| {
        let (old, new) = (old.clone(), new.clone());
        async move {
            let outcome = change_password(old, new).await;
            if outcome.is_ok() {
                typed.clear();
                changed.run(());
                notices.good("Your password is changed. Your other sessions have ended.");
            }
            outcome
        }
    });
    let save = Callback::new(move |()| drop(changing.dispatch((typed.old.get_untracked(), typed.new.get_untracked()))));
    let error = Signal::derive(move || changing.value().get().and_then(Result::err));
    view! { <PasswordForm typed busy=changing.pending() error save /> }
}

/// What is asked to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    One(Digest),
    Others,
}

#[component]
fn OwnSessions(sessions: Resource<Result<Page<BrowserSession>, ApiError>>, changed: Callback<()>) -> impl IntoView {
    let notices = expect_context::<Notices>();
    let asked = RwSignal::new(None::<Question<End>>);
    let ending = Action::new(move |end: &End| {
        let end = *end;
        async move {
            let outcome = match end {
                End::One(id) => end_session(id).await,
                End::Others => end_other_sessions().await,
            };
            match outcome {
                Ok(()) => notices.good("Ended."),
                Err(error) => notices.bad(&error),
            }
            changed.run(());
        }
    });
    let ask_one = Callback::new(move |session: BrowserSession| {
        if let Ok(id) = session.id.parse() {
            let words = "Whoever uses it is signed out at once.".to_owned();
            asked.set(Some(Question { about: End::One(id), title: "End this session?".to_owned(), words, act: "End session" }));
        }
    });
    let ask_others = move |_| {
        let words = "You stay signed in here, and are signed out everywhere else at once.".to_owned();
        asked.set(Some(Question {
            about: End::Others,
            title: "End all other sessions?".to_owned(),
            words,
            act: "End the others",
        }));
    };
    view! {
        <section class="stack">
            <div class="row between">
                <h2>"Where you are signed in"</h2>
                <button type="button" class="button" on:click=ask_others>"End all others"</button>
            </div>
            <p class="quiet">"A session ends after 30 minutes without use, and 12 hours after signing in."</p>
            <Loaded resource=sessions what="sessions" scope=Scope::Part view=move |page| {
                let items = Signal::derive(move || page.with(|page| page.items.clone()));
                view! { <SessionTable sessions=items owners=Owners::Hidden end=ask_one /> }
            } />
        </section>
        <ConfirmDialog asked name="end-own" confirm=Callback::new(move |end| drop(ending.dispatch(end))) />
    }
    .into_any()
}
