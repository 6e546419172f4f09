//! Letters that pass for others. Three rules: a character that is another form of an ASCII one is always written out; a word has
//! letters of one script; and letters of another script that all look like Latin ones are not believed beside Latin, nor alone.

use super::Glyph;
use super::unseen::Sight;
use scripts::{Script, script_of};

mod scripts;

/// Other forms of ASCII letters, digits and signs (mostly what NFKC turns into them), letters of Latin that are drawn like others,
/// and alphabets drawn after the Latin one that are hardly written today.
const ALWAYS: [(char, char); 76] = [
    ('\u{132}', '\u{133}'),
    ('\u{17F}', '\u{17F}'),
    ('\u{184}', '\u{185}'),
    ('\u{1A6}', '\u{1A8}'),
    ('\u{1BC}', '\u{1BD}'),
    ('\u{1C0}', '\u{1CC}'),
    ('\u{1F1}', '\u{1F3}'),
    ('\u{21C}', '\u{21D}'),
    ('\u{222}', '\u{223}'),
    ('\u{237}', '\u{237}'),
    ('\u{251}', '\u{251}'),
    ('\u{261}', '\u{262}'),
    ('\u{269}', '\u{26A}'),
    ('\u{274}', '\u{274}'),
    ('\u{280}', '\u{280}'),
    ('\u{28F}', '\u{28F}'),
    ('\u{299}', '\u{299}'),
    ('\u{29C}', '\u{29C}'),
    ('\u{29F}', '\u{29F}'),
    ('\u{2B0}', '\u{2B8}'),
    ('\u{2D0}', '\u{2D0}'),
    ('\u{2E0}', '\u{2E4}'),
    ('\u{37E}', '\u{37E}'),
    ('\u{3F3}', '\u{3F3}'),
    ('\u{13A0}', '\u{13FF}'),
    ('\u{16A0}', '\u{16FF}'),
    ('\u{1D00}', '\u{1DBF}'),
    ('\u{1FEF}', '\u{1FEF}'),
    ('\u{2024}', '\u{2025}'),
    ('\u{2044}', '\u{2044}'),
    ('\u{2071}', '\u{2071}'),
    ('\u{207F}', '\u{207F}'),
    ('\u{2090}', '\u{209C}'),
    ('\u{2100}', '\u{2102}'),
    ('\u{2105}', '\u{2107}'),
    ('\u{210A}', '\u{2113}'),
    ('\u{2115}', '\u{2115}'),
    ('\u{2118}', '\u{211D}'),
    ('\u{2124}', '\u{2124}'),
    ('\u{2128}', '\u{2128}'),
    ('\u{212A}', '\u{212A}'),
    ('\u{212C}', '\u{2134}'),
    ('\u{2139}', '\u{2139}'),
    ('\u{213C}', '\u{2149}'),
    ('\u{2160}', '\u{2188}'),
    ('\u{2215}', '\u{2216}'),
    ('\u{2223}', '\u{2223}'),
    ('\u{2236}', '\u{2236}'),
    ('\u{249C}', '\u{24E9}'),
    ('\u{29F5}', '\u{29F5}'),
    ('\u{29F8}', '\u{29F9}'),
    ('\u{2C7C}', '\u{2C7D}'),
    ('\u{2C80}', '\u{2CFF}'),
    ('\u{A4D0}', '\u{A4FF}'),
    ('\u{A730}', '\u{A731}'),
    ('\u{A789}', '\u{A789}'),
    ('\u{A7F1}', '\u{A7F4}'),
    ('\u{A7F8}', '\u{A7F9}'),
    ('\u{AB5C}', '\u{AB5F}'),
    ('\u{AB69}', '\u{AB6B}'),
    ('\u{AB70}', '\u{ABBF}'),
    ('\u{FB00}', '\u{FB06}'),
    ('\u{FB29}', '\u{FB29}'),
    ('\u{FE10}', '\u{FE19}'),
    ('\u{FE30}', '\u{FE6B}'),
    ('\u{FF02}', '\u{FF07}'),
    ('\u{FF0A}', '\u{FF0B}'),
    ('\u{FF0D}', '\u{FF19}'),
    ('\u{FF1C}', '\u{FF1E}'),
    ('\u{FF20}', '\u{FF5D}'),
    ('\u{10280}', '\u{1057F}'),
    ('\u{10780}', '\u{107BA}'),
    ('\u{1CCD6}', '\u{1CCF9}'),
    ('\u{1D400}', '\u{1D7FF}'),
    ('\u{1F100}', '\u{1F149}'),
    ('\u{1FBF0}', '\u{1FBF9}'),
];

/// Wide signs of Chinese and Japanese sentences: written out only where no such sentence is.
const OF_SENTENCES: [char; 8] = ['！', '（', '）', '，', '：', '；', '？', '～'];

/// Letters and digits of other scripts that are drawn like Latin letters and ASCII digits.
const LIKE_LATIN: &str = "\
АВЕЅІЇЈКМНОРСТУХЁҮЗԌԚԜӀаеѕіїјорсухёԁԛԝһӏүѵѡ\
ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹϺαγινορσυϲ\
ԼՕՍՏօսհոզցյ\
١٥٧۱۵۷߀०০৪৭੦੧૦୦୨ଠ౦ಂ೦൦ഠ෦ဝ၀๐໐០\
〇丨丶ノㅣㅇㅡ";

/// Is this character always written out, wherever it stands?
pub(super) fn always_imitates(character: char) -> bool {
    let before = ALWAYS.partition_point(|(_, last)| *last < character);
    ALWAYS.get(before).is_some_and(|(first, _)| *first <= character)
}

/// How many hexadecimal digits a character that is written out has.
const DIGITS_MIN: usize = 4;
const DIGITS_MAX: usize = 6;

/// A letter or digit that can be seen, and its script.
#[derive(Clone, Copy)]
struct Letter {
    at: usize,
    script: Script,
}

/// Writes out what the letters around it, or their absence, make doubtful.
pub(super) fn write_out(glyphs: &mut [Glyph]) {
    if glyphs.iter().all(|glyph| glyph.is_written_out || glyph.character.is_ascii()) {
        return;
    }
    let own = own_words(glyphs);
    write_out_mixed_words(glyphs, &own);
    let doubtless = doubtless_scripts(glyphs, letters(glyphs, &own, 0));
    if !doubtless.contains(&Script::UNSPACED) {
        glyphs.iter_mut().filter(|glyph| OF_SENTENCES.contains(&glyph.character)).for_each(|glyph| glyph.is_written_out = true);
    }
    write_out_pretenders(glyphs, &own, &doubtless);
}

/// Which characters belong to something that is written out already: `‹U+202E›` is no word of the text.
fn own_words(glyphs: &[Glyph]) -> Vec<bool> {
    let mut own = vec![false; glyphs.len()];
    for start in (0..glyphs.len()).filter(|at| glyphs[*at].character == '‹') {
        let is_prefixed =
            ['U', '+'].iter().zip(&glyphs[start + 1..]).filter(|(sign, glyph)| **sign == glyph.character).count() == 2;
        let digits =
            glyphs[start..].iter().skip(3).take(DIGITS_MAX + 1).take_while(|glyph| glyph.character.is_ascii_hexdigit()).count();
        let end = start + 3 + digits;
        if is_prefixed
            && (DIGITS_MIN..=DIGITS_MAX).contains(&digits)
            && glyphs.get(end).is_some_and(|glyph| glyph.character == '›')
        {
            own[start..=end].fill(true);
        }
    }
    own
}

/// A word with letters of Latin has no others; one without has those of its first script. Scripts that are written without spaces
/// end a word.
fn write_out_mixed_words(glyphs: &mut [Glyph], own: &[bool]) {
    let mut at = 0;
    while at < glyphs.len() {
        let length = glyphs[at..].iter().zip(&own[at..]).take_while(|(glyph, own)| !**own && is_of_word(glyph)).count();
        write_out_foreign(&mut glyphs[at..at + length]);
        at += length.max(1);
    }
}

fn is_of_word(glyph: &Glyph) -> bool {
    let is_letter = glyph.sight == Sight::Mark || glyph.character.is_alphanumeric();
    !glyph.is_written_out && is_letter && script_of(glyph.character) != Script::UNSPACED
}

fn write_out_foreign(word: &mut [Glyph]) {
    let scripts: Vec<Script> = word.iter().map(letter_script).collect();
    let known = |script: &&Script| **script != Script::COMMON;
    let Some(first) = scripts.iter().find(known) else { return };
    let own = if scripts.contains(&Script::LATIN) { Script::LATIN } else { *first };
    let has_ascii_digit = word.iter().any(|glyph| glyph.character.is_ascii_digit());
    for (glyph, script) in word.iter_mut().zip(scripts) {
        let is_other_digit = has_ascii_digit && glyph.character.is_numeric() && script != Script::LATIN;
        glyph.is_written_out |= script != Script::COMMON && (script != own || is_other_digit);
    }
}

/// Marks follow their letter.
fn letter_script(glyph: &Glyph) -> Script {
    if glyph.sight == Sight::Printed { script_of(glyph.character) } else { Script::COMMON }
}

/// The scripts of these letters that have one that looks like no Latin letter.
fn doubtless_scripts(glyphs: &[Glyph], letters: impl Iterator<Item = Letter>) -> Vec<Script> {
    let mut scripts: Vec<Script> = Vec::new();
    for letter in letters {
        if !scripts.contains(&letter.script) && !LIKE_LATIN.contains(glyphs[letter.at].character) {
            scripts.push(letter.script);
        }
    }
    scripts
}

/// Between two spaces: a script all of whose letters look like Latin ones is written out if Latin stands there too, or if nothing in
/// the whole text shows that the script is meant.
fn write_out_pretenders(glyphs: &mut [Glyph], own: &[bool], in_text: &[Script]) {
    let mut from = 0;
    while from < glyphs.len() {
        let length = glyphs[from..].iter().take_while(|glyph| glyph.sight != Sight::Space).count();
        let until = from + length;
        let here: Vec<Letter> = letters(&glyphs[..until], own, from).collect();
        let meant = doubtless_scripts(glyphs, here.iter().copied());
        let has_latin = meant.contains(&Script::LATIN);
        for letter in here {
            let is_meant = meant.contains(&letter.script) || (!has_latin && in_text.contains(&letter.script));
            glyphs[letter.at].is_written_out = !is_meant;
        }
        from = until + 1;
    }
}

fn letters<'a>(glyphs: &'a [Glyph], own: &'a [bool], from: usize) -> impl Iterator<Item = Letter> + 'a {
    let letter = move |at: usize| {
        let is_letter = !glyphs[at].is_written_out && !own[at] && glyphs[at].character.is_alphanumeric();
        let script = if is_letter { letter_script(&glyphs[at]) } else { Script::COMMON };
        (script != Script::COMMON).then_some(Letter { at, script })
    };
    (from..glyphs.len()).filter_map(letter)
}

const _: () = assert!(is_in_order(), "it is searched by halves");

const fn is_in_order() -> bool {
    let mut at = 1;
    while at < ALWAYS.len() {
        if ALWAYS[at - 1].1 as u32 >= ALWAYS[at].0 as u32 || ALWAYS[at].0 as u32 > ALWAYS[at].1 as u32 {
            return false;
        }
        at += 1;
    }
    true
}
