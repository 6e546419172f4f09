//! Server functions about the session: who is signed in, and giving the password again.

use api::ApiError;
#[cfg(feature = "ssr")]
use api::people::StepUp;
use api::people::UserView;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

#[cfg(feature = "ssr")]
use crate::backend::{asked, reply, session};
use crate::correlated_client::CorrelatedClient;

/// The signed-in person.
#[server(prefix = "/rpc", endpoint = "session/current", input = Json, client = CorrelatedClient)]
pub async fn current_person() -> Result<UserView, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.people.current(&caller).await)
}

/// Checks the password again, so that the session may decide for the next minutes.
#[server(prefix = "/rpc", endpoint = "session/step-up", input = Json)]
pub async fn confirm_password(password: String) -> Result<(), ApiError> {
    let (backend, caller) = asked()?;
    let session = session();
    let request = StepUp { password };
    reply(async { session?.confirm(backend.people.step_up(&caller, request).await?.at).await }.await)
}
