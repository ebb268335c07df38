import Detection
import Geometry

/// Other tools' ways to evaluate, so that their numbers can be had for the same detections.
///
/// What is copied are the rules, not the tools: where one sorts unstably, ties keep file order here.
package enum ReferenceTool: String, Sendable, CaseIterable {
  /// PASCAL VOC's development kit.
  case devkit
  /// py-faster-rcnn's `voc_eval.py`.
  case frcnn
  /// detectron2's VOC evaluator.
  case detectron2
  /// AlexeyAB's `detector map` on labels without difficult objects.
  case alexey
  /// chainercv's and gluon-cv's VOC evaluators.
  case chainer
  /// pycocotools on VOC annotations converted to COCO's JSON.
  case coco

  /// The rules that set the tool apart from the development kit, in one line.
  package var difference: String {
    switch self {
    case .devkit: "the rules of this evaluation"
    case .frcnn:
      "an IoU equal to the threshold is wrong; the eleven recall levels are rounded in floating"
        + " point"
    case .detectron2:
      "scores are rounded to 3 and boxes to 1 decimals; an IoU equal to the threshold is wrong;"
        + " the eleven recall levels are rounded in floating point"
    case .alexey:
      "difficult objects are not in its labels, so finding one is wrong; boxes are one pixel smaller;"
        + " an IoU equal to the threshold is wrong; classes without objects count as 0"
    case .chainer:
      "equal scores are taken in reverse order; the eleven recall levels are rounded in floating"
        + " point"
    case .coco:
      "difficult objects count like others; the next best object is tried; 101 recall levels; at most 100 detections of a class in an image"
    }
  }

  /// What the tool gives.
  package struct Result: Sendable {
    /// The tool.
    package let tool: ReferenceTool
    /// Its numbers in 0...1 by name, in its order; nil without objects.
    package let values: [(name: String, value: Double?)]
  }

  /// Evaluates detections by the tool's rules.
  ///
  /// - Parameters:
  ///   - images: Every image of the split.
  ///   - classNames: Names of the class indices.
  ///   - threshold: The IoU that makes a detection right; ``coco`` has its own.
  /// - Returns: The tool's numbers.
  /// - Throws: ``EvaluationError`` for NaN or infinite numbers and class indices without a name.
  package func evaluate(
    _ images: [EvaluatedImage], classNames: [String], threshold: Double = 0.5
  ) throws -> Result {
    if self == .coco {
      let summary = try COCOEvaluation(
        images: images, classNames: classNames, difficult: .counted
      ).summary
      return Result(
        tool: self,
        values: [("AP", summary.ap), ("AP50", summary.ap50), ("AP75", summary.ap75)])
    }
    let images = self == .detectron2 ? images.map(Self.rounded) : images
    let seven = try VOCEvaluation(
      images: images, classNames: classNames,
      rule: self == .devkit || self == .alexey ? .elevenPoint : .elevenPointFloat,
      matcher: matcher(threshold: threshold), absentClass: self == .alexey ? .zero : .exclude)
    let twelve = seven.with(.area)
    let names = self == .alexey ? ["points 11", "points 0"] : ["voc07", "voc12"]
    return Result(
      tool: self,
      values: [
        (names[0], seven.meanAveragePrecision), (names[1], twelve.meanAveragePrecision),
      ])
  }

  private func matcher(threshold: Double) -> DetectionMatcher {
    var matcher = DetectionMatcher(threshold: threshold)
    switch self {
    case .devkit, .coco: break
    case .frcnn, .detectron2: matcher.comparison = .above
    case .alexey:
      matcher.comparison = .above
      matcher.difficult = .removed
      matcher.overlap = .cornerToCorner
    case .chainer: matcher.ties = .reversed
    }
    return matcher
  }

  private static func rounded(_ image: EvaluatedImage) -> EvaluatedImage {
    func round(_ value: Float, _ scale: Double) -> Float {
      Float((Double(value) * scale).rounded(.toNearestOrEven) / scale)
    }
    var image = image
    for index in image.detections.indices {
      let detection = image.detections[index]
      image.detections[index].confidence = round(detection.confidence, 1000)
      image.detections[index].box = Box(
        left: round(detection.box.left, 10), top: round(detection.box.top, 10),
        right: round(detection.box.right, 10), bottom: round(detection.box.bottom, 10))
    }
    return image
  }
}

extension ReferenceTool.Result {
  /// Two lines for people, in per cent.
  package var text: String {
    let numbers = values.map { "\($0.name) \(EvaluationReport.percent($0.value))" }
    return "as \(tool.rawValue) counts: " + numbers.joined(separator: ", ")
      + "\n  \(tool.difference)\n"
  }

  var json: JSONValue {
    .object([
      "tool": .text(tool.rawValue), "difference": .text(tool.difference),
      "values": .object(
        Dictionary(
          values.map { ($0.name, .number($0.value)) }, uniquingKeysWith: { first, _ in first })),
    ])
  }
}
