//! Accounts that somebody set and nobody has confirmed: whose they are said to be, who set what, and the one button.

use api::users::UnconfirmedAccount;
use domain::account::{AccountAspect, AccountSetting};
use domain::id::UserId;
use leptos::prelude::*;

use crate::components::age::FullTime;
use crate::components::quoted::Quoted;

/// One row for each account.
#[component]
pub fn ConfirmationTable(#[prop(into)] accounts: Signal<Vec<UnconfirmedAccount>>, confirm: Callback<UserId>) -> impl IntoView {
    view! {
        <table class="confirmation-table table">
            <caption class="heard-only">"Accounts to confirm"</caption>
            <thead>
                <tr>
                    <th scope="col">"Person"</th>
                    <th scope="col">"Roles"</th>
                    <th scope="col">"Set by"</th>
                    <th scope="col"><span class="heard-only">"Actions"</span></th>
                </tr>
            </thead>
            <tbody>
                <For
                    each=move || accounts.get()
                    key=|account| (account.id, account.settings.iter().map(|setting| setting.set_at).collect::<Vec<_>>(), account.why_not.clone())
                    children=move |account| view! { <Row account confirm /> }
                />
            </tbody>
        </table>
    }
    .into_any()
}

#[component]
fn Row(account: UnconfirmedAccount, confirm: Callback<UserId>) -> impl IntoView {
    let id = account.id;
    let roles = account.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(", ");
    let action = match account.why_not {
        Some(why_not) => view! { <p class="faint"><Quoted text=why_not /></p> }.into_any(),
        None => {
            view! { <button type="button" class="button primary" on:click=move |_| confirm.run(id)>"Confirm"</button> }.into_any()
        }
    };
    view! {
        <tr>
            <td class="cell-person"><b><Quoted text=account.display_name /></b>" "<code><Quoted text=account.username /></code></td>
            <td class="cell-roles">{roles}</td>
            <td>{account.settings.into_iter().map(setting).collect_view()}</td>
            <td class="cell-actions">{action}</td>
        </tr>
    }
    .into_any()
}

fn setting(setting: AccountSetting) -> impl IntoView {
    let what = match setting.aspect {
        AccountAspect::Roles => "roles",
        AccountAspect::Password => "password",
    };
    let by = setting.set_by.map(|setter| setter.username).unwrap_or_default();
    view! { <p>{what}" by "<b><Quoted text=by /></b>", "<FullTime at=setting.set_at /></p> }
}
