import Files
package import Foundation
package import Geometry

/// The content of a PASCAL VOC annotation file that detection needs.
package struct VOCAnnotation: Hashable, Sendable {
  /// One `<object>`.
  package struct Object: Hashable, Sendable {
    /// The class name.
    package let name: String
    /// The object's own `<bndbox>`, not that of a nested `<part>`; pixels, 0-based edges.
    package let box: Box
    /// `<difficult>`; false if absent.
    package let isDifficult: Bool
    /// How ambiguous `detector synthesize` drew it, 0...1 (`<ambiguity>`); nil elsewhere.
    package let ambiguity: Float?
    /// The line of `<object>`, from 1.
    package let line: Int

    /// Whether xmin < xmax and ymin < ymax in the file; a training box needs that.
    package var hasArea: Bool { box.width > 1 && box.height > 1 }
  }

  /// `<size>`: what the annotation says about its image.
  package struct Size: Hashable, Sendable {
    /// Pixels in a row.
    package let width: Int
    /// Rows.
    package let height: Int
    /// The line of `<size>`, from 1.
    package let line: Int

    /// Both numbers, nil if one is not positive.
    package var pixels: PixelSize? {
      width > 0 && height > 0 ? PixelSize(width: width, height: height) : nil
    }
  }

  /// `<filename>`, nil if absent or empty.
  package let filename: String?
  /// The line of `<filename>`.
  package let filenameLine: Int?
  /// `<size>`, nil if absent or incomplete.
  package let size: Size?
  /// All complete objects in the order of the file.
  package let objects: [Object]
  /// Objects that had to be left out because a name or number is missing, and what was guessed.
  package let problems: [DataProblem]

  /// Reads an annotation file.
  ///
  /// - Throws: ``DataError/malformedAnnotation(file:line:reason:)``.
  package static func read(_ url: URL) throws -> VOCAnnotation {
    try requireSensible(url)
    do {
      return try parse(Foundation.Data(contentsOf: url), file: url.path)
    } catch let error as DataError {
      throw error
    } catch {
      throw DataError.malformedAnnotation(
        file: url.path, line: nil, reason: "cannot be read: \(FileProblem.reason(error))")
    }
  }

  /// The most bytes of an annotation: room for 100,000 objects.
  static let maximumBytes = 32 << 20

  /// Refuses what would be waited for, such as a pipe, or fill the memory.
  private static func requireSensible(_ url: URL) throws {
    let file = url.resolvingSymlinksInPath().path
    guard let facts = try? FileManager.default.attributesOfItem(atPath: file) else { return }
    let kind = facts[.type] as? FileAttributeType
    let count = (facts[.size] as? NSNumber)?.intValue ?? 0
    guard kind != .typeRegular && kind != .typeDirectory || count > maximumBytes else { return }
    throw DataError.malformedAnnotation(
      file: url.path, line: nil,
      reason: kind != .typeRegular
        ? "not a regular file"
        : "\(count >> 20) MiB are too much for an annotation (at most \(maximumBytes >> 20) MiB)")
  }

  /// Parses the bytes of an annotation file; `file` is only named in errors.
  ///
  /// - Throws: ``DataError/malformedAnnotation(file:line:reason:)``.
  package static func parse(_ bytes: Foundation.Data, file: String) throws -> VOCAnnotation {
    try VOCAnnotationParser(file: file).parse(bytes)
  }
}
