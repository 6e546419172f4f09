//! What a plan touches, how much of each kind, and how each of it can be taken back.

use leptos::prelude::*;

use crate::components::quoted::Quoted;
use crate::plan_rows::{self, Badge, Parameter, PlanRow};
use crate::wording;

/// Each target once, with what is done to it.
#[component]
pub fn PlanTargets(rows: Vec<PlanRow>) -> impl IntoView {
    let targets = plan_rows::targets(&rows);
    let touched = touched(&targets);
    let row = |(target, titles): (Parameter, Vec<String>)| {
        view! { <dt><span class="faint"><Quoted text=target.name /></span>" "<code><Quoted text=target.value /></code></dt><dd><Quoted text=titles.join(", ") /></dd> }
    };
    let destructive =
        rows.into_iter().filter(|row| row.badges.contains(&Badge::Destructive) && !row.badges.contains(&Badge::Skipped));
    let undo = |row: PlanRow| {
        let (class, words) =
            row.undo.map_or(("bad-words", "cannot be taken back".to_owned()), |undo| ("", format!("undone by: {undo}")));
        view! { <dt><Quoted text=row.title />" "<small class="mono"><Quoted text=row.step /></small></dt><dd class=class><Quoted text=words /></dd> }
    };
    view! {
        <section class="card plan-targets" aria-labelledby="touches">
            <h2 id="touches">"What it touches"</h2>
            <p><b>{touched}</b></p>
            <dl>{targets.into_iter().map(row).collect_view()}</dl>
            <h3>"What is destructive, and how it is taken back"</h3>
            <dl>{destructive.map(undo).collect_view()}</dl>
        </section>
    }
    .into_any()
}

/// "1 address, 2 accounts"; "nothing".
fn touched(targets: &[(Parameter, Vec<String>)]) -> String {
    const KINDS: [(&str, &str, &str); 5] = [
        ("ip", "address", "addresses"),
        ("user", "account", "accounts"),
        ("host", "host", "hosts"),
        ("domain", "domain", "domains"),
        ("email", "sender", "senders"),
    ];
    let count = |name: &str| targets.iter().filter(|(target, _)| target.name == name).count() as u64;
    let known =
        KINDS.into_iter().filter(|(name, ..)| count(name) > 0).map(|(name, one, many)| wording::count(count(name), one, many));
    let others = targets.iter().filter(|(target, _)| KINDS.iter().all(|(name, ..)| *name != target.name)).count() as u64;
    let others = (others > 0).then(|| wording::count(others, "other target", "other targets"));
    let touched: Vec<String> = known.chain(others).collect();
    if touched.is_empty() { "Nothing that is known now".to_owned() } else { touched.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::{Parameter, touched};

    fn check(names: &[&str], expected: &str) {
        let target =
            |name: &&str| (Parameter { name: (*name).to_owned(), value: String::new(), target: true, late: false }, Vec::new());
        assert_eq!(touched(&names.iter().map(target).collect::<Vec<_>>()), expected);
    }

    #[test]
    fn what_is_touched_is_counted_by_kind() {
        check(&[], "Nothing that is known now");
        check(&["user", "ip", "user"], "1 address, 2 accounts");
        check(&["host", "queue"], "1 host, 1 other target");
    }
}
