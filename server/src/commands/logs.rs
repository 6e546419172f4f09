//! Log lines on standard error: text for people or JSON for machines, by `RUST_LOG`. Whatever a line quotes, it neither commands the
//! terminal that it is read in nor looks like another line; so lines have no colours.

use std::io::{Stderr, Write};

use domain::visible::{Place, escaped_json, visible};

use tracing_subscriber::EnvFilter;

/// What is logged when `RUST_LOG` says nothing.
const DEFAULT_FILTER: &str = "info,sqlx=warn,sea_orm=warn,tower_sessions=warn";

/// How a log line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Text,
    Json,
}

/// Starts logging, for the rest of the process.
pub fn start(format: Format) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(DEFAULT_FILTER));
    let writer = move || Plain { format, stderr: std::io::stderr() };
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(writer);
    let started = match format {
        Format::Text => logs.try_init(),
        Format::Json => logs.json().try_init(),
    };
    if let Err(error) = started {
        eprintln!("logging was started already: {error}");
    }
}

/// Writes what it gets, one or more whole lines, without what deceives.
struct Plain {
    format: Format,
    stderr: Stderr,
}

impl Write for Plain {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let lines = String::from_utf8_lossy(bytes);
        self.stderr.write_all(plain(self.format, &lines).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.stderr.flush()
    }
}

/// A line of text that goes on in a second one says so by four spaces.
fn plain(format: Format, lines: &str) -> String {
    match (format, lines.strip_suffix('\n')) {
        (Format::Json, _) => escaped_json(lines).into_owned(),
        (Format::Text, Some(line)) => format!("{}\n", visible(line, Place::Lines).replace('\n', "\n    ")),
        (Format::Text, None) => visible(lines, Place::Lines).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Format, plain};

    #[test]
    fn a_line_says_what_it_says_and_nothing_else() {
        for (format, line, expected) in [
            (Format::Text, "INFO all is well\n", "INFO all is well\n"),
            (Format::Text, "WARN \u{1b}[2J\u{202e}x\n", "WARN ‹U+001B›[2J‹U+202E›x\n"),
            (Format::Text, "WARN a\nINFO forged\r\n", "WARN a\n    INFO forged‹U+000D›\n"),
            (Format::Json, "{\"message\":\"\u{202e}x\"}\n", "{\"message\":\"\\u202ex\"}\n"),
        ] {
            assert_eq!(plain(format, line), expected);
        }
    }
}
