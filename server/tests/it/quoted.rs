//! The source of the pages: no text that people or senders wrote stands in a view but by the component that shows such texts, or by its
//! function where no element can stand.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Members that hold texts in one type and something of ours in another; or ids, which are of a known form.
const OF_A_KNOWN_FORM: [&str; 3] = ["id", "kind", "prefix"];
/// Places that show a member of that name which is not a text of theirs: the file, and the member.
const OURS: [(&str, &str); 14] = [
    ("components/alert_form.rs", "title"),
    ("components/alert_form.rs", "hint"),
    ("components/alert_form.rs", "label"),
    ("components/filter_bar.rs", "label"),
    ("components/health_list.rs", "version"),
    ("components/palette.rs", "keys"),
    ("pages/playbook.rs", "name"),
    ("pages/playbook.rs", "description"),
    ("components/run_step.rs", "title"),
    ("components/audit_table.rs", "action"),
    ("components/entity_list.rs", "value"),
    ("components/incident_preview.rs", "value"),
    ("components/playbook_table.rs", "origin"),
    ("pages/playbook/versions.rs", "origin"),
];
/// What a browser shows of an attribute.
const SHOWN_ATTRIBUTES: [&str; 4] = [" title=", " aria-label=", " placeholder=", " alt="];
/// How a text is taken along.
const TAKEN: [&str; 4] = [".clone()", ".to_owned()", ".to_string()", ".as_str()"];

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            files.push(path);
        }
    }
    files
}

/// The members of public types that hold texts.
fn members(root: &Path) -> BTreeSet<String> {
    let mut members = BTreeSet::new();
    for folder in ["crates/api/src", "crates/domain/src", "app/src"] {
        for file in files(&root.join(folder)) {
            let text = std::fs::read_to_string(file).unwrap();
            for line in text.lines().map(str::trim) {
                let Some((name, kind)) = line.strip_prefix("pub ").and_then(|field| field.split_once(": ")) else { continue };
                let holds_text = ["String", "Option<String>", "Vec<String>"].contains(&kind.trim_end_matches(','));
                if holds_text && !OF_A_KNOWN_FORM.contains(&name) {
                    members.insert(name.to_owned());
                }
            }
        }
    }
    members
}

/// The end of what the bracket at `start` opens; texts in quotes do not count.
fn closing(text: &str, start: usize) -> usize {
    let (mut depth, mut quoted, mut escaped) = (0, false, false);
    for (at, c) in text[start..].char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '{' | '(' if !quoted => depth += 1,
            '}' | ')' if !quoted => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return start + at;
        }
    }
    text.len()
}

/// The text without what lies between these, both included; the second is the end of the first's bracket where it is none.
fn without(text: &str, from: &str, to: Option<&str>) -> String {
    let (mut kept, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(from) {
        let end = match to {
            Some(to) => rest[at..].find(to).map_or(rest.len(), |end| at + end + to.len()),
            None => (closing(rest, at + from.len() - 1) + 1).min(rest.len()),
        };
        kept.push_str(&rest[..at]);
        rest = &rest[end..];
    }
    kept + rest
}

/// What each view of a file is made of.
fn views(source: &str) -> Vec<String> {
    let (mut views, mut from) = (Vec::new(), 0);
    while let Some(at) = source[from..].find("view! {") {
        let start = from + at + "view! ".len();
        let end = closing(source, start);
        let view = without(&source[start + 1..end], "<Quoted", Some("/>"));
        views.push(without(&view, "line(", None));
        from = start + 1;
    }
    views
}

/// What stands alone in braces: the innermost ones.
fn leaves(view: &str) -> Vec<&str> {
    let inner = |(at, _): (usize, &str)| {
        let end = closing(view, at);
        let leaf = &view[at + 1..end.max(at + 1)];
        (!leaf.contains('{')).then_some(leaf.trim())
    };
    view.match_indices('{').filter_map(inner).collect()
}

/// The member that an expression ends in, however it is taken along.
fn member(expression: &str) -> Option<&str> {
    let mut rest = expression.trim_end_matches(')');
    while let Some(shorter) =
        TAKEN.iter().find_map(|taken| rest.strip_suffix(&taken[..taken.len() - 1]).or(rest.strip_suffix(taken)))
    {
        rest = shorter.trim_end_matches(')');
    }
    rest.rsplit_once('.').map(|(_, member)| member).filter(|member| !member.contains(|c: char| !c.is_alphanumeric() && c != '_'))
}

fn shown(view: &str) -> Vec<String> {
    let leaves =
        leaves(view).into_iter().filter_map(|leaf| if leaf.contains("defang::") { Some("defang") } else { member(leaf) });
    let attributes = SHOWN_ATTRIBUTES.iter().flat_map(|attribute| {
        view.match_indices(attribute).flat_map(|(at, _)| {
            let value = &view[at + attribute.len()..];
            let end = value.find(['>', '\n']).unwrap_or(value.len());
            let words = value[..end].split(|c: char| !c.is_alphanumeric() && !"._:".contains(c));
            words.flat_map(|word| match word.starts_with("defang::") {
                true => vec!["defang"],
                false => word.split('.').skip(1).collect(),
            })
        })
    });
    leaves.chain(attributes).map(str::to_owned).collect()
}

#[test]
fn every_text_of_theirs_is_quoted() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let (app, members) = (root.join("app/src"), members(root));
    assert!(members.contains("title") && members.contains("reason"), "{members:?}");
    let mut bare = Vec::new();
    for file in files(&app) {
        let name = file.strip_prefix(&app).unwrap().to_str().unwrap();
        for view in views(&std::fs::read_to_string(&file).unwrap()) {
            let found = shown(&view).into_iter().filter(|member| member == "defang" || members.contains(member));
            bare.extend(found.filter(|member| !OURS.contains(&(name, member))).map(|member| format!("{name}: {member}")));
        }
    }
    assert_eq!(bare, Vec::<String>::new(), "these are texts of people or senders: show them by `Quoted`, or by `quoted::line`");
}

#[test]
fn a_text_that_is_not_quoted_is_found() {
    for view in [
        "view! { <b>{alert.title.clone()}</b> }",
        "view! { <b>{move || alert.with(|alert| alert.title.clone())}</b> }",
        "view! { <b>{defang::text(&alert.title)}</b> }",
        "view! { <b title=alert.title.clone()>\"x\"</b> }",
        "view! { <b aria-label=format!(\"Open {}\", alert.title)>\"x\"</b> }",
        "view! { <p>{rows.iter().map(|row| view! { <li>{row.title}</li> }).collect_view()}</p> }",
    ] {
        let found: Vec<String> = views(view).iter().flat_map(|view| shown(view)).collect();
        assert!(found.iter().any(|member| member == "title" || member == "defang"), "{view}: {found:?}");
    }
    for view in [
        "view! { <b><Quoted text=defang::text(&alert.title) /></b> }",
        "view! { <b title=line(&alert.title)>{line(&alert.title)}</b> }",
        "view! { <b>{move || view! { <Quoted text=alert.title.clone() /> }}</b> }",
    ] {
        let found: Vec<String> = views(view).iter().flat_map(|view| shown(view)).collect();
        assert!(!found.iter().any(|member| member == "title" || member == "defang"), "{view}: {found:?}");
    }
}
