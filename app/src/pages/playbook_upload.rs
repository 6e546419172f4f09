//! Writing a playbook: checked as it is typed, with every fault at its line, drawn when it is valid, and put in force by an admin.

use std::time::Duration;

use api::ApiError;
use api::playbooks::{PlaybookUploaded, PlaybookValidation};
use domain::access::Permission;
use domain::id::PlaybookId;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};

use crate::components::error_notice::ErrorNotice;
use crate::components::fault_list::FaultList;
use crate::components::flow_chart::{FlowChart, Standings};
use crate::components::loaded::{Loaded, Scope};
use crate::components::source_editor::SourceEditor;
use crate::flow::{self, Ends};
use crate::notices::Notices;
use crate::plan_rows;
use crate::server_fns::playbooks::{get_playbook, upload_playbook, validate_playbook};
use crate::viewer::Viewer;

/// So long after the last key the text is checked.
const CHECK_AFTER: Duration = Duration::from_millis(350);
const NOT_ADMIN: &str = "Only admins may put a playbook in force. You may write and check one here, and hand it to an admin.";

const FIRST: &str = "id: PB-EXAMPLE
name: Example
incident_type: other
actions:
  - id: tell
    action: notify
    with: { channel: soc, message: \"Look at ${{ incident.id }}\" }
";

/// The editor; `?from=PB-…` begins with the version in force.
#[component]
pub fn PlaybookUploadPage() -> impl IntoView {
    let query = use_query_map();
    let from = Memo::new(move |_| query.with(|query| query.get("from")).and_then(|text| text.parse::<PlaybookId>().ok()));
    let first = Resource::new(
        move || from.get(),
        |from| async move {
            match from {
                Some(id) => get_playbook(id).await.map(|detail| detail.source),
                None => Ok(FIRST.to_owned()),
            }
        },
    );
    let view = |first: Memo<String>| view! { <Editing first=first.get_untracked() /> };
    view! {
        <Title text="Write a playbook" />
        <div class="page">
            <div class="page-head">
                <div><h1>"Write a playbook"</h1><p class="quiet">"It is checked as you type. What is in force stays in force until a valid version is uploaded."</p></div>
            </div>
            <Loaded resource=first what="the text" scope=Scope::Page view />
        </div>
    }
    .into_any()
}

#[component]
fn Editing(first: String) -> impl IntoView {
    let source = RwSignal::new(first);
    let checking = checking(source);
    let found = Memo::new(move |_| checking.value().get());
    let uploading = uploading();
    let valid = Memo::new(move |_| found.with(valid_id));
    let faults = Signal::derive(move || {
        found.with(|found| found.as_ref().and_then(|found| Some(found.as_ref().ok()?.errors.clone())).unwrap_or_default())
    });
    let may = Viewer::here();
    let may = Memo::new(move |_| may.may(Permission::UploadPlaybook));
    let upload = move |_| {
        if let Some(id) = valid.get_untracked() {
            uploading.dispatch((id, source.get_untracked()));
        }
    };
    let busy = uploading.pending();
    let refused = move || uploading.value().get().and_then(Result::err).map(|error| view! { <ErrorNotice error /> });
    view! {
        <div class="upload-columns">
            <section class="stack" aria-labelledby="write">
                <h2 id="write">"Text"</h2>
                <SourceEditor source faults />
            </section>
            <aside class="stack" aria-label="Check">
                <section class="card stack" aria-labelledby="check">
                    <h2 id="check">"Check"</h2>
                    {move || found.with(|found| verdict(found.as_ref()))}
                    <FaultList faults />
                    {refused}
                    <p><button type="button" class="button primary" disabled=move || !may.get() || busy.get() || valid.with(Option::is_none) on:click=upload>"Put in force"</button></p>
                    {move || (!may.get()).then(|| view! { <p class="quiet">{NOT_ADMIN}</p> })}
                </section>
                {move || found.with(|found| drawn(found.as_ref()))}
            </aside>
        </div>
    }
    .into_any()
}

type Checked = Result<PlaybookValidation, ApiError>;

/// Checks the text a moment after it was typed last. The newest answer counts.
fn checking(source: RwSignal<String>) -> Action<String, Checked> {
    let checking = Action::new(|text: &String| {
        let text = text.clone();
        async move { validate_playbook(text).await }
    });
    let typed = StoredValue::new(0_u64);
    Effect::new(move || {
        let text = source.get();
        let mine = typed.get_value() + 1;
        typed.set_value(mine);
        let check = move || {
            if typed.try_get_value() == Some(mine) {
                checking.dispatch(text.clone());
            }
        };
        set_timeout(check, CHECK_AFTER);
    });
    checking
}

fn uploading() -> Action<(PlaybookId, String), Result<PlaybookUploaded, ApiError>> {
    let notices = expect_context::<Notices>();
    let navigate = use_navigate();
    Action::new(move |(id, text): &(PlaybookId, String)| {
        let (id, text, navigate) = (id.clone(), text.clone(), navigate.clone());
        async move {
            let outcome = upload_playbook(id, text).await;
            if let Ok(uploaded) = &outcome {
                notices.good(format!("{} is in force: {}", uploaded.id, uploaded.digest.start()));
                navigate(&format!("/playbooks/{}?section=versions", uploaded.id), NavigateOptions::default());
            }
            outcome
        }
    })
}

fn valid_id(found: &Option<Checked>) -> Option<PlaybookId> {
    found.as_ref()?.as_ref().ok()?.id.clone()
}

fn verdict(found: Option<&Checked>) -> AnyView {
    match found {
        None => view! { <p class="quiet" role="status">"Checking…"</p> }.into_any(),
        Some(Err(error)) => view! { <ErrorNotice error=error.clone() /> }.into_any(),
        Some(Ok(found)) if found.valid => {
            let id = found.id.as_ref().map(ToString::to_string);
            view! { <p class="check-good" role="status">"Valid: "<code>{id}</code></p> }.into_any()
        }
        Some(Ok(found)) => {
            let count = crate::wording::count(found.errors.len() as u64, "fault", "faults");
            view! { <p class="check-bad" role="status">"Not valid: "{count}</p> }.into_any()
        }
    }
}

fn drawn(found: Option<&Checked>) -> Option<AnyView> {
    let document = found?.as_ref().ok()?.document.as_ref()?;
    let drawing = flow::draw(&Ends::of_document(document), &plan_rows::of_document(document));
    let label = "The steps of this text in order";
    Some(
        view! { <section class="card" aria-labelledby="flow"><h2 id="flow">"Flow"</h2><FlowChart drawing label standings=Signal::stored(Standings::new()) /></section> }
            .into_any(),
    )
}
