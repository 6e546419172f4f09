//! Settings: one's own account, people, API keys, everybody's sessions, how this browser shows things, and how the server is. Each
//! section has a file of its own.

mod account;
mod confirmations;
mod health;
mod keys;
mod sessions;
mod users;

use domain::access::Permission;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::components::appearance::Appearance;
use crate::components::empty_state::EmptyState;
use crate::components::section_tabs::{SectionTabs, Tab};
use crate::viewer::{self, Viewer};

const SECTIONS: [(&str, &str); 7] = [
    ("account", "Account"),
    ("users", "Users"),
    ("confirmations", "Confirmations"),
    ("keys", "API keys"),
    ("sessions", "Sessions"),
    ("appearance", "Appearance"),
    ("health", "Health"),
];

/// The sections, one at a time.
#[component]
pub fn SettingsPage() -> impl IntoView {
    let query = use_query_map();
    let current = Memo::new(move |_| {
        let word = query.with(|query| query.get("section")).unwrap_or_default();
        SECTIONS.iter().find(|(known, _)| *known == word).unwrap_or(&SECTIONS[0]).0
    });
    let tabs = Signal::stored(SECTIONS.iter().map(|(word, label)| Tab { word, label, count: 0 }).collect::<Vec<_>>());
    let section = move || {
        match current.get() {
        "users" => view! { <Only role="admin" what="accounts" permission=Permission::ManageUsers><users::UsersSection /></Only> }.into_any(),
        "confirmations" => {
            view! { <Only role="approver or admin" what="accounts to confirm" permission=Permission::ConfirmAccount><confirmations::ConfirmationsSection /></Only> }.into_any()
        }
        "keys" => view! { <Only role="admin" what="API keys" permission=Permission::ManageApiKeys><keys::KeysSection /></Only> }.into_any(),
        "sessions" => {
            view! { <Only role="admin" what="other people's sessions" permission=Permission::ManageUsers><sessions::SessionsSection /></Only> }.into_any()
        }
        "appearance" => view! { <AppearanceSection /> }.into_any(),
        "health" => view! { <health::HealthSection /> }.into_any(),
        _ => view! { <account::AccountSection /> }.into_any(),
    }
    };
    view! {
        <Title text="Settings" />
        <div class="page">
            <div class="page-head"><h1>"Settings"</h1></div>
            <SectionTabs base="/settings".to_owned() tabs current />
            {section}
        </div>
    }
    .into_any()
}

/// What only people with a role see; everybody else is told so.
#[component]
fn Only(role: &'static str, what: &'static str, permission: Permission, children: ChildrenFn) -> impl IntoView {
    let body = move || {
        let viewer = Viewer::here();
        let children = children.clone();
        let section = move || {
            if viewer.may(permission) {
                children().into_any()
            } else {
                view! {
                    <EmptyState title=if role == "admin" { "Only admins work here" } else { "Only approvers and admins work here" }>
                        <p class="quiet">"Your roles do not include "{role}", which is needed to see and change "{what}". Ask an admin of yours. Your own password and sessions are under "<a href="/settings">"Account"</a>"."</p>
                    </EmptyState>
                }
                .into_any()
            }
        };
        viewer::is_answered().then_some(section)
    };
    view! { <Transition>{body}</Transition> }.into_any()
}

#[component]
fn AppearanceSection() -> impl IntoView {
    view! {
        <section class="card stack">
            <h2>"Appearance"</h2>
            <p class="quiet">"Kept in this browser, for everybody who uses it."</p>
            <Appearance place="settings" />
        </section>
    }
    .into_any()
}
