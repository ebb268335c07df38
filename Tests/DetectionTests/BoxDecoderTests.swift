import Compute
import Detection
import Geometry
import TestSupport
import Testing

@Suite struct BoxDecoderTests {
  private func decoder(_ golden: GoldenCase) throws -> BoxDecoder {
    let values = try golden.array("anchors")
    let anchors = stride(from: 0, to: values.count, by: 2).map {
      AnchorBox(width: values[$0], height: values[$0 + 1])
    }
    let classCount = Int(try #require(golden.numbers["classCount"]))
    if let width = golden.numbers["inputWidth"], let height = golden.numbers["inputHeight"] {
      var head = YOLOHead(
        anchors: [AnchorBox(width: 1, height: 1)] + anchors, mask: [1, 2], classCount: classCount,
        scaleXY: Float(try #require(golden.numbers["scaleXY"])))
      if golden.numbers["newCoords"] == 1 { head.sizeCode = .squared }
      return BoxDecoder(head: .yolo(head), inputWidth: Int(width), inputHeight: Int(height))
    }
    let head = RegionHead(
      anchors: anchors, classCount: classCount, softmax: golden.numbers["softmax"] == 1)
    return BoxDecoder(head: .region(head), inputWidth: 416, inputHeight: 416)
  }

  @Test(arguments: 0..<5)
  func agreesWithReference(index: Int) throws {
    let golden = try goldenCases("Decode")[index]
    let decoder = try decoder(golden)
    let logits = try Tensor(
      Shape(batch: 2, height: 2, width: 3, channels: decoder.head.channelCount),
      values: golden.array("logits"))
    let threshold = Float(try #require(golden.numbers["threshold"]))
    var actual: [Float] = []
    for image in 0..<2 {
      for found in try decoder.decode(logits, image: image, confidenceThreshold: threshold) {
        actual += [Float(image), Float(found.classIndex), found.confidence, found.objectness]
        actual += [found.box.left, found.box.top, found.box.right, found.box.bottom]
      }
    }
    expectClose(actual, try golden.array("detections"), golden.name)
  }

  private let head = YOLOHead(
    anchors: [AnchorBox(width: 8, height: 8)], mask: [0], classCount: 2)

  @Test func thresholdIsExclusive() throws {
    let decoder = BoxDecoder(head: .yolo(head), inputWidth: 32, inputHeight: 32)
    let logits = try Tensor(Shape(channels: 7), values: [0, 0, 0, 0, 100, 0, 100])
    let all = try decoder.decode(logits, image: 0, confidenceThreshold: 0)
    #expect(all.map(\.confidence) == [0.5, 1])
    #expect(all.map(\.classIndex) == [0, 1])
    #expect(all[0].box == Box(left: 0.375, top: 0.375, right: 0.625, bottom: 0.625))
    #expect(try decoder.decode(logits, image: 0, confidenceThreshold: 0.5).count == 1)
    #expect(try decoder.decode(logits, image: 0, confidenceThreshold: 1).isEmpty)
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity], 0..<7)
  func notFiniteLogitsAreNamed(value: Float, channel: Int) throws {
    let decoder = BoxDecoder(head: .yolo(head), inputWidth: 32, inputHeight: 32)
    let shape = Shape(batch: 2, height: 2, width: 3, channels: 7)
    var values = [Float](repeating: -50, count: shape.count)
    values[shape.countPerImage + 5 * 7 + channel] = value
    let logits = try Tensor(shape, values: values)
    #expect(try decoder.decode(logits, image: 0, confidenceThreshold: 0.5).isEmpty)
    #expect(throws: DetectionError.notFinite(image: 1, row: 1, column: 2, channel: channel)) {
      try decoder.decode(logits, image: 1, confidenceThreshold: 0.5)
    }
  }

  @Test func divergedSizeGivesFiniteBox() throws {
    let decoder = BoxDecoder(head: .yolo(head), inputWidth: 32, inputHeight: 32)
    let logits = try Tensor(Shape(channels: 7), values: [0, 0, 1e4, -1e4, 9, 9, -9])
    let box = try #require(try decoder.decode(logits, image: 0, confidenceThreshold: 0.5).first).box
    #expect(box.width.isFinite && box.width > 1e6 && box.height == 0)
  }
}
