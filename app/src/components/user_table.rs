//! Everybody who can or could sign in, and what an admin may do about each.

use api::users::AccountView;
use domain::account::SetVia;
use leptos::prelude::*;

use crate::components::age::FullTime;
use crate::components::quoted::Quoted;
use crate::components::status_mark::StatusMark;

/// What an admin asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserAct {
    Edit(AccountView),
    MakeLink(AccountView),
    EndSessions(AccountView),
    Disable(AccountView),
    Enable(AccountView),
}

/// One row for each account.
#[component]
pub fn UserTable(#[prop(into)] accounts: Signal<Vec<AccountView>>, act: Callback<UserAct>) -> impl IntoView {
    view! {
        <table class="user-table table">
            <caption class="heard-only">"People"</caption>
            <thead>
                <tr>
                    <th scope="col">"Person"</th>
                    <th scope="col">"Roles"</th>
                    <th scope="col">"State"</th>
                    <th scope="col">"Password set"</th>
                    <th scope="col"><span class="heard-only">"Actions"</span></th>
                </tr>
            </thead>
            <tbody>
                <For
                    each=move || accounts.get()
                    key=|account| (account.id, account.display_name.clone(), account.roles.clone(), account.enabled, account.password_changed_at, account.needs_confirmation)
                    children=move |account| view! { <Row account act /> }
                />
            </tbody>
        </table>
    }
    .into_any()
}

/// Whoever set it, where somebody else must still confirm that; and that nobody did, where it was set on the command line.
fn set_by(account: &AccountView) -> Option<impl IntoView + use<>> {
    let open = account.settings.iter().find(|setting| setting.is_open(account.id));
    let by_nobody = account.settings.iter().any(|setting| setting.via == SetVia::CommandLine);
    let words = match open.and_then(|setting| setting.set_by.as_ref()) {
        Some(setter) => format!("set by {}, not confirmed", setter.username),
        None if by_nobody => "set on the command line".to_owned(),
        None => return None,
    };
    let href = if account.needs_confirmation { Some("/settings?section=confirmations") } else { None };
    Some(view! { <small class="faint">{match href {
        Some(href) => view! { <a href=href><Quoted text=words /></a> }.into_any(),
        None => view! { <Quoted text=words /> }.into_any(),
    }}</small> })
}

#[component]
fn Row(account: AccountView, act: Callback<UserAct>) -> impl IntoView {
    let (word, label) = if account.enabled { ("ok", "enabled") } else { ("unknown", "disabled") };
    let roles = account.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(", ");
    let set_by = set_by(&account);
    let known = StoredValue::new(account.clone());
    let asks = move |make: fn(AccountView) -> UserAct| move |_| act.run(make(known.get_value()));
    let switch = if account.enabled {
        view! { <button type="button" class="button bad" on:click=asks(UserAct::Disable)>"Disable"</button> }.into_any()
    } else {
        view! { <button type="button" class="button" on:click=asks(UserAct::Enable)>"Enable"</button> }.into_any()
    };
    view! {
        <tr>
            <td class="cell-person"><b><Quoted text=account.display_name /></b>" "<code><Quoted text=account.username /></code>{set_by}</td>
            <td class="cell-roles">{roles}</td>
            <td><StatusMark word=word label=label /></td>
            <td class="nowrap"><FullTime at=account.password_changed_at /></td>
            <td class="cell-actions">
                <div class="row">
                    <button type="button" class="button" on:click=asks(UserAct::Edit)>"Edit"</button>
                    <button type="button" class="button" on:click=asks(UserAct::MakeLink)>"Password link"</button>
                    <button type="button" class="button" on:click=asks(UserAct::EndSessions)>"End sessions"</button>
                    {switch}
                </div>
            </td>
        </tr>
    }
    .into_any()
}
