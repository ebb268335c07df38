import Detection
import Evaluation
import Foundation
import Geometry
import TestSupport
import Testing

/// A hundred VOC2012 images with 452 detections, against review_object_detection_metrics' output.
@Suite(.needsShared("datasets/map-reference/review-metrics"))
struct VOC2012SampleTests {
  private struct Sample {
    let names: [String]
    let images: [EvaluatedImage]
    let published: [String: Any]
  }

  /// Corners as written if `edges`, else as VOC's inclusive pixels.
  private func sample(edges: Bool) throws -> Sample {
    let root = try sharedData("datasets/map-reference/review-metrics")
    let data = root.appending(path: "data/database")
    let names = try fields(data.appending(path: "voc.names")).map { $0[0] }
    let box = { (n: [Float]) in
      edges
        ? Box(left: n[0], top: n[1], right: n[2], bottom: n[3])
        : Box(vocXMin: n[0], yMin: n[1], xMax: n[2], yMax: n[3])
    }
    let images = try sortedFiles(data.appending(path: "gts/pascalvoc_format")).map { file in
      let id = file.deletingPathExtension().lastPathComponent
      let xml = try String(contentsOf: file, encoding: .utf8)
      let objects = try xml.matches(of: /(?s)<object>(.*?)<\/object>/).map { match in
        let text = String(match.1)
        let corners = try ["xmin", "ymin", "xmax", "ymax"].map { tag in
          try #require(Float(try value(of: tag, in: text)))
        }
        let name = try value(of: "name", in: text)
        return GroundTruth(
          box: box(corners), classIndex: try #require(names.firstIndex(of: name)),
          isDifficult: try value(of: "difficult", in: text) == "1")
      }
      let list = data.appending(path: "dets/abs_xyx2y2/\(id).txt")
      let lines = FileManager.default.fileExists(atPath: list.path) ? try fields(list) : []
      let detections = try lines.map { line in
        let n = line.compactMap { Float($0) }
        return Detection(
          box: box(Array(n[2...5])), classIndex: try #require(Int(line[0])), confidence: n[1],
          objectness: n[1])
      }
      return EvaluatedImage(id: id, objects: objects, detections: detections)
    }
    let output = try JSONSerialization.jsonObject(
      with: Data(contentsOf: root.appending(path: "author-tool-output.json")))
    return Sample(names: names, images: images, published: try #require(output as? [String: Any]))
  }

  private func value(of tag: String, in xml: String) throws -> String {
    let start = try #require(xml.range(of: "<\(tag)>")).upperBound
    let end = try #require(xml.range(of: "</\(tag)>", range: start..<xml.endIndex)).lowerBound
    return String(xml[start..<end])
  }

  @Test(arguments: [0.3, 0.5, 0.75])
  func withDifficultObjectsCountedTheToolsNumbersComeOut(_ threshold: Double) throws {
    let sample = try sample(edges: false)
    let rules = [
      ("EVERY_POINT", AveragePrecision.area), ("ELEVEN_POINT", .elevenPointFloat),
    ]
    for (key, rule) in rules {
      let table = try #require(
        sample.published["\(key)_INTERPOLATION@\(threshold)"] as? [String: Any])
      let perClass = try #require(table["per_class"] as? [String: [String: Double]])
      let result = try VOCEvaluation(
        images: sample.images, classNames: sample.names, rule: rule,
        matcher: .init(threshold: threshold, difficult: .counted))
      let mean = try #require(table["mAP"] as? Double)
      #expect(isClose(result.meanAveragePrecision, mean, 1e-12))
      for value in result.classes {
        let expected = try #require(perClass[value.name])
        #expect(isClose(value.averagePrecision, expected["AP"] ?? -1, 1e-12))
        #expect(Double(value.objects) == expected["positives"])
        #expect(Double(value.truePositives) == expected["TP"])
        #expect(Double(value.falsePositives) == expected["FP"])
      }
    }
  }

  @Test func theKitsOwnRulesIgnoreThirtyEightDifficultObjects() throws {
    let sample = try sample(edges: false)
    let result = try VOCEvaluation(
      images: sample.images, classNames: sample.names, rule: .area)
    #expect(result.classes.map(\.difficult).reduce(0, +) == 38)
    #expect(result.classes.map(\.objects).reduce(0, +) == 273 - 38)
    #expect(result.classes.map(\.detections).reduce(0, +) == 452)
    let counted = try VOCEvaluation(
      images: sample.images, classNames: sample.names, rule: .area,
      matcher: .init(difficult: .counted))
    let removed = try VOCEvaluation(
      images: sample.images, classNames: sample.names, rule: .area,
      matcher: .init(difficult: .removed))
    let means = [counted, removed, result].compactMap(\.meanAveragePrecision)
    #expect(means.count == 3 && means[0] < means[2] && means[1] <= means[2])
  }

  @Test func cocoNumbersWithDifficultObjectsCounted() throws {
    let sample = try sample(edges: true)
    let images = sample.images.map { image in
      var copy = image
      for index in copy.objects.indices { copy.objects[index].isDifficult = false }
      return copy
    }
    let expected = try #require(sample.published["COCO"] as? [String: Double])
    let actual = try COCOEvaluation(images: images, classNames: sample.names).summary
    let pairs = [
      ("AP", actual.ap), ("AP50", actual.ap50), ("AP75", actual.ap75),
      ("APsmall", actual.apSmall), ("APmedium", actual.apMedium), ("APlarge", actual.apLarge),
      ("AR1", actual.ar1), ("AR10", actual.ar10), ("AR100", actual.ar100),
      ("ARsmall", actual.arSmall), ("ARmedium", actual.arMedium), ("ARlarge", actual.arLarge),
    ]
    for (key, value) in pairs {
      #expect(isClose(value, try #require(expected[key]), 1e-12), "\(key)")
    }
  }
}
