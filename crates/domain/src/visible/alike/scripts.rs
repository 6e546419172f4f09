//! Which script a letter or digit is of, by the block that it stands in: exact enough to tell scripts apart, and small enough for
//! what the browser loads.

/// A script; what is not named is told apart by its block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Script(u32);

impl Script {
    /// Digits of ASCII and signs, which stand in words of every script.
    pub(super) const COMMON: Self = Self(0);
    pub(super) const LATIN: Self = Self(1);
    /// Scripts that are written without spaces between words, or together: Han, kana, bopomofo, hangul, Yi; Thai, Lao, Burmese, Khmer.
    pub(super) const UNSPACED: Self = Self(2);
    const GREEK: Self = Self(3);
    const CYRILLIC: Self = Self(4);
    const ARMENIAN: Self = Self(5);
    const HEBREW: Self = Self(6);
    const ARABIC: Self = Self(7);
    const GEORGIAN: Self = Self(8);
    const ETHIOPIC: Self = Self(9);
    const CANADIAN: Self = Self(10);
    const DEVANAGARI: Self = Self(11);
    /// From here on, blocks.
    const OTHERS: u32 = 16;
}

/// Scripts have blocks of 128 characters, unless they are listed.
const BLOCK_BITS: u32 = 7;

/// First and last characters, in order.
const SCRIPTS: [(u32, u32, Script); 43] = [
    (0x0041, 0x005A, Script::LATIN),
    (0x0061, 0x007A, Script::LATIN),
    (0x00AA, 0x02AF, Script::LATIN),
    (0x02B0, 0x036F, Script::COMMON),
    (0x0370, 0x03FF, Script::GREEK),
    (0x0400, 0x052F, Script::CYRILLIC),
    (0x0530, 0x058F, Script::ARMENIAN),
    (0x0590, 0x05FF, Script::HEBREW),
    (0x0600, 0x06FF, Script::ARABIC),
    (0x0750, 0x077F, Script::ARABIC),
    (0x0870, 0x08FF, Script::ARABIC),
    (0x0900, 0x097F, Script::DEVANAGARI),
    (0x0E00, 0x0EFF, Script::UNSPACED),
    (0x1000, 0x109F, Script::UNSPACED),
    (0x10A0, 0x10FF, Script::GEORGIAN),
    (0x1100, 0x11FF, Script::UNSPACED),
    (0x1200, 0x139F, Script::ETHIOPIC),
    (0x1400, 0x167F, Script::CANADIAN),
    (0x1780, 0x17FF, Script::UNSPACED),
    (0x18B0, 0x18FF, Script::CANADIAN),
    (0x1C80, 0x1C8F, Script::CYRILLIC),
    (0x1C90, 0x1CBF, Script::GEORGIAN),
    (0x1E00, 0x1EFF, Script::LATIN),
    (0x1F00, 0x1FFF, Script::GREEK),
    (0x2000, 0x2BFF, Script::COMMON),
    (0x2C60, 0x2C7F, Script::LATIN),
    (0x2D00, 0x2D2F, Script::GEORGIAN),
    (0x2D80, 0x2DDF, Script::ETHIOPIC),
    (0x2E80, 0xA4CF, Script::UNSPACED),
    (0xA640, 0xA69F, Script::CYRILLIC),
    (0xA700, 0xA7FF, Script::LATIN),
    (0xA8E0, 0xA8FF, Script::DEVANAGARI),
    (0xA960, 0xA97F, Script::UNSPACED),
    (0xA9E0, 0xA9FF, Script::UNSPACED),
    (0xAA60, 0xAA7F, Script::UNSPACED),
    (0xAB30, 0xAB6F, Script::LATIN),
    (0xAC00, 0xD7FF, Script::UNSPACED),
    (0xF900, 0xFAFF, Script::UNSPACED),
    (0xFB13, 0xFB17, Script::ARMENIAN),
    (0xFB1D, 0xFB4F, Script::HEBREW),
    (0xFB50, 0xFEFF, Script::ARABIC),
    (0xFF00, 0xFFEF, Script::UNSPACED),
    (0x20000, 0x3FFFF, Script::UNSPACED),
];

pub(super) fn script_of(character: char) -> Script {
    let code = u32::from(character);
    let at = SCRIPTS.partition_point(|(_, last, _)| *last < code);
    match SCRIPTS.get(at) {
        Some((first, _, script)) if *first <= code => *script,
        _ if code < 0x80 || (0x1F000..0x20000).contains(&code) => Script::COMMON,
        _ => Script(Script::OTHERS + (code >> BLOCK_BITS)),
    }
}
