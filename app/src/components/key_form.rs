//! The words of a new API key.

use std::str::FromStr;

use api::ApiError;
use api::api_keys::NewApiKeyRequest;
use domain::access::Scope;
use domain::id::Source;
use domain::timestamp::Timestamp;
use leptos::prelude::*;

use crate::components::check_list::CheckList;
use crate::components::form_frame::FormFrame;
use crate::components::text_field::{Entry, TextField};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// How long a key may work, in days; none for as long as it is not revoked.
const LIFETIMES: [(&str, &str); 4] = [("90", "90 days"), ("365", "1 year"), ("7", "7 days"), ("", "until it is revoked")];

/// What was typed.
#[derive(Clone, Copy)]
pub struct TypedKey {
    name: RwSignal<String>,
    source: RwSignal<String>,
    scopes: RwSignal<Vec<&'static str>>,
    days: RwSignal<String>,
}

impl TypedKey {
    /// Nothing yet; a key lives 90 days unless somebody says otherwise.
    pub fn new() -> Self {
        let typed = Self {
            name: RwSignal::default(),
            source: RwSignal::default(),
            scopes: RwSignal::default(),
            days: RwSignal::default(),
        };
        typed.clear();
        typed
    }

    /// Nothing again.
    pub fn clear(self) {
        self.name.set(String::new());
        self.source.set(String::new());
        self.scopes.set(Vec::new());
        self.days.set(LIFETIMES[0].0.to_owned());
    }

    /// What is asked of the server.
    pub fn request(self, now: Timestamp) -> Result<NewApiKeyRequest, ApiError> {
        let source = self.source.get_untracked();
        let source = (!source.trim().is_empty()).then(|| Source::from_str(source.trim())).transpose();
        let source = source.map_err(|error| ApiError::invalid_field("/source", error.to_string()))?;
        let scopes = self.scopes.with_untracked(|scopes| scopes.iter().filter_map(|word| Scope::from_str(word).ok()).collect());
        let days = self.days.get_untracked().parse::<i64>().ok();
        Ok(NewApiKeyRequest {
            name: self.name.get_untracked().trim().to_owned(),
            scopes,
            source,
            expires_at: days.map(|days| now.plus_ms(days * DAY_MS)),
        })
    }
}

/// The form.
#[component]
pub fn KeyForm(
    typed: TypedKey,
    #[prop(into)] busy: Signal<bool>,
    #[prop(into)] error: Signal<Option<ApiError>>,
    save: Callback<()>,
    cancel: Callback<()>,
) -> impl IntoView {
    let scopes = Scope::ALL.iter().map(|scope| (scope.as_str(), meaning(*scope))).collect::<Vec<_>>();
    let option = |(days, label): &(&'static str, &'static str)| view! { <option value=*days>{*label}</option> };
    view! {
        <FormFrame act="Create key" fields=&["/name", "/scopes", "/source"] busy error save cancel>
            <TextField label="Name" id="key-name" entry=Entry::Text value=typed.name pointer="/name" error note="What it is for, such as siem or edr-1." />
            <CheckList legend="Scopes" name="key-scopes" options=scopes chosen=typed.scopes pointer="/scopes" error />
            <TextField label="Source" id="key-source" entry=Entry::Text value=typed.source pointer="/source" error
                note="Optional: the one source that it may post alerts for." />
            <div class="text-field">
                <label for="key-days">"Works for"</label>
                <select id="key-days" prop:value=move || typed.days.get() on:change=move |event| typed.days.set(event_target_value(&event))>
                    {LIFETIMES.iter().map(option).collect_view()}
                </select>
            </div>
        </FormFrame>
    }
    .into_any()
}

const fn meaning(scope: Scope) -> &'static str {
    match scope {
        Scope::AlertsWrite => "post alerts",
        Scope::EventsWrite => "post telemetry for detection rules",
        Scope::IncidentsRead => "read incidents, alerts, runs, approvals and playbooks",
        Scope::AuditRead => "read audit entries of incidents",
        Scope::IocRead => "look indicators up",
        Scope::FeedsRead => "read the block lists",
        Scope::MetricsRead => "read the metrics",
    }
}
