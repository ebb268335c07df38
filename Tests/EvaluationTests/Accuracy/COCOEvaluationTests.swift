import Detection
import Evaluation
import Foundation
import Geometry
import TestSupport
import Testing

@Suite struct COCOEvaluationTests {
  /// The official tool's numbers on a hundred COCO images.
  @Test(.needsShared("datasets/map-reference/review-metrics"))
  func theOfficialSampleComesOutToSixDigits() throws {
    let folder = try sharedData("datasets/map-reference/review-metrics/tests/test_coco_eval")
    struct Item: Decodable {
      let image_id: Int
      let category_id: Int
      let bbox: [Float]
      let score: Float?
      var box: Box {
        Box(left: bbox[0], top: bbox[1], right: bbox[0] + bbox[2], bottom: bbox[1] + bbox[3])
      }
    }
    struct File: Decodable {
      struct Entry: Decodable { let id: Int }
      let images: [Entry]
      let categories: [Entry]
      let annotations: [Item]
    }
    let load = { (path: String) in
      try JSONDecoder().decode(File.self, from: Data(contentsOf: folder.appending(path: path)))
    }
    let truth = try load("gts/sampled_gts_bbox_area.json")
    let results = try load("dets/sampled_bbox_results.json")
    let categories = truth.categories.map(\.id)
    // The official tool goes through images by id, which decides between tied scores.
    let images = try truth.images.map(\.id).sorted().map { id in
      EvaluatedImage(
        id: "\(id)",
        objects: try truth.annotations.filter { $0.image_id == id }.map {
          GroundTruth(
            box: $0.box, classIndex: try #require(categories.firstIndex(of: $0.category_id)))
        },
        detections: try results.annotations.filter { $0.image_id == id }.map {
          Detection(
            box: $0.box, classIndex: try #require(categories.firstIndex(of: $0.category_id)),
            confidence: try #require($0.score), objectness: 1)
        })
    }
    let s = try COCOEvaluation(images: images, classNames: categories.map { "\($0)" }).summary
    let actual = [
      s.ap, s.ap50, s.ap75, s.apSmall, s.apMedium, s.apLarge, s.ar1, s.ar10, s.ar100, s.arSmall,
      s.arMedium, s.arLarge,
    ]
    let published = [
      0.503647, 0.696973, 0.571667, 0.593252, 0.557991, 0.489363, 0.386813, 0.593680, 0.595353,
      0.654764, 0.603130, 0.553744,
    ]
    for (value, expected) in zip(actual, published) {
      #expect(isClose(value, expected, 1e-6))
    }
  }

  private func summary(_ objects: [GroundTruth], _ detections: [Detection]) throws
    -> COCOEvaluation.Summary
  {
    try COCOEvaluation(
      images: [EvaluatedImage(id: "a", objects: objects, detections: detections)],
      classNames: ["x"]
    ).summary
  }

  @Test func theNextBestObjectIsTried() throws {
    // VOC calls the second detection a duplicate.
    let wanted = [object(1, 1, 20, 20), object(5, 1, 24, 20)]
    let hits = [found(0.9, 1, 1, 20, 20), found(0.8, 2, 1, 21, 20)]
    #expect(isClose(try summary(wanted, hits).ap50, 1, 1e-12))
  }

  @Test func difficultObjectsAreTakenLastAndIgnored() throws {
    let hard = object(1, 1, 10, 10, difficult: true)
    let normal = object(2, 1, 11, 10)
    // Closer to the difficult object, but the normal one reaches the threshold as well.
    #expect(isClose(try summary([hard, normal], [found(0.9, 1, 1, 10, 10)]).ap50, 1, 1e-12))
    let both = [found(0.9, 1, 1, 10, 10), found(0.8, 2, 1, 11, 10)]
    #expect(isClose(try summary([hard, normal], both).ap50, 1, 1e-12))
    #expect(try summary([hard], both).ap50 == nil)
  }

  @Test func areasOutsideTheRangeCountNothing() throws {
    let small = object(1, 1, 10, 10)
    let large = object(101, 101, 300, 300)
    let hits = [found(0.9, 101, 101, 300, 300), found(0.8, 1, 1, 10, 10)]
    let result = try summary([small, large], hits)
    #expect(result.apSmall == 1)
    #expect(result.apMedium == nil)
    #expect(result.apLarge == 1)
    #expect(result.ar1 == 0.5)
    #expect(result.ar10 == 1)
  }

  @Test func thresholdsAreNumPysLinspace() {
    #expect(COCOEvaluation.thresholds.count == 10)
    #expect(COCOEvaluation.thresholds.first == 0.5)
    #expect(COCOEvaluation.thresholds[5] == 0.75)
    #expect(COCOEvaluation.thresholds[8] == 0.8999999999999999)
    #expect(COCOEvaluation.thresholds[9] == 0.95)
  }
}
