//! Everybody's sessions, for admins.

use api::PageRequest;
use api::page::PAGE_LIMIT_MAX;
use api::sessions::{BrowserSession, SessionOwner};
use domain::digest::Digest;
use leptos::prelude::*;

use crate::asked::asked;
use crate::components::confirm_dialog::{ConfirmDialog, Question};
use crate::components::loaded::LoadedPart;
use crate::components::session_table::{Owners, SessionTable};
use crate::live::Live;
use crate::notices::Notices;
use crate::server_fns::sessions::{end_session, list_sessions};

/// The section.
#[component]
pub fn SessionsSection() -> impl IntoView {
    let (live, notices) = (expect_context::<Live>(), expect_context::<Notices>());
    let sessions = asked(
        move || live.account.get(),
        |_| list_sessions(SessionOwner::Everybody, PageRequest { limit: PAGE_LIMIT_MAX, cursor: None }),
    );
    let to_confirm = RwSignal::new(None::<Question<Digest>>);
    let ending = Action::new(move |id: &Digest| {
        let id = *id;
        async move {
            match end_session(id).await {
                Ok(()) => notices.good("The session has ended."),
                Err(error) => notices.bad(&error),
            }
        }
    });
    let ask = Callback::new(move |session: BrowserSession| {
        if let Ok(about) = session.id.parse() {
            let title = format!("End a session of {}?", session.user.username);
            let words = "The person is signed out at once, and told so. They can sign in again.".to_owned();
            to_confirm.set(Some(Question { about, title, words, act: "End session" }));
        }
    });
    view! {
        <section class="stack">
            <h2>"Who is signed in"</h2>
            <LoadedPart answer=sessions what="sessions" view=move |page| {
                let items = Signal::derive(move || page.with(|page| page.items.clone()));
                let cut = move || page.with(|page| page.next_cursor.is_some()).then(|| view! { <p class="quiet">"These are the newest 200."</p> });
                view! { <SessionTable sessions=items owners=Owners::Shown end=ask />{cut} }
            } />
        </section>
        <ConfirmDialog asked=to_confirm name="end-any" confirm=Callback::new(move |id| drop(ending.dispatch(id))) />
    }
    .into_any()
}
