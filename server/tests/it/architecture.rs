//! The crates use each other as the table says, and the files are short enough to read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, MetadataCommand};

/// Which of our crates each crate may use. `detection`, `transparency` and `audit-verify` have their place before they exist.
const MAY_USE: [(&str, &[&str]); 15] = [
    ("domain", &[]),
    ("transparency", &[]),
    ("playbooks", &["domain"]),
    ("detection", &["domain"]),
    ("api", &["domain"]),
    ("connectors", &["domain"]),
    ("audit-verify", &["domain", "transparency"]),
    ("migration", &[]),
    ("store", &["domain", "playbooks", "transparency", "migration"]),
    ("service", &["domain", "playbooks", "detection", "transparency", "api", "store", "connectors"]),
    ("app", &["domain", "transparency", "api"]),
    ("frontend", &["app"]),
    ("server", &["app", "api", "domain", "service", "audit-verify", "store", "connectors", "playbooks"]),
    ("xtask", &[]),
    ("bench", &["domain"]),
];

/// Where the server may name the crates behind `service`.
const COMPOSITION: [&str; 3] = ["src/commands", "src/auth/session_store.rs", "src/commands.rs"];
const BEHIND_SERVICE: [&str; 3] = ["store::", "connectors::", "playbooks::"];
const FILE_LINES_MAX: usize = 400;
const REFUSED_IN_NAMES: [&str; 4] = ["extra", "more", "impl2", "misc"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

#[test]
fn the_crates_use_each_other_as_the_table_says() {
    let metadata = MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .other_options(vec!["--offline".into()])
        .exec()
        .unwrap();
    let ours: BTreeSet<String> = metadata.packages.iter().map(|package| package.name.to_string()).collect();
    let may_use: BTreeMap<&str, &[&str]> = MAY_USE.into_iter().collect();
    for package in &metadata.packages {
        let allowed = may_use.get(package.name.as_str()).unwrap_or_else(|| panic!("{} has no row in the table", package.name));
        let used = package
            .dependencies
            .iter()
            .filter(|dependency| dependency.kind != DependencyKind::Development && ours.contains(&dependency.name));
        for dependency in used {
            assert!(allowed.contains(&dependency.name.as_str()), "{} must not use {}", package.name, dependency.name);
        }
    }
}

#[test]
fn the_server_names_what_is_behind_the_service_only_where_it_puts_things_together() {
    for file in rust_files(&root().join("server/src")) {
        let relative = file.strip_prefix(root().join("server")).unwrap().to_string_lossy().into_owned();
        if COMPOSITION.iter().any(|allowed| relative.starts_with(allowed)) {
            continue;
        }
        for line in std::fs::read_to_string(&file).unwrap().lines().filter(|line| line.trim_start().starts_with("use ")) {
            assert!(!BEHIND_SERVICE.iter().any(|name| line.contains(&format!("use {name}"))), "{relative}: {line}");
        }
    }
}

#[test]
fn every_file_is_short_opens_with_its_purpose_and_has_a_name_that_says_it() {
    for file in rust_files(&root()) {
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.lines().count() <= FILE_LINES_MAX, "{} has over {FILE_LINES_MAX} lines", file.display());
        assert!(text.starts_with("//!"), "{} does not say what lives in it", file.display());
        let name = file.file_stem().unwrap().to_string_lossy();
        assert!(name != "mod" && !REFUSED_IN_NAMES.contains(&name.as_ref()), "{} has a name that says nothing", file.display());
    }
}

/// Every Rust file below a folder, without what was built or belongs to others.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let skipped = |path: &Path| {
        path.file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("target") || name == "node_modules" || name == ".git")
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !skipped(&path) {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}
