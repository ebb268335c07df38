import Files
import Foundation
import Geometry
import Keypoints
import TestSupport
import Testing

@testable import Datasets

/// MPII's lists and COCO's files.
@Suite struct KeypointListTests {
  private func samples(
    _ url: URL, _ path: String = "", split: String = "all", rules: ReadingRules = ReadingRules()
  ) throws -> SampleSet<KeypointTruth> {
    try [recognized(url, path)].keypoints(split: split, rules: rules)
  }

  // MARK: - MPII

  @Test(.needsShared("datasets/mpii-pckh-reference/mpii_annotations_3d455fe.json"))
  func readsMPII() throws {
    let url = try sharedData("datasets/mpii-pckh-reference/mpii_annotations_3d455fe.json")
    let list = try MPIIList(Data(contentsOf: url), file: url.path)
    let points = list.persons.flatMap(\.truth.points)
    #expect(list.persons.count == 168 && list.persons.count { $0.isValidation == true } == 16)
    #expect(points.count == 2573 && points.count(where: \.isOccluded) == 332)
    #expect(Set(list.persons.map(\.image)).count == 100 && list.problems.isEmpty)
    let first = try #require(list.persons.first)
    #expect(first.size == PixelSize(width: 1280, height: 720))
    #expect(first.truth[1]?.position == Point(615.5, 268.5))
    // objpos (594, 257), scale 3.021.
    let region = try #require(first.truth.region)
    #expect(abs(region.width - 755.25) < 1e-3 && abs(region.height - 755.25) < 1e-3)
    #expect(abs(region.centerX - 593.5) < 1e-3 && abs(region.centerY - 301.815) < 1e-3)
  }

  private func joints(_ rest: String) -> String {
    "[[5, 9, 1], [7, 9, 0], [0, 0, 0]" + String(repeating: ", \(rest)", count: 13) + "]"
  }

  private func person(_ image: String, validation: Int, joints: String? = nil) -> String {
    #"{"img_paths": "\#(image)", "objpos": [10, 8], "scale_provided": 0.1, "joint_self": "#
      + (joints ?? self.joints("[3, 4, 1]")) + #", "isValidation": \#(validation)}"#
  }

  @Test func dividesMPIIByItsFlag() throws {
    try withTemporaryFolder { folder in
      for name in ["a", "b"] { try folder.writePicture("images/\(name).jpg") }
      let rows = [
        person("a.jpg", validation: 0), person("a.jpg", validation: 0),
        person("b.jpg", validation: 1), person("c.jpg", validation: 1),
        person("c.jpg", validation: 1),
      ]
      try folder.write("mpii.json", "[\(rows.joined(separator: ", "))]")
      let set = try recognized(folder)
      #expect(set.format == .mpii)
      #expect(try [set].keypoints(split: "train").samples.map(\.id) == ["a#1", "a#2"])
      let val = try samples(folder, "mpii.json", split: "val")
      #expect(val.samples.map(\.id) == ["b"])
      #expect(val.problems.map(\.kind) == [.missingImage])
      let truth = val.samples[0].target
      #expect(truth.points.count == 15 && truth[2] == nil)
      #expect(truth[0] == LabelledKeypoint(index: 0, position: Point(4.5, 8.5)))
      #expect(truth[1] == LabelledKeypoint(index: 1, position: Point(6.5, 8.5), isOccluded: true))
      #expect(
        try set.summary()
          == "data: MPII, mpii.json, train 2 persons in 1 images, val 1 images, 16 keypoints in 6 "
          + "flip pairs, 15 lines")
    }
  }

  @Test func readsMPIIsOtherDialect() throws {
    try withTemporaryFolder { folder in
      try folder.writePicture("images/a.jpg")
      try folder.writePicture("images/b.jpg")
      func row(_ image: String, center: String = "[10, 8]") -> String {
        let joints = "[[5, 9], [7, 9], [0, 0]" + String(repeating: ", [3, 4]", count: 13) + "]"
        let flags = "[1, 1, 0" + String(repeating: ", 1", count: 13) + "]"
        return
          #"{"image": "\#(image)", "center": \#(center), "scale": 0.1, "joints": \#(joints), "joints_vis": \#(flags)}"#
      }
      try folder.write("annot/train.json", "[\(row("a.jpg"))]")
      try folder.write("annot/valid.json", "[\(row("b.jpg", center: "[-1, -1]"))]")
      try folder.write("annot/trainval.json", "[\(row("a.jpg")), \(row("b.jpg"))]")
      let train = try samples(folder, split: "train")
      #expect(train.samples.map(\.id) == ["a"])
      let truth = train.samples[0].target
      #expect(truth.points.count == 15 && !truth.points.contains(where: \.isOccluded))
      #expect(truth[1]?.position == Point(6.5, 8.5) && truth[2] == nil)
      let region = try #require(truth.region)
      #expect(region.width == 25 && abs(region.centerY - 9) < 1e-5)
      // Without a centre: a square about the joints.
      let val = try samples(folder, split: "val")
      #expect(val.samples.map(\.id) == ["b"])
      #expect(val.samples[0].target.region?.width == 100)
      #expect(val.samples[0].target.region?.centerX == 4.5)
    }
  }

  @Test func refusesBrokenLists() throws {
    try withTemporaryFolder { folder in
      try folder.writePicture("images/a.jpg")
      func reason(_ text: String) throws -> String? {
        try folder.write("x.json", text)
        return message { _ = try samples(folder, "x.json") }
      }
      let place = folder.path + "/x.json: "
      #expect(
        try reason("[\(person("a.jpg", validation: 0, joints: "[[1, 2, 1]]"))]")
          == place + "[0]: 1 joints, MPII has 16")
      #expect(
        try reason("[\(person("a.jpg", validation: 0, joints: joints("[1, 2]")))]")
          == place + "[0]: joint 3 has 2 numbers, expected 3")
      #expect(
        try reason(#"[{"image": "a.jpg", "joints": [], "joints_vis": []}]"#)
          == place + "[0]: 0 joints, MPII has 16")
      #expect(
        try reason("[{\"joint_self\": NaN}]")?.contains("'NaN' is not a value of JSON") == true)
      #expect(
        try reason("[{\"joint_self\": [")?.hasPrefix(place + "not valid JSON: line 1") == true)
      try folder.write("annot.h5", "")
      #expect(
        message { _ = try recognized(folder, "annot.h5") }?.hasSuffix(
          "; of keypoints JSON or CSV (mpii_annotations.json, CollectedData_*.csv)") == true)
    }
  }

  // MARK: - COCO

  private func coco(
    categories: String =
      #"[{"id": 1, "name": "p", "keypoints": ["nose", "left_eye", "right_eye"], "skeleton": [[1, 2], [1, 3]]}]"#,
    annotations: String
  ) -> String {
    #"{"images": [{"id": 3, "file_name": "a.jpg", "width": 20, "height": 16}, "#
      + #"{"id": 5, "file_name": "b.jpg", "width": 20, "height": 16}], "#
      + #""categories": \#(categories), "annotations": \#(annotations)}"#
  }

  private func annotation(
    _ image: Int, _ keypoints: String, box: String = "[2, 4, 8, 4]", _ rest: String = ""
  ) -> String {
    #"{"image_id": \#(image), "category_id": 1, "keypoints": \#(keypoints), "bbox": \#(box)\#(rest)}"#
  }

  @Test func readsCOCO() throws {
    try withTemporaryFolder { folder in
      for name in ["a", "b"] { try folder.writePicture("images/\(name).jpg") }
      try folder.write(
        "annotations/person_keypoints_val.json",
        coco(
          annotations: "["
            + [
              annotation(3, "[2, 3, 2, 4, 5, 1, 0, 0, 0]", #", "area": 20, "num_keypoints": 2"#),
              annotation(3, "[0, 0, 0, 0, 0, 0, 0, 0, 0]"),
              annotation(5, "[2, 3, 2, 4, 5, 2, 6, 7, 2]", #", "iscrowd": 1"#),
              annotation(5, "[2, 3, 2, 4, 5, 2, 6, 7, 2]", #", "num_keypoints": 0"#),
              annotation(5, "[2, 3, 2, 4, 5, 2, 6, 7, 2]"),
            ].joined(separator: ", ") + "]"))
      let set = try recognized(folder)
      #expect(set.format == .coco && set.hasKeypoints && set.format.hasObjects)
      // The task decides: as boxes it is what it was.
      #expect(try [set].objects(split: "val").samples.map(\.target.count) == [2, 3])
      let data = try [set].keypoints(split: "val")
      #expect(data.classNames == ["nose", "left_eye", "right_eye"])
      #expect(data.samples.map(\.id) == ["a#1", "a#2", "b#1", "b#2", "b#3"])
      let truth = data.samples[0].target
      #expect(
        truth.points == [
          LabelledKeypoint(index: 0, position: Point(2.5, 3.5)),
          LabelledKeypoint(index: 1, position: Point(4.5, 5.5), isOccluded: true),
        ])
      #expect(truth.layout.partners == [0, 2, 1] && truth.layout.deviations == nil)
      #expect(truth.layout.edges == [.init(0, 1), .init(0, 2)])
      #expect(
        truth.sizes.area == 20 && truth.sizes.box == Box(left: 2, top: 4, right: 10, bottom: 8))
      #expect(truth.region == Box(left: 1, top: 3.5, right: 11, bottom: 8.5))
      #expect(data.samples.map(\.target.sizes.isIgnored) == [false, true, true, true, false])
      #expect(data.samples[1].target.sizes.area == 32)
      #expect(
        data.problems.map(\.text) == ["1 by their names: left_eye/right_eye"])
      #expect(throws: DataError.self) { try [set].keypoints(split: "test") }
    }
  }

  @Test func takesKeypointsAndBoxesFromTheirFiles() throws {
    try withTemporaryFolder { folder in
      try folder.writeCOCO("annotations/instances_val2017.json", images: 1...2, folder: "val2017")
      try folder.writePicture("val2017/a.jpg")
      try folder.write(
        "annotations/person_keypoints_val2017.json",
        coco(annotations: "[\(annotation(3, "[2, 3, 2, 4, 5, 1, 0, 0, 0]"))]"))
      let set = try recognized(folder)
      #expect(try [set].objects(split: "val").classNames == ["dog"])
      #expect(try [set].keypoints(split: "val").samples.map(\.id) == ["a"])
    }
  }

  @Test func readsDialectsOfCOCO() throws {
    try withTemporaryFolder { folder in
      for name in ["a", "b"] { try folder.writePicture("\(name).jpg") }
      func read(_ text: String, rules: ReadingRules = ReadingRules()) throws -> SampleSet<
        KeypointTruth
      > {
        try folder.write("x.json", text)
        return try samples(folder, "x.json", rules: rules)
      }
      // Triples, dictionaries, no categories, no boxes, and 1 as the only sign of a label.
      let text =
        #"{"images": {"3": {"id": 3, "file_name": "a.jpg"}}, "annotations": {"10": {"image_id": 3, "#
        + #""keypoints": [[1, 2, 1], [3, 4, 0]]}, "9": {"image_id": 3, "keypoints": [[5, 6, 1], [7, null, 1]]}}}"#
      let data = try read(text)
      #expect(try recognized(folder, "x.json").format == .cocoKeypoints)
      #expect(data.classNames == ["0", "1"])
      #expect(
        data.samples.map { $0.target.points.map(\.position) } == [
          [Point(5.5, 6.5)], [Point(1.5, 2.5)],
        ])
      #expect(!data.samples.contains { $0.target.points.contains(where: \.isOccluded) })
      #expect(data.samples[0].target.sizes.area == nil)
      #expect(data.problems.map(\.kind) == [.invalidKeypoint])
      // COCO's own names have COCO's sigmas.
      let names = KeypointLayout.cocoNames.map { "\"\($0)\"" }.joined(separator: ", ")
      let zeros = "[2, 2, 2" + String(repeating: ", 0, 0, 0", count: 16) + "]"
      let persons = try read(
        coco(
          categories: #"[{"id": 1, "name": "p", "keypoints": [\#(names)]}]"#,
          annotations: "[\(annotation(3, zeros))]"))
      #expect(persons.samples[0].target.layout.deviations == KeypointLayout.cocoDeviations)
      #expect(persons.samples[0].target.layout.pairs.count == 8)
    }
  }

  @Test func takesBoxesForCornersOnlyIfTheyProveIt() throws {
    try withTemporaryFolder { folder in
      for name in ["a", "b"] { try folder.writePicture("\(name).jpg") }
      func boxes(_ boxes: [String], _ rules: ReadingRules = ReadingRules()) throws -> [Box?] {
        let rows = boxes.map { annotation(3, "[2, 3, 2, 4, 5, 2, 6, 7, 2]", box: $0) }
        try folder.write("x.json", coco(annotations: "[\(rows.joined(separator: ", "))]"))
        let data = try samples(folder, "x.json", rules: rules)
        #expect(
          data.problems.contains { $0.kind == .guessedBoxes }
            == (data.samples[0].target.sizes.box?.right == 18 && rules.cornerBoxes == nil))
        return data.samples.map(\.target.sizes.box)
      }
      let corners = Box(left: 10, top: 6, right: 18, bottom: 14)
      #expect(try boxes(["[10, 6, 18, 14]"]) == [corners])
      // As sizes it fits, so it may be sizes.
      let small = try boxes(["[2, 1, 10, 8]"])
      #expect(small == [Box(left: 2, top: 1, right: 12, bottom: 9)])
      // One of three may reach out of its picture.
      #expect(
        try boxes(["[10, 6, 18, 14]", "[2, 1, 10, 8]", "[2, 1, 10, 8]"]).first
          == Box(left: 10, top: 6, right: 28, bottom: 20))
      // One box cannot be corners: none are.
      #expect(
        try boxes(["[10, 6, 18, 14]", "[4, 4, 3, 3]"]) == [
          Box(left: 10, top: 6, right: 28, bottom: 20), Box(left: 4, top: 4, right: 7, bottom: 7),
        ])
      #expect(
        try boxes(["[2, 1, 10, 8]"], ReadingRules(cornerBoxes: true)) == [
          Box(left: 2, top: 1, right: 10, bottom: 8)
        ])
      #expect(
        try boxes(["[10, 6, 18, 14]"], ReadingRules(cornerBoxes: false)) == [
          Box(left: 10, top: 6, right: 28, bottom: 20)
        ])
    }
  }

  @Test func refusesOrLeavesOutWhatDoesNotFit() throws {
    try withTemporaryFolder { folder in
      for name in ["a", "b"] { try folder.writePicture("\(name).jpg") }
      func read(_ text: String) throws -> SampleSet<KeypointTruth> {
        try folder.write("x.json", text)
        return try samples(folder, "x.json")
      }
      let data = try read(
        coco(
          annotations: "["
            + [
              annotation(3, "[2, 3, 2, 4, 5, 2, 6, 7, 2]"), annotation(3, "[2, 3, 2]"),
              annotation(3, "[2, 3, 2, 4]"), annotation(4, "[2, 3, 2, 4, 5, 2, 6, 7, 2]"),
              annotation(3, "[2, 3, 2, 4, 5, 2, 6, 7, 2]", box: "[1, 2]"),
            ].joined(separator: ", ") + "]"))
      #expect(data.samples.count == 1)
      #expect(
        data.problems.filter { $0.kind == .invalidObject }.map(\.text) == [
          "annotations[1]: 1 keypoints, there are 3",
          "annotations[2]: 1 keypoints and a rest, there are 3", "annotations[3]: no image 4",
          "annotations[4]: needs a \"bbox\" of four numbers",
        ])
      func reason(_ categories: String) -> String? {
        message { _ = try read(coco(categories: categories, annotations: "[]")) }
      }
      let place = folder.path + "/x.json: "
      #expect(
        reason(
          #"[{"id": 1, "name": "a", "keypoints": ["n"]}, {"id": 2, "name": "b", "keypoints": ["m"]}]"#
        )
          == place + "categories 1 and 2 have different keypoints; give a file for each of them")
      #expect(
        reason(#"[{"id": 1, "name": "a", "keypoints": ["n", "n"]}]"#)
          == place + "category 1: names of keypoints: 'n' is there twice")
      #expect(
        reason(#"[{"id": 1, "name": "a", "keypoints": ["n", "m"], "skeleton": [[1, 3]]}]"#)
          == place + "category 1: no keypoint 2: there are 2, counted from 0")
    }
  }
}
