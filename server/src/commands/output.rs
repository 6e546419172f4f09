//! What a command says at its end: lines for people, or one JSON document with `--json`.

use std::fmt::Display;
use std::io::{Write as _, stdout};

use clap::Args;
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
            tell(serde_json::to_string_pretty(value)?);
        } else {
            tell(text);
        }
        Ok(())
    }
}

/// Says a line on standard output. Whoever read it may have gone: that ends no server.
pub fn tell(text: impl Display) {
    let _ = writeln!(stdout(), "{text}");
}
