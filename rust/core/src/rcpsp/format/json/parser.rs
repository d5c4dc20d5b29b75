//! A pull parser for JSON (RFC 8259): the reader asks for what it expects, and what it finds instead is told in the user's words.

use std::borrow::Cow;

use super::super::{FormatError, line_at, shown};

/// Brackets within brackets; no project needs more than five.
const MOST_DEPTH: usize = 64;

/// A number as it is written.
#[derive(Debug, Clone, Copy)]
pub(super) enum Number {
    Whole(i64),
    Float(f64),
}

impl Number {
    /// The nearest float.
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Whole(value) => value as f64,
            Self::Float(value) => value,
        }
    }
}

/// A position in a text.
#[derive(Clone)]
pub(super) struct Parser<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Parser<'t> {
    /// Begins at the byte `at`.
    pub fn new(text: &'t str, at: usize) -> Self {
        Self { text, at }
    }

    /// Begins at another byte of the same text; where there is none, at the same byte.
    pub fn new_at(other: &Self, at: Option<usize>) -> Self {
        Self { text: other.text, at: at.unwrap_or(other.at) }
    }

    /// The position of the next value.
    pub fn position(&mut self) -> usize {
        self.next_byte();
        self.at
    }

    /// An error at the present position.
    pub fn error(&self, reason: impl Into<String>) -> FormatError {
        FormatError::at(line_at(self.text.as_bytes(), self.at), reason)
    }

    /// The error that something else was expected here.
    pub fn expected(&mut self, what: &str) -> FormatError {
        let found = self.found();
        self.error(format!("expected {what}, found {found}"))
    }

    /// An object; `member` reads the value of the key that it is given.
    pub fn object(
        &mut self,
        what: &str,
        mut member: impl FnMut(&mut Self, Cow<'t, str>) -> Result<(), FormatError>,
    ) -> Result<(), FormatError> {
        if self.next_byte() != Some(b'{') {
            return Err(self.expected(what));
        }
        self.at += 1;
        if self.next_byte() == Some(b'}') {
            self.at += 1;
            return Ok(());
        }
        loop {
            if self.next_byte() != Some(b'"') {
                return Err(self.expected("a key in quotation marks"));
            }
            let key = self.string("a key in quotation marks")?;
            if self.next_byte() != Some(b':') {
                return Err(self.expected("':' after a key"));
            }
            self.at += 1;
            member(self, key)?;
            if self.separator(b'}')? {
                return Ok(());
            }
        }
    }

    /// An object with known keys, each at most once, the first `needed` of them always; `member` gets the number of the key.
    pub fn record(
        &mut self,
        what: &str,
        keys: &[&str],
        needed: usize,
        mut member: impl FnMut(&mut Self, usize) -> Result<(), FormatError>,
    ) -> Result<(), FormatError> {
        let mut seen = 0_u64;
        self.object(what, |parser, key| {
            let Some(k) = keys.iter().position(|known| *known == key) else {
                let known = keys.join(", ");
                return Err(parser.error(format!("unknown key '{}', expected one of {known}", shown(&key))));
            };
            if seen & (1 << k) != 0 {
                return Err(parser.error(format!("the key '{key}' stands twice in one object")));
            }
            seen |= 1 << k;
            member(parser, k)
        })?;
        match (0..needed).find(|k| seen & (1 << k) == 0) {
            Some(k) => Err(self.error(format!("has no '{}'", keys[k]))),
            None => Ok(()),
        }
    }

    /// A list; `item` reads the item of the number that it is given.
    pub fn list(
        &mut self,
        what: &str,
        mut item: impl FnMut(&mut Self, usize) -> Result<(), FormatError>,
    ) -> Result<(), FormatError> {
        if self.next_byte() != Some(b'[') {
            return Err(self.expected(what));
        }
        self.at += 1;
        if self.next_byte() == Some(b']') {
            self.at += 1;
            return Ok(());
        }
        for k in 0.. {
            item(self, k)?;
            if self.separator(b']')? {
                break;
            }
        }
        Ok(())
    }

    /// Whether a list stands here.
    pub fn is_list(&mut self) -> bool {
        self.next_byte() == Some(b'[')
    }

    /// Text in quotation marks.
    pub fn string(&mut self, what: &str) -> Result<Cow<'t, str>, FormatError> {
        if self.next_byte() != Some(b'"') {
            return Err(self.expected(what));
        }
        let bytes = self.text.as_bytes();
        let (mut end, mut escaped) = (self.at + 1, false);
        loop {
            match bytes.get(end) {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    end += 2;
                }
                Some(0..0x20) => return Err(self.error("a text is not closed, or holds a control character")),
                Some(_) => end += 1,
                None => return Err(self.error("a text is not closed")),
            }
        }
        let token = &self.text[self.at..=end];
        let text = if escaped {
            Cow::Owned(serde_json::from_str(token).map_err(|_| self.error(format!("not a text in JSON: {}", shown(token))))?)
        } else {
            Cow::Borrowed(&token[1..token.len() - 1])
        };
        self.at = end + 1;
        Ok(text)
    }

    /// A whole number; `3.0` and `1e3` are whole as well.
    pub fn whole(&mut self, what: &str) -> Result<i64, FormatError> {
        self.next_byte();
        let word = self.word();
        if !is_number(word) {
            return Err(self.expected(what));
        }
        let value = match word.parse() {
            Ok(value) => value,
            Err(_) if word.bytes().all(|b| b == b'-' || b.is_ascii_digit()) => {
                return Err(self.error(format!("{}: is beyond 64 bits", shown(word))));
            }
            Err(_) => match whole_decimal(word) {
                Some(value) => value,
                None => return Err(self.expected(what)),
            },
        };
        self.at += word.len();
        Ok(value)
    }

    /// A number; one without a decimal point and exponent is whole.
    pub fn number(&mut self) -> Result<Number, FormatError> {
        self.next_byte();
        let word = self.word();
        if word.contains(['.', 'e', 'E']) && is_number(word) {
            let value: f64 = word.parse().map_err(|_| self.expected("a number"))?;
            if value.is_infinite() {
                return Err(self.error(format!("{}: is beyond the largest number", shown(word))));
            }
            self.at += word.len();
            return Ok(Number::Float(value));
        }
        self.whole("a number").map(Number::Whole)
    }

    /// `true` or `false`.
    pub fn flag(&mut self) -> Result<bool, FormatError> {
        self.next_byte();
        let value = match self.word() {
            "true" => true,
            "false" => false,
            _ => return Err(self.expected("true or false")),
        };
        self.at += if value { 4 } else { 5 };
        Ok(value)
    }

    /// Whether `null` stands here; takes it.
    pub fn null(&mut self) -> bool {
        self.next_byte();
        let null = self.word() == "null";
        self.at += if null { 4 } else { 0 };
        null
    }

    /// Passes over any value.
    pub fn skip(&mut self, depth: usize) -> Result<(), FormatError> {
        if depth > MOST_DEPTH {
            return Err(self.error("brackets are nested too deeply"));
        }
        match self.next_byte() {
            Some(b'{') => self.object("", |parser, _| parser.skip(depth + 1)),
            Some(b'[') => self.list("", |parser, _| parser.skip(depth + 1)),
            Some(b'"') => self.string("").map(|_| ()),
            _ => {
                let word = self.word();
                if !is_number(word) && !matches!(word, "true" | "false" | "null") {
                    return Err(self.expected("a value"));
                }
                self.at += word.len();
                Ok(())
            }
        }
    }

    /// Refuses anything after the last value.
    pub fn end(&mut self) -> Result<(), FormatError> {
        match self.next_byte() {
            None => Ok(()),
            Some(_) => Err(self.expected("the end of the file")),
        }
    }

    /// The position of the value of a key in the object here, if there is one.
    pub fn member(&self, key: &str) -> Option<usize> {
        let (mut parser, mut found) = (self.clone(), None);
        let _ = parser.object("", |inner, name| {
            if name == key {
                found = Some(inner.position());
                return Err(FormatError::whole("")); // the rest does not matter
            }
            inner.skip(0)
        }); // what is broken further on does not matter here
        found
    }

    /// The next byte that is not white space.
    fn next_byte(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while matches!(bytes.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    /// Takes a comma, or the closing bracket and then tells so.
    fn separator(&mut self, close: u8) -> Result<bool, FormatError> {
        match self.next_byte() {
            Some(b',') => self.at += 1,
            Some(byte) if byte == close => {
                self.at += 1;
                return Ok(true);
            }
            _ => return Err(self.expected(&format!("',' or '{}'", close as char))),
        }
        if self.next_byte() == Some(close) {
            return Err(self.expected("another item after ','"));
        }
        Ok(false)
    }

    /// Up to the next white space or punctuation.
    fn word(&self) -> &'t str {
        let rest = &self.text[self.at..];
        let end = rest.find(|c: char| c.is_whitespace() || ",:{}[]\"".contains(c)).unwrap_or(rest.len());
        &rest[..end]
    }

    /// What stands here, in words.
    fn found(&mut self) -> String {
        match self.next_byte() {
            None => "the end of the file".into(),
            Some(b'{') => "an object".into(),
            Some(b'[') => "a list".into(),
            Some(b'"') => match self.clone().string("") {
                Ok(text) => format!("the text \"{}\"", shown(&text)),
                Err(_) => "a text that is not closed".into(),
            },
            Some(_) if !self.word().is_empty() => shown(self.word()),
            Some(_) => format!("'{}'", self.text[self.at..].chars().next().unwrap_or_default()),
        }
    }
}

/// The grammar of numbers: no leading zeros, no `+`, digits on both sides of a point.
fn is_number(word: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let unsigned = word.strip_prefix('-').unwrap_or(word);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(whole, fraction)| (whole, Some(fraction)));
    digits(whole) && (whole == "0" || !whole.starts_with('0')) && fraction.is_none_or(digits) && exponent.is_none_or(digits)
}

/// The value of a number with a decimal point or an exponent, if it is a whole number of 64 bits.
fn whole_decimal(word: &str) -> Option<i64> {
    let (mantissa, exponent) = word.split_once(['e', 'E']).unwrap_or((word, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = fraction.trim_end_matches('0');
    let digits: i64 = format!("{whole}{fraction}").parse().ok()?;
    let mut exponent = exponent.parse::<i64>().ok()?.checked_sub(fraction.len() as i64)?;
    let mut value = digits;
    while exponent < 0 && value != 0 {
        (value, exponent) = if value % 10 == 0 { (value / 10, exponent + 1) } else { return None };
    }
    if value == 0 { Some(0) } else { value.checked_mul(10_i64.checked_pow(u32::try_from(exponent).ok()?)?) }
}

#[cfg(test)]
mod tests {
    use super::whole_decimal;

    #[test]
    fn decimals_are_whole_only_if_every_digit_says_so() {
        let whole = [
            ("3.0", 3),
            ("-1e3", -1000),
            ("2.50e1", 25),
            ("120e-1", 12),
            ("-0.0", 0),
            ("0e-9", 0),
            ("9007199254740993.0", (1 << 53) + 1),
        ];
        for (word, value) in whole {
            assert_eq!(whole_decimal(word), Some(value), "{word}");
        }
        for word in
            ["3.00000000000000001", "9007199254740991.4", "1e-1", "1e19", "1e99999999999999999999", "9223372036854775808.0"]
        {
            assert_eq!(whole_decimal(word), None, "{word}");
        }
    }
}
