//! Pages under construction: our markup goes in as it is, everything else escaped.

use agent_logic::model::Level;
use axum::response;

use super::session::Session;
use super::style::CSS;
use crate::accounts::Access;
use crate::address::Address;

/// A page under construction.
pub(super) struct Html(String);

/// The pages that the bar links to, and who sees the link.
const BAR: [(&str, &str, Access); 5] = [
    ("/", "Devices", Access::Restricted),
    ("/policy", "Policy", Access::Restricted),
    ("/connector", "Connector", Access::Full),
    ("/audit", "Audit log", Access::Full),
    ("/preferences", "Preferences", Access::Restricted),
];

impl Html {
    /// A page of a session, with the bar on top.
    pub(super) fn new(title: &str, here: &str, session: &Session) -> Self {
        let mut html = Self::bare(title);
        html.raw("<nav><b>mtd-gateway</b>");
        for (path, name, _) in BAR.into_iter().filter(|(_, _, needed)| session.access.covers(*needed)) {
            html.raw("<a href=\"").raw(path).raw("\"");
            if path == here {
                html.raw(" aria-current=\"page\"");
            }
            html.raw(">").raw(name).raw("</a>");
        }
        html.raw("<form method=\"post\" action=\"/logout\">").token(session);
        html.raw("<span class=\"soft\">").text(&session.name);
        html.raw("</span> <button class=\"plain\">Log out</button></form></nav><main>");
        html
    }

    /// A page without the bar.
    pub(super) fn bare(title: &str) -> Self {
        let mut html =
            Self(String::from("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>"));
        html.text(title).raw(" – mtd-gateway</title>");
        html.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><style>");
        html.raw(CSS).raw("</style></head><body>");
        html
    }

    /// The finished page.
    pub(super) fn page(mut self) -> response::Html<String> {
        self.0.push_str("</main></body></html>\n");
        response::Html(self.0)
    }

    /// Our own markup.
    pub(super) fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// A value, escaped. Controls and marks that turn the direction of text would let a name pose as another.
    pub(super) fn text(&mut self, value: &str) -> &mut Self {
        for letter in value.chars() {
            match letter {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' => {
                    self.0.push('\u{fffd}')
                }
                letter if letter.is_control() => self.0.push('\u{fffd}'),
                letter => self.0.push(letter),
            }
        }
        self
    }

    /// The session's token, in a form.
    pub(super) fn token(&mut self, session: &Session) -> &mut Self {
        self.raw("<input type=\"hidden\" name=\"csrf\" value=\"").text(&session.csrf).raw("\">")
    }

    /// One fact of a list.
    pub(super) fn row(&mut self, name: &'static str, value: &str) -> &mut Self {
        self.raw("<div><dt>").raw(name).raw("</dt><dd>").text(value).raw("</dd></div>")
    }

    /// Begins a table whose rows are cards on a narrow page.
    pub(super) fn table(&mut self, columns: &[&'static str]) -> &mut Self {
        self.raw("<div class=\"scroll\"><table class=\"cards\"><thead><tr>");
        for name in columns {
            self.raw("<th>").raw(name).raw("</th>");
        }
        self.raw("</tr></thead><tbody>")
    }

    /// Ends it.
    pub(super) fn end_table(&mut self) -> &mut Self {
        self.raw("</tbody></table></div>")
    }

    /// The next cell of a row; `name` stands before it where there is no head.
    pub(super) fn cell(&mut self, name: &'static str) -> &mut Self {
        self.raw("</td><td data-head=\"").raw(name).raw("\">")
    }

    /// The next cell, whose value may be missing: a card leaves it out then.
    pub(super) fn fact(&mut self, name: &'static str, value: Option<&str>) -> &mut Self {
        match value {
            Some(value) => self.cell(name).text(value),
            None => self.raw("</td><td class=\"none\">–"),
        }
    }

    /// A cell of one line.
    pub(super) fn line(&mut self, name: &'static str) -> &mut Self {
        self.raw("</td><td class=\"n\" data-head=\"").raw(name).raw("\">")
    }

    /// A box to tick, in a form.
    pub(super) fn tick(&mut self, name: &'static str, label: &'static str, on: bool) -> &mut Self {
        self.raw("<label class=\"tick\"><input type=\"checkbox\" name=\"").raw(name).raw("\" value=\"on\"");
        self.raw(if on { " checked>" } else { ">" }).raw(label).raw("</label>")
    }

    /// The field `to` for an e-mail address, in a form.
    pub(super) fn address(&mut self, to: Option<&Address>) -> &mut Self {
        self.raw("<label>E-mail address<br><input type=\"email\" name=\"to\" maxlength=\"320\" value=\"");
        self.text(&to.map_or_else(String::new, Address::to_string)).raw("\"></label>")
    }

    /// A coloured word.
    pub(super) fn pill(&mut self, (class, name): (&'static str, &'static str)) -> &mut Self {
        self.raw("<span class=\"pill ").raw(class).raw("\">").raw(name).raw("</span>")
    }
}

/// Class and name of a level.
pub(super) const fn level(level: Level) -> (&'static str, &'static str) {
    match level {
        Level::Secured => ("secured", "Secured"),
        Level::Low => ("low", "Low"),
        Level::Medium => ("medium", "Medium"),
        Level::High => ("high", "High"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_device_says_cannot_become_markup() {
        let mut html = Html(String::new());
        html.text("<script>alert('x')</script>\u{202e}\u{0}&\"");
        assert_eq!(html.0, "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;\u{fffd}\u{fffd}&amp;&quot;");
    }
}
