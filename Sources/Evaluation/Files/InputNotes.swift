import Detection
import Foundation
import Geometry

/// What is allowed in annotations and detections but seldom meant, in one line for each kind, with
/// counts and the first case.
///
/// A number that comes from such input is a number, so it is computed; these lines say what stands
/// behind it.
package enum InputNotes {
  /// What is odd about annotations.
  ///
  /// - Parameters:
  ///   - images: Annotated images; detections are not looked at.
  ///   - classNames: Names of the class indices.
  /// - Returns: Nothing for what is as usual.
  package static func annotations(
    of images: [EvaluatedImage], classNames: [String]
  ) -> [String] {
    var total = 0
    var outside = Tally()
    var beyond = Tally()
    var flat = Tally()
    var twice = Tally()
    for image in images {
      var seen: Set<GroundTruth> = []
      total += image.objects.count
      for object in image.objects {
        func place() -> String {
          "image '\(image.id)', \(name(object.classIndex, classNames)) \(text(object.box))"
        }
        if object.box.width <= 0 || object.box.height <= 0 { flat.add(place) }
        if let size = image.size {
          if object.box.isOutside(size) {
            outside.add(place)
          } else if object.box.reach(beyond: size) > 1 {
            beyond.add(place)
          }
        }
        if !seen.insert(object).inserted { twice.add(place) }
      }
    }
    if total == 0 { return ["no object is annotated in any image: there is nothing to find"] }
    return [
      outside.line("object", of: total, "outside the image: nothing right finds it"),
      beyond.line("object", of: total, "reaching out of the image by more than a pixel"),
      flat.line("object", of: total, "with a box without area: nothing finds it"),
      twice.line(
        "object", of: total, "annotated twice, same class and box: only one of each can be found"),
    ].compactMap(\.self)
  }

  /// What is odd about detections from files.
  ///
  /// - Parameters:
  ///   - images: Every image of the split with its detections.
  ///   - classNames: Names of the class indices.
  /// - Returns: Nothing for what is as usual. Boxes that reach out of their image are usual unless
  ///   they are many.
  package static func detections(
    of images: [EvaluatedImage], classNames: [String]
  ) -> [String] {
    var total = 0
    var sized = 0
    var improbable = Tally()
    var outside = Tally()
    var beyond = Tally()
    var flat = Tally()
    var twice = Tally()
    var shares = 0
    for image in images {
      var seen: Set<Detection> = []
      total += image.detections.count
      for detection in image.detections {
        let box = detection.box
        func place() -> String {
          "image '\(image.id)', \(name(detection.classIndex, classNames))"
            + String(format: " %g ", detection.confidence) + text(box)
        }
        if !(0...1).contains(detection.confidence) { improbable.add(place) }
        if box.width <= 0 || box.height <= 0 { flat.add(place) }
        // VOC's corners count from 1, so that shares of the image end up in −1...1.
        if box.right <= 2 && box.bottom <= 2 && box.left >= -1 && box.top >= -1 { shares += 1 }
        if let size = image.size {
          sized += 1
          if box.isOutside(size) {
            outside.add(place)
          } else if box.reach(beyond: size) > 0.1 * Float(min(size.width, size.height)) {
            beyond.add(place)
          }
        }
        if !seen.insert(detection).inserted { twice.add(place) }
      }
    }
    if total == 0 { return ["there is no detection in any image: every object counts as missed"] }
    if shares == total {
      return ["every box lies within two pixels: are they shares of the image instead of pixels?"]
    }
    return [
      improbable.line(
        "detection", of: total, "with a confidence outside 0...1: calibration takes probabilities"),
      outside.line("detection", of: total, "outside the image: it counts as wrong"),
      10 * beyond.count > sized
        ? beyond.line(
          "detection", of: total,
          "reaching out of the image by more than a tenth: are boxes in pixels of these images?")
        : nil,
      flat.line("detection", of: total, "with a box without area"),
      twice.line(
        "detection", of: total,
        "listed twice, same class, box and confidence: the second of each counts as wrong"),
    ].compactMap(\.self)
  }

  private static func name(_ index: Int, _ classNames: [String]) -> String {
    classNames.indices.contains(index) ? classNames[index] : "class \(index)"
  }

  private static func text(_ box: Box) -> String {
    String(format: "(%g, %g, %g, %g)", box.left, box.top, box.right, box.bottom)
  }

  private struct Tally {
    var count = 0
    var first = ""

    mutating func add(_ place: () -> String) {
      if count == 0 { first = place() }
      count += 1
    }

    func line(_ noun: String, of total: Int, _ what: String) -> String? {
      count == 0
        ? nil : "\(count) of \(total) \(noun)s \(what) (\(count == 1 ? "" : "first: ")\(first))"
    }
  }
}

extension Box {
  /// Whether no part of the box is in an image.
  fileprivate func isOutside(_ size: EvaluatedImage.Size) -> Bool {
    right <= 0 || bottom <= 0 || left >= Float(size.width) || top >= Float(size.height)
  }

  /// How many pixels the box reaches beyond the edge that it passes farthest.
  fileprivate func reach(beyond size: EvaluatedImage.Size) -> Float {
    max(-left, -top, right - Float(size.width), bottom - Float(size.height))
  }
}
