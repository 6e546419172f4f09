//! The form of an alert that a person writes. Errors stand beside the fields that they are about; what was typed stays.

use api::ApiError;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::alert_fields::{Field, GROUPS, Group, Kind, TYPE_POINTER, TYPES, Typed, concerns};
use crate::components::error_notice::ErrorNotice;
use crate::components::quoted::{Quoted, ShownAs};

/// The form. The text belongs to the page; `why_not` disables it and says why.
#[component]
pub fn AlertForm(
    typed: RwSignal<Typed>,
    #[prop(into)] why_not: Signal<Option<&'static str>>,
    #[prop(into)] busy: Signal<bool>,
    #[prop(into)] error: Signal<Option<ApiError>>,
    submit: Callback<()>,
) -> impl IntoView {
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        submit.run(());
    };
    Effect::new(move || {
        if error.with(Option::is_some) {
            request_animation_frame(focus_first_error);
        }
    });
    let groups = GROUPS.iter().map(|group| view! { <FieldGroup group typed why_not error /> }).collect_view();
    view! {
        <form class="alert-form stack" on:submit=send novalidate>
            {move || why_not.get().map(|why| view! { <p class="card">{why}</p> })}
            {move || error.get().map(|error| view! { <ErrorNotice error /> })}
            <datalist id="alert-types">{TYPES.map(|word| view! { <option value=word></option> }).collect_view()}</datalist>
            {groups}
            <p class="row">
                <button type="submit" class="button primary" disabled=move || busy.get() || why_not.get().is_some()>"Submit alert"</button>
                <span class="faint" role="status">{move || busy.get().then_some("Sending…")}</span>
            </p>
        </form>
    }
    .into_any()
}

fn focus_first_error() {
    if let Ok(Some(field)) = document().query_selector(".alert-form [aria-invalid=true]") {
        let _ = js_sys::Reflect::get(&field, &"focus".into()).map(js_sys::Function::from).and_then(|focus| focus.call0(&field));
    }
}

#[component]
fn FieldGroup(
    group: &'static Group,
    typed: RwSignal<Typed>,
    why_not: Signal<Option<&'static str>>,
    error: Signal<Option<ApiError>>,
) -> impl IntoView {
    let fields = group.fields.iter().map(|field| view! { <OneField field typed error /> }).collect_view();
    view! {
        <fieldset class="card alert-group" disabled=move || why_not.get().is_some()>
            <legend class="heard-only">{group.title}</legend>
            <h2 aria-hidden="true">{group.title}</h2>
            <div class="alert-fields">{fields}</div>
        </fieldset>
    }
    .into_any()
}

#[component]
fn OneField(field: &'static Field, typed: RwSignal<Typed>, error: Signal<Option<ApiError>>) -> impl IntoView {
    let id = format!("alert{}", field.pointer.replace('/', "-"));
    let problem = Memo::new(move |_| {
        let of_field = |error: &ApiError| {
            let details = error.errors.iter().filter(|one| concerns(&one.pointer, field)).map(|one| one.detail.clone());
            details.collect::<Vec<_>>().join("; ")
        };
        error.with(|error| error.as_ref().map(of_field)).filter(|problem| !problem.is_empty())
    });
    let text = Signal::derive(move || typed.with(|typed| typed.get(field.pointer).cloned().unwrap_or_default()));
    let note = format!("{id}-note");
    let body = control(field, &id, typed, problem);
    let words = move || match problem.get() {
        Some(problem) => view! { <span class="field-problem"><Quoted text=problem /></span> }.into_any(),
        None => view! { <span class="faint">{field.hint}</span> }.into_any(),
    };
    let class = match field.kind {
        Kind::Lines => "alert-field wide",
        Kind::Flag => "alert-field flag",
        Kind::Input => "alert-field short",
        _ => "alert-field",
    };
    view! {
        <div class=class>
            <label for=id>{field.label}</label>
            {body}
            {(field.kind != Kind::Flag).then(|| view! { <ShownAs typed=text /> })}
            <p id=note class="field-note">{words}</p>
        </div>
    }
    .into_any()
}

fn control(field: &'static Field, id: &str, typed: RwSignal<Typed>, problem: Memo<Option<String>>) -> AnyView {
    let (id, note) = (id.to_owned(), format!("{id}-note"));
    let pointer = field.pointer;
    let value = move || typed.with(|typed| typed.get(pointer).cloned().unwrap_or_default());
    let set = move |text: String| typed.update(|typed| drop(typed.insert(pointer, text)));
    let invalid = move || problem.with(Option::is_some).then_some("true");
    match field.kind {
        Kind::Lines => view! {
            <textarea id=id aria-describedby=note aria-invalid=invalid prop:value=value on:input=move |event| set(event_target_value(&event))></textarea>
        }
        .into_any(),
        Kind::Choice(options) => {
            let option = |(value, label): &(&'static str, &'static str)| view! { <option value=*value>{*label}</option> };
            view! {
                <select id=id aria-describedby=note aria-invalid=invalid prop:value=value on:change=move |event| set(event_target_value(&event))>
                    <option value="">"as derived from the content"</option>
                    {options.iter().map(option).collect_view()}
                </select>
            }
            .into_any()
        }
        Kind::Flag => {
            let toggle = move |event| set(if event_target_checked(&event) { "true".to_owned() } else { String::new() });
            view! { <input id=id type="checkbox" aria-describedby=note aria-invalid=invalid prop:checked=move || !value().is_empty() on:change=toggle /> }
                .into_any()
        }
        Kind::Line | Kind::Input | Kind::Words => view! {
            <input
                id=id
                type="text"
                autocomplete="off"
                inputmode=(field.kind == Kind::Input).then_some("numeric")
                list=(pointer == TYPE_POINTER).then_some("alert-types")
                aria-describedby=note
                aria-invalid=invalid
                prop:value=value
                on:input=move |event| set(event_target_value(&event))
            />
        }
        .into_any(),
    }
}
