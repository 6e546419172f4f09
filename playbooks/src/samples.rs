//! The shipped sample alerts, one of every type: what `countersign samples` shows and posts.

use rust_embed::RustEmbed;
use serde_json::Value as Json;

#[derive(RustEmbed)]
#[folder = "samples"]
struct Samples;

/// A sample alert.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The type of incident that it makes.
    pub name: String,
    /// In the native format.
    pub alert: Json,
}

/// All of them, by name.
#[must_use]
pub fn samples() -> Vec<Sample> {
    let sample = |file: &str| {
        let name = file.strip_suffix(".json")?.to_owned();
        Some(Sample { name, alert: serde_json::from_slice(&Samples::get(file)?.data).ok()? })
    };
    let mut samples: Vec<Sample> = Samples::iter().filter_map(|file| sample(&file)).collect();
    samples.sort_by(|one, other| one.name.cmp(&other.name));
    samples
}
