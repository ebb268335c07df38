import Testing

@testable import Experiments

@Suite struct DetectionClockTests {
  @Test func theFirstPictureCountsWhereItIsAlone() {
    var clock = DetectionClock()
    #expect(clock.text("image", 0, in: []) == "0 images, 0 objects")
    clock.add(seconds: 0.5)
    #expect(clock.text("image", 1, in: ["out"]) == "1 image, 1 object, 500.0 ms each; in out")
    clock.add(seconds: 0.01)
    clock.add(seconds: 0.02)
    #expect(
      clock.text("picture", 7, in: ["a", "b"]) == "3 pictures, 7 objects, 15.0 ms each; in a, b")
  }
}
