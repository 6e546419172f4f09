//! Taking the browser's module apart: what every page needs, and parts that the browser loads when a page of theirs is opened.

use std::collections::BTreeSet;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, ensure};
use wasm_split_cli_support::{Options, transform};

/// Splits `module` and writes its parts, and `<name>-parts.js` which loads them, to `pkg`. Answers what is to be bound as the main
/// module. A file is named after the parts that need it, and bears a fingerprint of the build: a page that is older than the server finds no
/// file, not a wrong one.
pub fn split(module: &Path, name: &str, pkg: &Path) -> Result<PathBuf> {
    let whole = fs::read(module).with_context(|| format!("cannot read {}", module.display()))?;
    let main = module.with_extension("main.wasm");
    let (link_name, main_module) = (format!("./{name}-parts.js"), format!("./{name}.js"));
    let mut options = Options::new(&whole);
    options.output_dir = pkg;
    options.main_out_path = &main;
    options.link_name = &link_name;
    options.main_module = &main_module;
    let split = transform(options).map_err(|error| anyhow!("cannot split the module: {error:#}"))?;
    let build = fingerprint(&whole);
    let loader = pkg.join(link_name);
    let mut script = fs::read_to_string(&loader)?;
    for file in split.split_modules {
        let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let needed_by = split.prefetch_map.iter().filter(|(_, stems)| stems.contains(&stem)).map(|(part, _)| part.as_str());
        let parts = needed_by.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join("_");
        let (old, new) = (format!("\"./{stem}.wasm\""), format!("{name}-{parts}-{build}.wasm"));
        ensure!(script.contains(&old), "{} does not load {old}", loader.display());
        script = script.replace(&old, &format!("\"./{new}\""));
        fs::rename(&file, pkg.join(new))?;
    }
    fs::write(loader, script)?;
    Ok(main)
}

fn fingerprint(module: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    module.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
