//! Small helpers for writing HTML.

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

/// Whether every element is closed, in the right order. For XML without comments, which MathML as written here is.
pub(crate) fn balanced(xml: &str) -> bool {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = xml;
    while let Some((_, after)) = rest.split_once('<') {
        let Some((tag, next)) = after.split_once('>') else { return false };
        rest = next;
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(name.trim()) {
                return false;
            }
        } else if !tag.ends_with('/') {
            open.push(tag.split_whitespace().next().unwrap_or(""));
        }
    }
    open.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unclosed_and_crossed_elements_are_seen() {
        assert!(balanced("<a b=\"c\"><d/>x<e>y</e></a>"));
        assert!(!balanced("<a><b></a></b>"));
        assert!(!balanced("<a><b></b>"));
        assert!(!balanced("<a"));
    }

    #[test]
    fn attributes_are_escaped() {
        assert_eq!(escape_attribute("a < \"b\"\n& |c|"), "a &lt; &quot;b&quot; &amp; &#124;c&#124;");
    }
}
