//! What an approver should know beside the plan: where else its targets are in question, the evidence, past decisions.

use api::approvals::{Circumstances, IncidentMention, PastDecision, TargetStanding};
use domain::alert::Alert;
use domain::approval::Vote;
use domain::visible::Place;
use leptos::prelude::*;

use crate::components::age::{Ago, FullTime};
use crate::components::quoted::Quoted;
use crate::components::severity_mark::SeverityMark;
use crate::components::status_mark::StatusMark;
use crate::components::verdict_mark::VerdictMark;
use crate::{defang, wording};

/// The three parts.
#[component]
pub fn CircumstanceList(known: Memo<Circumstances>) -> impl IntoView {
    move || {
        known.with(|known| {
            view! {
                {elsewhere(&known.targets)}
                {evidence(known)}
                {similar(&known.similar)}
            }
            .into_any()
        })
    }
}

fn elsewhere(targets: &[TargetStanding]) -> AnyView {
    let row = |standing: &TargetStanding| {
        let others = if standing.incidents.is_empty() {
            view! { <p class="quiet">"in no other open incident"</p> }.into_any()
        } else {
            view! { <ul class="mentions">{standing.incidents.iter().map(|incident| view! { <li>{mention(incident)}</li> }).collect_view()}</ul> }.into_any()
        };
        view! { <li><p><span class="faint"><Quoted text=standing.target.parameter.clone() /></span>" "<code><Quoted text=standing.target.value.clone() /></code></p>{others}</li> }
    };
    let none = targets.is_empty().then(|| view! { <p class="quiet">"The plan aims at nothing that is known now."</p> });
    view! {
        <section class="card stack circumstances" aria-labelledby="elsewhere">
            <h2 id="elsewhere">"The targets elsewhere"</h2>
            {none}
            <ul>{targets.iter().map(row).collect_view()}</ul>
            <p class="faint">"No inventory is connected: who owns a target, and how critical it is, is not known here."</p>
        </section>
    }
    .into_any()
}

fn mention(incident: &IncidentMention) -> AnyView {
    view! {
        <SeverityMark severity=incident.severity />" "
        <a class="mono" href=format!("/incidents/{}", incident.id)>{incident.id.to_string()}</a>" "
        <Quoted text=defang::text(&incident.title) />" "<small>{wording::state(incident.state)}</small>
    }
    .into_any()
}

fn evidence(known: &Circumstances) -> AnyView {
    let reason = |reason: &domain::verdict::VerdictReason| view! { <li><Quoted text=reason.detail.clone() place=Place::Lines />" "<small>{wording::points(reason.points)}</small></li> };
    let alert = |alert: &Alert| {
        view! {
            <li>
                <a class="mono" href=format!("/alerts/{}", alert.id)>{alert.id.to_string()}</a>" "<Quoted text=defang::text(&alert.title) />" "
                <small><Quoted text=alert.source.to_string() />", "<FullTime at=alert.received_at /></small>
            </li>
        }
    };
    view! {
        <section class="card stack circumstances" aria-labelledby="evidence-alerts">
            <h2 id="evidence-alerts">"Evidence"</h2>
            <p class="row"><span class="faint">"Verdict"</span><VerdictMark verdict=known.verdict /></p>
            <ul>{known.verdict_reasons.iter().map(reason).collect_view()}{known.alerts.iter().map(alert).collect_view()}</ul>
        </section>
    }
    .into_any()
}

fn similar(past: &[PastDecision]) -> AnyView {
    let none = past.is_empty().then(|| view! { <p class="quiet">"No plan of this playbook has been decided before."</p> });
    view! {
        <section class="card stack circumstances" aria-labelledby="similar">
            <h2 id="similar">"How this playbook was decided before"</h2>
            {none}
            <ul>{past.iter().map(decision).collect_view()}</ul>
        </section>
    }
    .into_any()
}

fn decision(past: &PastDecision) -> AnyView {
    let (word, label) = (past.status.as_str(), wording::approval_status(past.status));
    let same = past.same_target.then(|| view! { <span class="plan-badge gate">"same target"</span> });
    let vote = |vote: &Vote| view! { <p class="quiet"><b><Quoted text=vote.by.username.clone() /></b>": "<Quoted text=vote.reason.clone() place=Place::Lines /></p> };
    view! {
        <li>
            <p class="row">
                <StatusMark word label />{same}<a class="mono" href=format!("/approvals/{}", past.id)>{past.id.to_string()}</a>
                <small><Ago at=past.requested_at /></small>
            </p>
            <p>{mention(&past.incident)}</p>
            {past.decisions.iter().map(vote).collect_view()}
        </li>
    }
    .into_any()
}
