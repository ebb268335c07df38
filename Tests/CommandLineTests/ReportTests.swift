import Foundation
import Testing

/// `detector report` on drawn data.
@Suite struct ReportTests {
  private let page = ["report", "run", "--voc", "data:test", "--bootstrap", "20"]

  @Test func onePageOnTwoRuns() throws {
    try Fixture.use { detector in
      try detector.write(Data(UncertaintyCommandTests.network.utf8), to: "bayes.cfg")
      let training = try detector(
        "train", "--voc", "data", "--model", "bayes.cfg", "--recipe", "darknet", "--epochs", "1",
        "--out", "bayes")
      #expect(training.status == 0, "\(training.errors)")
      let outcome = try detector(
        "report", "run", "bayes", "--voc", "data:test", "--bootstrap", "20", "--trust-floor",
        "0.005", "--examples", "3", "--out", "r.html")
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.hasPrefix("r.html: 2 runs, 4 images, "))
      let html = try String(decoding: detector.bytes("r.html"), as: UTF8.self)
      #expect(html.hasPrefix("<!DOCTYPE html>") && html.hasSuffix("</html>\n"))
      for id in [
        "summary", "evaluated", "precision-recall", "reliability", "risk-coverage", "confusion",
        "mistakes", "training", "worst", "uncertain", "differences",
      ] { #expect(html.contains("<section id=\"\(id)\">"), "\(id)") }
      #expect(html.contains("best, iteration ") && html.contains("data:test, 4 images"))
      #expect(html.contains("src=\"data:image/jpeg;base64,"))
      #expect(html.utf8.count < 10_000_000)
      // BALD orders, and is mapped, where it tells wrong detections; where it does not the page says so.
      #expect(
        html.contains("map of BALD for the same part")
          != html.contains("BALD tells wrong detections worse than the confidence (AUROC "))
      // The fixture's own run was trained in another folder.
      let known = try detector(
        "report", "bayes", "--voc", "data:all", "--bootstrap", "5", "--examples", "0", "--out",
        "all.html")
      #expect(known.status == 0, "\(known.errors)")
      let warned = try String(decoding: detector.bytes("all.html"), as: UTF8.self)
      #expect(warned.contains("images were trained on: the numbers say little about new images"))
      #expect(warned.contains("images chose the weights: the numbers are a little too good"))
    }
  }

  @Test func aPageIsWholeOrNotThere() throws {
    try Fixture.use { detector in
      func expect(_ message: String, _ arguments: [String]) throws {
        let outcome = try detector.run(arguments + ["--out", "r.html"])
        #expect(outcome.status == 1 && outcome.output == "", "\(outcome.output)")
        let errors = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("Error: ") }
        #expect(errors.count == 1 && errors[0].contains(message), "\(outcome.errors)")
        #expect(!detector.exists("r.html"))
      }
      try expect(
        "none: holds no best.safetensors or last.safetensors; is it a run?",
        ["report", "run", "none", "--voc", "data:test"])
      try FileManager.default.removeItem(
        at: detector.folder.appending(path: "run/best.safetensors"))
      try expect(
        "run/best.safetensors: no such file, but the run has its last weights",
        page + ["--weights", "best"])
      try detector.write(Data("kind\n".utf8), to: "run/log.csv")
      try expect("run/log.csv:1: is not the header of a run's log", page)
    }
  }
}
