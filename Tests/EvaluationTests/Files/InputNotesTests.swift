import Detection
import Evaluation
import Geometry
import Testing

/// One line per kind of oddity, with its count and first case, and none for what is as usual.
@Suite struct InputNotesTests {
  private let size = EvaluatedImage.Size(width: 100, height: 80)

  private func image(_ objects: [Box] = [], _ detections: [(Float, Box)] = []) -> EvaluatedImage {
    EvaluatedImage(
      id: "i", objects: objects.map { GroundTruth(box: $0, classIndex: 0) },
      detections: detections.map {
        Detection(box: $0.1, classIndex: 0, confidence: $0.0, objectness: $0.0)
      }, size: size)
  }

  private func box(_ left: Float, _ top: Float, _ right: Float, _ bottom: Float) -> Box {
    Box(left: left, top: top, right: right, bottom: bottom)
  }

  @Test func annotations() {
    func notes(_ boxes: Box...) -> [String] {
      InputNotes.annotations(of: [image([box(10, 10, 50, 50)] + boxes)], classNames: ["a"])
    }
    #expect(notes() == [])
    #expect(notes(box(0, 0, 100, 80), box(-1, -1, 101, 81)) == [])
    #expect(
      notes(box(100, 0, 120, 20)) == [
        "1 of 2 objects outside the image: nothing right finds it (image 'i', a (100, 0, 120, 20))"
      ])
    for outside in [box(0, 80, 9, 90), box(-9, 0, 0, 9), box(0, -9, 9, 0)] {
      #expect(notes(outside)[0].hasPrefix("1 of 2 objects outside the image"))
    }
    for beyond in [
      box(-1.5, 0, 9, 9), box(0, -1.5, 9, 9), box(0, 0, 101.5, 9), box(0, 0, 9, 81.5),
    ] {
      #expect(notes(beyond)[0].hasPrefix("1 of 2 objects reaching out of the image by more"))
    }
    #expect(notes(box(5, 5, 5, 9))[0].contains("without area"))
    #expect(notes(box(10, 10, 50, 50))[0].hasPrefix("1 of 2 objects annotated twice"))
    #expect(
      InputNotes.annotations(of: [image()], classNames: ["a"])
        == ["no object is annotated in any image: there is nothing to find"])
  }

  @Test func detections() {
    func notes(_ some: (Float, Box)...) -> [String] {
      InputNotes.detections(
        of: [image([], [(0.5, box(10, 10, 50, 50))] + some)], classNames: ["a"])
    }
    #expect(notes() == [])
    #expect(notes((0, box(0, 0, 9, 9)), (1, box(-7, -7, 107, 87))) == [])
    for confidence: Float in [-0.01, 1.01] {
      #expect(notes((confidence, box(0, 0, 9, 9)))[0].contains("with a confidence outside 0...1"))
    }
    #expect(
      notes((0.25, box(0, 81, 9, 90))) == [
        "1 of 2 detections outside the image: it counts as wrong (image 'i', a 0.25 (0, 81, 9, 90))"
      ])
    // Every second box reaches out by more than 8 of 80 pixels; of eleven, one is not many.
    #expect(notes((0.5, box(0, 0, 109, 9)))[0].contains("reaching out of the image"))
    let usual = (0..<9).map { (Float($0) / 9, box(10, 10, 60, 60)) }
    #expect(
      InputNotes.detections(
        of: [image([], usual + [(0.5, box(0, 0, 109, 9)), (0.95, box(1, 1, 9, 9))])],
        classNames: ["a"]) == [])
    #expect(notes((0.5, box(5, 5, 9, 5)))[0].contains("without area"))
    #expect(notes((0.5, box(10, 10, 50, 50)))[0].hasPrefix("1 of 2 detections listed twice"))
    #expect(notes((0.4, box(10, 10, 50, 50))) == [])
    #expect(
      InputNotes.detections(of: [image([], [(0.5, box(0, 0, 1, 0.5))])], classNames: ["a"])[0]
        .contains("shares of the image"))
    #expect(
      InputNotes.detections(of: [image()], classNames: ["a"])[0].contains("no detection in any"))
  }
}
