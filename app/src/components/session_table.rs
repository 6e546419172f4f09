//! Sessions as people recognise them, and their end.

use api::sessions::BrowserSession;
use leptos::prelude::*;

use crate::components::age::{Ago, FullTime};
use crate::components::quoted::{Quoted, line};
use crate::components::status_mark::StatusMark;
use crate::wording;

/// Is it said whose they are?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owners {
    Shown,
    Hidden,
}

/// One row for each session; `end` is asked of any but the current one.
#[component]
pub fn SessionTable(
    #[prop(into)] sessions: Signal<Vec<BrowserSession>>,
    owners: Owners,
    end: Callback<BrowserSession>,
) -> impl IntoView {
    let person = (owners == Owners::Shown).then(|| view! { <th scope="col">"Person"</th> });
    view! {
        <table class="session-table table">
            <caption class="heard-only">"Sessions"</caption>
            <thead>
                <tr>
                    {person}
                    <th scope="col">"Browser"</th>
                    <th scope="col">"Network"</th>
                    <th scope="col">"Signed in"</th>
                    <th scope="col">"Last seen"</th>
                    <th scope="col"><span class="heard-only">"Actions"</span></th>
                </tr>
            </thead>
            <tbody>
                <For each=move || sessions.get() key=|session| (session.id.clone(), session.seen_at) children=move |session| view! { <Row session owners end /> } />
            </tbody>
        </table>
    }
    .into_any()
}

#[component]
fn Row(session: BrowserSession, owners: Owners, end: Callback<BrowserSession>) -> impl IntoView {
    let person = (owners == Owners::Shown).then(|| view! { <td><b><Quoted text=session.user.username.clone() /></b></td> });
    let known = StoredValue::new(session.clone());
    let action = if session.current {
        view! { <StatusMark word="ok" label="this session" /> }.into_any()
    } else {
        view! { <button type="button" class="button bad" on:click=move |_| end.run(known.get_value())>"End"</button> }.into_any()
    };
    view! {
        <tr>
            {person}
            <td class="cell-browser" title=line(&session.browser)><Quoted text=wording::browser(&session.browser) /></td>
            <td><code><Quoted text=session.network /></code></td>
            <td class="nowrap"><span class="narrow-label">"Signed in "</span><FullTime at=session.created_at /></td>
            <td class="nowrap"><span class="narrow-label">"Seen "</span><Ago at=session.seen_at /></td>
            <td class="cell-actions">{action}</td>
        </tr>
    }
    .into_any()
}
