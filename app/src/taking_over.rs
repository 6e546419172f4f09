//! Taking over the page that the server rendered.

use leptos::mount::hydrate_from_async;
use leptos::tachys::dom::body;
use leptos::task::tick;

use crate::App;

/// Makes the page that is there answer, once the part that it is in has arrived, and says so on the body: from then on a click counts.
pub async fn take_over() {
    hydrate_from_async(body(), App).await.forget();
    // What the page does first is queued by now: it is done before a click is.
    tick().await;
    let _ = body().set_attribute("data-hydrated", "");
}
