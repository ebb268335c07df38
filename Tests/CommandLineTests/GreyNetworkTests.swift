import Foundation
import Testing

/// A network of one channel works from the cfg to the picture; other counts are refused with a line.
@Suite struct GreyNetworkTests {
  @Test func oneChannelWorksEverywhere() throws {
    try Fixture.use { detector in
      let cfg = Fixture.network.replacingOccurrences(of: "channels=3", with: "channels=1")
      try Data(cfg.utf8).write(to: detector.folder.appending(path: "grey.cfg"))
      for arguments in [
        [
          "train", "--voc", "data", "--model", "grey.cfg", "--recipe", "darknet", "--epochs", "2",
          "--out", "grey",
          "--json", "train.json",
        ],
        ["eval", "--voc", "data:train", "--run", "grey", "--json", "eval.json"],
        [
          "detect", "data/JPEGImages", "--run", "grey", "--confidence", "0.01", "--json",
          "found.json", "--out", "pictures",
        ],
        ["convert", "--run", "grey", "--out", "grey.weights"],
        ["summary", "grey.cfg"],
        [
          "select", "data/JPEGImages", "--model", "grey.cfg", "--weights", "grey.weights",
          "--budget", "2", "--out", "chosen", "--score", "entropy",
        ],
      ] {
        let outcome = try detector.run(arguments)
        #expect(outcome.status == 0, "\(arguments[0]): \(outcome.errors)")
      }
    }
  }

  @Test(arguments: ["2", "4"]) func otherCountsAreRefused(channels: String) throws {
    try Fixture.use { detector in
      let cfg = Fixture.network.replacingOccurrences(of: "channels=3", with: "channels=\(channels)")
      try Data(cfg.utf8).write(to: detector.folder.appending(path: "other.cfg"))
      for arguments in [
        ["summary", "other.cfg"],
        ["train", "--voc", "data", "--model", "other.cfg", "--out", "new"],
        ["detect", "data/JPEGImages", "--model", "other.cfg", "--weights", "net.weights"],
        ["bench", "--model", "other.cfg"],
      ] {
        let outcome = try detector.run(arguments)
        #expect(outcome.status == 1)
        #expect(
          outcome.errors.contains(
            "other.cfg:5: channels=\(channels): pictures have 3 channels, or 1 if they are grey"),
          "\(arguments[0]): \(outcome.errors)")
      }
      #expect(!FileManager.default.fileExists(atPath: detector.folder.path + "/new"))
    }
  }
}
