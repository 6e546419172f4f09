//! Changing what is said about an incident: title, assignee, tags, verdict. A change names the version that it was made on; one that
//! comes too late is told, and nothing of it is lost.

use api::incidents::{IncidentPatch, IncidentView};
use api::version::ExpectedVersion;
use api::{ApiError, ProblemCode};
use domain::id::IncidentId;
use domain::verdict::Verdict;
use leptos::prelude::*;

use super::Screen;
use crate::asked::asked;
use crate::components::assignee_dialog::AssigneeDialog;
use crate::components::name_dialog::NameDialog;
use crate::components::verdict_dialog::VerdictDialog;
use crate::live::Live;
use crate::notices::Notices;
use crate::server_fns::incidents::{list_assignees, update_incident};

type Saving = Action<(IncidentPatch, ExpectedVersion), Result<IncidentView, ApiError>>;

/// What a person wants to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    Title,
    Assignee,
    Tag,
    Verdict,
}

/// The dialogs of this page, and what they save.
#[derive(Clone, Copy)]
pub struct Editing {
    asked: RwSignal<Option<Edit>>,
    /// The version on the screen when the dialog was opened.
    base: RwSignal<i64>,
    saving: Saving,
}

impl Editing {
    /// Nothing is being changed yet.
    pub fn new(id: IncidentId) -> Self {
        let notices = expect_context::<Notices>();
        let live = expect_context::<Live>();
        let asked = RwSignal::new(None::<Edit>);
        let saving = Action::new(move |(patch, expected): &(IncidentPatch, ExpectedVersion)| {
            let (patch, expected) = (patch.clone(), expected.clone());
            async move {
                let outcome = update_incident(id, patch, expected).await;
                match &outcome {
                    Ok(_) => {
                        asked.set(None);
                        notices.good("Saved");
                    }
                    Err(error) if asked.get_untracked().is_none() => notices.bad(error),
                    Err(_) => {}
                }
                live.raise_incident(id);
                outcome
            }
        });
        Self { asked, base: RwSignal::new(0), saving }
    }

    /// Opens the dialog for this.
    pub fn ask(self, screen: Screen, edit: Edit) {
        self.saving.clear();
        self.base.set(screen.detail.with_untracked(|detail| detail.incident.version));
        self.asked.set(Some(edit));
    }

    /// Saves at once, whatever has changed meanwhile: it replaces nothing that somebody else wrote.
    pub fn assign(self, username: Option<String>) {
        self.saving.dispatch((IncidentPatch { assignee: Some(username), ..IncidentPatch::default() }, ExpectedVersion::Any));
    }

    /// Saves these tags for those on the screen.
    pub fn set_tags(self, screen: Screen, tags: Vec<String>) {
        let version = screen.detail.with_untracked(|detail| detail.incident.version);
        let patch = IncidentPatch { tags: Some(tags), ..IncidentPatch::default() };
        self.saving.dispatch((patch, ExpectedVersion::OneOf(vec![version])));
    }

    fn save(self, patch: IncidentPatch) {
        self.saving.dispatch((patch, ExpectedVersion::OneOf(vec![self.base.get_untracked()])));
    }

    fn error(self) -> Signal<Option<ApiError>> {
        Signal::derive(move || self.saving.value().get().and_then(Result::err))
    }
}

/// The dialogs.
#[component]
pub fn EditDialogs(screen: Screen) -> impl IntoView {
    let editing = screen.editing;
    let is = move |edit: Edit| Signal::derive(move || editing.asked.get() == Some(edit));
    let close = Callback::new(move |()| editing.asked.set(None));
    let (title, tag) = (RwSignal::new(None::<String>), RwSignal::new(None::<String>));
    begin(
        editing,
        Edit::Title,
        title,
        Callback::new(move |()| screen.detail.with_untracked(|detail| detail.incident.title.clone())),
    );
    begin(editing, Edit::Tag, tag, Callback::new(|()| String::new()));
    let save_title =
        Callback::new(move |title: String| editing.save(IncidentPatch { title: Some(title), ..IncidentPatch::default() }));
    let save_tag = Callback::new(move |tag: String| {
        let mut tags = screen.detail.with_untracked(|detail| detail.incident.tags.clone());
        tags.push(tag);
        editing.save(IncidentPatch { tags: Some(tags), ..IncidentPatch::default() });
    });
    let save_verdict = Callback::new(move |(verdict, reason): (Verdict, String)| {
        let (verdict, verdict_reason) = (Some(verdict), Some(reason));
        editing.save(IncidentPatch { verdict, verdict_reason, ..IncidentPatch::default() });
    });
    let choosing = is(Edit::Assignee);
    let people = asked(
        move || choosing.get(),
        |choosing| async move { if choosing { list_assignees().await.unwrap_or_default() } else { Vec::new() } },
    );
    let people = Signal::derive(move || people.get().unwrap_or_default());
    let assignee =
        Signal::derive(move || screen.detail.with(|detail| detail.incident.assignee.as_ref().map(|user| user.username.clone())));
    let verdict = Signal::derive(move || screen.detail.with(|detail| detail.incident.verdict));
    let (busy, error) = (editing.saving.pending(), editing.error());
    let stale =
        Signal::derive(move || error.with(|error| error.as_ref().is_some_and(|error| error.code == ProblemCode::StaleVersion)));
    // The page is loaded again by then: saved once more, the change is made on what stands there now.
    Effect::new(move || {
        let newest = screen.detail.with(|detail| detail.incident.version);
        if stale.get() {
            editing.base.set(newest);
        }
    });
    view! {
        <NameDialog asked=title name="title" label="Title of the incident" busy error confirm=save_title />
        <NameDialog asked=tag name="tag" label="Add a tag" busy error confirm=save_tag />
        <Transition><AssigneeDialog open=choosing close people assignee confirm=Callback::new(move |username| editing.assign(username)) /></Transition>
        <VerdictDialog open=is(Edit::Verdict) close verdict busy error confirm=save_verdict />
    }
    .into_any()
}

/// Keeps the text of a dialog and what is asked in step.
fn begin(editing: Editing, edit: Edit, text: RwSignal<Option<String>>, first: Callback<(), String>) {
    Effect::new(move || {
        let wanted = editing.asked.get() == Some(edit);
        if wanted != text.with_untracked(Option::is_some) {
            text.set(wanted.then(|| first.run(())));
        }
    });
    Effect::new(move || {
        if text.with(Option::is_none) && editing.asked.get_untracked() == Some(edit) {
            editing.asked.set(None);
        }
    });
}
