import Evaluation
import Foundation
import TestSupport
import Testing

/// Public cases with published numbers, or numbers of their authors' own tools.
///
/// Three named rules explain every difference between those tools and the VOC kit: the difficult
/// flag is not read (`difficult: .counted`), levels of the eleven points are rounded
/// (`.elevenPointFloat`), and ODM's README adds up factors cut to four digits. Ten-digit numbers
/// were cut, not rounded, when they were published.
@Suite struct ReferenceCaseTests {
  /// One class, `name x y w h` and `name score x y w h` with the far corner at x + w, y + h.
  private func toyCase(_ objects: String, _ detections: String) throws -> [EvaluatedImage] {
    let objects = try sharedData("datasets/map-reference/" + objects)
    let detections = try sharedData("datasets/map-reference/" + detections)
    return try sortedFiles(objects).map { file in
      let wanted = try fields(file).map { line in
        let n = line.suffix(4).compactMap { Float($0) }
        return object(n[0], n[1], n[0] + n[2], n[1] + n[3])
      }
      let hits = try fields(detections.appending(path: file.lastPathComponent)).map { line in
        let n = line.suffix(5).compactMap { Float($0) }
        return found(n[0], n[1], n[2], n[1] + n[3], n[2] + n[4])
      }
      return EvaluatedImage(id: file.lastPathComponent, objects: wanted, detections: hits)
    }
  }

  private func averagePrecision(
    _ images: [EvaluatedImage], _ rule: AveragePrecision, _ threshold: Double
  ) throws -> Double {
    let result = try VOCEvaluation(
      images: images, classNames: ["x"], rule: rule, matcher: .init(threshold: threshold))
    return try #require(result.meanAveragePrecision)
  }

  @Test(
    .needsShared("datasets/map-reference/review-metrics"),
    arguments: zip([0.1, 0.3, 0.5, 0.75], [0.3371980676, 0.2456866804, 0.0222222222, 0]))
  func reviewMetricsCase1Area(_ threshold: Double, _ published: Double) throws {
    let images = try toyCase(
      "review-metrics/tests/test_case_1/gts", "review-metrics/tests/test_case_1/dets")
    #expect(abs(try averagePrecision(images, .area, threshold) - published) < 1e-10)
  }

  @Test(
    .needsShared("datasets/map-reference/review-metrics"),
    arguments: zip([0.1, 0.3, 0.5, 0.75], [0.3333333333, 0.2683982683, 0.0303030303, 0]))
  func reviewMetricsCase1ElevenPointsWithRoundedLevels(
    _ threshold: Double, _ published: Double
  ) throws {
    let images = try toyCase(
      "review-metrics/tests/test_case_1/gts", "review-metrics/tests/test_case_1/dets")
    #expect(abs(try averagePrecision(images, .elevenPointFloat, threshold) - published) < 1e-10)
    // At .1 the recall ends on exactly 9/15: the kit's level .6 is reached, the rounded one not.
    let exact = try averagePrecision(images, .elevenPoint, threshold)
    #expect(abs(exact - (threshold == 0.1 ? 0.3689064559 : published)) < 1e-10)
  }

  @Test(.needsShared("datasets/map-reference/odm"))
  func objectDetectionMetricsSampleAndItsREADME() throws {
    let images = try toyCase("odm/groundtruths", "odm/detections")
    let area = try averagePrecision(images, .area, 0.3)
    #expect(String(format: "%.2f", 100 * area) == "24.57")  // results/results.txt
    #expect(
      String(format: "%.2f", 100 * (try averagePrecision(images, .elevenPoint, 0.3))) == "26.84")
    // README: 24.56 %, the same sum with every recall and precision cut to four digits.
    let result = try VOCEvaluation(
      images: images, classNames: ["x"], rule: .area, matcher: .init(threshold: 0.3))
    let curve = result.classes[0].curve
    func cut(_ value: Double) -> Double { (value * 1e4).rounded(.down) / 1e4 }
    var previous = 0.0
    var sum = 0.0
    for (index, recall) in curve.recalls.enumerated() where recall > previous {
      let best = curve.precisions[index...].max() ?? 0
      sum += (cut(recall) - cut(previous)) * cut(best)
      previous = recall
    }
    #expect(abs(sum - 0.24560955) < 5e-9)
  }

  @Test(.needsShared("datasets/map-reference/cartucho")) func cartuchoHouseholdPictures() throws {
    let folder = try sharedData("datasets/map-reference/cartucho")
    let output = try String(
      contentsOf: folder.appending(path: "author-tool-output/output.txt"), encoding: .utf8)
    var published: [String: String] = [:]
    for match in output.matches(of: /([0-9.]+)% = (\w+) AP/) {
      published[String(match.2)] = String(match.1)
    }
    let truths = try sortedFiles(folder.appending(path: "input/ground-truth")).map {
      ($0.lastPathComponent, try fields($0))
    }
    let lists = try truths.map {
      try fields(folder.appending(path: "input/detection-results/\($0.0)"))
    }
    let names = Set((truths.flatMap(\.1) + lists.flatMap(\.self)).map { $0[0] }).sorted()
    let images = try zip(truths, lists).map { truth, list in
      EvaluatedImage(
        id: truth.0,
        objects: try truth.1.map { line in
          let n = line[1...4].compactMap { Float($0) }
          return object(
            n[0], n[1], n[2], n[3], classIndex: try #require(names.firstIndex(of: line[0])))
        },
        detections: try list.map { line in
          let n = line[1...5].compactMap { Float($0) }
          return found(
            n[0], n[1], n[2], n[3], n[4],
            classIndex: try #require(names.firstIndex(of: line[0])))
        })
    }
    let result = try VOCEvaluation(images: images, classNames: names, rule: .area)
    #expect(String(format: "%.2f", 100 * (result.meanAveragePrecision ?? 0)) == "31.05")
    #expect(published.count == 30)
    for value in result.classes {
      let text = value.averagePrecision.map { String(format: "%.2f", 100 * $0) }
      #expect(text == published[value.name], "\(value.name)")
      if value.detections > 0 {
        let line = "\(value.name): \(value.detections) (tp:\(value.truePositives),"
        #expect(output.contains(line + " fp:\(value.falsePositives))"))
      }
    }
  }
}
