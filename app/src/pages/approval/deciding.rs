//! Deciding an approval: the ballot, the password again where the server wants it, and what happened when it refuses.

use api::approvals::{ApprovalView, DecisionRequest};
use api::{ApiError, ProblemCode};
use domain::approval::{ApprovalStatus, Decision};
use domain::digest::Digest;
use domain::id::ApprovalId;
use leptos::prelude::*;

use crate::components::error_notice::ErrorNotice;
use crate::components::quoted::Quoted;
use crate::components::signature::Signature;
use crate::components::step_up::StepUpForm;
use crate::notices::Notices;
use crate::plan_rows;
use crate::server_fns::approvals::decide_approval;
use crate::server_fns::session::confirm_password;
use crate::wording;

type Voting = Action<DecisionRequest, Result<ApprovalView, ApiError>>;
type Confirming = Action<String, Result<(), ApiError>>;

/// The signature while it can be given, and otherwise why not.
#[component]
pub fn Deciding(approval: Memo<ApprovalView>, reload: Callback<()>) -> impl IntoView {
    let (id, seen) = approval.with_untracked(|approval| (approval.id, approval.plan_digest));
    let reason = RwSignal::new(String::new());
    let ballot = RwSignal::new(None::<DecisionRequest>);
    let voting = voting(id, reload);
    let confirming = confirming(voting, ballot);
    let decide = Callback::new(move |decision: Decision| {
        let request = DecisionRequest { decision, reason: reason.get_untracked().trim().to_owned(), plan_digest: seen };
        ballot.set(Some(request.clone()));
        confirming.clear();
        voting.dispatch(request);
    });
    let busy = Signal::derive(move || voting.pending().get() || confirming.pending().get());
    let standing = Memo::new(move |_| approval.with(|approval| Standing::of(approval, seen)));
    let refusal = move || voting.value().get().and_then(Result::err);
    let wants_password = Memo::new(move |_| refusal().is_some_and(|error| error.code == ProblemCode::StepUpRequired));
    let confirm = Callback::new(move |password| drop(confirming.dispatch(password)));
    let password_error = Signal::derive(move || confirming.value().get().and_then(Result::err));
    view! {
        {move || match standing.get() {
            Standing::Open => view! { <Signature digest=seen reason busy decide /> }.into_any(),
            other => view! { <Closed standing=other /> }.into_any(),
        }}
        {move || wants_password.get().then(|| view! { <StepUpForm busy error=password_error confirm /> })}
        {move || refusal().filter(|error| error.code != ProblemCode::StepUpRequired).map(|error| view! { <Refused error reload /> })}
    }
    .into_any()
}

fn voting(id: ApprovalId, reload: Callback<()>) -> Voting {
    let notices = expect_context::<Notices>();
    Action::new(move |request: &DecisionRequest| {
        let request = request.clone();
        async move {
            let outcome = decide_approval(id, request).await;
            if let Ok(approval) = &outcome {
                notices.good(format!("Your decision counts: {id} is {}", wording::approval_status(approval.status)));
                reload.run(());
            }
            outcome
        }
    })
}

/// Once the password is right, the ballot that was refused is cast again.
fn confirming(voting: Voting, ballot: RwSignal<Option<DecisionRequest>>) -> Confirming {
    Action::new(move |password: &String| {
        let password = password.clone();
        async move {
            let outcome = confirm_password(password).await;
            if let (Ok(()), Some(ballot)) = (&outcome, ballot.get_untracked()) {
                voting.dispatch(ballot);
            }
            outcome
        }
    })
}

/// Whether somebody can sign here and now.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Standing {
    Open,
    NotYou(String),
    Over(ApprovalStatus),
    /// The plan is not the one that was on the screen at first.
    Changed,
    /// What is shown does not have the digest that would be signed.
    Corrupt,
}

impl Standing {
    fn of(approval: &ApprovalView, seen: Digest) -> Self {
        match approval.status {
            _ if plan_rows::digest(&approval.plan) != approval.plan_digest => Self::Corrupt,
            _ if approval.plan_digest != seen => Self::Changed,
            ApprovalStatus::Pending if approval.can_decide => Self::Open,
            ApprovalStatus::Pending => {
                Self::NotYou(approval.why_not.clone().unwrap_or_else(|| "You may not decide this.".to_owned()))
            }
            over => Self::Over(over),
        }
    }

    fn words(self) -> (&'static str, String) {
        match self {
            Self::Open => ("Your signature", String::new()),
            Self::NotYou(why) => ("You cannot decide this", why),
            Self::Over(status) => {
                ("Decided", format!("This approval is {}. Nothing more can be decided here.", wording::approval_status(status)))
            }
            Self::Changed => {
                ("The plan changed", "It is not the plan that you began to read. Reload the page and read it again.".to_owned())
            }
            Self::Corrupt => (
                "Do not sign",
                "The plan does not have the digest that would be signed: it was changed. Tell whoever runs this installation."
                    .to_owned(),
            ),
        }
    }
}

#[component]
fn Closed(standing: Standing) -> impl IntoView {
    let (title, words) = standing.words();
    view! { <section class="card stack" aria-labelledby="closed"><h2 id="closed">{title}</h2><p><Quoted text=words /></p></section> }.into_any()
}

/// What happened instead; what was typed is still there.
#[component]
fn Refused(error: ApiError, reload: Callback<()>) -> impl IntoView {
    view! {
        <ErrorNotice error>
            <p><button type="button" class="button" on:click=move |_| reload.run(())>"Reload"</button></p>
        </ErrorNotice>
    }
    .into_any()
}
