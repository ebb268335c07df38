import Compute
import Datasets
import Detection
import Experiments
import Foundation
import Geometry
import Images
import Tasks
import TestSupport
import Testing
import Training

/// Data of any format through the one door of all commands.
@Suite struct DataChoiceTests {
  /// The drawn data of a world's split as COCO's JSON beside its images.
  private func writeCOCO(_ world: SmallWorld, _ split: String, to name: String) throws {
    let data = try world.data(split).read(
      for: DetectionTask.self, split: split, classNames: nil, SmallWorld.silent)
    var annotations: [String] = []
    let images = data.samples.enumerated().map { index, sample in
      for truth in sample.target {
        let box = truth.box
        annotations.append(
          "{\"id\": \(annotations.count + 1), \"image_id\": \(index), \"category_id\": "
            + "\(truth.classIndex + 1), \"bbox\": [\(box.left), \(box.top), "
            + "\(box.right - box.left), \(box.bottom - box.top)], \"iscrowd\": 0}")
      }
      return "{\"id\": \(index), \"file_name\": \"\(sample.image.url.lastPathComponent)\", "
        + "\"width\": 64, \"height\": 64}"
    }
    let categories = data.classNames.enumerated().map { "{\"id\": \($0 + 1), \"name\": \"\($1)\"}" }
    try world.folder.write(
      name,
      "{\"images\": [\(images.joined(separator: ",\n"))], \"categories\": ["
        + "\(categories.joined(separator: ","))], \"annotations\": ["
        + "\(annotations.joined(separator: ",\n"))]}\n")
    let folder = (name as NSString).deletingLastPathComponent
    for sample in data.samples {
      let file = sample.image.url.lastPathComponent
      let target = world.path(folder + "/images/" + file)
      try FileManager.default.createDirectory(
        atPath: world.path(folder + "/images"), withIntermediateDirectories: true)
      try FileManager.default.copyItem(atPath: sample.image.url.path, toPath: target)
    }
  }

  private func read(
    _ choice: DataChoice, _ console: Console, split: String = "all"
  ) throws -> SampleSet<[GroundTruth]> {
    try choice.read(for: DetectionTask.self, split: split, classNames: nil, console)
  }

  @Test func everyFormatGivesTheSameTruths() throws {
    try SmallWorld.use { world in
      let voc = try read(world.data("val"), world.console())
      #expect(world.heard.text == "")
      // VOC, recognised: the same, and a line that says so.
      let same = try read(
        DataChoice(other: [world.path("data") + ":val"]), world.console())
      #expect(world.heard.lines.count == 1)
      #expect(world.heard.lines[0].hasPrefix("data: VOC, 20 annotations, "))
      #expect(world.heard.lines[0].hasSuffix("; split val"))
      try writeCOCO(world, "val", to: "coco/instances.json")
      let coco = try read(DataChoice(other: [world.path("coco")]), world.console())
      let line = try #require(world.heard.lines.last)
      #expect(line.hasPrefix("data: COCO, ") && line.contains("4 images in "), "\(line)")
      for other in [same, coco] {
        #expect(other.classNames == voc.classNames)
        #expect(other.samples.map(\.target.count) == voc.samples.map(\.target.count))
        for (a, b) in zip(other.samples, voc.samples) {
          #expect(a.id == b.id && a.target.map(\.classIndex) == b.target.map(\.classIndex))
          #expect(a.target.map(\.box) == b.target.map(\.box))
        }
      }
    }
  }

  @Test func runsRememberHowTheirDataWereNamed() throws {
    try SmallWorld.use { world in
      var plan = world.plan()
      plan.data = DataChoice(other: [world.path("data")])
      let run = try world.run("run", plan)
      let saved = try RunConfiguration(contentsOf: run + "/config.json")
      #expect(saved.sources.isRecognized && saved.trainingSets == [world.path("data")])
      #expect(saved.validationSets == [world.path("data") + ":val"])
      let session = try #require(
        TrainingStart.resumed(run, backend: world.backend, world.console())
          as? TrainingSession<DetectionTask>)
      #expect(session.trainer.iteration == 3)
      // The weights are those of the same data named as VOC.
      let other = try world.run("voc")
      #expect(
        try RunConfiguration(contentsOf: other + "/config.json").recognizesSets == nil)
    }
  }

  @Test func checksReadEveryFormat() throws {
    try SmallWorld.use { world in
      try writeCOCO(world, "val", to: "coco/instances.json")
      let pool = world.backend.pool
      let good = try DataCheck(
        DataChoice(other: [world.path("coco")]), classNames: nil, pool: pool, world.console())
      #expect(good.findings.isEmpty)
      #expect(good.summary.hasPrefix("4 readable images, "))
      #expect(good.summary.contains(" objects of 6 classes:\n  circle     "))
      let images = try FileManager.default.contentsOfDirectory(atPath: world.path("coco/images"))
      let photo = "coco/images/" + (try #require(images.min()))
      let bytes = try Data(contentsOf: world.folder.appending(path: photo))
      try bytes.prefix(bytes.count / 2).write(to: world.folder.appending(path: photo))
      let bad = try DataCheck(
        DataChoice(other: [world.path("coco")]), classNames: nil, pool: pool, world.console())
      #expect(bad.problems.map(\.kind) == [.unreadableImage])
      #expect(bad.summary.hasPrefix("3 readable images, "))
      let voc = try DataCheck(
        DataChoice(voc: [world.path("data")]), classNames: nil, pool: pool, world.console())
      #expect(voc.problems.isEmpty && voc.summary.hasPrefix("20 annotations, 20 readable images"))
    }
  }
}
