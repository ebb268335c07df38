public import Detection
public import Foundation

/// The content of a PASCAL VOC annotation file that detection needs.
public struct VOCAnnotation: Hashable, Sendable {
  /// One `<object>`.
  public struct Object: Hashable, Sendable {
    /// The class name.
    public let name: String
    /// The object's own `<bndbox>`, not that of a nested `<part>`; pixels, 0-based edges.
    public let box: Box
    /// `<difficult>`; false if absent.
    public let isDifficult: Bool
    /// How ambiguous `detector synthesize` drew it, 0...1 (`<ambiguity>`); nil elsewhere.
    public let ambiguity: Float?
    /// The line of `<object>`, from 1.
    public let line: Int

    /// Whether xmin < xmax and ymin < ymax in the file; a training box needs that.
    public var hasArea: Bool { box.width > 1 && box.height > 1 }
  }

  /// `<size>`: what the annotation says about its image.
  public struct Size: Hashable, Sendable {
    /// Pixels in a row.
    public let width: Int
    /// Rows.
    public let height: Int
    /// The line of `<size>`, from 1.
    public let line: Int
  }

  /// `<filename>`, nil if absent or empty.
  public let filename: String?
  /// The line of `<filename>`.
  public let filenameLine: Int?
  /// `<size>`, nil if absent or incomplete.
  public let size: Size?
  /// All complete objects in the order of the file.
  public let objects: [Object]
  /// Objects that had to be left out because a name or number is missing.
  public let problems: [DataProblem]

  /// Reads an annotation file.
  ///
  /// - Throws: ``DataError/malformedAnnotation(file:line:reason:)``.
  public static func read(_ url: URL) throws -> VOCAnnotation {
    do {
      return try parse(Foundation.Data(contentsOf: url), file: url.path)
    } catch let error as DataError {
      throw error
    } catch {
      throw DataError.malformedAnnotation(
        file: url.path, line: nil, reason: "cannot be read: \(FileProblem.reason(error))")
    }
  }

  /// Parses the bytes of an annotation file; `file` is only named in errors.
  ///
  /// - Throws: ``DataError/malformedAnnotation(file:line:reason:)``.
  public static func parse(_ bytes: Foundation.Data, file: String) throws -> VOCAnnotation {
    try VOCAnnotationParser(file: file).parse(bytes)
  }
}
