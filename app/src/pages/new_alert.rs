//! An alert written by hand. It stays here until the server has taken it: an error or the end of the session loses nothing.

use api::alerts::AlertReceipt;
use domain::access::Permission;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_navigate;

use crate::alert_fields::{Typed, document};
use crate::components::alert_form::AlertForm;
use crate::notices::Notices;
use crate::server_fns::alerts::submit_alert;
use crate::viewer::{self, Viewer};

const NOT_ANALYST: &str = "Only analysts submit alerts by hand. Sources post theirs with an API key.";

/// The form, and the way to the incident that the alert became part of.
#[component]
pub fn NewAlertPage() -> impl IntoView {
    let notices = expect_context::<Notices>();
    let navigate = use_navigate();
    let typed = RwSignal::new(Typed::new());
    let sending = Action::new(move |text: &String| {
        let (text, navigate) = (text.clone(), navigate.clone());
        async move {
            let outcome = submit_alert(text).await;
            if let Ok(receipt) = &outcome {
                notices.good(said(receipt));
                navigate(&format!("/incidents/{}", receipt.incident_id), Default::default());
            }
            outcome
        }
    });
    let submit = Callback::new(move |()| drop(sending.dispatch(typed.with_untracked(document).to_string())));
    let error = Signal::derive(move || sending.value().get().and_then(Result::err));
    let form = move || {
        let viewer = Viewer::here();
        let why_not = Signal::derive(move || (!viewer.may(Permission::SubmitAlert)).then_some(NOT_ANALYST));
        viewer::is_answered().then(|| view! { <AlertForm typed why_not busy=sending.pending() error submit /> })
    };
    view! {
        <Title text="New alert" />
        <div class="page">
            <div class="page-head">
                <div>
                    <h1>"New alert"</h1>
                    <p class="quiet">"For what no source reported. It is scored and joined to an open incident like any other."</p>
                </div>
            </div>
            <Transition>{form}</Transition>
        </div>
    }
    .into_any()
}

fn said(receipt: &AlertReceipt) -> String {
    let AlertReceipt { id, incident_id, risk_score, severity, correlated, .. } = receipt;
    if *correlated {
        format!("{id} joined {incident_id}, score {risk_score}, {severity}")
    } else {
        format!("{id} opened {incident_id}, score {risk_score}, {severity}")
    }
}
