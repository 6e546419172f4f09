//! Taking the browser's module apart: what every page needs, and parts that the browser loads when a page of theirs is opened.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, ensure};
use wasm_split_cli_support::{Options, transform};

/// Splits `module` and writes its parts, and `<name>-parts.js` which loads them, to `pkg`. Answers what is to be bound as the main
/// module. A part's file bears a name that no other build gives: a page that is older than the server finds no file, not a wrong one.
pub fn split(module: &Path, name: &str, pkg: &Path) -> Result<PathBuf> {
    let whole = fs::read(module).with_context(|| format!("cannot read {}", module.display()))?;
    let main = module.with_extension("main.wasm");
    let (link_name, main_module) = (format!("./{name}-parts.js"), format!("./{name}.js"));
    let mut options = Options::new(&whole);
    options.output_dir = pkg;
    options.main_out_path = &main;
    options.link_name = &link_name;
    options.main_module = &main_module;
    let parts = transform(options).map_err(|error| anyhow!("cannot split the module: {error:#}"))?.split_modules;
    let build = fingerprint(&whole);
    let loader = pkg.join(link_name);
    let mut script = fs::read_to_string(&loader)?;
    for part in parts {
        let old = part.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let stem = old.trim_end_matches(".wasm").trim_start_matches("split_");
        let new = format!("{name}-{stem}-{build}.wasm");
        ensure!(script.contains(&format!("\"./{old}\"")), "{} does not load {old}", loader.display());
        script = script.replace(&format!("\"./{old}\""), &format!("\"./{new}\""));
        fs::rename(&part, pkg.join(new))?;
    }
    fs::write(loader, script)?;
    Ok(main)
}

fn fingerprint(module: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    module.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
