import Compute
import Datasets
import Detection
import Drawing
import Evaluation
import Experiments
import Files
import Foundation
import TestSupport
import Testing
import Uncertainty

@Suite struct DetectionRunTests {
  @Test func writesWhatItFinds() throws {
    try SmallWorld.use { world in
      var detection = DetectionRun(model: world.model())
      detection.confidence = 0.01
      detection.json = world.path("d.json")
      detection.voc = world.path("comp4")
      detection.pictures = world.path("out")
      var texts: [String] = []
      try world.folder.write("bad.jpg", "no image")
      let paths = ["data/JPEGImages/000001.jpg", "bad.jpg", "data/JPEGImages/000002.jpg"]
      let outcome = try detection.run(
        on: paths.map(world.path), backend: world.backend, world.console()
      ) { texts.append($0.text) }
      #expect(outcome == .init(read: 2, total: 3) && texts.count == 2)
      #expect(world.heard.lines[0].hasSuffix("; input 64x64, letterbox filled with 0.5"))
      #expect(world.heard.lines[1].contains("bad.jpg: neither JPEG, PNG, BMP, TIFF nor WebP"))
      // A plain network says nothing of its uncertainty.
      #expect(texts.allSatisfy { !$0.contains(" bit") })
      let images = try #require(try world.json("d.json")["images"] as? [[String: Any]])
      #expect(
        images.map { $0["file"] as? String } == [world.path(paths[0]), world.path(paths[2])])
      #expect(world.exists("out/000001.jpg") && world.exists("out/000002.jpg"))
      // VOC's files: a line per detection, corners within 1...64.
      let lines = try Synthesizer.classNames.flatMap {
        try world.text("comp4/comp4_det_test_\($0).txt").split(separator: "\n")
      }
      let count = images.reduce(0) { $0 + (($1["detections"] as? [Any])?.count ?? 0) }
      #expect(lines.count == count && count > 0)
      for line in lines {
        let fields = line.split(separator: " ")
        #expect(fields[0] == "000001" || fields[0] == "000002")
        #expect(fields.dropFirst(2).compactMap { Double($0) }.allSatisfy { (0...64).contains($0) })
      }
    }
  }

  @Test func bayesianNetworksSayTheirBALD() throws {
    try SmallWorld.use { world in
      var detection = DetectionRun(model: world.model(isBayesian: true))
      detection.confidence = 0.01
      var found: [ImageDetections] = []
      _ = try detection.run(
        on: [world.path("data/JPEGImages/000001.jpg")], backend: world.backend, world.console()
      ) { found.append($0) }
      let first = try #require(found.first?.detections.first)
      let bald = try #require(first.uncertainty?.bald)
      #expect(
        found[0].text.contains(
          first.className + String(format: "  %.2f bit  left ", bald)), "\(found[0].text)")
    }
  }

  @Test func mapsOfImagesAndOfData() throws {
    try SmallWorld.use { world in
      #expect(try UncertaintyMapping.kinds(named: "sigma,bald,sigma") == [.sigma, .bald])
      let doubt = #expect(throws: UsageError.self) {
        try UncertaintyMapping.kinds(named: "bald,doubt")
      }
      #expect(
        doubt?.description
          == "there is no kind 'doubt'; --kind takes bald, sigma, entropy and difficulty")
      var mapping = UncertaintyMapping(
        model: world.model(isBayesian: true), source: .data(world.data("val")),
        kinds: [.bald, .difficulty])
      mapping.limit = 3
      var entries = 0
      let outcome = try mapping.run(
        to: world.path("maps"), backend: world.backend, world.console()
      ) { entry in
        #expect(entry.maps.map(\.kind) == [.bald, .difficulty])
        #expect(entry.maps.allSatisfy { $0.shape == [8, 8, 3] })
        entries += 1
      }
      #expect(outcome == .init(read: 3, total: 3) && entries == 3)
      let manifest = try world.json("maps/manifest.json")
      #expect((manifest["images"] as? [Any])?.count == 3)
      mapping.model = world.model()
      #expect(throws: FileError.self) {
        try mapping.run(to: world.path("none"), backend: world.backend, world.console()) { _ in }
      }
      #expect(!world.exists("none"))
    }
  }

  @Test func anchorsAndTimes() throws {
    try SmallWorld.use { world in
      var choice = AnchorChoice(data: world.data("all"))
      choice.count = 3
      choice.model = world.path("net.cfg")
      let result = try choice.run(pool: world.backend.pool, world.console())
      #expect(result.imageCount == 20 && result.width == 64 && result.unit == 1)
      #expect(result.anchorList.split(separator: ",").count == 6)
      let present = try #require(result.present)
      #expect(present.count == 3 && result.fit >= present.fit && result.fit <= 1)
      var plan = BenchmarkPlan(.model(world.path("net.cfg"), weights: nil))
      plan.inputSize = 32
      plan.batch = 2
      plan.runs = 1
      let times = try plan.run(backend: world.backend, threads: 2, version: "v")
      #expect(times.size == 32 && times.batch == 2 && times.medianMs > 0 && times.version == "v")
    }
  }
}
