//! Entries of the audit log; each opens to its details and hash.

use api::audit::{AuditEntryView, ErasedDetail};
use domain::digest::Digest;
use domain::visible::Place;
use leptos::prelude::*;
use serde_json::Value;

use crate::components::age::FullTime;
use crate::components::digest_text::DigestText;
use crate::components::icon::{Icon, IconName};
use crate::components::log_verdict::Marks;
use crate::components::quoted::{Quoted, line};
use crate::components::status_mark::StatusMark;
use crate::{plan_rows, wording};

/// More facts, or longer ones, are read in the open entry.
const FACTS_MAX: usize = 3;
const VALUE_CHARS_MAX: usize = 24;

/// The entries in the order given.
#[component]
pub fn AuditTable(
    #[prop(into)] entries: Signal<Vec<AuditEntryView>>,
    /// What a check of them found.
    #[prop(into, optional)]
    marks: Signal<Marks>,
) -> impl IntoView {
    view! {
        <table class="audit-table table">
            <caption class="heard-only">"Audit entries"</caption>
            <thead>
                <tr>
                    <th scope="col" class="numbers">"Seq"</th>
                    <th scope="col">"Time"</th>
                    <th scope="col">"Action"</th>
                    <th scope="col">"Actor"</th>
                    <th scope="col">"Target"</th>
                    <th scope="col">"Outcome"</th>
                    <th scope="col">"Details"</th>
                </tr>
            </thead>
            <tbody><For each=move || entries.get() key=|entry| entry.seq children=move |entry| view! { <Entry entry marks /> } /></tbody>
        </table>
    }
    .into_any()
}

#[component]
fn Entry(entry: AuditEntryView, marks: Signal<Marks>) -> impl IntoView {
    let seq = entry.seq;
    let mark = Memo::new(move |_| marks.with(|marks| marks.get(&seq).cloned()));
    let actor = entry.actor.name.clone().unwrap_or_else(|| entry.actor.kind.to_string());
    let outcome = entry.outcome.as_str();
    view! {
        <tr class="audit-entry" id=format!("entry-{}", entry.seq)>
            <td class="cell-seq numbers">{move || mark.get().map(verified)}{entry.seq}</td>
            <td class="cell-time nowrap"><FullTime at=entry.at /></td>
            <td class="cell-action" title=wording::audit_action(entry.action)><code>{entry.action.as_str()}</code></td>
            <td class="cell-actor"><Quoted text=actor /></td>
            <td class="cell-target mono">{target(&entry)}</td>
            <td class="cell-outcome"><StatusMark word=outcome label=outcome /></td>
            <td class="cell-details"><Details entry=entry.clone() /></td>
        </tr>
    }
    .into_any()
}

/// Whether the entry is what was signed.
fn verified(wrong: Option<String>) -> AnyView {
    match wrong {
        None => view! { <span class="entry-mark good" title="as it was signed"><Icon name=IconName::Check /><span class="heard-only">"verified, "</span></span> }.into_any(),
        Some(wrong) => view! { <span class="entry-mark bad" title=line(&wrong)><Icon name=IconName::Cross /><span class="heard-only">"not what was signed, "</span></span> }.into_any(),
    }
}

/// The target, as a link where there is a page for it.
fn target(entry: &AuditEntryView) -> AnyView {
    let id = entry.target.id.clone();
    let href = match (id.split('-').next(), entry.incident_id) {
        (Some("INC"), _) => Some(format!("/incidents/{id}")),
        (Some("APR"), _) => Some(format!("/approvals/{id}")),
        (Some("RUN"), _) => Some(format!("/runs/{id}")),
        (Some("ALT"), _) => Some(format!("/alerts/{id}")),
        (Some("PB"), _) => Some(format!("/playbooks/{id}")),
        (Some("NOTE"), Some(incident)) => Some(format!("/incidents/{incident}")),
        _ => None,
    };
    match href {
        Some(href) => view! { <a href=href><Quoted text=id /></a> }.into_any(),
        None => view! { {entry.target.kind.to_string()}" "<Quoted text=id /> }.into_any(),
    }
}

#[component]
fn Details(entry: AuditEntryView) -> impl IntoView {
    view! {
        <details>
            <summary><span class="heard-only">"Details of entry "{entry.seq}": "</span><Quoted text=facts_line(&entry.details) /></summary>
            <dl class="audit-details">
                <dt>"Entry id"</dt><dd><code>{entry.id.to_string()}</code></dd>
                {entry.actor.id.map(|id| view! { <dt>"Actor id"</dt><dd><code><Quoted text=id /></code></dd> })}
                {entry.incident_id.map(|id| view! { <dt>"Incident"</dt><dd><a href=format!("/incidents/{id}")>{id.to_string()}</a></dd> })}
                {entry.correlation_id.map(|id| view! { <dt>"Correlation id"</dt><dd><code><Quoted text=id /></code></dd> })}
                <dt>"Leaf hash"</dt><dd><DigestText digest=Signal::stored(entry.leaf_hash) /></dd>
            </dl>
            {entry.erased.map(erased)}
            <p><a href=format!("/api/v1/audit/proof/file?seq={}", entry.seq) download rel="external">"Proof of this entry"</a>" "<span class="faint">"verify it offline with "<code>"audit-verify"</code></span></p>
            <pre class="audit-facts" tabindex="0"><Quoted text=pretty(&entry.details) place=Place::Lines /></pre>
        </details>
    }
    .into_any()
}

/// What an entry said of people may be gone; that it is gone is said by another entry.
fn erased(erased: ErasedDetail) -> impl IntoView {
    let reason = erased.reason.unwrap_or_else(|| "the reason was erased too".to_owned());
    view! {
        <p class="audit-erased">"The detail of this entry was erased on "<FullTime at=erased.at />": "<Quoted text=reason place=Place::Lines />" "<span class="faint">"(entry "{erased.seq}"; every proof still holds)"</span></p>
    }
}

fn pretty(json: &Value) -> String {
    serde_json::to_string_pretty(json).unwrap_or_else(|_| json.to_string())
}

/// The first facts in one line: "from classified, to contained".
fn facts_line(details: &Value) -> String {
    let simple = details.as_object().into_iter().flatten().filter(|(_, value)| value.is_string() || value.is_number());
    let facts: Vec<String> =
        simple.take(FACTS_MAX).map(|(name, value)| format!("{name} {}", short(&plan_rows::plain(value)))).collect();
    if facts.is_empty() { "Open".to_owned() } else { facts.join(", ") }
}

/// A digest by its start, as people point at it; anything else as far as it fits.
fn short(value: &str) -> String {
    value.parse::<Digest>().map_or_else(|_| value.chars().take(VALUE_CHARS_MAX).collect(), |digest| digest.start())
}
