//! What a command says at its end: lines for people, or one JSON document with `--json`. Nothing that people or senders wrote reorders
//! what a terminal shows, hides in it, or commands it.

use std::fmt::Display;
use std::io::{Write as _, stderr, stdout};

use clap::Args;
use domain::visible::{Place, escaped_json, visible};
use serde::Serialize;

/// How the result is printed.
#[derive(Args, Clone, Copy, Debug)]
pub struct Output {
    /// Print the result as JSON.
    #[arg(long, global = true)]
    json: bool,
}

impl Output {
    /// Prints the text, or the value.
    pub fn say(self, text: impl Display, value: &impl Serialize) -> anyhow::Result<()> {
        if self.json {
            tell_json(value)?;
        } else {
            tell(text);
        }
        Ok(())
    }
}

/// Says a line on standard output. Whoever read it may have gone: that ends no server.
pub fn tell(text: impl Display) {
    let _ = writeln!(stdout(), "{}", visible(&text.to_string(), Place::Lines));
}

/// Says a JSON document on standard output: the very data, and nothing in it deceives a reader.
pub fn tell_json(value: &impl Serialize) -> serde_json::Result<()> {
    let json = serde_json::to_string_pretty(value)?;
    let _ = writeln!(stdout(), "{}", escaped_json(&json));
    Ok(())
}

/// Says on standard error why a command failed.
pub fn tell_error(error: &anyhow::Error) {
    let _ = writeln!(stderr(), "error: {}", visible(&format!("{error:#}"), Place::Lines));
}

/// What people or senders wrote, as a part of a line.
pub fn cell(text: &str) -> String {
    visible(text, Place::Line).into_owned()
}
