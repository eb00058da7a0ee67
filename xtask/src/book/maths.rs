//! A formula in TeX becomes MathML, which browsers draw without a script.

use std::fmt::Write;
use std::panic;

use anyhow::{Result, anyhow, bail, ensure};
use pulldown_latex::config::DisplayMode;
use pulldown_latex::{Event, Parser, ParserError, RenderConfig, Storage, push_mathml};

use super::html_text::{escape_attribute, well_formed};

/// The MathML of a formula, on one line and written so that Markdown passes it through unchanged.
///
/// A formula on its own stands in a box as wide as the text, which scrolls when the formula is wider.
///
/// # Errors
///
/// Where the TeX cannot be read or drawn, with the reason.
pub(crate) fn to_html(tex: &str, display: bool) -> Result<String> {
    let mathml = render(tex.trim(), display)?;
    Ok(if display { format!("<span class=\"formula\">{mathml}</span>") } else { mathml })
}

fn render(tex: &str, display: bool) -> Result<String> {
    ensure!(!tex.is_empty(), "the formula is empty");
    // On malformed environments the parser or the writer may stop by a panic: that is an error of the formula, too.
    let outcome = panic::catch_unwind(|| write(tex, display));
    let mathml = repaired(&outcome.map_err(|_| anyhow!("this TeX cannot be drawn"))??);
    let mathml = as_references(&mathml);
    // The writer marks some of what it cannot draw in the output only.
    if mathml.contains("<merror") || !well_formed(&mathml) || !passes_markdown(&mathml) {
        bail!("this TeX cannot be drawn");
    }
    // The source, for those who hear the page instead of seeing it.
    Ok(mathml.replacen("<math", &format!("<math alttext=\"{}\"", escape_attribute(tex)), 1))
}

fn write(tex: &str, display: bool) -> Result<String> {
    let storage = Storage::new();
    let events = Parser::new(tex, &storage).collect::<Result<Vec<Event>, _>>();
    let events = events.map_err(|error| anyhow!("{}", first_line(&error)))?;
    let display_mode = if display { DisplayMode::Block } else { DisplayMode::Inline };
    let mut mathml = String::new();
    let config = RenderConfig { display_mode, ..RenderConfig::default() };
    push_mathml(&mut mathml, events.into_iter().map(Ok::<_, ParserError>), config)?;
    Ok(mathml)
}

/// What is wrong, without the drawing of where: the whole formula is named beside it.
fn first_line(error: &ParserError) -> String {
    let text = error.to_string();
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("this is no TeX");
    line.trim_start_matches("error:").trim().to_owned()
}

/// Mends what the writer gets wrong: text that stands for other text, and a space before an operator with limits, which
/// becomes one of its limits (`x \max_i`).
fn repaired(mathml: &str) -> String {
    const REPAIRS: [(&str, &str); 10] = [
        // No space between attributes: `\Bigl(`.
        ("\"minsize=", "\" minsize="),
        // The explicit space, `\ `.
        ("&amp;nbsp;", "&#160;"),
        // TeX has no space around a slash, or inside bars.
        ("<mo>/</mo>", "<mo lspace=\"0\" rspace=\"0\">/</mo>"),
        ("stretchy=\"false\">|</mo>", "stretchy=\"false\" lspace=\"0\" rspace=\"0\">|</mo>"),
        ("stretchy=\"false\">‖</mo>", "stretchy=\"false\" lspace=\"0\" rspace=\"0\">‖</mo>"),
        // The point of `.5` belongs to the number.
        ("<mo>.</mo><mn>", "<mn>."),
        // A relation stays one where a cell of aligned equations begins with it.
        ("<mtd><mo>∼</mo>", "<mtd><mo form=\"infix\">∼</mo>"),
        // What follows is no argument: `\min = x`.
        ("<mo>\u{2061}</mo><mo>", "<mo>"),
        // Fonts have the wide accents at other characters.
        ("<mo stretchy=\"true\">^</mo>", "<mo stretchy=\"true\">\u{302}</mo>"),
        ("<mo stretchy=\"true\">~</mo>", "<mo stretchy=\"true\">\u{303}</mo>"),
    ];
    let mut out = REPAIRS.iter().fold(mathml.to_owned(), |out, (from, to)| out.replace(from, to));
    for element in ["munder", "mover", "munderover", "msub", "msup", "msubsup"] {
        let open = format!("<{element}><mspace ");
        while let Some(at) = out.find(&open) {
            let after = at + open.len();
            let Some(end) = out.get(after..).and_then(|rest| rest.find('>')).map(|end| after + end + 1) else { break };
            let space = out.get(at + element.len() + 2..end).unwrap_or_default().to_owned();
            out.replace_range(at..end, &format!("{space}<{element}>"));
        }
    }
    out
}

/// Whether Markdown sees every tag, and nothing else, as HTML.
fn passes_markdown(html: &str) -> bool {
    let events = pulldown_cmark::Parser::new(html);
    let tags = events.filter(|event| matches!(event, pulldown_cmark::Event::InlineHtml(_))).count();
    tags == html.matches('<').count()
}

/// Punctuation in the text of MathML would be read as Markdown (`*`, `_`, `[`, and `|` in a table), and the writer leaves
/// `<`, `>` and `&` as they are where they are operators: all of it is written as character references.
fn as_references(mathml: &str) -> String {
    let mut out = String::with_capacity(mathml.len() * 2);
    let mut in_tag = false;
    let mut in_reference = false;
    for (at, c) in mathml.char_indices() {
        let rest = mathml.get(at + c.len_utf8()..).unwrap_or_default();
        let markup = match c {
            '<' => !in_tag && rest.starts_with(|next: char| next == '/' || next.is_ascii_alphabetic()),
            '&' => !in_tag && is_reference(rest),
            '|' => false,
            '#' | ';' => in_tag || in_reference,
            _ => in_tag || !c.is_ascii_punctuation(),
        };
        match c {
            '\n' | '\r' => out.push(' '),
            _ if markup => out.push(c),
            // Writing to a string cannot fail.
            _ => drop(write!(out, "&#{};", u32::from(c))),
        }
        match c {
            '<' if markup => in_tag = true,
            '>' if markup => in_tag = false,
            '&' if markup => in_reference = true,
            ';' => in_reference = false,
            _ => {}
        }
    }
    out
}

/// Whether what follows a `&` makes it a character reference.
fn is_reference(rest: &str) -> bool {
    let name = rest.split_once(';').map_or("", |(name, _)| name);
    !name.is_empty() && name.chars().all(|c| c == '#' || c.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_chapters_use_is_drawn() {
        for tex in [
            r"g(x) = \frac{\mathbb E|N_+ - N_-|}{2x} = e^{-2x}\left[I_0(2x) + I_1(2x)\right]",
            r"\sum_{h \in A} \int_x^y e^{-2t} I_1(2t)\,\frac{\mathrm dt}{t}, \qquad \prod_{i=1}^n \binom{n}{i} x_i",
            r"X_h = \begin{cases} 1 - 1/\gamma & \text{if } r = 1 \\ 0 & \text{otherwise} \end{cases}",
            r"\begin{aligned} a &= b + c \\ &\le d \end{aligned}",
            r"\begin{align} a &= b \\ c &= d \end{align}",
            r"\begin{pmatrix} a & b \\ c & d \end{pmatrix} \begin{array}{lr} 1 & 2 \end{array}",
            r"\operatorname{Var}(x) \to \partial_t u, \hat x, \bar x, \tilde x, \sqrt[3]{x}, \lfloor x \rfloor",
            r"\mathcal O(n), \Pr(A \mid B), \max_{i<j}, \lim_{n\to\infty}, \underbrace{a+b}_{c}, \overline{x}",
            r"\Lambda, \varepsilon, \ell, \mathbf 1_{x>0}, x^{\ast}, a \cdot b \times c, \ldots, \cdots",
            r"\Bigl( x \Bigr), \substack{a \\ b}, x \overset{d}{=} y, \tfrac12, \dfrac ab, f'(x), \lVert x \rVert",
            r"\mathbb E \max_{i<j} x_i \ \lim\nolimits_x 2\sup_x^y \Bigl( a \Bigr)",
            r"a < b > c \& d \neq e \not= f, \# \% \_ \{ \} \| \$",
        ] {
            for display in [false, true] {
                to_html(tex, display).unwrap_or_else(|error| panic!("{tex}: {error}"));
            }
        }
    }

    #[test]
    fn what_the_writer_gets_wrong_is_repaired() {
        let html = to_html(r"a\max_i x \ \Bigl( y", true).unwrap();
        assert!(html.contains("<munder><mi>max</mi><mi>i</mi></munder>"), "{html}");
        assert!(html.contains("&#160;") && !html.contains("amp;nbsp"), "{html}");
        assert!(html.contains("\" minsize="), "{html}");
        let html = to_html(".25, 1.5, a.", false).unwrap();
        assert!(html.contains("<mn>&#46;25</mn>") && html.contains("<mn>1&#46;5</mn>"), "{html}");
    }

    #[test]
    fn what_is_no_tex_is_an_error() {
        for tex in [r"\frac{a}{", r"\nosuchcommand x", r"a & b", r"x^", r"\begin{cases} a", "", "}", r"\left( x"] {
            assert!(to_html(tex, true).is_err(), "{tex:?} was accepted: {:?}", to_html(tex, true));
        }
        let error = to_html(r"x + \nosuchcommand", false).unwrap_err().to_string();
        assert!(!error.is_empty() && !error.contains('\n'), "{error}");
    }

    #[test]
    fn markdown_finds_nothing_in_a_formula() {
        let html = to_html("a_1*b*c|d|[e](f)\\#g`h`", false).unwrap();
        let events: Vec<_> = pulldown_cmark::Parser::new(&html).collect();
        use pulldown_cmark::{Event, Tag, TagEnd};
        assert!(events.iter().all(|event| matches!(
            event,
            Event::InlineHtml(_) | Event::Text(_) | Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph)
        )));
        let text: String =
            events.iter().filter_map(|e| if let Event::Text(t) = e { Some(&**t) } else { None }).collect();
        assert!(text.contains("|[e](f)#g`h`"), "{text}");
    }
}
