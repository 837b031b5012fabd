//! A page of paragraphs, lists and tables before it is Markdown or LaTeX. Its words are plain text; here they become safe.

use super::escape::{self, PREAMBLE};

/// A piece of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A heading.
    Heading(String),
    /// A paragraph.
    Paragraph(String),
    /// A list.
    List(Vec<String>),
    /// A table with its title.
    Table {
        /// What it shows.
        title: String,
        /// The names of its columns.
        head: Vec<&'static str>,
        /// Its rows.
        rows: Vec<Vec<String>>,
    },
    /// Lines for another program, such as BibTeX's: they are ASCII, and hold no three backquotes.
    Code(Vec<String>),
}

/// Rows of one table of LaTeX: one cannot go over the end of a page.
const ROWS: usize = 25;

/// The page in Markdown.
pub fn markdown(blocks: &[Block]) -> String {
    let text = escape::markdown;
    let mut parts = Vec::new();
    for block in blocks {
        parts.push(match block {
            Block::Heading(words) => format!("## {}\n", text(words)),
            Block::Paragraph(words) => format!("{}\n", text(words)),
            Block::List(items) => items.iter().map(|item| format!("- {}\n", text(item))).collect(),
            Block::Table { title, head, rows } => {
                let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
                let mut table = format!("**{}**\n\n", text(title));
                table += &line(head.iter().map(|cell| text(cell)).collect());
                table += &line(head.iter().map(|_| "---".to_owned()).collect());
                table += &rows.iter().map(|row| line(row.iter().map(|cell| text(cell)).collect())).collect::<String>();
                table
            }
            Block::Code(lines) => format!("```bibtex\n{}\n```\n", lines.join("\n")),
        });
    }
    parts.join("\n")
}

/// The page in LaTeX, to be taken in by `\input` into any document: it needs no package.
pub fn latex(blocks: &[Block]) -> String {
    let text = escape::latex;
    let mut parts =
        vec![format!("% Made by pullquote methods; take it in with \\input. It needs no package.\n{PREAMBLE}\n")];
    for block in blocks {
        parts.push(match block {
            Block::Heading(words) => format!("\\section*{{{}}}\n", text(words)),
            Block::Paragraph(words) => format!("{{\\sloppy {}\\par}}\n", escape::latex_line(words)),
            Block::List(items) => {
                let items: String =
                    items.iter().map(|item| format!("\\item{{}} {}\n", escape::latex_line(item))).collect();
                format!("\\begin{{itemize}}\\sloppy\n{items}\\end{{itemize}}\n")
            }
            Block::Table { title, head, rows } => {
                // A cell may begin with what `\\` or `\item` would take for their own.
                let line = |cells: Vec<String>| format!("{} \\\\\n", cells.join(" & "));
                let cell = |cell: &str| format!("{{}}{}", escape::latex_cell(cell));
                let parts = rows.chunks(ROWS).map(|rows| {
                    let mut table = format!("\\begin{{tabular}}{{{}}}\n\\hline\n", columns(head, rows));
                    table += &line(head.iter().map(|name| format!("{{}}{}", text(name))).collect());
                    table += "\\hline\n";
                    table += &rows.iter().map(|row| line(row.iter().map(|c| cell(c)).collect())).collect::<String>();
                    table + "\\hline\n\\end{tabular}\n"
                });
                let parts: Vec<String> = parts.collect();
                format!(
                    "\\par\\noindent{{\\footnotesize\\textbf{{{}}}\\par\\noindent\n{}}}\\par\n",
                    text(title),
                    parts.join("\\par\\noindent\n")
                )
            }
            // What a comment says, TeX does not read.
            Block::Code(lines) => lines.iter().map(|line| format!("% {line}\n")).collect(),
        });
    }
    parts.join("\n")
}

/// How many letters of a table stand on a line, and how many would stand between two columns.
const LETTERS: usize = 84;
const BETWEEN: usize = 3;

/// The widths of columns: first each as its longest word needs, then as there is room; together no more than a page is broad.
fn columns(head: &[&str], rows: &[Vec<String>]) -> String {
    let cells = |column: usize| {
        rows.iter().filter_map(move |row| row.get(column)).map(String::as_str).chain(head.get(column).copied())
    };
    let long = |text: &str| text.chars().count();
    let word = |text: &str| text.split(' ').flat_map(escape::breakable).map(long).max().unwrap_or_default();
    let least: Vec<usize> =
        (0..head.len()).map(|at| cells(at).map(word).max().unwrap_or_default().min(LETTERS / 3)).collect();
    let whole: Vec<usize> =
        (0..head.len()).map(|at| cells(at).map(long).max().unwrap_or_default().min(LETTERS / 2)).collect();
    let room = LETTERS.saturating_sub(BETWEEN * head.len()).max(head.len());
    let (needed, wanted): (usize, usize) = (least.iter().sum(), whole.iter().sum());
    let wide = least.iter().zip(&whole).map(|(least, whole)| {
        if needed >= room {
            return least * room * 1000 / (needed.max(1) * LETTERS);
        }
        let more = (whole - least.min(whole)) * (room - needed) * 1000 / wanted.saturating_sub(needed).max(1);
        (least * 1000 + more.min(1000 * (whole - least.min(whole)))) / LETTERS
    });
    wide.map(|wide| format!("p{{0.{:03}\\linewidth}}", wide.min(999))).collect()
}
