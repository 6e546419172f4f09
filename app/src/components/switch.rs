//! A choice of a few words, all of them visible: a group of radio buttons that looks like one control.

use leptos::prelude::*;

/// One of `options` (value, label) is chosen. `name` must be unique on the page.
#[component]
pub fn Switch(
    legend: &'static str,
    #[prop(into)] name: String,
    options: &'static [(&'static str, &'static str)],
    #[prop(into)] chosen: Signal<&'static str>,
    choose: Callback<&'static str>,
) -> impl IntoView {
    let option = move |(value, label): &'static (&'static str, &'static str)| {
        view! {
            <label>
                <input type="radio" name=name.clone() value=*value prop:checked=move || chosen.get() == *value on:change=move |_| choose.run(value) />
                <span>{*label}</span>
            </label>
        }
    };
    view! {
        <fieldset class="switch">
            <legend>{legend}</legend>
            <div class="switch-options">{options.iter().map(option).collect_view()}</div>
        </fieldset>
    }
    .into_any()
}
