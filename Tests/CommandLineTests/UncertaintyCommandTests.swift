import Foundation
import Testing

/// `detector uncertainty` on a network with a Bayesian branch.
@Suite struct UncertaintyCommandTests {
  /// The fixture's network, its features also read by a Bayesian layer.
  static let network = Fixture.network
    .replacingOccurrences(
      of: "[convolutional]\nfilters=33",
      with: "[convBayes]\nfilters=3\n\n[route]\nlayers=-2\n\n[convolutional]\nfilters=33"
    )
    .replacingOccurrences(of: "[yolo]", with: "[yolo]\nuncertainty=-3")

  private func use(_ body: (Program) throws -> Void) throws {
    try Fixture.use { detector in
      try detector.write(Data(Self.network.utf8), to: "bayes.cfg")
      let outcome = try detector(
        "train", "--voc", "data", "--model", "bayes.cfg", "--recipe", "darknet", "--epochs", "1",
        "--out", "bayes")
      #expect(outcome.status == 0, "\(outcome.errors)")
      try body(detector)
    }
  }

  @Test func writesMapsNumbersAndManifest() throws {
    try use { detector in
      let outcome = try detector(
        "uncertainty", "data/JPEGImages/000001.jpg", "data/JPEGImages/000002.jpg", "--run", "bayes",
        "--out", "maps", "--kind", "bald,sigma", "--sigma-limit", "3", "--anchors", "mean")
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.hasPrefix("data/JPEGImages/000001.jpg (64x64): bald mean "))
      #expect(outcome.output.split(separator: "\n").count == 2)
      let manifest = try detector.json("maps/manifest.json")
      #expect(manifest["anchorReduction"] as? String == "mean")
      #expect(manifest["scaleReduction"] as? String == "max")
      #expect((manifest["model"] as? String)?.hasPrefix("bayes/") == true)
      let images = try #require(manifest["images"] as? [[String: Any]])
      #expect(
        images.map { $0["file"] as? String } == [
          "data/JPEGImages/000001.jpg", "data/JPEGImages/000002.jpg",
        ])
      for image in images {
        #expect(image["width"] as? Int == 64 && image["inputHeight"] as? Int == 64)
        #expect(image["resize"] as? String == "letterbox")
        let maps = try #require(image["maps"] as? [[String: Any]])
        #expect(maps.map { $0["kind"] as? String } == ["bald", "sigma"])
        #expect(maps.map { $0["colorRange"] as? [Int] } == [[0, 1], [0, 3]])
        for map in maps {
          #expect(map["shape"] as? [Int] == [8, 8, 3])
          let values = try #require(map["values"] as? [String: Double])
          let mean = try #require(values["mean"])
          #expect(try #require(values["minimum"]) < mean && mean < #require(values["maximum"]))
          // 128 bytes of header, then the numbers that the manifest sums up.
          let bytes = try detector.bytes("maps/" + #require(map["npy"] as? String))
          #expect(bytes.count == 128 + 4 * 8 * 8 * 3)
          let numbers = bytes.dropFirst(128).withUnsafeBytes { raw in
            (0..<192).map { Double(raw.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self)) }
          }
          #expect(abs(numbers.reduce(0, +) / 192 - mean) < 1e-5)
          #expect(numbers.max() == values["maximum"].map { Double(Float($0)) })
        }
        let combined = try #require(image["combined"] as? [[String: Any]])
        for name in (maps + combined).flatMap({ [$0["png"], $0["npy"], $0["overlay"]] }) {
          if let name = name as? String { #expect(detector.exists("maps/" + name), "\(name)") }
        }
        #expect(combined.allSatisfy { $0["overlay"] is String && $0["scale"] == nil })
      }
      let again = try detector(
        "uncertainty", "data/JPEGImages/000001.jpg", "--run", "bayes", "--out", "again", "--quiet",
        "--threads", "1", "--sigma-limit", "3", "--anchors", "mean", "--kind", "entropy,bald,sigma")
      #expect(again.status == 0 && again.output == "" && again.errors == "")
      for name in ["bald-stride8.npy", "bald-overlay.png", "sigma-combined.png"] {
        #expect(
          try detector.bytes("maps/000001/" + name) == detector.bytes("again/000001/" + name))
      }
      #expect(detector.exists("again/000001/entropy-stride8.png"))
    }
  }

  @Test func unreadableImagesAreNamed() throws {
    try use { detector in
      try detector.write(Data("no image".utf8), to: "bad.jpg")
      let outcome = try detector(
        "uncertainty", "bad.jpg", "data/JPEGImages/000001.jpg", "--run", "bayes", "--out", "maps")
      #expect(outcome.status == 1 && outcome.errors.contains("1 of 2 images could not be read"))
      #expect(outcome.errors.contains("bad.jpg: neither JPEG, PNG, BMP, TIFF nor WebP"))
      #expect((try detector.json("maps/manifest.json")["images"] as? [Any])?.count == 1)
      // Nothing says yet what tells wrong detections: one map, and why.
      #expect(
        outcome.errors.contains("mapped is entropy: it is not known")
          && detector.exists("maps/000001/entropy-overlay.png")
          && !detector.exists("maps/000001/bald-overlay.png"))
    }
  }

  @Test func networksWithoutBranchesAreRefused() throws {
    try Fixture.use { detector in
      let outcome = try detector(
        "uncertainty", "data/JPEGImages/000001.jpg", "--run", "run", "--out", "maps")
      #expect(outcome.status == 1)
      #expect(outcome.errors.hasPrefix("Error: run/model.cfg: no [yolo] section has uncertainty="))
      #expect(outcome.errors.split(separator: "\n").count == 1 && outcome.output == "")
    }
  }
}
