//! Makes sure that the folder which is embedded exists, so that the server also builds before the browser side was built.

fn main() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/site/pkg");
    if let Err(error) = std::fs::create_dir_all(folder) {
        println!("cargo::error=cannot make {folder}: {error}");
    }
    println!("cargo::rerun-if-changed={folder}");
}
