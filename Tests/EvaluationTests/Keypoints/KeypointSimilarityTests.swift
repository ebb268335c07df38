import Evaluation
import Foundation
import Geometry
import Keypoints
import TestSupport
import Testing

@Suite struct KeypointSimilarityTests {
  /// The images of a golden case, with ids 1...8, and the layout.
  private static func images(
    _ golden: GoldenCase
  ) throws -> (images: [ImagePersons], layout: KeypointLayout) {
    let layout = try KeypointLayout(
      names: ["a", "b", "c", "d"], deviations: [0.026, 0.079, 0.107, 0.087])
    #expect(try golden.array("deviations") == layout.deviations?.map { Float($0) })
    var images = (1...8).map { ImagePersons(id: "\($0)", truths: [], found: []) }
    func rows(_ name: String, _ width: Int) throws -> [[Float]] {
      let values = try golden.array(name)
      return stride(from: 0, to: values.count, by: width).map {
        Array(values[$0..<($0 + width)])
      }
    }
    for row in try rows("truths", 19) {
      let points = (0..<4).filter { row[7 + 3 * $0 + 2] > 0 }.map {
        LabelledKeypoint(
          index: $0, position: Point(Double(row[7 + 3 * $0]), Double(row[7 + 3 * $0 + 1])))
      }
      let box = Box(left: row[3], top: row[4], right: row[3] + row[5], bottom: row[4] + row[6])
      images[Int(row[0]) - 1].truths.append(
        KeypointTruth(
          layout: layout, points: points,
          sizes: ReferenceSizes(area: Double(row[1]), box: box, isIgnored: row[2] == 1)))
    }
    for row in try rows("found", 10) {
      images[Int(row[0]) - 1].found.append(
        FoundPerson(
          keypoints: (0..<4).map {
            FoundKeypoint(
              index: $0, position: Point(Double(row[2 + 2 * $0]), Double(row[3 + 2 * $0])), score: 1
            )
          }, score: row[1]))
    }
    return (images, layout)
  }

  @Test(arguments: ["usual", "crowded"])
  func agreesWithPycocotools(name: String) throws {
    let golden = try #require(try goldenCases("keypoint_similarity").first { $0.name == name })
    let (images, layout) = try Self.images(golden)
    let evaluation = try COCOKeypointEvaluation(images, layout: layout)
    for number in COCOKeypointEvaluation.Number.allCases {
      let expected = try #require(golden.numbers[number.rawValue])
      #expect(
        isClose(evaluation[number], expected, 1e-12),
        "\(number): \(evaluation[number] ?? -1), not \(expected)")
    }
    // By image the found persons by falling score, at most 20, then the annotated ones.
    let similarity = try ObjectKeypointSimilarity(layout)
    let actual = images.flatMap { image -> [Float] in
      let found = image.found.enumerated().sorted {
        $0.element.score != $1.element.score
          ? $0.element.score > $1.element.score : $0.offset < $1.offset
      }.prefix(20)
      return found.flatMap { person in
        image.truths.map {
          Float(similarity.value(person.element.keypoints.map(\.position), $0))
        }
      }
    }
    expectClose(actual, try golden.array("similarities"), relative: 1e-6, absolute: 1e-30)
  }

  @Test func similarityIsThatOfItsFormula() throws {
    // σ = 1/4: (2σ)² = 1/4. Distance 3 of area 18 · 4: exp(−9 · 4 / 72 / 2) = e^−¼.
    let layout = try smallBody(deviations: [0.25, 0.25, 0.5, 0.25])
    let one = person(
      "a", layout: layout, errors: [3, 0, 6, 9], labelled: [0, 1, 2],
      sizes: ReferenceSizes(area: 72))
    let places = one.found.map(\.position)
    let similarity = try ObjectKeypointSimilarity(layout)
    // The third: 36 / 1 / 72 / 2 = ¼ as well.
    #expect(isClose(similarity.value(places, one.truth), (1 + 2 * exp(-0.25)) / 3, 1e-12))
    // Without keypoints the box from 10 to 14 reaches from 6 to 18; the corners lie inside but for
    // the found 19 and 25 on the right.
    var empty = one.truth
    empty.points = []
    empty.sizes.box = Box(left: 10, top: 10, right: 14, bottom: 20)
    var moved = places
    moved[3] = Point(19, 18)
    moved[1] = Point(16, 31)
    // One pixel to the right and one below the doubled box: exp(−4 / 72 / 2).
    #expect(isClose(similarity.value(moved, empty), (2 + 2 * exp(-1.0 / 36)) / 4, 1e-12))
    empty.sizes.box = nil
    #expect(similarity.value(moved, empty) == 0)
    empty.sizes.area = nil
    #expect(similarity.value(moved, empty) == 0)
  }

  @Test func withoutDeviationsOrAreasThereIsNone() throws {
    let without = try smallBody()
    let samples = [person("a", layout: without, errors: [0, 0, 0, 0])]
    func message(_ layout: KeypointLayout, _ samples: [JudgedKeypoints]) -> String {
      do {
        _ = try COCOKeypointEvaluation(ImagePersons.grouped(samples), layout: layout)
        return ""
      } catch { return "\(error)" }
    }
    #expect(
      message(without, samples)
        == "no object keypoint similarity: it takes a deviation (sigma) for each keypoint, which the"
        + " data set does not give")
    let layout = try smallBody(deviations: [0.1, 0.1, 0.1, 0.1])
    var sample = person("a", layout: layout, errors: [0, 0, 0, 0])
    #expect(message(layout, [sample]).contains("area of every person, which image 'a'"))
    sample.truth.sizes.area = 100
    #expect(message(layout, [sample]) == "")
    sample.found.removeLast()
    #expect(message(layout, [sample]).contains("3 keypoints were found"))
  }

  @Test func personsOfAnImageAreGrouped() throws {
    let layout = try smallBody()
    let images = ImagePersons.grouped([
      person("a", image: "x", layout: layout, errors: [0, 0, 0, 0]),
      person("b", image: "y", layout: layout, errors: [0, 0, 0, 0]),
      person("c", image: "x", layout: layout, errors: [1, 0, 0, 0], scores: [1, 1, 0.5, 0.5]),
    ])
    #expect(images.map(\.id) == ["x", "y"] && images.map(\.truths.count) == [2, 1])
    #expect(images[0].found[1].score == 0.75)
  }

  @Test func resamplesCountImages() throws {
    let layout = try smallBody(deviations: [0.1, 0.1, 0.1, 0.1])
    let sizes = ReferenceSizes(area: 2000)
    let images = ImagePersons.grouped([
      person("a", layout: layout, errors: [0, 0, 0, 0], sizes: sizes),
      person(
        "b", layout: layout, errors: [90, 90, 90, 90], sizes: sizes, scores: [1, 1, 1, 1]),
    ])
    let evaluation = try COCOKeypointEvaluation(images, layout: layout)
    // The wrong one is surer: a precision of a half up to a recall of a half, 51 of 101 levels.
    #expect(isClose(evaluation[.ap], 0.5 * 51 / 101, 1e-12) && evaluation[.ar] == 0.5)
    // Its keypoints span 48 square pixels, so that it is no medium one.
    #expect(isClose(evaluation[.apMedium], 51.0 / 101, 1e-12) && evaluation[.apLarge] == nil)
    #expect(evaluation.values(ImageWeights([2, 0])).prefix(3).allSatisfy { $0 == 1 })
    #expect(evaluation.values(ImageWeights([0, 3])).prefix(3).allSatisfy { $0 == 0 })
    #expect(evaluation.values(ImageWeights([0, 0])).allSatisfy { $0 == nil })
  }
}
