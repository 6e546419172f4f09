//! Server functions about the session: who is signed in, and giving the password again.

use api::ApiError;
use api::people::UserView;
#[cfg(feature = "ssr")]
use api::people::{Credentials, PasswordChange, StepUp};
use api::text::Json;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::backend::{asked, reply, session};
use crate::correlated_client::CorrelatedClient;

/// The signed-in person.
#[server(prefix = "/rpc", endpoint = "session/current", input = Json, output = Json, client = CorrelatedClient)]
pub async fn current_person() -> Result<UserView, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.people.current(&caller).await)
}

/// Checks the password again, so that the session may decide for the next minutes.
#[server(prefix = "/rpc", endpoint = "session/step-up", input = Json, output = Json)]
pub async fn confirm_password(password: String) -> Result<(), ApiError> {
    let (backend, caller) = asked()?;
    let session = session();
    let request = StepUp { password };
    reply(async { session?.confirm(backend.people.step_up(&caller, request).await?.at).await }.await)
}

/// Signs in again, so that a page whose session ended can go on with what was typed in it.
#[server(prefix = "/rpc", endpoint = "session/sign-in-again", input = Json, output = Json)]
pub async fn sign_in_again(username: String, password: String) -> Result<(), ApiError> {
    let (backend, caller) = asked()?;
    let renewed = async {
        let signed_in = backend.people.sign_in(&caller, Credentials { username, password }).await?;
        session()?.renew(&signed_in).await
    };
    reply(renewed.await)
}

/// Changes one's own password; the session goes on as a new one, all others end.
#[server(prefix = "/rpc", endpoint = "session/change-password", input = Json, output = Json)]
pub async fn change_password(old_password: String, new_password: String) -> Result<(), ApiError> {
    let (backend, caller) = asked()?;
    let session = session();
    let request = PasswordChange { old_password, new_password };
    reply(async { session?.renew(&backend.people.change_password(&caller, request).await?).await }.await)
}
