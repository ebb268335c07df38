import Foundation
import Geometry
import Images

/// What becomes of boxes whose annotation tells another size than the picture has.
package enum AnnotatedSizeRule: String, CaseIterable, Codable, Sendable {
  /// They are turned or scaled to the picture, or kept if they fit it as they are; the picture is
  /// left out if nothing fits.
  case adapt
  /// They are pixels of the picture.
  case ignore
  /// The picture is left out.
  case refuse
}

/// What becomes of boxes whose annotation tells another size than the picture has.
///
/// Such a picture was resized or turned after it was annotated, or its `<size>` was never right. By
/// ``AnnotatedSizeRule/adapt``:
///
/// - It is the size before the rotation that EXIF asks for: the boxes are turned with the picture.
/// - Its shape is that of the picture within 2 %: the boxes are scaled by picture / size.
/// - The boxes reach out of the size, but not out of the picture: they are the picture's.
/// - Otherwise nobody knows where the boxes belong, and the picture cannot be used.
struct AnnotatedSize {
  /// What is done.
  enum Remedy: Equatable {
    case none
    case turn(orientation: Int)
    case scale(x: Float, y: Float)
    case ignoreSize
    case refuse
  }

  let remedy: Remedy
  private let size: VOCAnnotation.Size
  private let header: ImageHeader
  private let rule: AnnotatedSizeRule

  /// How far width / height may differ, as a share.
  static let shapeTolerance: Float = 0.02

  /// nil if the annotation tells no size.
  init?(_ annotation: VOCAnnotation, header: ImageHeader, rule: AnnotatedSizeRule) {
    guard let size = annotation.size, size.pixels != nil else { return nil }
    self.size = size
    self.header = header
    self.rule = rule
    /// A pixel too much is the usual rounding.
    func holds(_ width: Int, _ height: Int) -> Bool {
      annotation.objects.allSatisfy {
        $0.box.right <= Float(width) + 1 && $0.box.bottom <= Float(height) + 1
      }
    }
    let fits = holds(size.width, size.height)
    let (x, y) = (
      Float(header.width) / Float(size.width), Float(header.height) / Float(size.height)
    )
    if size.width == header.width && size.height == header.height {
      remedy = .none
    } else if rule != .adapt {
      remedy = rule == .ignore ? .ignoreSize : .refuse
    } else if !fits, holds(header.width, header.height) {
      remedy = .ignoreSize
    } else if fits, header.orientation >= 5, size.width == header.height,
      size.height == header.width
    {
      remedy = .turn(orientation: header.orientation)
    } else if abs(x / y - 1) <= Self.shapeTolerance {
      remedy = .scale(x: x, y: y)
    } else {
      remedy = .refuse
    }
  }

  /// The box in the picture.
  func placed(_ box: Box) -> Box {
    switch remedy {
    case .none, .ignoreSize, .refuse: return box
    case .scale(let x, let y): return box.transformed(scaleX: x, scaleY: y)
    case .turn(let orientation):
      let (width, height) = (Float(size.width), Float(size.height))
      // 5 mirrors on the diagonal, 6 turns right, 7 mirrors on the other diagonal, 8 turns left.
      let (isRight, isUp) = (orientation == 6 || orientation == 7, orientation >= 7)
      return Box(
        left: isRight ? height - box.bottom : box.top, top: isUp ? width - box.right : box.left,
        right: isRight ? height - box.top : box.bottom, bottom: isUp ? width - box.left : box.right)
    }
  }

  /// What is to be said of it; nil if the sizes are the same.
  func problem(file: String) -> DataProblem? {
    let sizes =
      "<size> is \(size.width)x\(size.height), the image \(header.width)x\(header.height)"
    let (kind, end): (DataProblem.Kind, String)
    switch remedy {
    case .none: return nil
    case .turn(let orientation):
      (kind, end) = (
        .turnedBoxes, " (annotated before the rotation of EXIF \(orientation)); boxes are turned"
      )
    case .scale: (kind, end) = (.scaledBoxes, "; boxes are scaled")
    case .ignoreSize:
      (kind, end) = (.ignoredSize, rule == .ignore ? "; ignored" : "; the boxes fit the image")
    case .refuse: (kind, end) = (.sizeMismatch, "")
    }
    return DataProblem(file: file, line: size.line, kind: kind, text: sizes + end)
  }
}

extension ImageHeader {
  /// Reads a header from as little of the file as it takes; nil if the file is no picture, which
  /// decoding will tell.
  static func peek(_ image: URL) -> ImageHeader? {
    guard let file = try? FileHandle(forReadingFrom: image) else { return nil }
    defer { try? file.close() }
    for count in [1 << 16, 1 << 24] {
      guard (try? file.seek(toOffset: 0)) != nil, let bytes = try? file.read(upToCount: count)
      else { return nil }
      if let header = try? Image.decodeHeader([UInt8](bytes), file: image.path) { return header }
      if bytes.count < count { return nil }
    }
    return nil
  }
}
