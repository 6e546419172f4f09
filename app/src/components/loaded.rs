//! What a resource loads, shown without flicker: the view is built once and fed by a signal; a reload that fails leaves
//! what was there, with a word about it.

use api::{ApiError, ProblemCode};
use leptos::either::EitherOf3;
use leptos::prelude::*;

use crate::answered::{answered, answered_after};
use crate::components::error_notice::ErrorNotice;
use crate::components::error_page::ErrorPage;
use crate::components::loading::Loading;
use crate::{clock, viewer};

/// How much of the page a failure takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    Page,
    Part,
}

/// The newest good answer, and the error of a later one.
#[derive(Clone, PartialEq)]
struct Latest<T> {
    value: Option<T>,
    error: Option<ApiError>,
}

/// What to show.
#[derive(Clone, PartialEq)]
enum Phase {
    Waiting,
    Failed(ApiError),
    Shown,
}

/// Shows `resource` by `view`, which gets the newest good value as a signal.
#[component]
pub fn Loaded<T, F, V>(resource: Resource<Result<T, ApiError>>, what: &'static str, scope: Scope, view: F) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
    F: Fn(Memo<T>) -> V + Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let shown = move || newest(move || resource.get(), what, scope, view.clone());
    view! { <Transition fallback=move || view! { <Loading what /> }>{shown()}</Transition> }.into_any()
}

/// Shows what a part `asked` for in the same way; the server renders only that it is on its way.
#[component]
pub fn LoadedPart<T, F, V>(answer: ReadSignal<Option<Result<T, ApiError>>>, what: &'static str, view: F) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
    F: Fn(Memo<T>) -> V + Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    newest(move || answer.get(), what, Scope::Part, view)
}

fn newest<T, F, V>(
    answer: impl Fn() -> Option<Result<T, ApiError>> + Send + Sync + 'static,
    what: &'static str,
    scope: Scope,
    view: F,
) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
    F: Fn(Memo<T>) -> V + Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let latest = answered_after(move |before: Option<&Latest<T>>| after(before, answer()));
    // What stands around the page must be known too, or the server would render it without.
    let surrounded =
        answered_after(|before: Option<&bool>| before == Some(&true) || (viewer::is_answered() & clock::is_answered()));
    let phase = answered(move || {
        let phase = latest.with(phase_of);
        if surrounded.get() { phase } else { Phase::Waiting }
    });
    let body = move || match (phase.get(), latest.with_untracked(|latest| latest.value.clone())) {
        (Phase::Failed(error), _) => EitherOf3::A(failed(error, scope)),
        (Phase::Shown, Some(first)) => {
            let value = Memo::new(move |_| latest.with(|latest| latest.value.clone()).unwrap_or_else(|| first.clone()));
            EitherOf3::B(view(value).into_any())
        }
        _ => EitherOf3::C(view! { <Loading what /> }),
    };
    view! {
        {body}
        {move || latest.with(|latest| latest.error.clone().filter(|_| latest.value.is_some())).map(stale)}
    }
}

fn after<T: Clone>(before: Option<&Latest<T>>, answer: Option<Result<T, ApiError>>) -> Latest<T> {
    let kept = before.and_then(|before| before.value.clone());
    match answer {
        None => Latest { value: kept, error: None },
        Some(Ok(value)) => Latest { value: Some(value), error: None },
        Some(Err(error)) => Latest { value: kept, error: Some(error) },
    }
}

fn phase_of<T>(latest: &Latest<T>) -> Phase {
    match (&latest.value, &latest.error) {
        (Some(_), _) => Phase::Shown,
        (None, Some(error)) => Phase::Failed(error.clone()),
        (None, None) => Phase::Waiting,
    }
}

fn failed(error: ApiError, scope: Scope) -> AnyView {
    match scope {
        Scope::Page => view! { <ErrorPage error /> }.into_any(),
        Scope::Part => view! { <ErrorNotice error /> }.into_any(),
    }
}

/// The session's end has a dialog of its own.
fn stale(error: ApiError) -> Option<impl IntoView> {
    (error.code != ProblemCode::Unauthenticated).then(|| {
        view! { <div class="loaded-stale"><ErrorNotice error><p>"What you see is older; it will be tried again."</p></ErrorNotice></div> }
    })
}
