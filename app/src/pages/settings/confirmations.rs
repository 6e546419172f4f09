//! Accounts to confirm, for approvers and admins: whoever set somebody's account has it in their hand until another person looked at it.

use domain::id::UserId;
use leptos::prelude::*;

use crate::asked::asked;
use crate::components::confirmation_table::ConfirmationTable;
use crate::components::empty_state::EmptyState;
use crate::components::loaded::LoadedPart;
use crate::live::Live;
use crate::notices::Notices;
use crate::server_fns::users::{confirm_user, list_unconfirmed_users};

/// The section.
#[component]
pub fn ConfirmationsSection() -> impl IntoView {
    let (live, notices) = (expect_context::<Live>(), expect_context::<Notices>());
    let waiting = asked(move || live.account.get(), |_| list_unconfirmed_users());
    let confirming = Action::new(move |id: &UserId| {
        let id = *id;
        async move {
            match confirm_user(id).await {
                Ok(account) => {
                    // Approvers follow no entries about accounts.
                    live.account.update(|count| *count += 1);
                    notices.good(format!("{} is confirmed.", account.username));
                }
                Err(error) => notices.bad(&error),
            }
        }
    });
    let confirm = Callback::new(move |id| drop(confirming.dispatch(id)));
    view! {
        <section class="stack">
            <h2>"Accounts to confirm"</h2>
            <p class="quiet">
                "Whoever set an account's roles or password could be its owner. Until somebody else has confirmed it, the account cannot sign for what that person contributed to. Confirm an account when you know that its owner holds it: ask them, not by mail."
            </p>
            <LoadedPart answer=waiting what="accounts" view=move |accounts| {
                let is_empty = Memo::new(move |_| accounts.with(Vec::is_empty));
                move || {
                    if is_empty.get() {
                        view! { <EmptyState title="Nothing to confirm"><p class="quiet">"No account was set by somebody else since it was last confirmed. Accounts that are set on the command line count as set by nobody."</p></EmptyState> }.into_any()
                    } else {
                        view! { <ConfirmationTable accounts confirm /> }.into_any()
                    }
                }
            } />
        </section>
    }
    .into_any()
}
