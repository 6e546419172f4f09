//! The application: what lives as long as the page, and which address shows what.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{ParentRoute, Redirect, Route, Router, Routes};
use leptos_router::{SsrMode, path};

use crate::components::icon::IconSprite;
use crate::live::Live;
use crate::notices::Notices;
use crate::pages::alert::AlertPage;
use crate::pages::alerts::AlertsPage;
use crate::pages::approval::ApprovalPage;
use crate::pages::approvals::ApprovalsPage;
use crate::pages::audit::AuditPage;
use crate::pages::frame::Frame;
use crate::pages::incident::IncidentPage;
use crate::pages::incidents::IncidentsPage;
use crate::pages::new_alert::NewAlertPage;
use crate::pages::not_found::NotFoundPage;
use crate::pages::playbook::PlaybookPage;
use crate::pages::playbook_upload::PlaybookUploadPage;
use crate::pages::playbooks::PlaybooksPage;
use crate::pages::run::RunPage;
use crate::pages::runs::RunsPage;
use crate::pages::set_password::SetPasswordPage;
use crate::pages::settings::SettingsPage;
use crate::pages::setup::SetupPage;
use crate::pages::sign_in::SignInPage;
use crate::preferences::Preferences;

/// The root of every page. Runs without a backend too, when the routes are listed.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let preferences = Preferences::provide();
    Notices::provide();
    Live::provide();
    Effect::new(move || {
        preferences.load();
        if let Some(body) = document().body() {
            let _ = body.set_attribute("data-hydrated", "");
        }
    });
    view! {
        <Title formatter=document_title />
        <IconSprite />
        <Router>
            <Routes fallback=NotFoundPage>
                <Route path=path!("/sign-in") view=SignInPage ssr=SsrMode::Async />
                <Route path=path!("/setup") view=SetupPage ssr=SsrMode::Async />
                <Route path=path!("/set-password") view=SetPasswordPage ssr=SsrMode::Async />
                <ParentRoute path=path!("") view=Frame ssr=SsrMode::Async>
                    <Route path=path!("") view=|| view! { <Redirect path="/incidents" /> } ssr=SsrMode::Async />
                    <Route path=path!("/incidents") view=IncidentsPage ssr=SsrMode::Async />
                    <Route path=path!("/incidents/:id") view=IncidentPage ssr=SsrMode::Async />
                    <Route path=path!("/alerts/new") view=NewAlertPage ssr=SsrMode::Async />
                    <Route path=path!("/approvals") view=ApprovalsPage ssr=SsrMode::Async />
                    <Route path=path!("/approvals/:id") view=ApprovalPage ssr=SsrMode::Async />
                    <Route path=path!("/alerts") view=AlertsPage ssr=SsrMode::Async />
                    <Route path=path!("/alerts/:id") view=AlertPage ssr=SsrMode::Async />
                    <Route path=path!("/playbooks") view=PlaybooksPage ssr=SsrMode::Async />
                    <Route path=path!("/playbooks/upload") view=PlaybookUploadPage ssr=SsrMode::Async />
                    <Route path=path!("/playbooks/:id") view=PlaybookPage ssr=SsrMode::Async />
                    <Route path=path!("/runs") view=RunsPage ssr=SsrMode::Async />
                    <Route path=path!("/runs/:id") view=RunPage ssr=SsrMode::Async />
                    <Route path=path!("/audit") view=AuditPage ssr=SsrMode::Async />
                    <Route path=path!("/settings") view=SettingsPage ssr=SsrMode::Async />
                </ParentRoute>
            </Routes>
        </Router>
    }
}

/// The title of the browser's tab. The server writes it into the page's head as it is, so there it must be escaped: titles carry text
/// of alerts, which is hostile.
fn document_title(page: String) -> String {
    let title = if page.is_empty() { "Countersign".to_owned() } else { format!("{page} · Countersign") };
    if cfg!(feature = "ssr") { title.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;") } else { title }
}
