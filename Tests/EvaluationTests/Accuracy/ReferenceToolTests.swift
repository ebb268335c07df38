import Detection
import Evaluation
import Testing

/// Each rule that sets a tool apart changes its number where it should, and only there.
@Suite struct ReferenceToolTests {
  private func values(_ tool: ReferenceTool, _ images: [EvaluatedImage]) throws -> [Double?] {
    try tool.evaluate(images, classNames: ["a", "b"]).values.map(\.value)
  }

  @Test func theThresholdItselfIsWrongForSome() throws {
    // 10 x 10 pixels against 10 x 5: exactly one half.
    let images = [
      EvaluatedImage(
        id: "a", objects: [object(1, 1, 10, 10)], detections: [found(0.5, 1, 1, 10, 5)])
    ]
    for tool in [ReferenceTool.devkit, .chainer, .coco] {
      #expect(try values(tool, images)[1] == 1, "\(tool)")
    }
    for tool in [ReferenceTool.frcnn, .detectron2] {
      #expect(try values(tool, images) == [0, 0], "\(tool)")
    }
    // The class without objects counts as 0, and one half is not enough either.
    #expect(try values(.alexey, images) == [0, 0])
  }

  @Test func difficultObjectsMakeTheirDetectionsWrongOrRight() throws {
    let images = [
      EvaluatedImage(
        id: "a", objects: [object(1, 1, 10, 10, difficult: true), object(31, 1, 40, 10)],
        detections: [found(0.9, 1, 1, 10, 10), found(0.8, 31, 1, 40, 10)])
    ]
    #expect(try values(.devkit, images)[1] == 1)
    #expect(try values(.frcnn, images)[1] == 1)
    // Removed: the first is wrong, the second right at precision 1/2; two classes, one absent.
    #expect(try values(.alexey, images)[1] == 0.25)
    // Counted: both are right.
    #expect(isClose(try values(.coco, images)[1], 1, 1e-12))
  }

  @Test func tiesAndRounding() throws {
    let images = [
      EvaluatedImage(
        id: "a", objects: [object(1, 1, 10, 10)],
        detections: [found(0.5, 1, 1, 10, 10), found(0.5, 31, 1, 40, 10)])
    ]
    #expect(try values(.devkit, images)[1] == 1)
    #expect(try values(.chainer, images)[1] == 0.5)
    var close = images
    close[0].detections[1].confidence = 0.5001
    #expect(try values(.devkit, close)[1] == 0.5)
    // Both are written as 0.500, and the right one comes first.
    #expect(try values(.detectron2, close)[1] == 1)
  }

  @Test func theExtraPixelCounts() throws {
    // 3 · 4 of 20 pixels are shared; of lengths without the last pixel, 2 · 3 of 12.
    let images = [
      EvaluatedImage(
        id: "a", objects: [object(1, 1, 4, 4), object(1, 1, 4, 4, classIndex: 1)],
        detections: [found(0.5, 2, 1, 5, 4), found(0.5, 1, 1, 4, 4, classIndex: 1)])
    ]
    #expect(try values(.devkit, images)[1] == 1)
    #expect(try values(.frcnn, images)[1] == 1)
    #expect(try values(.alexey, images)[1] == 0.5)
  }

  @Test func everyToolSaysWhatDiffers() throws {
    let images = randomImages(images: 6, objects: 4, detections: 9, classes: 2, seed: 3)
    for tool in ReferenceTool.allCases {
      let text = try tool.evaluate(images, classNames: ["a", "b"]).text
      #expect(text.hasPrefix("as \(tool.rawValue) counts: ") && text.contains(tool.difference))
      #expect(!tool.difference.contains("\n"))
    }
    let own = try VOCEvaluation(images: images, classNames: ["a", "b"], rule: .area)
    #expect(try values(.devkit, images)[1] == own.meanAveragePrecision)
    #expect(own.with(.elevenPoint).meanAveragePrecision == (try values(.devkit, images)[0]))
  }
}
