//! What can be done with one row or many: taken, tagged, moved, run. One after another, with a result that names what was refused.

use api::ApiError;
use api::incidents::{IncidentView, TransitionRequest};
use api::runs::RunRequest;
use domain::access::Permission;
use domain::id::IncidentId;
use domain::incident::State;
use leptos::prelude::*;

use super::Table;
use crate::bulk::{Ask, Progress, each};
use crate::components::bulk_bar::BulkBar;
use crate::components::bulk_move_dialog::BulkMoveDialog;
use crate::components::modal::Modal;
use crate::notices::Notices;
use crate::pages::run_dialog::{RunAsked, RunDialog};
use crate::server_fns::incidents::transition_incident;
use crate::server_fns::runs::request_run;
use crate::viewer::Viewer;

/// What is done to each incident.
#[derive(Clone, Debug)]
enum Job {
    Move(State, String),
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
        match (what, targets.as_slice()) {
            (Ask::Run, [one]) => self.run.set(Some(RunAsked { id: one.id, incident_type: one.incident_type.clone() })),
            _ => self.asked.set(Some(what)),
        }
        self.targets.set(targets);
    }

    /// Does it to each; what was refused stays selected.
    fn start(self, job: Job) {
        self.asked.set(None);
        let ids: Vec<IncidentId> = self.targets.with_untracked(|targets| targets.iter().map(|target| target.id).collect());
        leptos::task::spawn_local(async move {
            let tally = each(ids, self.progress, |id| carry_out(id, job.clone())).await;
            self.table.selection.set_all(tally.refused.iter().map(|(id, _)| *id).collect());
            self.notices.tally(tally.summary(), tally.refusals());
        });
    }
}

async fn carry_out(id: IncidentId, job: Job) -> Result<(), ApiError> {
    match job {
        Job::Move(to, reason) => {
            let reason = Some(reason).filter(|reason| !reason.is_empty());
            transition_incident(id, TransitionRequest { to, reason }).await.map(drop)
        }
        Job::Run => request_run(id, RunRequest::default()).await.map(drop),
    }
}

/// The bar over the selected rows, and the dialogs.
#[component]
pub fn BulkTools(bulk: Bulk, table: Table) -> impl IntoView {
    let selection = table.selection;
    let Bulk { asked, targets, .. } = bulk;
    let count = Signal::derive(move || targets.with(Vec::len));
    let states = Signal::derive(move || targets.with(|targets| reachable(targets)));
    let is = move |what: Ask| Signal::derive(move || asked.get() == Some(what));
    let close = Callback::new(move |()| asked.set(None));
    let confirm_move = Callback::new(move |(to, reason)| bulk.start(Job::Move(to, reason)));
    let run_all = move |_| bulk.start(Job::Run);
    view! {
        <BulkBar
            count=Signal::derive(move || selection.count())
            progress=bulk.progress
            may_work=Signal::derive(move || bulk.may_work())
            ask=Callback::new(move |what| bulk.ask(what))
            clear=Callback::new(move |()| selection.clear())
        />
        <BulkMoveDialog open=is(Ask::Move) close count states confirm=confirm_move />
        <Modal open=is(Ask::Run) close label=Signal::derive(move || format!("Run playbooks on {} incidents", count.get())) name="bulk-run">
            <p>"For each, the playbook that is proposed for it. Where a rule wants a second person, an approval is asked for; nothing of that run happens before."</p>
            <div class="modal-actions">
                <button type="button" class="button" on:click=move |_| close.run(())>"Cancel"</button>
                <button type="button" class="button primary" on:click=run_all>"Run"</button>
            </div>
        </Modal>
        <RunDialog asked=bulk.run />
    }
    .into_any()
}

/// Where any of them may go.
fn reachable(targets: &[IncidentView]) -> Vec<State> {
    let may = |state: &State| targets.iter().any(|target| target.allowed_transitions.contains(state));
    State::ALL.iter().copied().filter(may).collect()
}
