//! What can be done with one row or many: taken, tagged, moved, run. One after another, with a result that names what was refused.

use api::ApiError;
use api::incidents::{IncidentPatch, IncidentView, TransitionRequest};
use api::runs::RunRequest;
use api::version::ExpectedVersion;
use domain::access::Permission;
use domain::incident::{State, verdict_required};
use domain::verdict::Verdict;
use leptos::prelude::*;

use super::Table;
use crate::bulk::{Ask, Progress, each};
use crate::components::bulk_bar::BulkBar;
use crate::components::bulk_move_dialog::BulkMoveDialog;
use crate::components::modal::Modal;
use crate::components::name_dialog::NameDialog;
use crate::notices::Notices;
use crate::pages::run_dialog::{RunAsked, RunDialog, ask_for_run};
use crate::server_fns::incidents::{transition_incident, update_incident};
use crate::viewer::Viewer;

/// What is done to each incident.
#[derive(Clone, Debug)]
enum Job {
    /// To the person with this user name.
    Assign(String),
    Tag(String),
    /// With its reason, and the verdict that closes it.
    Move(State, String, Option<Verdict>),
    Run,
}

/// The state of it all.
#[derive(Clone, Copy)]
pub struct Bulk {
    table: Table,
    viewer: Viewer,
    notices: Notices,
    /// The rows that a dialog is about.
    targets: RwSignal<Vec<IncidentView>>,
    asked: RwSignal<Option<Ask>>,
    /// A tag is asked for, beginning with this.
    tag: RwSignal<Option<String>>,
    run: RwSignal<Option<RunAsked>>,
    progress: RwSignal<Option<Progress>>,
}

impl Bulk {
    /// Nothing asked yet.
    pub fn new(table: Table, viewer: Viewer) -> Self {
        Self {
            table,
            viewer,
            notices: expect_context(),
            targets: RwSignal::new(Vec::new()),
            asked: RwSignal::new(None),
            tag: RwSignal::new(None),
            run: RwSignal::new(None),
            progress: RwSignal::new(None),
        }
    }

    /// May the person work on incidents?
    pub fn may_work(self) -> bool {
        self.viewer.may(Permission::MoveState)
    }

    /// Begins something with the selected rows, or the chosen one; without a row, or the right, nothing happens.
    pub fn ask(self, what: Ask) {
        let targets = self.table.targets();
        if targets.is_empty() || !untrack(|| self.may_work()) {
            return;
        }
        let one = targets.first().filter(|_| targets.len() == 1);
        let run = one.map(|one| RunAsked { id: one.id, incident_type: one.incident_type.clone() });
        self.targets.set(targets);
        match (what, run) {
            (Ask::Take, _) => {
                if let Some(person) = untrack(|| self.viewer.person()) {
                    self.start(Job::Assign(person.username));
                }
            }
            (Ask::Tag, _) => self.tag.set(Some(String::new())),
            (Ask::Run, Some(run)) => self.run.set(Some(run)),
            (Ask::Run | Ask::Move, _) => self.asked.set(Some(what)),
        }
    }

    /// Does it to each; what was refused stays selected.
    fn start(self, job: Job) {
        self.asked.set(None);
        self.tag.set(None);
        let targets = self.targets.get_untracked();
        leptos::task::spawn_local(async move {
            let ids = targets.iter().map(|target| target.id).collect();
            let target = |id| targets.iter().find(|target| target.id == id).cloned();
            let tally = each(ids, self.progress, |id| carry_out(target(id), job.clone())).await;
            self.table.selection.set_all(tally.refused.iter().map(|(id, _)| *id).collect());
            self.notices.tally(tally.summary(), tally.refusals());
        });
    }
}

async fn carry_out(target: Option<IncidentView>, job: Job) -> Result<(), ApiError> {
    let Some(IncidentView { id, mut tags, version, .. }) = target else { return Ok(()) };
    match job {
        Job::Assign(username) => {
            let patch = IncidentPatch { assignee: Some(Some(username)), ..IncidentPatch::default() };
            update_incident(id, patch, ExpectedVersion::Any).await.map(drop)
        }
        Job::Tag(tag) => {
            // All tags are replaced: none of another person's may be lost.
            tags.push(tag);
            let patch = IncidentPatch { tags: Some(tags), ..IncidentPatch::default() };
            update_incident(id, patch, ExpectedVersion::OneOf(vec![version])).await.map(drop)
        }
        Job::Move(to, reason, verdict) => {
            let reason = Some(reason).filter(|reason| !reason.is_empty());
            let request = TransitionRequest { to, reason, verdict };
            transition_incident(id, request).await.map(drop)
        }
        Job::Run => ask_for_run(id, RunRequest::default()).await.map(drop),
    }
}

/// The bar over the selected rows, and the dialogs.
#[component]
pub fn BulkTools(bulk: Bulk, table: Table) -> impl IntoView {
    let selection = table.selection;
    let Bulk { asked, targets, .. } = bulk;
    let count = Signal::derive(move || targets.with(Vec::len));
    let states = Signal::derive(move || targets.with(|targets| reachable(targets)));
    let lacks_verdict = Signal::derive(move || targets.with(|targets| targets.iter().any(cannot_close_yet)));
    let is = move |what: Ask| Signal::derive(move || asked.get() == Some(what));
    let close = Callback::new(move |()| asked.set(None));
    let confirm_move = Callback::new(move |(to, reason, verdict)| bulk.start(Job::Move(to, reason, verdict)));
    let confirm_tag = Callback::new(move |tag| bulk.start(Job::Tag(tag)));
    let run_all = move |_| bulk.start(Job::Run);
    view! {
        <BulkBar
            count=Signal::derive(move || selection.count())
            progress=bulk.progress
            may_work=Signal::derive(move || bulk.may_work())
            ask=Callback::new(move |what| bulk.ask(what))
            clear=Callback::new(move |()| selection.clear())
        />
        <BulkMoveDialog open=is(Ask::Move) close count states lacks_verdict confirm=confirm_move />
        <Modal open=is(Ask::Run) close label=Signal::derive(move || format!("Run playbooks on {} incidents", count.get())) name="bulk-run">
            <p>"For each, the playbook that is proposed for it. Where a rule wants a second person, an approval is asked for; nothing of that run happens before."</p>
            <div class="modal-actions">
                <button type="button" class="button" on:click=move |_| close.run(())>"Cancel"</button>
                <button type="button" class="button primary" on:click=run_all>"Run"</button>
            </div>
        </Modal>
        <NameDialog asked=bulk.tag name="tag" label="Add a tag" busy=false error=None confirm=confirm_tag />
        <RunDialog asked=bulk.run />
    }
    .into_any()
}

/// Does closing it need a verdict?
fn cannot_close_yet(target: &IncidentView) -> bool {
    verdict_required(target.state, State::Closed, target.verdict)
}

/// Where any of them may go.
fn reachable(targets: &[IncidentView]) -> Vec<State> {
    let may = |state: &State| targets.iter().any(|target| target.allowed_transitions.contains(state));
    State::ALL.iter().copied().filter(may).collect()
}
