//! The tasks of an incident.

use api::ApiError;
use api::incidents::{TaskPatch, TaskRequest};
use domain::access::Permission;
use domain::id::TaskId;
use domain::task::Task;
use leptos::prelude::*;

use super::Screen;
use crate::components::task_list::TaskList;
use crate::live::Live;
use crate::notices::Notices;
use crate::server_fns::incidents::{add_task, update_task};

/// The list, and what can be done with it.
#[component]
pub fn TasksSection(screen: Screen) -> impl IntoView {
    let notices = expect_context::<Notices>();
    let live = expect_context::<Live>();
    let text = RwSignal::new(String::new());
    let id = screen.id;
    let tell = move |outcome: &Result<Task, ApiError>| {
        if let Err(error) = outcome {
            notices.bad(error);
        }
        live.raise_incident(id);
    };
    let adding = Action::new(move |title: &String| {
        let request = TaskRequest { title: title.clone(), assignee: None };
        async move {
            let outcome = add_task(id, request).await;
            if outcome.is_ok() {
                text.set(String::new());
            }
            tell(&outcome);
        }
    });
    let ticking = Action::new(move |(task, done): &(TaskId, bool)| {
        let (task, patch) = (*task, TaskPatch { done: Some(*done), ..TaskPatch::default() });
        async move { tell(&update_task(task, patch).await) }
    });
    let tasks = Signal::derive(move || screen.detail.with(|detail| detail.tasks.clone()));
    let why_not = screen.why_not(Permission::EditIncident);
    let add = Callback::new(move |title: String| drop(adding.dispatch(title)));
    let tick = Callback::new(move |change| drop(ticking.dispatch(change)));
    view! { <div class="stack"><h2>"Tasks"</h2><TaskList tasks text why_not add tick /></div> }.into_any()
}
