//! Text of people and senders as it may be shown: what reorders, hides or imitates is written out as `‹U+202E›`. Only what is
//! shown goes through here; what is stored, searched, compared and answered to machines stays as it is.

use std::borrow::Cow;
use std::fmt::Write as _;

mod alike;
mod unseen;

use unseen::Sight;
pub use unseen::is_letter_or_digit;

/// How many marks one letter may carry; UTS #39 (5.4) takes more for an attack.
pub const MARKS_MAX: usize = 4;

/// What a text is shown in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A line: a cell, a label, a name. Ends of lines and tabs are written out too.
    Line,
    /// A block of several lines, which keeps its ends of lines and its tabs. A carriage return before an end of line belongs to it.
    Lines,
}

/// One character, and whether it is written out.
#[derive(Clone, Copy, Debug)]
struct Glyph {
    character: char,
    sight: Sight,
    is_written_out: bool,
}

/// The text as it may be shown; the same text if nothing in it deceives. At most twelve times as long, and showing twice changes
/// nothing.
#[must_use]
pub fn visible(text: &str, place: Place) -> Cow<'_, str> {
    if text.bytes().all(|byte| is_plain(byte, place)) {
        return Cow::Borrowed(text);
    }
    let text = match place {
        Place::Lines if text.contains("\r\n") => Cow::Owned(text.replace("\r\n", "\n")),
        _ => Cow::Borrowed(text),
    };
    let glyphs = looked_at(&text, place);
    if glyphs.iter().any(|glyph| glyph.is_written_out) { Cow::Owned(written(&glyphs, written_out)) } else { text }
}

/// The same JSON, with what `visible` would write out escaped as `\u202e`: nothing of it deceives whoever opens the file, and
/// machines read the very same data.
#[must_use]
pub fn escaped_json(json: &str) -> Cow<'_, str> {
    if json.bytes().all(|byte| is_plain(byte, Place::Lines)) {
        return Cow::Borrowed(json);
    }
    Cow::Owned(written(&looked_at(json, Place::Lines), escaped))
}

fn is_plain(byte: u8, place: Place) -> bool {
    matches!(byte, b' '..=b'~') || (place == Place::Lines && matches!(byte, b'\n' | b'\t'))
}

fn looked_at(text: &str, place: Place) -> Vec<Glyph> {
    let mut glyphs: Vec<Glyph> = text.chars().map(|character| seen(character, place)).collect();
    write_out_stacks(&mut glyphs);
    alike::write_out(&mut glyphs);
    glyphs
}

fn seen(character: char, place: Place) -> Glyph {
    let is_kept = place == Place::Lines && matches!(character, '\n' | '\t');
    let sight = if is_kept { Sight::Space } else { unseen::sight_of(character) };
    Glyph { character, sight, is_written_out: sight == Sight::Unseen || alike::always_imitates(character) }
}

/// Writes out marks that stand on nothing, that repeat the one below, and all from the fifth on.
fn write_out_stacks(glyphs: &mut [Glyph]) {
    let (mut below, mut height) = (None, None);
    for glyph in glyphs {
        if glyph.sight != Sight::Mark {
            height = (glyph.sight == Sight::Printed && !glyph.is_written_out).then_some(0);
            below = None;
            continue;
        }
        height = height.map(|marks| marks + 1).filter(|marks| *marks <= MARKS_MAX && below != Some(glyph.character));
        below = Some(glyph.character);
        glyph.is_written_out |= height.is_none();
    }
}

fn written(glyphs: &[Glyph], write_out: fn(&mut String, char)) -> String {
    let mut text = String::with_capacity(glyphs.len() * 2);
    let mut is_after_written_out = false;
    for glyph in glyphs {
        // A mark goes with its letter.
        is_after_written_out = glyph.is_written_out || (is_after_written_out && glyph.sight == Sight::Mark);
        if is_after_written_out { write_out(&mut text, glyph.character) } else { text.push(glyph.character) }
    }
    text
}

fn written_out(text: &mut String, character: char) {
    // Writing into a text cannot fail.
    let _ = write!(text, "‹U+{:04X}›", u32::from(character));
}

fn escaped(text: &mut String, character: char) {
    for unit in character.encode_utf16(&mut [0; 2]) {
        let _ = write!(text, "\\u{unit:04x}");
    }
}

#[cfg(test)]
mod tests;
