//! What stands around the fields of a form in a dialog: what the server refused beside no field, and the two buttons.

use api::ApiError;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::components::error_notice::ErrorNotice;

/// The form. `fields` are the places whose faults stand beside their field; `act` is what the button says.
#[component]
pub fn FormFrame(
    act: &'static str,
    fields: &'static [&'static str],
    #[prop(into)] busy: Signal<bool>,
    #[prop(into)] error: Signal<Option<ApiError>>,
    save: Callback<()>,
    cancel: Callback<()>,
    children: Children,
) -> impl IntoView {
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        save.run(());
    };
    let other = move || error.get().filter(|error| !is_beside(error, fields)).map(|error| view! { <ErrorNotice error /> });
    view! {
        <form class="stack" on:submit=submit>
            {children()}
            {other}
            <div class="modal-actions">
                <button type="button" class="button" on:click=move |_| cancel.run(())>"Cancel"</button>
                <button type="submit" class="button primary" disabled=move || busy.get()>{act}</button>
            </div>
        </form>
    }
    .into_any()
}

/// Does every fault stand beside a field?
fn is_beside(error: &ApiError, fields: &[&str]) -> bool {
    let is_of = |at: &str, field: &str| at == field || at.strip_prefix(field).is_some_and(|rest| rest.starts_with('/'));
    !error.errors.is_empty() && error.errors.iter().all(|fault| fields.iter().any(|field| is_of(&fault.pointer, field)))
}

#[cfg(test)]
mod tests {
    use api::{ApiError, ProblemCode};
    use domain::alert::FieldError;

    use super::is_beside;

    #[test]
    fn what_no_field_shows_is_told() {
        let check = |pointers: &[&str], expected: bool| {
            let faults = pointers.iter().map(|pointer| FieldError::new(*pointer, "is wrong")).collect();
            assert_eq!(is_beside(&ApiError::invalid(faults), &["/name", "/roles"]), expected, "{pointers:?}");
        };
        check(&["/name"], true);
        check(&["/name", "/roles/1"], true);
        check(&["/name", ""], false);
        check(&["/names"], false);
        assert!(!is_beside(&ApiError::new(ProblemCode::Forbidden, "only admins"), &["/name"]));
    }
}
