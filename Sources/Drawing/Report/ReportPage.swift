public import Data

/// A document of sections with text, tables and pictures, as one HTML file that needs nothing else.
///
/// The markup is HTML5 in XML's syntax; all text is escaped, pictures are part of the file, and there
/// is no script.
public struct ReportPage: Sendable {
  /// A part with a heading and one sentence that says how to read it.
  public struct Section: Sendable {
    /// Its anchor: letters, digits and hyphens.
    public var id: String
    /// Its heading.
    public var title: String
    /// How to read it.
    public var hint: String
    /// What it shows.
    public var blocks: [Block]

    /// A section.
    public init(id: String, title: String, hint: String, blocks: [Block]) {
      self.id = id
      self.title = title
      self.hint = hint
      self.blocks = blocks
    }
  }

  /// A piece of a section.
  public enum Block: Sendable {
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
  }

  /// What is shown of one run beside the others.
  public struct Column: Sendable {
    /// The run's name.
    public var title: String
    /// What is shown.
    public var blocks: [Block]

    /// A column.
    public init(title: String, blocks: [Block]) {
      self.title = title
      self.blocks = blocks
    }
  }

  /// Rows of cells below a header.
  public struct Table: Sendable {
    /// Above it; nothing if empty.
    public var caption: String
    /// Titles of the columns.
    public var header: [String]
    /// The first cell of a row names it.
    public var rows: [[Cell]]
    /// Whether it has so many columns that they must be narrow: titles stand upright.
    public var isDense: Bool

    /// A table whose rows are as long as the header.
    public init(
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
  public struct Cell: Sendable, Hashable, ExpressibleByStringLiteral {
    /// What it says.
    public var text: String
    /// Said below it in small letters; nothing if empty.
    public var note: String
    /// How dark its ground is, 0...1.
    public var shade: Double

    /// A cell.
    public init(_ text: String, note: String = "", shade: Double = 0) {
      self.text = text
      self.note = note
      self.shade = shade
    }

    /// A cell that says something fixed.
    public init(stringLiteral text: String) { self.init(text) }
  }

  /// One or more pictures that share a caption.
  public struct Figure: Sendable {
    /// The pictures, as files.
    public var pictures: [Picture]
    /// Below them; nothing if empty.
    public var caption: String

    /// A figure.
    public init(_ pictures: [Picture], caption: String = "") {
      self.pictures = pictures
      self.caption = caption
    }
  }

  /// An encoded picture.
  public struct Picture: Sendable {
    let mediaType: String
    let bytes: [UInt8]
    let width: Int
    let height: Int
    /// What it shows, for those who cannot see it.
    public let description: String
    var isPhoto: Bool { mediaType == "image/jpeg" }

    /// A drawing without loss (PNG).
    ///
    /// - Throws: `ImageError` for a size that the format lacks.
    public init(drawing image: Image, _ description: String) throws {
      self.init("image/png", try image.pngBytes(), image, description)
    }

    /// A photo (JPEG).
    ///
    /// - Throws: `ImageError` for a size that the format lacks.
    public init(photo image: Image, _ description: String) throws {
      self.init("image/jpeg", try image.jpegBytes(quality: 82), image, description)
    }

    private init(_ mediaType: String, _ bytes: [UInt8], _ image: Image, _ description: String) {
      self.mediaType = mediaType
      self.bytes = bytes
      width = image.width
      height = image.height
      self.description = description
    }
  }

  /// The first heading, and the window's title.
  public var title: String
  /// Below it.
  public var introduction: [String]
  /// The parts, in order; the page begins with links to them.
  public var sections: [Section]

  /// A page.
  public init(title: String, introduction: [String], sections: [Section]) {
    self.title = title
    self.introduction = introduction
    self.sections = sections
  }
}
