//! Small helpers for writing HTML.

use std::fmt::Write;

/// Text with its punctuation as character references, so that neither HTML nor Markdown reads anything else in it.
pub(crate) fn as_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_punctuation() {
            // Writing to a string cannot fail.
            let _ = write!(out, "&#{};", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out
}

/// Text as the value of an attribute in double quotes, on one line, with nothing in it that Markdown would read.
pub(crate) fn escape_attribute(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '|' => out.push_str("&#124;"),
            '`' => out.push_str("&#96;"),
            '\n' | '\r' => out.push(' '),
            _ => out.push(c),
        }
    }
    out
}

/// Whether every element of some MathML is closed, in the right order, and those that need a certain number of parts,
/// such as a fraction, have them. For XML without comments, which MathML as written here is.
pub(crate) fn well_formed(mathml: &str) -> bool {
    // The open elements with the parts that they have so far.
    let mut open: Vec<(&str, usize)> = Vec::new();
    let mut rest = mathml;
    while let Some((_, after)) = rest.split_once('<') {
        let Some((tag, next)) = after.split_once('>') else { return false };
        rest = next;
        if let Some(name) = tag.strip_prefix('/') {
            match open.pop() {
                Some((element, count)) if element == name.trim() && parts(element).is_none_or(|n| n == count) => {}
                _ => return false,
            }
            continue;
        }
        if let Some((_, count)) = open.last_mut() {
            *count += 1;
        }
        if !tag.ends_with('/') {
            open.push((tag.split_whitespace().next().unwrap_or(""), 0));
        }
    }
    open.is_empty()
}

/// How many parts an element has, where the number is fixed.
fn parts(element: &str) -> Option<usize> {
    match element {
        "mfrac" | "mroot" | "msub" | "msup" | "munder" | "mover" => Some(2),
        "msubsup" | "munderover" => Some(3),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unclosed_crossed_and_incomplete_elements_are_seen() {
        assert!(well_formed("<a b=\"c\"><d/>x<e>y</e></a>"));
        assert!(!well_formed("<a><b></a></b>"));
        assert!(!well_formed("<a><b></b>"));
        assert!(!well_formed("<a"));
        assert!(well_formed("<mfrac><mi>a</mi><mspace/></mfrac>"));
        assert!(!well_formed("<mfrac><mi>a</mi></mfrac>"));
        assert!(!well_formed("<munder><mspace/><mi>a</mi><mi>b</mi></munder>"));
    }

    #[test]
    fn text_and_attributes_are_escaped() {
        assert_eq!(as_text("a_b<T>"), "a&#95;b&#60;T&#62;");
        assert_eq!(escape_attribute("a < \"b\"\n& |c|"), "a &lt; &quot;b&quot; &amp; &#124;c&#124;");
    }
}
