import Foundation
import TestSupport
import Testing

/// A classifier from its folders of pictures to its answers.
@Suite struct ClassifierCommandTests {
  @Test func fromTrainingToAnswers() throws {
    try ClassifierFixture.use { detector in
      let judged = try detector("eval", "--run", "run", "--data", "data:test", "--ood", "other")
      #expect(judged.status == 0, "\(judged.errors)")
      for text in [
        "ant ", "24 images, 3 classes", "top-1 ", "balanced ", "ECE ", "  BALD ", "  1 - margin ",
        "2 images of other, which are of no class",
      ] { #expect(judged.output.contains(text), "\(text): \(judged.output)") }
      #expect(!judged.output.contains("trained on"), "\(judged.output)")
      let json = try detector.json("run/eval.json")
      #expect(json["images"] as? Int == 24)
      #expect((json["top1"] as? [String: Any])?["interval"] != nil)
      for plot in ["reliability", "risk-coverage"] {
        #expect(
          FileManager.default.fileExists(
            atPath: detector.folder.appending(path: "run/plots/\(plot).png").path))
      }
      // Its own validation images, which chose the weights; then those that it was trained on.
      let own = try detector("eval", "--run", "run")
      #expect(own.output.contains("24 of these 24 images chose the weights"), "\(own.output)")
      let known = try detector("eval", "--run", "run", "--data", "data:train")
      #expect(known.output.contains("trained on: the numbers say little"), "\(known.output)")

      let fitted = try detector("calibrate", "--run", "run")
      #expect(fitted.status == 0 && fitted.output.contains("temperature "), "\(fitted.errors)")
      // As many take the place, and fewer do not.
      let equal = try detector("calibrate", "--run", "run", "--data", "data:test")
      #expect(equal.status == 0 && equal.errors.contains("note: replaced: "), "\(equal.errors)")
      try FileManager.default.removeItem(
        at: detector.folder.appending(path: "data/test/ant/0.png"))
      let kept = try detector("calibrate", "--run", "run", "--data", "data:test")
      #expect(
        kept.status == 64 && kept.errors.contains("--overwrite replaces it"), "\(kept.errors)")
      let again = try detector("calibrate", "--run", "run", "--overwrite")
      #expect(again.status == 0, "\(again.errors)")
      let refused = try detector(
        "eval", "--run", "run", "--calibration", "run/calibration.json")
      #expect(refused.status == 64 && refused.errors.contains("was fitted on image "))
      let scaled = try detector(
        "eval", "--run", "run", "--data", "data:test", "--calibration", "run/calibration.json")
      #expect(scaled.status == 0 && scaled.output.contains("calibration run/calibration.json"))
    }
  }

  @Test func saysWhatIsInPictures() throws {
    try ClassifierFixture.use { detector in
      let outcome = try detector(
        "predict", "other", "--run", "run", "--top", "2", "--json", "a.json", "--sheet", "s.png")
      #expect(outcome.status == 0, "\(outcome.errors)")
      let lines = outcome.output.split(separator: "\n")
      #expect(lines.count == 2)
      #expect(lines.first?.hasPrefix("other/1.png (20x16): ") == true, "\(lines)")
      #expect(lines.allSatisfy { $0.contains("; entropy ") && $0.contains(", BALD ") })
      let images = try #require(try detector.json("a.json")["images"] as? [[String: Any]])
      #expect(images.count == 2)
      let classes = try #require(images[0]["classes"] as? [[String: Any]])
      #expect(classes.count == 2 && classes[0]["class"] is String)
      #expect(
        FileManager.default.fileExists(atPath: detector.folder.appending(path: "s.png").path))
      // An unreadable picture is named, and the others are done.
      try detector.write(Data("no picture".utf8), to: "other/3.png")
      let partly = try detector("predict", "other", "--run", "run")
      #expect(partly.status == 1)
      #expect(partly.errors.contains("1 of 3 images could not be read"), "\(partly.errors)")
    }
  }

  @Test func namesTheOtherCommand() throws {
    try ClassifierFixture.use { detector in
      func errors(_ arguments: String...) throws -> String {
        let outcome = try detector.run(arguments)
        #expect(outcome.status == 64)
        return outcome.errors
      }
      let detect = try errors("detect", "other", "--run", "run")
      #expect(detect.contains("detector predict"))
      let metric = try errors("eval", "--run", "run", "--metric", "coco")
      #expect(metric.contains("--metric is for networks that find objects"))
      let thresholds = try errors("calibrate", "--run", "run", "--thresholds", "f1")
      #expect(thresholds.contains("--thresholds is for networks that find objects"))
    }
    try Fixture.use { detector in
      let outcome = try detector("predict", "data/JPEGImages", "--run", "run")
      #expect(outcome.status == 64 && outcome.errors.contains("detector detect"))
      let ood = try detector("eval", "--run", "run", "--ood", "data/JPEGImages")
      #expect(ood.status == 64 && ood.errors.contains("--ood is for classifiers"))
    }
  }

  /// A probability of each class by itself: answers and numbers, but no temperature.
  @Test func classesByThemselves() throws {
    try withTemporaryFolder { folder in
      try ClassifierFixture.write(to: folder)
      try folder.write(
        "net.cfg", ClassifierFixture.network.replacing("[softmax]", with: "[logistic]"))
      let detector = Program(folder: folder)
      let trained = try detector.run(
        ["train", "--data", "data", "--val-fraction", "0.7", "--model", "net.cfg"]
          + ["--epochs", "2", "--out", "run"])
      #expect(trained.status == 0, "\(trained.errors)")
      #expect(
        FileManager.default.fileExists(atPath: folder.appending(path: "run/plots/batch.png").path))
      let judged = try detector("eval", "--run", "run", "--data", "data:test")
      #expect(judged.status == 0 && judged.output.contains("top-1 "), "\(judged.errors)")
      #expect(judged.output.contains("[logistic]: each class has a probability of its own"))
      let said = try detector("predict", "--run", "run", "--json", "said.json", "other")
      #expect(said.status == 0, "\(said.errors)")
      let images = try #require(try detector.json("said.json")["images"] as? [[String: Any]])
      let classes = try #require(images[0]["classes"] as? [[String: Any]])
      let sum = classes.compactMap { $0["probability"] as? Double }.reduce(0, +)
      #expect(classes.count == 3 && abs(sum - 1) > 0.01)
      let fitted = try detector("calibrate", "--run", "run")
      #expect(
        fitted.status != 0
          && fitted.errors.contains("a temperature is for the probabilities of [softmax]"))
      #expect(
        !FileManager.default.fileExists(
          atPath: folder.appending(path: "run/calibration.json").path))
      let loss = try detector.run(
        ["train", "--data", "data", "--model", "net.cfg", "--loss", "focal", "--out", "other-run"])
      #expect(loss.status != 0 && loss.errors.contains("[logistic] is trained with bce"))
    }
  }
}
