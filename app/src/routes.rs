//! The application: what lives as long as the page, and which address shows what.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{ParentRoute, Redirect, Route, Router, Routes};
use leptos_router::{SsrMode, path};

use crate::components::icon::IconSprite;
use crate::components::quoted::line;
use crate::live::Live;
use crate::notices::Notices;
use crate::on_demand::{Administration, Alerts, OnDemand, Response};
use crate::pages::frame::Frame;
use crate::pages::incidents::IncidentsPage;
use crate::pages::not_found::NotFoundPage;
use crate::pages::sign_in::SignInPage;
use crate::preferences::Preferences;

/// The root of every page. Runs without a backend too, when the routes are listed.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let preferences = Preferences::provide();
    Notices::provide();
    Live::provide();
    Effect::new(move || preferences.load());
    view! {
        <Title formatter=document_title />
        <IconSprite />
        <Router>
            <Routes fallback=NotFoundPage>
                <Route path=path!("/sign-in") view=SignInPage ssr=SsrMode::Async />
                <Route path=path!("/setup") view=OnDemand::Administration(Administration::Setup) ssr=SsrMode::Async />
                <Route path=path!("/set-password") view=OnDemand::Administration(Administration::SetPassword) ssr=SsrMode::Async />
                <ParentRoute path=path!("") view=Frame ssr=SsrMode::Async>
                    <Route path=path!("") view=|| view! { <Redirect path="/incidents" /> } ssr=SsrMode::Async />
                    <Route path=path!("/incidents") view=IncidentsPage ssr=SsrMode::Async />
                    <Route path=path!("/incidents/:id") view=OnDemand::Incident ssr=SsrMode::Async />
                    <Route path=path!("/alerts/new") view=OnDemand::Alerts(Alerts::New) ssr=SsrMode::Async />
                    <Route path=path!("/approvals") view=OnDemand::Response(Response::Approvals) ssr=SsrMode::Async />
                    <Route path=path!("/approvals/:id") view=OnDemand::Response(Response::Approval) ssr=SsrMode::Async />
                    <Route path=path!("/alerts") view=OnDemand::Alerts(Alerts::List) ssr=SsrMode::Async />
                    <Route path=path!("/alerts/:id") view=OnDemand::Alerts(Alerts::One) ssr=SsrMode::Async />
                    <Route path=path!("/playbooks") view=OnDemand::Response(Response::Playbooks) ssr=SsrMode::Async />
                    <Route path=path!("/playbooks/upload") view=OnDemand::Response(Response::Upload) ssr=SsrMode::Async />
                    <Route path=path!("/playbooks/:id") view=OnDemand::Response(Response::Playbook) ssr=SsrMode::Async />
                    <Route path=path!("/runs") view=OnDemand::Response(Response::Runs) ssr=SsrMode::Async />
                    <Route path=path!("/runs/:id") view=OnDemand::Response(Response::Run) ssr=SsrMode::Async />
                    <Route path=path!("/audit") view=OnDemand::Administration(Administration::Audit) ssr=SsrMode::Async />
                    <Route path=path!("/settings") view=OnDemand::Administration(Administration::Settings) ssr=SsrMode::Async />
                </ParentRoute>
            </Routes>
        </Router>
    }
}

/// The title of the browser's tab. The server writes it into the page's head as it is, so there it must be escaped: titles carry text
/// of alerts, which is hostile.
fn document_title(page: String) -> String {
    let title = if page.is_empty() { "Countersign".to_owned() } else { format!("{} · Countersign", line(&page)) };
    if cfg!(feature = "ssr") { title.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;") } else { title }
}
