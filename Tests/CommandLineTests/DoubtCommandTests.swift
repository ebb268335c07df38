import Foundation
import Testing

/// Labels and images that a detector doubts.
@Suite struct DoubtCommandTests {
  @Test func labelsAreDoubtedAndKnownErrorsFound() throws {
    try Fixture.use { detector in
      let noisy = try detector(
        "train", "--voc", "data", "--model", "net.cfg", "--epochs", "1", "--recipe", "darknet",
        "--branch", "convBayes", "--clip", "5", "--label-noise", "drop=.2,move=.2,rename=.2,seed=3",
        "--out", "noisy")
      try #require(noisy.status == 0, "\(noisy.errors)")
      #expect(noisy.errors.contains("in the training images (drop=0.2,move=0.2,rename=0.2,seed=3)"))
      let check = try detector(
        "check", "--voc", "data:train", "--run", "noisy", "--label-noise", "run", "--out",
        "suspects")
      #expect(check.status == 0, "\(check.errors)")
      #expect(check.output.contains("labels that may be wrong, of "), "\(check.output)")
      let json = try detector.json("suspects/label-errors.json")
      #expect(json["labelNoise"] as? String == "drop=0.2,move=0.2,rename=0.2,seed=3")
      let trial = try #require(json["trial"] as? [[String: Any]])
      #expect(
        trial.contains {
          $0["error"] as? String == "wrongClass" && $0["score"] as? String == "bald"
        })
      #expect(detector.exists("suspects/label-errors.png"))
      let shift = try detector(
        "shift", "--run", "noisy", "--voc", "data:test", "--corruptions", "blur", "--severities",
        "0,5", "--bootstrap", "20", "--foreign", "data/JPEGImages", "--json", "shift.json")
      #expect(shift.status == 0, "\(shift.errors)")
      #expect(shift.output.contains("is an image clean or shifted?"), "\(shift.output)")
      let shifts = try detector.json("shift.json")
      #expect(shifts["foreignImages"] as? Int == 20)
      #expect((shifts["imageShifts"] as? [[String: Any]])?.isEmpty == false)
    }
  }

  @Test func powerIsToldBeforeAnythingIsTrained() throws {
    try Fixture.use { detector in
      let power = try detector("compare", "--voc", "data", "--power", "1.5", "--seeds", "1,2,3")
      #expect(power.status == 0 && power.output.contains("   3 seeds  5.33 points  (this study)"))
    }
  }
}
