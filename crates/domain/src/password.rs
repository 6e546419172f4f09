//! Which passwords are refused: too short, too long, built around the user name, or of the kind that everybody tries first. The last is
//! decided by taking away what is obvious (well-known words, sequences, keyboard rows, repetition, years) and counting what is left. Hashing is
//! not done here.

/// Bytes of a password, at least and at most.
pub const PASSWORD_BYTES_MIN: usize = 12;
/// See [`PASSWORD_BYTES_MIN`].
pub const PASSWORD_BYTES_MAX: usize = 256;
/// Letters and digits that must be left when what is obvious has been taken away.
const UNGUESSED_CHARS_MIN: usize = 6;
/// A user name this short would refuse too much.
const USERNAME_CHARS_MIN: usize = 3;
/// Neighbours in a sequence, or on the keyboard, that count as one.
const SEQUENCE_CHARS_MIN: usize = 3;

/// What people choose when they must choose something, in lower case.
const OBVIOUS: &[&str] = &[
    "password",
    "passwort",
    "passphrase",
    "passcode",
    "pass",
    "secret",
    "geheim",
    "letmein",
    "welcome",
    "willkommen",
    "hello",
    "login",
    "signin",
    "logon",
    "admin",
    "administrator",
    "root",
    "user",
    "guest",
    "test",
    "testing",
    "default",
    "changeme",
    "changeit",
    "change",
    "please",
    "temp",
    "temporary",
    "initial",
    "master",
    "system",
    "server",
    "service",
    "access",
    "security",
    "secure",
    "company",
    "office",
    "countersign",
    "soar",
    "analyst",
    "approver",
    "auditor",
    "soc",
    "iloveyou",
    "love",
    "monkey",
    "dragon",
    "football",
    "baseball",
    "basketball",
    "soccer",
    "hockey",
    "princess",
    "sunshine",
    "shadow",
    "superman",
    "batman",
    "starwars",
    "pokemon",
    "trustno",
    "whatever",
    "freedom",
    "ninja",
    "hunter",
    "flower",
    "summer",
    "winter",
    "spring",
    "autumn",
    "january",
    "february",
    "march",
    "april",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "london",
    "berlin",
    "paris",
    "internet",
    "computer",
    "windows",
    "linux",
    "google",
    "michael",
    "jordan",
    "ashley",
    "charlie",
    "thomas",
    "jessica",
    "daniel",
    "qwerty",
    "qwertz",
    "azerty",
    "asdf",
    "zxcv",
];

/// Neighbouring keys, and the alphabet and digits; each is also read backwards.
const SEQUENCES: [&str; 9] = [
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "qwertzuiop",
    "azertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "yxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
];

/// Digits and signs that stand for letters.
const STAND_INS: [(char, char); 9] =
    [('0', 'o'), ('1', 'i'), ('3', 'e'), ('4', 'a'), ('5', 's'), ('7', 't'), ('@', 'a'), ('$', 's'), ('!', 'i')];

/// Why a password is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    #[error("must be at least {PASSWORD_BYTES_MIN} bytes long")]
    TooShort,
    #[error("must be at most {PASSWORD_BYTES_MAX} bytes long")]
    TooLong,
    #[error("must not contain a NUL character")]
    ContainsNul,
    #[error("must not contain the user name")]
    ContainsUsername,
    #[error(
        "is one of the first that anybody would try: use a few unrelated words, or at least {UNGUESSED_CHARS_MIN} letters and digits besides common words, \
         sequences and repetition"
    )]
    Common,
}

/// May the person with this name have this password?
pub fn check(password: &str, username: &str) -> Result<(), WeakPassword> {
    let lower = password.to_lowercase();
    let username = username.to_lowercase();
    if password.len() < PASSWORD_BYTES_MIN {
        Err(WeakPassword::TooShort)
    } else if password.len() > PASSWORD_BYTES_MAX {
        Err(WeakPassword::TooLong)
    } else if password.contains('\0') {
        Err(WeakPassword::ContainsNul)
    } else if username.chars().count() >= USERNAME_CHARS_MIN && lower.contains(&username) {
        Err(WeakPassword::ContainsUsername)
    } else if is_common(&lower) {
        Err(WeakPassword::Common)
    } else {
        Ok(())
    }
}

fn is_common(lower: &str) -> bool {
    let unit = repeated_unit(lower);
    let spelled_out = |text: &str| -> String { text.chars().map(letter_for).collect() };
    [unit.to_owned(), spelled_out(unit)].iter().any(|text| unguessed(text) < UNGUESSED_CHARS_MIN)
}

fn letter_for(character: char) -> char {
    STAND_INS.iter().find(|(stand_in, _)| *stand_in == character).map_or(character, |(_, letter)| *letter)
}

/// The shortest beginning that the whole text repeats: `abc` of `abcabcab`; the text itself if there is none.
fn repeated_unit(text: &str) -> &str {
    let bytes = text.as_bytes();
    let repeats =
        |length: &usize| text.is_char_boundary(*length) && bytes.iter().zip(&bytes[*length..]).all(|(one, other)| one == other);
    (1..=bytes.len() / 2).find(repeats).map_or(text, |length| &text[..length])
}

/// Letters and digits that are no part of anything obvious.
fn unguessed(text: &str) -> usize {
    let mut rest: Vec<char> = text.chars().filter(|character| character.is_alphanumeric()).collect();
    let mut left = 0;
    while !rest.is_empty() {
        let obvious = obvious_start(&rest);
        left += usize::from(obvious == 0);
        rest.drain(..obvious.max(1));
    }
    left
}

/// How many characters at the start are obvious: the longest of a word, a year, a sequence and a repetition.
fn obvious_start(text: &[char]) -> usize {
    let words = OBVIOUS.iter().filter(|word| starts_with(text, word)).map(|word| word.len()).max();
    let run = text.iter().take_while(|character| **character == text[0]).count();
    let sequence = SEQUENCES.iter().map(|sequence| shared_run(text, sequence)).max().unwrap_or_default().max(run);
    let sequence = if sequence >= SEQUENCE_CHARS_MIN { sequence } else { 0 };
    words.unwrap_or_default().max(year(text)).max(sequence)
}

fn starts_with(text: &[char], word: &str) -> bool {
    text.len() >= word.len() && word.chars().zip(text).all(|(one, other)| one == *other)
}

/// 4 if the text starts with a year from 1900 to 2099.
fn year(text: &[char]) -> usize {
    let is_year =
        text.len() >= 4 && (starts_with(text, "19") || starts_with(text, "20")) && text[2..4].iter().all(char::is_ascii_digit);
    if is_year { 4 } else { 0 }
}

/// How many characters at the start follow the sequence, forwards or backwards, from wherever they begin in it.
fn shared_run(text: &[char], sequence: &str) -> usize {
    let forwards: Vec<char> = sequence.chars().collect();
    let backwards: Vec<char> = sequence.chars().rev().collect();
    let longest = |sequence: &[char]| {
        let runs =
            (0..sequence.len()).map(|start| sequence[start..].iter().zip(text).take_while(|(one, other)| one == other).count());
        runs.max().unwrap_or_default()
    };
    longest(&forwards).max(longest(&backwards))
}

#[cfg(test)]
mod tests {
    use super::{PASSWORD_BYTES_MAX, WeakPassword, check};

    #[test]
    fn the_length_is_counted_in_bytes() {
        assert_eq!(check("kX9vQ2mT4zR", "ann"), Err(WeakPassword::TooShort), "11 bytes");
        assert_eq!(check("kX9vQ2mT4zR8", "ann"), Ok(()), "12 bytes");
        assert_eq!(check("ünïcødé wø", "ann"), Ok(()), "10 characters, 15 bytes");
        assert_eq!(check(&"a1 b2 c3 d4 ".repeat(22)[..PASSWORD_BYTES_MAX + 1], "ann"), Err(WeakPassword::TooLong));
        assert_eq!(check("kX9vQ2mT4zR8\0", "ann"), Err(WeakPassword::ContainsNul));
    }

    #[test]
    fn a_password_around_the_user_name_is_refused() {
        assert_eq!(check("Xk49-MARTINA-qz", "martina"), Err(WeakPassword::ContainsUsername));
        assert_eq!(check("Xk49-martina-qz", "mart"), Err(WeakPassword::ContainsUsername));
        assert_eq!(check("Xk49ab-qzvvw8", "ab"), Ok(()), "two letters are in many passwords");
    }

    #[test]
    fn what_everybody_tries_first_is_refused() {
        for password in [
            "password1234",
            "Password123!",
            "P@ssw0rd2024",
            "passwordpassword",
            "Welcome2024!!",
            "Summer-2026!",
            "qwertyuiop12",
            "1qaz2wsx3edc",
            "123456789012",
            "210987654321",
            "abcdefghijkl",
            "aaaaaaaaaaaa",
            "abcabcabcabc",
            "xk4xk4xk4xk4",
            "letmein12345",
            "iloveyou2026",
            "adminadmin12",
            "changeme-now",
            "Countersign1!",
            "............",
            "admin  admin",
        ] {
            assert_eq!(check(password, "ann"), Err(WeakPassword::Common), "{password}");
        }
    }

    #[test]
    fn a_few_unrelated_words_or_random_characters_are_taken() {
        for password in [
            "correct horse battery",
            "wrong horse battery",
            "gT7kPq2Zr9Lm",
            "Fünf Äpfel im Keller",
            "password-for-9kXw2qLm",
            "7391058264417",
            "ночь улица фонарь",
        ] {
            assert_eq!(check(password, "ann"), Ok(()), "{password}");
        }
    }
}
