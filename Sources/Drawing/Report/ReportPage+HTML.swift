import Foundation

extension ReportPage {
  /// The file's text, UTF-8.
  package var html: String {
    var text = """
      <!DOCTYPE html>
      <html xmlns="http://www.w3.org/1999/xhtml" lang="en">
      <head>
      <meta charset="utf-8"/>
      <meta name="viewport" content="width=device-width, initial-scale=1"/>
      <title>\(Self.escaped(title))</title>
      <style>\(Self.style)</style>
      </head>
      <body>
      <h1>\(Self.escaped(title))</h1>

      """
    for line in introduction { text += "<p>\(Self.prose(line))</p>\n" }
    let links = sections.map { "<a href=\"#\($0.id)\">\(Self.escaped($0.title))</a>" }
    text += "<nav>\(links.joined(separator: "\n"))</nav>\n"
    for section in sections {
      text +=
        "<section id=\"\(Self.escaped(section.id))\">\n<h2>\(Self.escaped(section.title))</h2>\n"
      if !section.hint.isEmpty { text += "<p class=\"hint\">\(Self.prose(section.hint))</p>\n" }
      text += section.blocks.map(Self.html).joined() + "</section>\n"
    }
    if !footer.isEmpty { text += "<footer>\(Self.prose(footer))</footer>\n" }
    return text + "</body>\n</html>\n"
  }

  /// Text as content or attribute value: markup is taken literally, and what XML cannot hold becomes
  /// U+FFFD.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\t", "\n": result.unicodeScalars.append(scalar)
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// Text whose numbers stay on a line with their unit.
  static func prose(_ text: String) -> String {
    // An interval is never broken, and a number stays with its unit.
    let joined = text.replacingOccurrences(of: " %", with: "\u{A0}%")
    return escaped(
      joined.replacing(/\[[-+−0-9., ]{1,40}\]/) { match in
        match.output.replacingOccurrences(of: " ", with: "\u{A0}")
      })
  }

  /// Photos stand in equal cells, drawings in their own width.
  private static func layout(_ figures: [Figure]) -> String {
    guard figures.allSatisfy({ $0.pictures.allSatisfy(\.isPhoto) }) else { return "figures" }
    // Whole photos have labels that are to be read.
    if figures.contains(where: { $0.pictures.contains { $0.width > 400 } }) { return "cards wide" }
    return "cards of\(figures.map(\.pictures.count).max() ?? 1)"
  }

  private static func html(_ block: Block) -> String {
    switch block {
    case .text(let text): "<p>\(prose(text))</p>\n"
    case .warning(let text): "<p class=\"warning\">\(prose(text))</p>\n"
    case .heading(let text): "<h3>\(escaped(text))</h3>\n"
    case .table(let table): html(table)
    case .figures(let figures):
      "<div class=\"\(layout(figures))\">\n" + figures.map(html).joined() + "</div>\n"
    case .panels(let figures):
      "<div class=\"panels\">\n" + figures.map(html).joined() + "</div>\n"
    case .columns(let columns):
      "<div class=\"columns\">\n"
        + columns.map { column in
          "<div class=\"column\">\n<h3>\(escaped(column.title))</h3>\n"
            + column.blocks.map(html).joined() + "</div>\n"
        }.joined() + "</div>\n"
    case .beside(let groups):
      "<div class=\"beside\">\n"
        + groups.map { "<div>\n" + $0.map(html).joined() + "</div>\n" }.joined() + "</div>\n"
    case .steps(let steps):
      "<ol class=\"steps\">\n" + steps.map { "<li>\(prose($0))</li>\n" }.joined() + "</ol>\n"
    case .folded(let title, let blocks):
      "<details><summary>\(escaped(title))</summary>\n" + blocks.map(html).joined()
        + "</details>\n"
    }
  }

  private static func html(_ table: Table) -> String {
    var text =
      (table.header.count > 4
        ? "<p class=\"narrow\">The table goes on to the right: \(table.header.count - 1) columns.</p>\n"
        : "")
      + "<div class=\"scroll\"><table\(table.isDense ? " class=\"dense\"" : "")>\n"
    if !table.caption.isEmpty { text += "<caption>\(escaped(table.caption))</caption>\n" }
    let titles = table.header.map { "<th scope=\"col\"><span>\(escaped($0))</span></th>" }
    text += "<thead><tr>\(titles.joined())</tr></thead>\n<tbody>\n"
    for row in table.rows {
      let cells = row.enumerated().map { index, cell in
        let note = cell.note.isEmpty ? "" : "<small>\(prose(cell.note))</small>"
        let shade = String(format: "%.2f", 0.6 * min(max(cell.shade, 0), 1))
        let style = cell.shade > 0 ? " style=\"background:rgba(70,130,230,\(shade))\"" : ""
        return index == 0
          ? "<th scope=\"row\">\(escaped(cell.text))\(note)</th>"
          : "<td\(style)>\(escaped(cell.text))\(note)</td>"
      }
      text += "<tr>\(cells.joined())</tr>\n"
    }
    return text + "</tbody>\n</table></div>\n"
  }

  private static func html(_ figure: Figure) -> String {
    let pictures = figure.pictures.map { picture in
      guard case .encoded(let mediaType, let bytes) = picture.content else {
        return vector(picture)
      }
      return "<img width=\"\(picture.width)\" height=\"\(picture.height)\""
        + " alt=\"\(escaped(picture.description))\" src=\"data:\(mediaType);base64,"
        + Data(bytes).base64EncodedString() + "\"/>"
    }
    let caption =
      figure.caption.isEmpty ? "" : "<figcaption>\(prose(figure.caption))</figcaption>"
    return "<figure>\(pictures.joined())\(caption)</figure>\n"
  }

  /// Light or dark as the reader's system is; on paper black on white, columns kept.
  private static func vector(_ picture: Picture) -> String {
    guard case .vector(let canvas) = picture.content else { return "" }
    return canvas.svg(describedAs: picture.description)
  }

  private static let style = """

    :root { color-scheme: light dark; --ink: #1c1e21; --soft: #5a6069; --ground: #fff;
      --line: #d5d9df; --panel: #f3f5f8; --link: #0b57d0; --alert: #b3261e; }
    @media (prefers-color-scheme: dark) {
      :root { --ink: #e6e8eb; --soft: #a3abb5; --ground: #16181b; --line: #3a4048;
        --panel: #212529; --link: #8ab4f8; --alert: #ff8a80; \(VectorCanvas.darkColors) } }
    \(VectorCanvas.style)
    body { margin: 0 auto; padding: 1.5rem; max-width: 1500px; color: var(--ink);
      background: var(--ground); font: 16px/1.5 system-ui, sans-serif; }
    h1 { font-size: 1.7rem; margin: 0 0 .5rem; }
    h2 { font-size: 1.3rem; margin: 2.5rem 0 .3rem; padding-top: .8rem;
      border-top: 2px solid var(--line); }
    h3 { font-size: 1.05rem; margin: 1.2rem 0 .4rem; overflow-wrap: anywhere; }
    p { max-width: 52rem; margin: .4rem 0; }
    nav { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; margin: 1rem 0; }
    a { color: var(--link); }
    .hint { color: var(--soft); border-left: 4px solid var(--line); padding-left: .8rem;
      margin-bottom: 1rem; }
    .warning { color: var(--alert); border-left: 4px solid var(--alert); padding-left: .8rem; }
    .columns { display: grid; gap: 1.2rem;
      grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); }
    .column { min-width: 0; }
    .column h3 { margin-top: .2rem; }
    .beside { display: grid; gap: 0 1.6rem; align-items: start;
      grid-template-columns: repeat(auto-fit, minmax(min(100%, 27rem), 1fr)); }
    .beside > div { min-width: 0; }
    .steps { background: var(--panel); border-left: 4px solid var(--link); border-radius: 4px;
      margin: .8rem 0; padding: .8rem 1rem .8rem 2.4rem; max-width: 60rem; }
    .steps li { margin: .25rem 0; }
    summary { cursor: pointer; color: var(--link); margin: .6rem 0; }
    footer { margin-top: 3rem; padding-top: .6rem; border-top: 1px solid var(--line);
      color: var(--soft); font-size: .85rem; }
    .narrow { display: none; color: var(--soft); font-size: .85rem; }
    @media (max-width: 600px) { .narrow { display: block; } }
    .scroll { overflow-x: auto; margin: .6rem 0; background:
      linear-gradient(to right, var(--ground) 30%, transparent) left / 2.5rem 100% local,
      linear-gradient(to left, var(--ground) 30%, transparent) right / 2.5rem 100% local,
      linear-gradient(to right, var(--line), transparent) left / .9rem 100% scroll,
      linear-gradient(to left, var(--line), transparent) right / .9rem 100% scroll;
      background-repeat: no-repeat; }
    table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .92rem; }
    caption { text-align: left; color: var(--soft); padding-bottom: .3rem; }
    th, td { border: 1px solid var(--line); padding: .25rem .6rem; text-align: right;
      vertical-align: top; }
    thead th { background: var(--panel); vertical-align: bottom; }
    th:first-child { text-align: left; }
    tbody th { font-weight: 600; max-width: 26rem; }
    .dense th, .dense td { padding: .2rem .35rem; min-width: 1.1rem; }
    .dense thead th:not(:first-child) { text-align: left; }
    .dense thead th:not(:first-child) span { writing-mode: vertical-rl;
      transform: rotate(180deg); }
    .dense tbody th, .dense thead th:first-child { position: sticky; left: 0;
      background: var(--panel); }
    small { display: block; font-weight: 400; color: var(--soft); font-size: .8rem; }
    .figures { display: flex; flex-wrap: wrap; gap: 1rem; align-items: flex-start; }
    .figures > figure { flex: 1 1 30rem; max-width: min(100%, 46rem); }
    .figures .plot { width: 100%; }
    figure { margin: 0; max-width: 100%; background: var(--panel); border-radius: 6px;
      padding: .4rem; box-sizing: border-box; }
    .cards { display: grid; gap: .8rem; align-items: start;
      grid-template-columns: repeat(auto-fill, minmax(min(100%, 13rem), 1fr)); }
    .cards.of2 { grid-template-columns: repeat(auto-fill, minmax(min(100%, 21rem), 1fr)); }
    .cards.wide { grid-template-columns: repeat(auto-fill, minmax(min(100%, 27rem), 1fr)); }
    .cards img { width: 100%; max-height: 18rem; object-fit: contain; }
    .cards.wide img { max-height: none; }
    .cards.of2 img { width: calc(50% - .2rem); }
    .cards.of2 img + img { margin-left: .4rem; }
    .panels { display: grid; gap: .4rem; margin: .4rem 0 1rem;
      grid-template-columns: repeat(auto-fill, minmax(min(47%, 11rem), 1fr)); }
    .panels figure { padding: .2rem; max-width: 16rem; }
    .panels .plot { width: 100%; }
    img { max-width: 100%; height: auto; border-radius: 3px; vertical-align: top; }
    figcaption { font-size: .85rem; padding: .3rem .1rem 0; overflow-wrap: anywhere; }
    @media print {
      :root { color-scheme: light; --ink: #000; --soft: #444; --ground: #fff; --line: #bbb;
        --panel: #f3f3f3; }
      nav { display: none; }
      figure, tr { break-inside: avoid; }
      h2, h3, .hint { break-after: avoid; }
      .columns { grid-template-columns: repeat(auto-fit, minmax(min(100%, 16rem), 1fr)); }
      .scroll { overflow: visible; }
      .column table { font-size: .62rem; }
      .column th, .column td { padding: .15rem .3rem; }
      * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }

    """
}
