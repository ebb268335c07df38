import Compute
import Detection
import Evaluation
import Foundation
import Geometry
import TestSupport
import Testing

/// Resampling COCO's numbers gives what evaluating the resampled images again gives.
@Suite struct COCOBootstrapTests {
  private let names = ["a", "b", "c"]

  /// Objects of all sizes, crowds, ties within an image.
  private func images(_ count: Int, seed: UInt64) -> [EvaluatedImage] {
    var images = randomImages(images: count, objects: 5, detections: 12, classes: 3, seed: seed)
    let scales = randomValues(count, in: 0.3...3, seed: seed + 100)
    for index in images.indices {
      for number in images[index].objects.indices {
        images[index].objects[number].box = images[index].objects[number].box.transformed(
          scaleX: scales[index], scaleY: scales[index], offsetX: 0)
        let area = Double(images[index].objects[number].box.area)
        images[index].details.append(
          EvaluatedImage.ObjectDetail(
            area: number == 1 ? area / 2 : area, isCrowd: number == 3 && index % 4 == 0))
      }
      for number in images[index].detections.indices {
        images[index].detections[number].box = images[index].detections[number].box.transformed(
          scaleX: scales[index], scaleY: scales[index], offsetX: 0)
      }
    }
    return images
  }

  /// Image i `weights[i]` times, every copy an image of its own.
  private func copies(_ images: [EvaluatedImage], _ weights: [Int32]) -> [EvaluatedImage] {
    zip(images, weights).flatMap { image, count in
      (0..<Int(count)).map { copy in
        var image = image
        image.id += "/\(copy)"
        return image
      }
    }
  }

  private func numbers(_ evaluation: COCOEvaluation) -> [Double?] {
    COCOEvaluation.Number.allCases.map { evaluation.summary[$0] }
      + evaluation.classes.map(\.summary.ap)
  }

  private func expectEqual(_ values: [Double?], _ others: [Double?]) {
    #expect(values.count == others.count)
    for (value, other) in zip(values, others) {
      #expect(value == nil ? other == nil : isClose(other, value ?? 0, 1e-12))
    }
  }

  @Test(arguments: 1...6) func aWeightIsSoManyCopies(seed: UInt64) throws {
    let images = images(25, seed: seed)
    let statistic = COCOStatistic(try COCOEvaluation(images: images, classNames: names))
    let weights = randomValues(25, in: 0...1, seed: seed).map { Int32($0 * $0 * 4) }
    #expect(weights.contains(0) && weights.contains { $0 > 1 })
    expectEqual(
      statistic.values(ImageWeights(weights)),
      numbers(try COCOEvaluation(images: copies(images, weights), classNames: names)))
    #expect(statistic.values == numbers(try COCOEvaluation(images: images, classNames: names)))
    #expect(statistic.values.compactMap(\.self).count == 15)
  }

  /// The draws written out: the generator's own numbers, image lists, and evaluations of those.
  @Test func theIntervalIsThatOfEvaluatingAgain() throws {
    let images = images(12, seed: 9)
    let draws = 40
    var table: [[Double]] = Array(repeating: [], count: 15)
    for draw in 0..<draws {
      var stream = RandomStream(seed: 7).split(UInt64(draw))
      var weights = [Int32](repeating: 0, count: 12)
      for _ in 0..<12 { weights[Int(stream.next().multipliedFullWidth(by: 12).high)] += 1 }
      let again = try COCOEvaluation(images: copies(images, weights), classNames: names)
      for (index, value) in numbers(again).enumerated() {
        if let value { table[index].append(value) }
      }
    }
    let evaluation = try COCOEvaluation(images: images, classNames: names)
    let pool = try ThreadPool(threadCount: 2)
    let estimate = Bootstrap(draws: draws, seed: 7).estimate(of: evaluation, pool: pool)
    let estimates = COCOEvaluation.Number.allCases.map { estimate[$0] } + estimate.classes
    for (index, one) in estimates.enumerated() {
      let sorted = table[index].sorted()
      // 2.5 % of the way from the first to the last value, linear between neighbours.
      func quantile(_ share: Double) -> Double {
        let place = share * Double(sorted.count - 1)
        let below = Int(place)
        let above = min(below + 1, sorted.count - 1)
        return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
      }
      let value = try #require(numbers(evaluation)[index])
      let mean = sorted.reduce(0, +) / Double(sorted.count)
      let square = sorted.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(sorted.count)
      let isChance = abs(mean - value) <= 3 * (square / Double(sorted.count)).squareRoot()
      let bias = isChance ? 0 : mean - value
      #expect(isClose(one.interval?.lower, max(0, quantile(0.025) - bias), 1e-12), "\(index)")
      #expect(isClose(one.interval?.upper, min(1, quantile(0.975) - bias), 1e-12), "\(index)")
      #expect(one.value == value)
    }
    #expect(estimate.draws == draws)
  }

  @Test func differencesArePaired() throws {
    let images = images(30, seed: 4)
    let same = try Bootstrap(draws: 50).cocoDifference(
      from: images, to: images.reversed(), classNames: names)
    #expect(same.mean.value == 0 && same.mean.interval?.upper == 0 && same.classes.count == 3)
    var worse = images
    for index in worse.indices { worse[index].detections.removeFirst(10) }
    let loss = try Bootstrap(draws: 50).cocoDifference(from: images, to: worse, classNames: names)
    let values = try [images, worse].map {
      try #require(COCOEvaluation(images: $0, classNames: names).summary.ap)
    }
    #expect(isClose(loss.mean.value, values[1] - values[0], 1e-12))
    #expect((loss.mean.interval?.upper ?? 0) < 0)
  }

  @Test func reportsHaveTheIntervals() throws {
    let images = images(20, seed: 2)
    var report = try EvaluationReport(
      images: images, classNames: names, metrics: [.voc12, .coco], bootstrap: Bootstrap(draws: 30))
    report.comparison = try EvaluationComparison(
      of: images, with: images, name: "o", classNames: names, metrics: [.voc12, .coco, .voc07],
      bootstrap: Bootstrap(draws: 5))
    #expect(report.comparison?.differences.map(\.metric) == [.voc12, .coco, .voc07])
    let json = try #require(
      JSONSerialization.jsonObject(with: try report.json()) as? [String: Any])
    let coco = try #require((json["metrics"] as? [String: [String: Any]])?["coco"])
    let keys = [
      "mAPInterval", "ap50Interval", "ap75Interval", "apSmallInterval", "apMediumInterval",
      "apLargeInterval", "ar100Interval",
    ]
    for key in keys {
      let interval = try #require(coco[key] as? [String: Double], "\(key)")
      #expect((interval["lower"] ?? 1) <= (interval["upper"] ?? 0) && interval["level"] == 0.95)
    }
    let row = try #require((coco["classes"] as? [String: [String: Any]])?["a"])
    let interval = try #require(row["apInterval"] as? [String: Double])
    let estimate = try #require(report.cocoEstimate?.classes[0].interval)
    // The parser of JSON may be wrong in the last bit.
    #expect(isClose(interval["lower"], estimate.lower, 1e-12))
    #expect(isClose(interval["upper"], estimate.upper, 1e-12) && interval["level"] == 0.95)
    let ap = try #require(row["ap"] as? Double)
    #expect(estimate.lower < ap && ap < estimate.upper)
    #expect(report.table.contains(/\ncoco AP \d+\.\d\d \[\d+\.\d\d, \d+\.\d\d\], AP50 \d/))
    #expect(report.table.contains(/\n  AP small \d+\.\d\d \[.*\], medium \d.*\], large \d.*\]\n/))
    let plain = try EvaluationReport(images: images, classNames: names, metrics: [.coco])
    #expect(plain.cocoEstimate == nil && plain.table.contains(/\ncoco AP \d+\.\d\d, AP50 \d/))
  }
}
