//! Questions of parts that only a person opens: they are asked in the browser, never while the server renders. A resource that is made inside a
//! part that waits for another may be made twice on the server, and the page would wait for the first one for ever.

use std::future::Future;

use leptos::prelude::*;

/// The newest answer to what `ask` makes of `source`, asked again whenever that changes.
pub fn asked<S, T, F>(source: impl Fn() -> S + 'static, ask: impl Fn(S) -> F + 'static) -> ReadSignal<Option<T>>
where
    T: Send + Sync + 'static,
    F: Future<Output = T> + 'static,
{
    let answer = RwSignal::new(None);
    let turn = StoredValue::new(0_u64);
    Effect::new(move || {
        let question = ask(source());
        let mine = turn.try_update_value(|turn| {
            *turn += 1;
            *turn
        });
        leptos::task::spawn_local(async move {
            let newest = question.await;
            if turn.try_get_value() == mine {
                answer.try_set(Some(newest));
            }
        });
    });
    answer.read_only()
}
