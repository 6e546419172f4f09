//! A choice of any number of words, each with what it means.

use api::ApiError;
use leptos::prelude::*;

use crate::components::quoted::Quoted;
use crate::components::text_field::problem_at;

/// Those of `options` (word, meaning) that are chosen. `name` is unique on the page; `pointer` is where the server names what is wrong.
#[component]
pub fn CheckList(
    legend: &'static str,
    name: &'static str,
    options: Vec<(&'static str, &'static str)>,
    chosen: RwSignal<Vec<&'static str>>,
    pointer: &'static str,
    #[prop(into)] error: Signal<Option<ApiError>>,
) -> impl IntoView {
    let problem = problem_at(error, pointer);
    let toggle = move |word: &'static str, on: bool| {
        chosen.update(|chosen| {
            chosen.retain(|known| *known != word);
            if on {
                chosen.push(word);
            }
        });
    };
    let option = move |(word, meaning): (&'static str, &'static str)| {
        view! {
            <label>
                <input
                    type="checkbox"
                    name=name
                    prop:checked=move || chosen.with(|chosen| chosen.contains(&word))
                    on:change=move |event| toggle(word, event_target_checked(&event))
                />
                <span><b>{word}</b>" "<span class="quiet">{meaning}</span></span>
            </label>
        }
    };
    view! {
        <fieldset class="check-list">
            <legend>{legend}</legend>
            {options.into_iter().map(option).collect_view()}
            <p class="field-note">{move || problem.get().map(|problem| view! { <span class="field-problem"><Quoted text=problem /></span> })}</p>
        </fieldset>
    }
    .into_any()
}
