import Files
import Geometry

/// What the five numbers behind the class mean in text files of detections.
///
/// The rule: with numbers for classes and shares of the image, lines are YOLO's unless more
/// detections agree with the annotations as rafaelpadilla's. With names, and with numbers above 2,
/// the confidence comes first: numbers up to 2 are shares, others corners or left, top and size. Of
/// those two the one counts that is possible (no corner before the other, no box far out of its
/// image); if both are, the one that agrees better with the annotations.
enum TextLayout: CaseIterable {
  /// Centre, size and confidence: Ultralytics, with save_txt and save_conf.
  case yolo
  /// Confidence, centre and size, as shares: rafaelpadilla's `-detcoords rel`.
  case shares
  /// Confidence and VOC's 1-based inclusive corners: Cartucho/mAP, rafaelpadilla's `-detformat xyrb`.
  case corners
  /// Confidence, left, top, width and height in pixels: rafaelpadilla's `xywh`.
  case sizes

  var name: String {
    switch self {
    case .yolo: "'class x y width height confidence' (YOLO)"
    case .shares: "'class confidence x y width height' in shares (rafaelpadilla)"
    case .corners: "'class confidence left top right bottom' (Cartucho/mAP)"
    case .sizes: "'class confidence left top width height' (rafaelpadilla)"
    }
  }

  func confidence(_ row: TextRow) -> Float { Float(self == .yolo ? row.values[4] : row.values[0]) }

  private func numbers(_ row: TextRow) -> [Double] {
    Array(self == .yolo ? row.values.prefix(4) : row.values.suffix(4))
  }

  private var hasShares: Bool { self == .yolo || self == .shares }

  /// The box in pixels; ``problem(_:size:)`` has found none.
  ///
  /// - Throws: `FileError` if shares meet an image of unknown size.
  func box(_ row: TextRow, size: PixelSize?) throws -> Box {
    let v = numbers(row)
    switch self {
    case .yolo, .shares:
      guard let size else {
        throw FileError(
          path: row.place, reason: "the image's size, which shares of it need, is unknown")
      }
      return Box(yolo: v, in: size)
    case .corners:
      return Box(
        left: Float(v[0] - 1), top: Float(v[1] - 1), right: Float(v[2]), bottom: Float(v[3]))
    case .sizes:
      return Box(
        left: Float(v[0]), top: Float(v[1]), right: Float(v[0] + v[2]), bottom: Float(v[1] + v[3]))
    }
  }

  /// Why a line cannot be in this layout; nil: it can.
  func problem(_ row: TextRow) -> String? {
    let v = numbers(row)
    if hasShares {
      if !v.allSatisfy({ (-1...2).contains($0) }) { return "has numbers that are no shares" }
      return v[2] < 0 || v[3] < 0 ? "has a negative width or height" : nil
    }
    if self == .sizes { return v[2] < 0 || v[3] < 0 ? "has a negative width or height" : nil }
    return v[2] < v[0] - 1 || v[3] < v[1] - 1 ? "has its corners the wrong way round" : nil
  }

  /// Whether a box reaches out of its image by more than a quarter, as detectors seldom let it.
  private func isFarOut(_ row: TextRow, size: PixelSize?) -> Bool {
    guard let size, let box = try? box(row, size: size) else { return false }
    return box.reach(beyond: size) > 0.25 * Float(min(size.width, size.height))
  }

  /// How lines are to be read; nil: as YOLO's, whose reader says what is wrong with them.
  ///
  /// - Throws: `FileError` if no layout fits, or two fit alike; ``EvaluationError`` for a class.
  static func reading(
    _ rows: [TextRow], of images: [EvaluatedImage], classNames: [String]
  ) throws -> (value: TextLayout, note: String?)? {
    guard let first = rows.first else { return nil }
    func agreeing(_ layout: TextLayout) throws -> Int {
      try rows.count { row in
        let image = images[row.image]
        return image.hasObject(
          like: try layout.box(row, size: image.size),
          classIndex: try row.classIndex(in: classNames))
      }
    }
    func fits(_ layout: TextLayout) -> Bool { rows.allSatisfy { layout.problem($0) == nil } }
    let file = String(first.place.prefix { $0 != ":" })
    if !rows.contains(where: \.isNamed) {
      let isProbable = rows.allSatisfy { (0...1).contains($0.values[0]) }
      let hasIndices = rows.allSatisfy { (try? $0.classIndex(in: classNames)) != nil }
      guard hasIndices, isProbable else { return nil }
      if fits(.yolo) {
        guard fits(.shares), rows.allSatisfy({ images[$0.image].size != nil }),
          try agreeing(.shares) > agreeing(.yolo)
        else { return nil }
        return try Agreement.better(
          [(TextLayout.yolo.name, .yolo), (TextLayout.shares.name, .shares)], file: file
        ) { try agreeing($0) }
      }
      // A line that is none of YOLO's among those that are is a mistake, not another layout.
      if rows.contains(where: { TextLayout.yolo.problem($0) == nil }) { return nil }
    } else {
      for row in rows { _ = try row.classIndex(in: classNames) }
    }
    if fits(.shares) { return (.shares, nil) }
    var candidates = [TextLayout.corners, .sizes].filter(fits)
    guard !candidates.isEmpty else {
      let reasons = [TextLayout.corners, .sizes].compactMap { layout -> String? in
        guard let row = rows.first(where: { layout.problem($0) != nil }) else { return nil }
        return "as \(layout.name) \(row.place) \(layout.problem(row) ?? "")"
      }
      throw FileError(path: file, reason: reasons.joined(separator: "; "))
    }
    if candidates.count > 1 {
      let near = candidates.filter { layout in
        !rows.contains { layout.isFarOut($0, size: images[$0.image].size) }
      }
      if near.count == 1 { candidates = near }
    }
    if candidates.count == 1 { return (candidates[0], nil) }
    return try Agreement.better(candidates.map { ($0.name, $0) }, file: file) { try agreeing($0) }
  }
}
