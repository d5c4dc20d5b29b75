//! Lines of text files with the line ends of any system: LF, CR LF, or CR alone.

use std::iter::from_fn;

/// The lines of a text without their ends. Nothing follows the last end.
pub(crate) fn of_bytes(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let Some(end) = rest.iter().position(|&b| b == b'\n' || b == b'\r') else { return Some(std::mem::take(&mut rest)) };
        let line = &rest[..end];
        rest = &rest[end + if rest[end..].starts_with(b"\r\n") { 2 } else { 1 }..];
        Some(line)
    })
}

/// The lines of a text without their ends. Nothing follows the last end.
pub(crate) fn of_text(text: &str) -> impl Iterator<Item = &str> {
    let mut at = 0;
    of_bytes(text.as_bytes()).map(move |line| {
        let (start, end) = (at, at + line.len());
        at = end + if text[end..].starts_with("\r\n") { 2 } else { 1 };
        &text[start..end]
    })
}

/// The number of the line, counted from 1, on which a byte stands.
pub(crate) fn number_at(bytes: &[u8], at: usize) -> usize {
    let is_end = |k: usize| bytes[k] == b'\n' || (bytes[k] == b'\r' && bytes.get(k + 1) != Some(&b'\n'));
    1 + (0..at.min(bytes.len())).filter(|&k| is_end(k)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_of_every_system_count_once() {
        for end in ["\n", "\r\n", "\r"] {
            let text = format!("a{end}{end}é b{end}c");
            assert_eq!(of_text(&text).collect::<Vec<_>>(), ["a", "", "é b", "c"], "{end:?}");
            let lines = ["a", "", "é b", "c"].map(str::as_bytes);
            assert_eq!(of_bytes(text.as_bytes()).collect::<Vec<_>>(), lines, "{end:?}");
            assert_eq!(number_at(text.as_bytes(), text.find('c').unwrap()), 4, "{end:?}");
            assert_eq!(number_at(text.as_bytes(), 0), 1, "{end:?}");
        }
        assert_eq!(of_text("a\r\n\rb\n\r").collect::<Vec<_>>(), ["a", "", "b", ""]);
        assert_eq!(of_text("").count(), 0);
    }
}
