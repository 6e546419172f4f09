//! Under an incident's title: who works on it, how much time is left, how it is tagged.

use api::incidents::IncidentView;
use leptos::prelude::*;

use crate::components::icon::{Icon, IconName};
use crate::components::quoted::{Quoted, line};
use crate::components::sla_clocks::SlaClocks;

/// What can be changed here.
#[derive(Clone, Copy)]
pub struct BarActions {
    pub take: Callback<()>,
    pub assign: Callback<()>,
    pub add_tag: Callback<()>,
    pub remove_tag: Callback<String>,
    pub edit_title: Callback<()>,
    pub merge: Callback<()>,
}

/// The bar; without the right to work on it, only what is said. `me` is the user name of who looks.
#[component]
pub fn IncidentBar(
    #[prop(into)] incident: Signal<IncidentView>,
    #[prop(into)] may_edit: Signal<bool>,
    #[prop(into)] may_merge: Signal<bool>,
    #[prop(into)] me: Signal<Option<String>>,
    actions: BarActions,
) -> impl IntoView {
    let assignee = Memo::new(move |_| incident.with(|incident| incident.assignee.as_ref().map(|user| user.username.clone())));
    let sla = Signal::derive(move || incident.with(|incident| incident.sla));
    let mine = Memo::new(move |_| assignee.get().is_some() && assignee.get() == me.get());
    let button = move |label: &'static str, act: Callback<()>| view! { <button type="button" class="bar-button" on:click=move |_| act.run(())>{label}</button> };
    let take = move || (may_edit.get() && !mine.get()).then(|| button("Take it", actions.take));
    let assign = move || may_edit.get().then(|| button("Assign", actions.assign));
    let tag = move || may_edit.get().then(|| button("Add tag", actions.add_tag));
    let title = move || may_edit.get().then(|| button("Edit title", actions.edit_title));
    let merge = move || may_merge.get().then(|| button("Merge", actions.merge));
    let tags = Memo::new(move |_| incident.with(|incident| incident.tags.clone()));
    let chips = move || tags.get().into_iter().map(|name| chip(name, may_edit, actions.remove_tag)).collect_view();
    view! {
        <div class="incident-bar">
            <span><span class="faint">"Assignee "</span><b>{move || view! { <Quoted text=assignee.get().unwrap_or_else(|| "nobody".to_owned()) /> }}</b>{take}{assign}</span>
            <SlaClocks sla />
            <span class="incident-tags"><span class="faint">"Tags "</span>{chips}{tag}</span>
            <span>{title}{merge}</span>
        </div>
    }
    .into_any()
}

fn chip(name: String, may_edit: Signal<bool>, remove: Callback<String>) -> impl IntoView {
    let label = format!("Remove tag {}", line(&name));
    let of = name.clone();
    let cross = move || {
        let (label, of) = (label.clone(), of.clone());
        may_edit.get().then(|| {
            view! { <button type="button" class="copy-button" aria-label=label on:click=move |_| remove.run(of.clone())><Icon name=IconName::Cross /></button> }
        })
    };
    view! { <span class="chip tag"><Quoted text=name />{cross}</span> }
}
