import Detection
import Geometry
import TestSupport
import Testing

/// Joining what several views show, against NumPy; see view_fusion.py.
@Suite struct ViewFusionTests {
  private func detection(
    _ box: [Float], _ confidence: Float, classIndex: Int = 0, objectness: Float? = nil
  ) -> Detection {
    Detection(
      box: Box(left: box[0], top: box[1], right: box[2], bottom: box[3]), classIndex: classIndex,
      confidence: confidence, objectness: objectness ?? confidence)
  }

  private func numbers(_ detection: Detection) -> [Float] {
    let box = detection.box
    return [
      Float(detection.classIndex), detection.confidence, detection.objectness, box.left, box.top,
      box.right, box.bottom,
    ]
  }

  @Test(arguments: 0..<3) func agreesWithNumPy(number: Int) throws {
    let golden = try goldenCases("view_fusion")[number]
    let count = Int(try #require(golden.numbers["views"]))
    let found = try golden.array("found")
    var views = [[Detection]](repeating: [], count: count)
    for row in stride(from: 0, to: found.count, by: 8).map({ Array(found[$0..<$0 + 8]) }) {
      views[Int(row[0])].append(
        detection(Array(row[4...]), row[2], classIndex: Int(row[1]), objectness: row[3]))
    }
    let overlap = Float(try #require(golden.numbers["threshold"]))
    let fused = ViewFusion(overlap: overlap).fused(views)
    expectClose(
      fused.flatMap(numbers), try golden.array("fused"), relative: 1e-5, absolute: 1e-6,
      golden.name)
  }

  @Test func aViewAddsOneDetectionAndMissingOnesCountZero() {
    let box: [Float] = [0.1, 0.1, 0.5, 0.5]
    let near: [Float] = [0.12, 0.1, 0.52, 0.5]
    let fusion = ViewFusion(overlap: 0.55)
    // Both of the second view overlap; the nearer one joins, the other stays alone.
    let fused = fusion.fused([
      [detection(box, 0.8)], [detection(near, 0.6), detection(box, 0.4)], [],
    ])
    #expect(fused.count == 2)
    expectClose(
      numbers(fused[0]),
      [0, 1.4 / 3, 1.4 / 3, 0.1 + 0.02 * 0.6 / 1.4, 0.1, 0.5 + 0.02 * 0.6 / 1.4, 0.5])
    expectClose(numbers(fused[1]), [0, 0.4 / 3, 0.4 / 3] + box)
    // Other classes and other places are other objects.
    #expect(fusion.fused([[detection(box, 0.8)], [detection(box, 0.7, classIndex: 1)]]).count == 2)
    #expect(
      fusion.fused([[detection(box, 0.8)], [detection([0.4, 0.1, 0.8, 0.5], 0.7)]]).count == 2)
    #expect(fusion.fused([[], []]).isEmpty)
    // The same in all views is what it was.
    let certain = detection(box, 0.75, classIndex: 2, objectness: 0.9)
    expectClose(
      fusion.fused([[certain], [certain], [certain]]).flatMap(numbers), numbers(certain))
  }

  @Test func uncertaintyIsThatOfTheMostConfidentView() throws {
    func uncertain(_ confidence: Float, _ bald: Float) -> Detection {
      var found = detection([0, 0, 1, 1], confidence)
      found.uncertainty = DetectionUncertainty(
        bald: bald, entropy: 0.5, objectnessMean: 2 * bald, objectnessVariance: 3 * bald)
      return found
    }
    let (low, high) = (uncertain(0.3, 0.4), uncertain(0.9, 0.1))
    for views in [[[low], [high]], [[high], [low]]] {
      let fused = ViewFusion(overlap: 0.55).fused(views)
      #expect(fused.count == 1 && fused[0].uncertainty == high.uncertainty)
    }
  }

  @Test func aGroupIsReportedIfOneOfItsIs() {
    let views = [[detection([0, 0, 1, 1], 0.9)], [detection([0, 0, 1, 1], 0.5)]]
    let fusion = ViewFusion(overlap: 0.55)
    #expect(fusion.fused(views) { _, _ in false }.isEmpty)
    for view in 0...1 {
      let fused = fusion.fused(views) { number, index in number == view && index == 0 }
      #expect(fused.map(\.confidence) == [0.7])
    }
  }
}
