//! What remains to be done about an incident: a list to tick off, and a line for the next one.

use domain::id::TaskId;
use domain::task::{TASK_TITLE_BYTES_MAX, Task};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::components::age::Ago;
use crate::components::empty_state::EmptyState;
use crate::components::quoted::{Quoted, ShownAs};
use crate::defang;

/// The tasks; `why_not` disables them and says why. The text belongs to the page, which empties it once the task is stored.
#[component]
pub fn TaskList(
    #[prop(into)] tasks: Signal<Vec<Task>>,
    text: RwSignal<String>,
    #[prop(into)] why_not: Signal<Option<&'static str>>,
    add: Callback<String>,
    tick: Callback<(TaskId, bool)>,
) -> impl IntoView {
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        add.run(text.get_untracked().trim().to_owned());
    };
    let disabled = move || why_not.get().is_some();
    let rows = move || tasks.with(|tasks| tasks.iter().map(|task| row(task, why_not, tick)).collect_view());
    view! {
        <form class="task-form row" on:submit=submit>
            <label for="task-title" class="heard-only">"New task"</label>
            <input id="task-title" type="text" autocomplete="off" maxlength=TASK_TITLE_BYTES_MAX.to_string() placeholder="What remains to be done?" disabled=disabled prop:value=move || text.get() on:input=move |event| text.set(event_target_value(&event)) />
            <ShownAs typed=text />
            <button type="submit" class="button" disabled=move || disabled() || text.with(|text| text.trim().is_empty())>"Add task"</button>
        </form>
        {move || why_not.get().map(|why| view! { <p class="quiet">{why}</p> })}
        <ul class="task-list">{rows}</ul>
        {move || tasks.with(Vec::is_empty).then(|| view! { <EmptyState title="No tasks"><p class="quiet">"An incident with an open task cannot be closed: write down what must not be forgotten."</p></EmptyState> })}
    }
    .into_any()
}

fn row(task: &Task, why_not: Signal<Option<&'static str>>, tick: Callback<(TaskId, bool)>) -> impl IntoView + use<> {
    let (id, done) = (task.id, task.done);
    let name = format!("task-{id}");
    let who = task.assignee.as_ref().map(|user| view! { "for "<Quoted text=user.username.clone() />" \u{b7} " });
    let by = task.created_by.as_ref().map_or_else(|| "a run".to_owned(), |person| person.username.clone());
    let when = task.done_at.map(|at| view! { "done "<Ago at /> });
    view! {
        <li class="task card" class:done=done>
            <input id=name.clone() type="checkbox" prop:checked=done disabled=move || why_not.get().is_some() on:change=move |event| tick.run((id, event_target_checked(&event))) />
            <label for=name><Quoted text=defang::text(&task.title) /></label>
            <small>{who}"by "<Quoted text=by />" "<Ago at=task.created_at />{when.map(|when| view! { " \u{b7} "{when} })}</small>
        </li>
    }
}
