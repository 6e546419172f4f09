//! Which characters can be seen at all. The standard library knows what can be printed and what is a mark; only what it prints
//! although it shows nothing is listed here, so that no second table of Unicode is in what the browser loads.

/// What of a character can be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sight {
    /// A sign of its own.
    Printed,
    /// What stands on the sign before it.
    Mark,
    /// The space, and what a block of lines keeps.
    Space,
    /// Nothing, or an effect on others: it reorders, has no width, is a control, a space that is none, or no character.
    Unseen,
}

/// Default_Ignorable_Code_Point of Unicode 17, as ranges; and after them what is printed as a blank.
const UNSEEN: [(char, char); 20] = [
    ('\u{AD}', '\u{AD}'),
    ('\u{34F}', '\u{34F}'),
    ('\u{61C}', '\u{61C}'),
    ('\u{115F}', '\u{1160}'),
    ('\u{17B4}', '\u{17B5}'),
    ('\u{180B}', '\u{180F}'),
    ('\u{200B}', '\u{200F}'),
    ('\u{202A}', '\u{202E}'),
    ('\u{2060}', '\u{206F}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{FE00}', '\u{FE0F}'),
    ('\u{FEFF}', '\u{FEFF}'),
    ('\u{FFA0}', '\u{FFA0}'),
    ('\u{FFF0}', '\u{FFF8}'),
    ('\u{1BCA0}', '\u{1BCA3}'),
    ('\u{1D173}', '\u{1D17A}'),
    ('\u{E0000}', '\u{E0FFF}'),
    // A Braille pattern without dots, a musical notehead without a head, and what stands for an object that is not there.
    ('\u{2800}', '\u{2800}'),
    ('\u{1D159}', '\u{1D159}'),
    ('\u{FFFC}', '\u{FFFC}'),
];

pub(super) fn sight_of(character: char) -> Sight {
    match character {
        ' ' => Sight::Space,
        '!'..='~' => Sight::Printed,
        _ if UNSEEN.iter().any(|(first, last)| (*first..=*last).contains(&character)) => Sight::Unseen,
        // What is printed and stands on its own is not escaped: it is one character still.
        _ if character.escape_debug().len() == 1 => Sight::Printed,
        _ if is_printed_after_a_letter(character) => Sight::Mark,
        _ => Sight::Unseen,
    }
}

/// Can this be counted as a letter or digit of a reason?
#[must_use]
pub fn is_letter_or_digit(character: char) -> bool {
    character.is_alphanumeric() && sight_of(character) == Sight::Printed
}

/// At the start of a text a mark is escaped, after a letter it is not; what cannot be printed is escaped everywhere.
fn is_printed_after_a_letter(character: char) -> bool {
    let mut bytes = [b'a'; 5];
    let length = character.encode_utf8(&mut bytes[1..]).len();
    str::from_utf8(&bytes[..=length]).is_ok_and(|text| text.escape_debug().count() == 2)
}
