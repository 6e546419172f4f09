//! The sign-in and sign-out forms, which work without script: each answers with a redirect.

use api::people::Credentials;
use api::{Backend, ProblemCode};
use axum::extract::{Form, State};
use axum::response::Redirect;
use serde::Deserialize;
use tower_sessions::Session;

use super::Answer;
use crate::auth::caller::AskedByAnyone;
use crate::auth::session::{self, Traces};

/// Where a person lands who did not ask for a certain page.
const HOME: &str = "/incidents";

/// The fields of the form.
#[derive(Deserialize)]
pub struct SignInForm {
    username: String,
    password: String,
    #[serde(default)]
    next: String,
}

/// Signs in and goes on to where the person wanted to be.
pub async fn sign_in(
    State(backend): State<Backend>,
    AskedByAnyone(caller): AskedByAnyone,
    session: Session,
    traces: Traces,
    Form(form): Form<SignInForm>,
) -> Answer<Redirect> {
    let next = local_or_home(&form.next);
    let credentials = Credentials { username: form.username, password: form.password };
    match backend.people.sign_in(&caller, credentials).await {
        Ok(authenticated) => {
            session::begin(&session, &authenticated, traces).await?;
            Ok(Redirect::to(next))
        }
        Err(error) if error.code == ProblemCode::RateLimited => Ok(Redirect::to(&again(error.code, next))),
        Err(error) if matches!(error.code, ProblemCode::SignInFailed | ProblemCode::Invalid) => {
            Ok(Redirect::to(&again(ProblemCode::SignInFailed, next)))
        }
        Err(error) => Err(error.into()),
    }
}

/// Signs out.
pub async fn sign_out(
    State(backend): State<Backend>,
    AskedByAnyone(caller): AskedByAnyone,
    session: Session,
) -> Answer<Redirect> {
    if caller.actor.as_user().is_some() {
        backend.people.sign_out(&caller).await?;
        session::end(&session).await?;
    }
    Ok(Redirect::to("/sign-in"))
}

/// The sign-in page for someone who wants to go to `next`.
#[must_use]
pub fn page_for(next: &str) -> String {
    format!("/sign-in?{}", form_urlencoded::Serializer::new(String::new()).append_pair("next", local_or_home(next)).finish())
}

fn again(code: ProblemCode, next: &str) -> String {
    let query =
        form_urlencoded::Serializer::new(String::new()).append_pair("error", code.as_str()).append_pair("next", next).finish();
    format!("/sign-in?{query}")
}

/// A path of this site; anything that could lead elsewhere becomes the home page.
fn local_or_home(next: &str) -> &str {
    let local = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n', '\t']) && next.is_ascii();
    if local { next } else { HOME }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_on_never_leaves_the_site() {
        for (next, expected) in [
            ("/approvals/APR-0000000001?x=1", "/approvals/APR-0000000001?x=1"),
            ("", HOME),
            ("https://evil.example/", HOME),
            ("//evil.example/", HOME),
            ("/\\evil.example", HOME),
            ("/\t/evil.example", HOME),
            ("javascript:alert(1)", HOME),
            ("/a\r\nSet-Cookie: x=y", HOME),
        ] {
            assert_eq!(local_or_home(next), expected, "{next:?}");
        }
    }
}
