//! The sections of one thing, as links: each has an address.

use leptos::prelude::*;

/// One section: its word in the address, its name, and how many things are in it (0 shows no number).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tab {
    pub word: &'static str,
    pub label: &'static str,
    pub count: usize,
}

/// The links; the first section needs no word in the address.
#[component]
pub fn SectionTabs(
    base: String,
    #[prop(into)] tabs: Signal<Vec<Tab>>,
    #[prop(into)] current: Signal<&'static str>,
) -> impl IntoView {
    let link = move |index: usize, tab: &Tab| {
        let Tab { word, label, count } = *tab;
        let href = if index == 0 { base.clone() } else { format!("{base}?section={word}") };
        let number = (count > 0).then(|| view! { <span class="tab-count">{count}</span> });
        view! { <a href=href data-noscroll="" aria-current=move || (current.get() == word).then_some("page")>{label}{number}</a> }
    };
    let links = move || tabs.with(|tabs| tabs.iter().enumerate().map(|(index, tab)| link(index, tab)).collect_view());
    view! { <nav class="section-tabs" aria-label="Sections">{links}</nav> }.into_any()
}
