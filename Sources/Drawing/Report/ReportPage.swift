package import Images

/// A document of sections with text, tables and pictures, as one HTML file that needs nothing else.
///
/// The markup is HTML5 in XML's syntax; all text is escaped, pictures are part of the file, and there
/// is no script.
package struct ReportPage: Sendable {
  /// A part with a heading and one sentence that says how to read it.
  package struct Section: Sendable {
    /// Its anchor: letters, digits and hyphens.
    package var id: String
    /// Its heading.
    package var title: String
    /// How to read it.
    package var hint: String
    /// What it shows.
    package var blocks: [Block]

    /// A section.
    package init(id: String, title: String, hint: String, blocks: [Block]) {
      self.id = id
      self.title = title
      self.hint = hint
      self.blocks = blocks
    }
  }

  /// A piece of a section.
  package enum Block: Sendable {
    /// A paragraph.
    case text(String)
    /// A paragraph that must not be overlooked.
    case warning(String)
    /// A smaller heading.
    case heading(String)
    /// A table.
    case table(Table)
    /// Pictures that flow like words.
    case figures([Figure])
    /// Small drawings of the same kind in rows, as many in each as there is room for.
    case panels([Figure])
    /// Blocks beside each other, one entry a run.
    case columns([Column])
    /// Groups of blocks beside each other where there is room.
    case beside([[Block]])
    /// A list, such as of what to do, in the order of its worth.
    case steps([String])
    /// Blocks that are shown when their title is chosen.
    case folded(String, [Block])
  }

  /// What is shown of one run beside the others.
  package struct Column: Sendable {
    /// The run's name.
    package var title: String
    /// What is shown.
    package var blocks: [Block]

    /// A column.
    package init(title: String, blocks: [Block]) {
      self.title = title
      self.blocks = blocks
    }
  }

  /// Rows of cells below a header.
  package struct Table: Sendable {
    /// Above it; nothing if empty.
    package var caption: String
    /// Titles of the columns.
    package var header: [String]
    /// The first cell of a row names it.
    package var rows: [[Cell]]
    /// Whether it has so many columns that they must be narrow: titles stand upright.
    package var isDense: Bool

    /// A table whose rows are as long as the header.
    package init(
      caption: String = "", header: [String], rows: [[Cell]], isDense: Bool = false
    ) {
      precondition(rows.allSatisfy { $0.count == header.count }, "a row of another length")
      self.caption = caption
      self.header = header
      self.rows = rows
      self.isDense = isDense
    }
  }

  /// A cell of a table.
  package struct Cell: Sendable, Hashable, ExpressibleByStringLiteral {
    /// What it says.
    package var text: String
    /// Said below it in small letters; nothing if empty.
    package var note: String
    /// How dark its ground is, 0...1.
    package var shade: Double

    /// A cell.
    package init(_ text: String, note: String = "", shade: Double = 0) {
      self.text = text
      self.note = note
      self.shade = shade
    }

    /// A cell that says something fixed.
    package init(stringLiteral text: String) { self.init(text) }
  }

  /// One or more pictures that share a caption.
  package struct Figure: Sendable {
    /// The pictures, as files.
    package var pictures: [Picture]
    /// Below them; nothing if empty.
    package var caption: String

    /// A figure.
    package init(_ pictures: [Picture], caption: String = "") {
      self.pictures = pictures
      self.caption = caption
    }
  }

  /// An encoded picture.
  package struct Picture: Sendable {
    enum Content: Sendable {
      case encoded(mediaType: String, bytes: [UInt8])
      case vector(VectorCanvas)
    }

    let content: Content
    let width: Int
    let height: Int
    /// What it shows, for those who cannot see it.
    package let description: String
    var isPhoto: Bool {
      if case .encoded("image/jpeg", _) = content { true } else { false }
    }

    /// A plot as a vector graphic, which follows the colours of the page.
    init(plot: LinePlot, width: Int, height: Int, _ description: String) {
      content = .vector(plot.vector(width: width, height: height))
      self.width = width
      self.height = height
      self.description = description
    }

    /// A drawing without loss (PNG).
    ///
    /// - Throws: `ImageError` for a size that the format lacks.
    package init(drawing image: Image, _ description: String) throws {
      self.init("image/png", try image.pngBytes(), image, description)
    }

    /// A photo (JPEG).
    ///
    /// - Throws: `ImageError` for a size that the format lacks.
    package init(photo image: Image, _ description: String) throws {
      self.init("image/jpeg", try image.jpegBytes(quality: 82), image, description)
    }

    private init(_ mediaType: String, _ bytes: [UInt8], _ image: Image, _ description: String) {
      content = .encoded(mediaType: mediaType, bytes: bytes)
      width = image.width
      height = image.height
      self.description = description
    }
  }

  /// The first heading, and the window's title.
  package var title: String
  /// Below it.
  package var introduction: [String]
  /// The parts, in order; the page begins with links to them.
  package var sections: [Section]
  /// Below everything, such as when and by what the page was made; nothing if empty.
  package var footer = ""

  /// A page.
  package init(title: String, introduction: [String], sections: [Section]) {
    self.title = title
    self.introduction = introduction
    self.sections = sections
  }
}
