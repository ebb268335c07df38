import Detection
import Evaluation
import Experiments
import Files
import Foundation
import Geometry
import TestSupport
import Testing

@Suite struct EvaluationInputTests {
  /// One picture with a dog, annotated in all formats.
  private func use(_ body: (URL, Console) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let folder = folder.resolvingSymlinksInPath()
      try folder.write("voc/Annotations/1.xml", annotation("1.jpg"))
      try folder.writePicture("voc/JPEGImages/1.jpg")
      try body(folder, SmallWorld.silent)
    }
  }

  @Test func everyFormatGivesTheSameObjects() throws {
    try use { folder, console in
      let data = DataChoice(voc: [folder.path + "/voc:all"])
      let voc = try GroundTruthSource(.data(data), classNames: nil, console)
      let truth = try #require(voc.images.first?.objects.first)
      let box = truth.box
      #expect(voc.classNames == ["dog"] && voc.omissions.isEmpty)
      let size = try #require(voc.images[0].size)
      let (w, h) = (Double(size.width), Double(size.height))
      let coco = """
        {"images": [{"id": 1, "file_name": "1.jpg", "width": \(size.width), "height": \(size.height)}],
        "categories": [{"id": 7, "name": "dog"}], "annotations": [{"image_id": 1, "category_id": 7,
        "bbox": [\(box.left), \(box.top), \(box.width), \(box.height)], "iscrowd": 0}]}
        """
      try folder.write("coco.json", coco)
      let (x, y) = (Double(box.left + box.right) / 2 / w, Double(box.top + box.bottom) / 2 / h)
      try folder.write(
        "labels/1.txt", "0 \(x) \(y) \(Double(box.width) / w) \(Double(box.height) / h)\n")
      for choice in [
        GroundTruthSource.Choice.coco(folder.path + "/coco.json"),
        .yolo(labels: folder.path + "/labels", images: folder.path + "/voc/JPEGImages"),
      ] {
        let other = try GroundTruthSource(choice, classNames: ["dog"], console)
        #expect(other.classNames == voc.classNames && other.images.map(\.id) == ["1"])
        let same = try #require(other.images.first?.objects.first)
        #expect(same.classIndex == truth.classIndex)
        for (a, b) in [
          (same.box.left, box.left), (same.box.top, box.top), (same.box.right, box.right),
          (same.box.bottom, box.bottom),
        ] { #expect(abs(a - b) < 1e-4) }
      }
    }
  }

  @Test func wrongSourcesAreRefused() throws {
    try use { folder, console in
      func message(_ choice: GroundTruthSource.Choice, _ names: [String]?) -> String {
        do {
          _ = try GroundTruthSource(choice, classNames: names, console)
          return ""
        } catch {
          return "\(error)".replacing(folder.path + "/", with: "")
        }
      }
      let (labels, pictures) = (folder.path + "/labels", folder.path + "/voc/JPEGImages")
      let needs = "--yolo needs the class names (--names) and the --images"
      #expect(message(.yolo(labels: labels, images: pictures), nil) == needs)
      #expect(message(.yolo(labels: labels, images: nil), ["dog"]) == needs)
      try folder.write("labels/2.txt", "0 .5 .5 .1 .1\n")
      let yolo = GroundTruthSource.Choice.yolo(labels: labels, images: pictures)
      #expect(message(yolo, ["dog"]) == "labels/2.txt: no image of this name in --images")
      try folder.writePicture("voc/JPEGImages/1.png")
      #expect(
        message(yolo, ["dog"])
          == "labels/1.txt: two images have this name: 1.jpg and 1.png")
      let data = GroundTruthSource.Choice.data(DataChoice(voc: [folder.path + "/voc:all"]))
      #expect(message(data, ["cat"]).contains("annotated objects is of a known class"))
      #expect(message(data, ["cat", "dog"]) == "")
    }
  }

  @Test func imagesWithoutLabelsAreNoted() throws {
    try use { folder, console in
      try folder.writePicture("voc/JPEGImages/2.jpg")
      try folder.write("labels/1.txt", "0 .5 .5 .2 .2\n")
      let source = try GroundTruthSource(
        .yolo(labels: folder.path + "/labels", images: folder.path + "/voc/JPEGImages"),
        classNames: ["dog"], console)
      #expect(source.notes.count == 1)
      #expect(source.notes.first?.hasPrefix("1 of 2 images have no file in ") == true)
      #expect(source.notes.first?.contains("(first: '2')") == true)
    }
  }

  @Test func aModelNeedsImagesOfItsClasses() throws {
    try SmallWorld.use { world in
      let found = EvaluationInput.Found.model(world.model())
      try world.folder.write(
        "coco.json",
        #"{"images": [{"id": 1, "file_name": "1.jpg", "width": 9, "height": 9}], "#
          + #""categories": [{"id": 1, "name": "dog"}], "annotations": []}"#)
      let error = #expect(throws: UsageError.self) {
        try EvaluationInput(
          .coco(world.path("coco.json")), found, backend: world.backend, world.console())
      }
      #expect(
        error?.description
          == "a model is evaluated on --voc or --data; with --coco or --yolo give --detections")
      try FileManager.default.removeItem(atPath: world.path("net.names"))
      try world.folder.writeVOC(2)
      let classes = #expect(throws: UsageError.self) {
        try EvaluationInput(
          .data(DataChoice(voc: [world.folder.path + ":all"])), found, backend: world.backend,
          world.console())
      }
      #expect(classes?.description == "the model has 6 classes, the data 1; give --names")
    }
  }

  @Test func filesGiveWhatTheModelFound() throws {
    try SmallWorld.use { world in
      let truth = GroundTruthSource.Choice.data(world.data("val"))
      let input = try EvaluationInput(
        truth, .model(world.model()), backend: world.backend, world.console())
      #expect(input.images.count == 4 && input.images.allSatisfy { !$0.detections.isEmpty })
      #expect(world.heard.lines.contains { $0.hasPrefix("model: net.weights") })
      #expect(input.settings.map(\.name) == ["input", "resize", "confidence", "nms"])
      try DetectionListing.write(
        input.images, classNames: input.classNames, to: world.path("found.json"))
      try DetectionListing.write(
        input.images, classNames: input.classNames, to: world.path("comp4"))
      for name in ["found.json", "comp4"] {
        let read = try EvaluationInput(
          truth, .files(world.path(name), names: nil), backend: world.backend, world.console())
        #expect(read.images.map(\.detections.count) == input.images.map(\.detections.count))
        #expect(read.settings == [.init("detections", world.path(name))])
      }
      // Against itself there is no difference; another network has other classes.
      var evaluation = EvaluationExperiment()
      evaluation.judgement.draws = 10
      evaluation.other = world.path("found.json")
      let (result, images) = try evaluation.run(on: input, backend: world.backend)
      #expect(
        images.map(\.detections) == input.images.map(\.detections) && result.comparison != nil)
      var plan = world.plan()
      try world.folder.write("other.names", "circle\nellipse\nrectangle\nsquare\nstar\nwedge\n")
      plan.names = world.path("other.names")
      let run = try world.run("other", plan)
      let error = #expect(throws: UsageError.self) {
        try input.other(run, backend: world.backend)
      }
      #expect(
        error?.description == "--against \(run): its classes are not those of the evaluation")
    }
  }

  @Test func toolsByName() throws {
    #expect(try EvaluationExperiment.references(named: "") == [])
    #expect(try EvaluationExperiment.references(named: "devkit, coco").count == 2)
    let error = #expect(throws: UsageError.self) {
      try EvaluationExperiment.references(named: "devkit,abacus")
    }
    #expect(error?.description.hasPrefix("unknown --reference 'abacus'; choose from ") == true)
  }

  @Test func calibrationIsTriedOnEnoughImages() throws {
    try SmallWorld.use { world in
      for (split, isTried) in [("val", false), ("train", true)] {
        let input = try EvaluationInput(
          .data(world.data(split)), .model(world.model()), backend: world.backend,
          world.console())
        let (map, trial) = try CalibrationExperiment().run(on: input)
        #expect(map.classes.count <= 6 && (trial != nil) == isTried)
      }
    }
  }
}
