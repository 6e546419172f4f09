//! Signing in: a plain form, which works without scripts. The server checks it and sends the person on.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::components::icon::{Icon, IconName};

/// The form, and what went wrong the last time.
#[component]
pub fn SignInPage() -> impl IntoView {
    let query = use_query_map();
    let next =
        move || query.with(|query| query.get("next").filter(|next| is_ours(next)).unwrap_or_else(|| "/incidents".to_owned()));
    let problem = move || match query.with(|query| query.get("error")).as_deref() {
        Some("rate-limited") => Some("Too many attempts. Wait five minutes, then try again."),
        Some(_) => Some("User name or password is wrong."),
        None => None,
    };
    view! {
        <Title text="Sign in" />
        <main class="bare">
            <form class="sign-in card stack" method="post" action="/sign-in">
                <p class="brand"><Icon name=IconName::Brand />"Countersign"</p>
                <h1>"Sign in"</h1>
                {move || problem().map(|words| view! { <p class="sign-in-problem" role="alert">{words}</p> })}
                <input type="hidden" name="next" value=next />
                <label for="username">"User name"</label>
                <input id="username" name="username" autocomplete="username" autocapitalize="none" spellcheck="false" required autofocus />
                <label for="password">"Password"</label>
                <input id="password" name="password" type="password" autocomplete="current-password" required />
                <button type="submit" class="button primary">"Sign in"</button>
            </form>
        </main>
    }
    .into_any()
}

/// Only addresses of this site are gone on to.
fn is_ours(next: &str) -> bool {
    next.starts_with('/') && !next.starts_with("//") && !next.contains('\\')
}
