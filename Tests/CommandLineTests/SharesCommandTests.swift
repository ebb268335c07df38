import Foundation
import Testing

/// Data without lists from training to judgement.
@Suite struct SharesCommandTests {
  @Test func testImagesAreKeptFromTrainingToJudgement() throws {
    try Fixture.use { detector in
      let lists = detector.folder.appending(path: "data/ImageSets")
      try FileManager.default.removeItem(at: lists)
      let trained = try detector.run(
        Fixture.training(epochs: 1) + ["--seed", "3", "--test-fraction", "0.2", "--out", "new"])
      #expect(trained.status == 0, "\(trained.errors)")
      let shares = "no lists: 70 % train, 10 % val, 20 % test of the images, chosen by seed 3"
      #expect(trained.errors.contains("/data: \(shares)\n"), "\(trained.errors)")
      #expect(trained.errors.contains("14 training and 2 validation images"))
      for arguments in [
        ["eval", "--map-only"], ["calibrate", "--out", "map.json"],
        ["shift", "--corruptions", "blur", "--severities", "1", "--bootstrap", "0"],
        ["report", "new", "--out", "page.html"],
      ] {
        let run = arguments[0] == "report" ? [] : ["--run", "new"]
        let outcome = try detector.run(arguments + run + ["--voc", "data:test"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.contains(shares), "\(outcome.errors)")
        #expect(!(outcome.errors + outcome.output).contains("trained on"), "\(outcome.errors)")
      }
      #expect(try detector.json("new/eval.json")["images"] as? Int == 4)
      // Where there is no run, its shares are told.
      let names = "circle\nellipse\nrectangle\nsquare\nstar\ntriangle\n"
      try detector.write(Data(names.utf8), to: "net.names")
      let saved = try detector(
        "eval", "--run", "new", "--voc", "data:test", "--save-detections", "d.json")
      #expect(saved.status == 0)
      let told = try detector(
        "eval", "--detections", "d.json", "--voc", "data:test", "--split-seed", "3",
        "--test-fraction", "0.2", "--names", "net.names")
      #expect(told.status == 0 && told.errors.contains(shares), "\(told.errors)")
      let none = try detector("check", "--voc", "data:test", "--test-fraction", "0")
      #expect(none.status == 1)
      #expect(none.errors.contains("data: no images are set aside for testing"))
    }
  }

  @Test func sizesFollowTheOption() throws {
    try Fixture.use { detector in
      let file = "data/Annotations/000001.xml"
      let text = String(decoding: try detector.bytes(file), as: UTF8.self)
      let changed = text.replacing("<width>64</width>", with: "<width>99</width>")
      try detector.write(Data(changed.utf8), to: file)
      for (rule, kind) in [
        (["--annotated-size", "ignore"], "size ignored"), ([], "wrong image size"),
        (["--annotated-size", "refuse"], "wrong image size"),
      ] {
        let outcome = try detector.run(["check", "--voc", "data"] + rule)
        #expect(outcome.status == 1 && outcome.output.contains("000001.xml"))
        #expect(outcome.output.contains("1 × \(kind)"), "\(outcome.output)")
      }
      let wrong = try detector("check", "--voc", "data", "--annotated-size", "trust")
      #expect(wrong.status == 64 && wrong.errors.contains("adapt"))
    }
  }
}
