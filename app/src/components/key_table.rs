//! Every API key without its secret, and the end of those that still work.

use api::api_keys::ApiKeyView;
use domain::timestamp::Timestamp;
use leptos::prelude::*;

use crate::clock::Clock;
use crate::components::age::{Ago, FullTime};
use crate::components::quoted::Quoted;
use crate::components::status_mark::StatusMark;

/// One row for each key; `revoke` is asked of one that still works.
#[component]
pub fn KeyTable(#[prop(into)] keys: Signal<Vec<ApiKeyView>>, revoke: Callback<ApiKeyView>) -> impl IntoView {
    view! {
        <table class="key-table table">
            <caption class="heard-only">"API keys"</caption>
            <thead>
                <tr>
                    <th scope="col">"Key"</th>
                    <th scope="col">"Scopes"</th>
                    <th scope="col">"State"</th>
                    <th scope="col">"Last used"</th>
                    <th scope="col">"Expires"</th>
                    <th scope="col"><span class="heard-only">"Actions"</span></th>
                </tr>
            </thead>
            <tbody>
                <For each=move || keys.get() key=|key| (key.id, key.last_used_at, key.revoked_at) children=move |key| view! { <Row key_view=key revoke /> } />
            </tbody>
        </table>
    }
    .into_any()
}

#[component]
fn Row(key_view: ApiKeyView, revoke: Callback<ApiKeyView>) -> impl IntoView {
    let clock = Clock::here();
    let (expires_at, revoked_at) = (key_view.expires_at, key_view.revoked_at);
    let state = Memo::new(move |_| state(expires_at, revoked_at, clock.now()));
    let scopes = key_view.scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ");
    let source =
        key_view.source.as_ref().map(|source| view! { <span class="quiet">" for "<Quoted text=source.to_string() /></span> });
    let used = key_view.last_used_at.map_or_else(|| "never".into_any(), |at| view! { <Ago at /> }.into_any());
    let expires = expires_at.map_or_else(|| "when revoked".into_any(), |at| view! { <FullTime at /> }.into_any());
    let known = StoredValue::new(key_view.clone());
    let button = revoked_at.is_none().then(|| {
        view! { <button type="button" class="button bad" on:click=move |_| revoke.run(known.get_value())>"Revoke"</button> }
    });
    view! {
        <tr>
            <td class="cell-key"><b><Quoted text=key_view.name /></b>" "<code>{format!("cs_{}_…", key_view.prefix)}</code>{source}</td>
            <td class="cell-scopes"><code>{scopes}</code></td>
            <td><StatusMark word=Signal::derive(move || state.get().0) label=Signal::derive(move || state.get().1) /></td>
            <td><span class="narrow-label">"Used "</span>{used}</td>
            <td><span class="narrow-label">"Expires "</span>{expires}</td>
            <td class="cell-actions">{button}</td>
        </tr>
    }
    .into_any()
}

fn state(expires_at: Option<Timestamp>, revoked_at: Option<Timestamp>, now: Option<Timestamp>) -> (&'static str, &'static str) {
    let is_over = |at: Timestamp| now.is_some_and(|now| at <= now);
    match (revoked_at, expires_at) {
        (Some(_), _) => ("failed", "revoked"),
        (None, Some(at)) if is_over(at) => ("expired", "expired"),
        _ => ("ok", "in force"),
    }
}
