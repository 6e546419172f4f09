//! The filters that one can choose without knowing their words.

use domain::incident::State;
use domain::severity::Severity;
use domain::verdict::Verdict;
use leptos::prelude::*;

use crate::listing::Listing;
use crate::wording;

/// What the menu is found by.
pub const FILTER_MENU: &str = ".filter-menu";

/// A value and its label.
type Choice = (String, String);

/// The menu behind a button; each choice shows another list at once.
#[component]
pub fn FilterMenu(listing: Memo<Listing>, go: Callback<Listing>) -> impl IntoView {
    let states = State::ALL.iter().map(|state| (state.to_string(), wording::state(*state).to_owned())).collect();
    let severities =
        Severity::ALL.iter().map(|severity| (severity.to_string(), format!("{severity} {}", severity.label()))).collect();
    let verdicts = Verdict::ALL.iter().map(|verdict| (verdict.to_string(), verdict.to_string())).collect();
    let assignees = vec![("me".to_owned(), "me".to_owned()), ("none".to_owned(), "nobody".to_owned())];
    let group = move |title: &'static str, name: &'static str, choices: Vec<Choice>| {
        view! { <Group title name choices listing go /> }
    };
    view! {
        <details class="menu filter-menu">
            <summary class="button" aria-keyshortcuts="f">"Filter"</summary>
            <div class="menu-panel filter-panel">
                {group("Severity", "severity", severities)}
                {group("State", "state", states)}
                {group("Verdict", "verdict", verdicts)}
                {group("Assignee", "assignee", assignees)}
                <p class="faint filter-words">"Typed: "<code>"sev>=S2 type:phishing tag:vip source:siem user:admin score>=60 from:2026-03-11"</code></p>
            </div>
        </details>
    }
    .into_any()
}

#[component]
fn Group(
    title: &'static str,
    name: &'static str,
    choices: Vec<Choice>,
    listing: Memo<Listing>,
    go: Callback<Listing>,
) -> impl IntoView {
    let choice = move |(value, label): Choice| {
        let known = value.clone();
        let checked = move || listing.with(|listing| listing.has(name, &known));
        view! {
            <label>
                <input type="checkbox" prop:checked=checked on:change=move |_| go.run(listing.with_untracked(|listing| listing.toggled(name, &value))) />
                <span>{label}</span>
            </label>
        }
    };
    view! { <fieldset><legend>{title}</legend>{choices.into_iter().map(choice).collect_view()}</fieldset> }.into_any()
}
