//! The browser side: WASM, its JavaScript, one style sheet and the icons, in `target/site/pkg`, where the server embeds them from.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::{parts, process, workspace};

/// The name that pages load: the same as `LEPTOS_OUTPUT_NAME` in `.cargo/config.toml`.
const NAME: &str = "countersign";
const WASM_TARGET: &str = "wasm32-unknown-unknown";
/// What rustc uses and every current browser has; with all of binaryen's features the module would need ones that no browser has yet.
const WASM_FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];
/// Brotli's best; the files are compressed once and served many times.
const BROTLI_QUALITY: u32 = 11;
const BROTLI_WINDOW: u32 = 22;

/// Builds everything that the browser loads.
pub fn build() -> Result<()> {
    ensure_wasm_target()?;
    process::cargo(&["build", "--package", "frontend", "--lib", "--target", WASM_TARGET, "--profile", "wasm-release"])?;
    let pkg = workspace::root().join("target/site/pkg");
    empty(&pkg)?;
    bind_wasm(&pkg)?;
    files(&pkg, "wasm")?.iter().try_for_each(|module| optimise_wasm(module))?;
    fs::write(pkg.join(format!("{NAME}.css")), style_sheet()?)?;
    fs::copy(workspace::root().join("style/icon.svg"), pkg.join("icon.svg"))?;
    compress(&pkg)?;
    report(&pkg)
}

/// What an earlier build left would be embedded too.
fn empty(pkg: &Path) -> Result<()> {
    fs::create_dir_all(pkg)?;
    fs::read_dir(pkg)?.flatten().try_for_each(|entry| fs::remove_file(entry.path()))?;
    Ok(())
}

/// The files in `pkg` with this extension, by name.
fn files(pkg: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let paths = fs::read_dir(pkg)?.flatten().map(|entry| entry.path());
    let mut found: Vec<_> = paths.filter(|path| path.extension().is_some_and(|known| known == extension)).collect();
    found.sort();
    Ok(found)
}

/// Has rustup install the WASM target where it is missing.
pub fn ensure_wasm_target() -> Result<()> {
    let installed = process::output_of(process::command("rustup").args(["target", "list", "--installed"]));
    match installed {
        Some(targets) if !targets.contains(WASM_TARGET) => {
            process::run(process::command("rustup").args(["target", "add", WASM_TARGET]))
        }
        _ => Ok(()),
    }
}

fn bind_wasm(pkg: &Path) -> Result<()> {
    let module = workspace::target().join(WASM_TARGET).join("wasm-release/frontend.wasm");
    let main = parts::split(&module, NAME, pkg)?;
    Bindgen::new()
        .input_path(main)
        .web(true)?
        .typescript(false)
        .remove_name_section(true)
        // The parts link to what the main module exports, by the linker's names.
        .keep_lld_exports(true)
        .demangle(false)
        .out_name(NAME)
        .generate(pkg)?;
    fs::rename(pkg.join(format!("{NAME}_bg.wasm")), pkg.join(format!("{NAME}.wasm"))).context("wasm-bindgen wrote no module")
}

/// Makes the module smaller with the `wasm-opt` of the npm package binaryen, where it is installed.
fn optimise_wasm(module: &Path) -> Result<()> {
    let wasm_opt = workspace::root().join("end2end/node_modules/.bin/wasm-opt");
    if !wasm_opt.exists() {
        eprintln!(
            "note: the WASM is not optimised further; `npm ci` in end2end/ installs wasm-opt, which makes it about a third smaller"
        );
        return Ok(());
    }
    let smaller = module.with_extension("opt");
    process::run(process::command(wasm_opt).arg("-Oz").args(WASM_FEATURES).arg(module).arg("-o").arg(&smaller))?;
    fs::rename(smaller, module).context("wasm-opt wrote no module")
}

/// One style sheet: the tokens first, then the base and the layout, then the components by name.
fn style_sheet() -> Result<String> {
    let style = workspace::root().join("style");
    let mut parts: Vec<PathBuf> = ["tokens.css", "base.css", "layout.css"].iter().map(|name| style.join(name)).collect();
    let mut components: Vec<PathBuf> = fs::read_dir(style.join("components"))?.flatten().map(|entry| entry.path()).collect();
    components.sort();
    parts.extend(components);
    parts.iter().try_fold(String::new(), |sheet, part| {
        let text = fs::read_to_string(part).with_context(|| format!("cannot read {}", part.display()))?;
        Ok(sheet + &text + "\n")
    })
}

fn compress(pkg: &Path) -> Result<()> {
    for extension in ["wasm", "js", "css"] {
        for file in files(pkg, extension)? {
            let mut writer = brotli::CompressorWriter::new(Vec::new(), 4096, BROTLI_QUALITY, BROTLI_WINDOW);
            writer.write_all(&fs::read(&file)?)?;
            fs::write(file.with_extension(format!("{extension}.br")), writer.into_inner())?;
        }
    }
    Ok(())
}

/// Says how much the browser loads, as it is sent: with brotli.
fn report(pkg: &Path) -> Result<()> {
    let mut all = 0;
    for module in files(pkg, "wasm")? {
        let sent = fs::metadata(module.with_extension("wasm.br"))?.len();
        all += sent;
        let name = module.file_name().unwrap_or_default().to_string_lossy().into_owned();
        println!("{:>6} KiB, {:>4} KiB with brotli: {name}", fs::metadata(&module)?.len() / 1024, sent / 1024);
    }
    let first = fs::metadata(pkg.join(format!("{NAME}.wasm.br")))?.len();
    println!("browser side: first page {} KiB with brotli, all parts {} KiB", first / 1024, all / 1024);
    Ok(())
}
