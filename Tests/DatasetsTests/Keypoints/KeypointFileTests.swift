import Files
import Foundation
import Geometry
import Keypoints
import TestSupport
import Testing

@testable import Datasets

/// Our own JSON, names of sides, and sets read together.
@Suite struct KeypointFileTests {
  private func layout() throws -> KeypointLayout {
    try KeypointLayout(
      names: ["left eye", "right eye", "nose"], pairs: [(0, 1)],
      edges: [.init(0, 2), .init(1, 2)], deviations: [0.1, 0.1, 0.2])
  }

  @Test func readsWhatItWrote() throws {
    try withTemporaryFolder { folder in
      for name in ["a", "b", "c"] { try folder.writePicture("images/\(name).jpg") }
      let layout = try layout()
      let first = KeypointTruth(
        layout: layout,
        points: [
          LabelledKeypoint(index: 0, position: Point(1.25, 2)),
          LabelledKeypoint(index: 2, position: Point(-3, 40.5), isOccluded: true),
        ], region: Box(left: -4, top: 1, right: 30, bottom: 35),
        sizes: ReferenceSizes(
          head: 6.5, area: 70, box: Box(left: 1, top: 2, right: 9, bottom: 10), isIgnored: true))
      let second = KeypointTruth(
        layout: layout, points: [LabelledKeypoint(index: 1, position: Point(5, 6))])
      try KeypointFile.write(
        [
          .init(
            path: "images/a.jpg", size: PixelSize(width: 20, height: 16), split: "train",
            truths: [first, second]),
          .init(path: "images/b.jpg", size: nil, split: "val", truths: [second]),
        ], layout: layout, areCenters: false, to: folder.appending(path: "keypoints.json").path)
      for path in ["", "keypoints.json"] {
        let set = try recognized(folder, path)
        #expect(set.format == .keypointFile && !set.hasCenters)
        let data = try [set].keypoints(split: "all")
        #expect(data.samples.map(\.id) == ["a#1", "a#2", "b"] && data.problems.isEmpty)
        #expect(data.samples.map(\.target) == [first, second, second])
        #expect(
          data.samples.map(\.size) == [
            PixelSize(width: 20, height: 16), PixelSize(width: 20, height: 16), nil,
          ])
        #expect(try [set].keypoints(split: "val").samples.map(\.id) == ["b"])
        #expect(data.classNames == layout.names)
      }
    }
  }

  @Test func readsCentresThatItWrote() throws {
    try withTemporaryFolder { folder in
      for name in ["a", "b"] { try folder.writePicture("\(name).jpg") }
      let layout = try KeypointLayout(names: ["cell", "rod"])
      let truth = KeypointTruth(
        layout: layout,
        points: [
          LabelledKeypoint(index: 1, position: Point(1.5, 2), extent: Point(3, 4)),
          LabelledKeypoint(index: 1, position: Point(7, 8.5), isOccluded: true),
        ])
      let none = KeypointTruth(layout: layout, points: [])
      try KeypointFile.write(
        [
          .init(path: "a.jpg", size: nil, split: nil, truths: [truth]),
          .init(path: "b.jpg", size: nil, split: nil, truths: [none]),
        ], layout: layout, areCenters: true, to: folder.appending(path: "dots.json").path)
      let set = try recognized(folder)
      #expect(set.hasCenters)
      let data = try [set].keypoints(split: "train", rules: shares(0))
      #expect(data.samples.map(\.target) == [truth, none])
    }
  }

  @Test func readsWhatPeopleWrite() throws {
    try withTemporaryFolder { folder in
      try folder.writePicture("a.jpg")
      try folder.write(
        "mine.json",
        #"""
        {"names": ["l_eye", "r_eye", "nose"], "skeleton": [["l_eye", "nose"]],
         "images": [{"file": "a.jpg", "persons": [
           {"keypoints": [[1, 2], null, [3, 4, 1]], "box": [0, 0, 8, 4]},
           {"keypoints": [[], [5, 6, 2], [null, null, null]]}]}]}
        """#)
      let data = try [recognized(folder, "mine.json")].keypoints(split: "all")
      #expect(data.samples.map { $0.target.points.map(\.index) } == [[0, 2], [1]])
      #expect(data.samples[0].target.points[1].isOccluded)
      #expect(data.samples[0].target.region == Box(left: -1, top: -0.5, right: 9, bottom: 4.5))
      #expect(data.samples[0].target.layout.partners == [1, 0, 2])
      #expect(data.samples[0].target.layout.edges == [.init(0, 2)])
      #expect(data.problems.map(\.text) == ["1 by their names: l_eye/r_eye"])
      // Whoever says that there are none has none.
      try folder.write(
        "mine.json",
        #"{"names": ["l_eye", "r_eye"], "flip": [], "images": [{"file": "a.jpg", "persons": []}, "#
          + #"{"file": "a.jpg", "persons": [{"keypoints": [[1, 2], null]}]}]}"#)
      let plain = try [recognized(folder, "mine.json")].keypoints(split: "all")
      #expect(plain.samples[0].target.layout.partners == [0, 1] && plain.problems.isEmpty)
    }
  }

  @Test func refusesBrokenFiles() throws {
    try withTemporaryFolder { folder in
      try folder.writePicture("a.jpg")
      func reason(_ text: String) throws -> String? {
        try folder.write("x.json", text)
        return message { _ = try recognized(folder, "x.json") }?
          .replacing(folder.path + "/x.json: ", with: "")
      }
      func file(_ head: String, persons: String = "[]") -> String {
        #"{"names": ["a", "b"]\#(head), "images": [{"file": "a.jpg", "persons": \#(persons)}]}"#
      }
      #expect(
        try reason(file("", persons: #"[{"keypoints": [[1, 2]]}]"#))
          == "images[0].persons[0]: 1 keypoints, there are 2")
      #expect(
        try reason(file("", persons: #"[{"keypoints": [null, null], "box": [1, 2]}]"#))
          == "images[0].persons[0].box: expected left, top, width, height")
      #expect(
        try reason(file(#", "format": "keypoints 9""#))
          == "format 'keypoints 9', expected 'keypoints 1'")
      #expect(try reason(file(#", "units": "mm""#)) == "units 'mm', expected 'pixels'")
      #expect(try reason(file(#", "flip": [["a", "c"]]"#)) == "flip[0]: expected two of the names")
      #expect(
        try reason(file(#", "flip": [[0, 1], [1, 0]]"#))
          == "flip pair 1:0: a keypoint changes places with one other, and so it back")
      #expect(
        try reason(file(#", "sigmas": [0.1]"#))
          == "1 sigmas for 2 keypoints: one above 0 is needed for each")
      #expect(
        try reason(file("", persons: "3"))
          == "images[0].persons: a value of another kind is needed here")
      #expect(
        try reason(
          #"{"names": ["a"], "images": [{"file": "a.jpg", "centers": [{"kind": 1, "x": 1, "y": 2}]}]}"#
        )
          == "images[0].centers[0]: no such kind")
      #expect(try reason(#"{"names": ["a"], "images": []}"#) == "\"images\" is empty")
    }
  }

  @Test func findsSidesInNames() {
    func pairs(_ names: [String]) -> [[Int]] { SideNames.pairs(of: names).map { [$0.0, $0.1] } }
    for (left, right) in [
      ("left_eye", "right_eye"), ("l_eye", "r_eye"), ("eye_L", "eye_R"), ("eyeL", "eyeR"),
      ("LEye", "REye"), ("Left Ear", "Right Ear"), ("paw1-left", "paw1-right"),
      ("leftWrist", "rightWrist"), ("eye_left_outer", "eye_right_outer"), ("LWrist", "RWrist"),
    ] {
      #expect(pairs(["nose", right, left]) == [[2, 1]], "\(left)")
    }
    #expect(pairs(["left", "right"]) == [])
    #expect(pairs(["tail", "rail", "ball", "lip", "rip", "level", "revel"]) == [])
    #expect(pairs(["left_eye", "l_eye", "right_eye"]) == [])
    #expect(pairs(["left_to_right_a", "right_to_left_a"]) == [])
    #expect(pairs(["left_eye", "right_ear"]) == [])
  }

  @Test func readsSetsTogetherThatAgree() throws {
    try withTemporaryFolder { folder in
      func write(_ name: String, _ names: String, rest: String = "") throws -> RecognizedDataset {
        try folder.writePicture("\(name)/a.jpg", seed: UInt64(name.count))
        try folder.write(
          "\(name)/k.json",
          #"{"names": \#(names)\#(rest), "images": [{"file": "a.jpg", "persons": [{"keypoints": [[1, 2], [3, 4]]}]}]}"#
        )
        return try recognized(folder, "\(name)/k.json")
      }
      let one = try write("one", #"["l_a", "r_a"]"#)
      let three = try write("three", #"["l_a", "r_a"]"#, rest: #", "sigmas": [0.1, 0.2]"#)
      let data = try [one, three].keypoints(split: "all")
      #expect(data.samples.map(\.id) == ["a", "k/a"])
      #expect(data.samples.allSatisfy { $0.target.layout.deviations == [0.1, 0.2] })
      func reason(_ other: RecognizedDataset) -> String? {
        message { _ = try [one, other].keypoints(split: "all") }
      }
      let end = "; sets that are read together must have the same keypoints"
      let place = "\(folder.path)/four/k.json: "
      #expect(
        reason(try write("four", #"["r_a", "l_a"]"#))
          == place + "keypoint 0 is 'r_a', of \(folder.path)/one/k.json it is 'l_a'" + end)
      #expect(
        reason(try write("four", #"["l_a", "r_a"]"#, rest: #", "flip": []"#))
          == place + "mirrored, 'l_a' becomes 'l_a', of \(folder.path)/one/k.json 'r_a'" + end)
      let voc = folder.appending(path: "voc")
      try voc.writeVOC(1)
      #expect(
        message { _ = try [recognized(voc)].keypoints(split: "all") }
          == "\(voc.path): VOC has objects with boxes, where keypoints of persons or centres of objects "
          + "are needed")
      #expect(
        message { _ = try [one].objects(split: "all") }
          == "\(folder.path)/one/k.json: keypoint JSON has keypoints, where objects with boxes are needed"
      )
      #expect(message { _ = try [one].labels(split: "all") }?.contains("has keypoints") == true)
    }
  }

  @Test func takesTheNamesOfAModel() throws {
    try withTemporaryFolder { folder in
      try folder.writePicture("a.jpg")
      try folder.write(
        "k.json",
        #"{"names": ["l_a", "r_a", "n"], "skeleton": [[0, 2]], "sigmas": [0.1, 0.2, 0.3], "#
          + #""images": [{"file": "a.jpg", "persons": [{"keypoints": [[1, 2], [3, 4], [5, 6]]}]}]}"#
      )
      let set = try recognized(folder, "k.json")
      let data = try [set].keypoints(split: "all", layoutNames: ["n", "x", "l_a", "l_y", "r_y"])
      let truth = data.samples[0].target
      #expect(data.classNames == ["n", "x", "l_a", "l_y", "r_y"])
      #expect(truth.points.map(\.index) == [2, 0])
      #expect(truth.layout.partners == [0, 1, 2, 4, 3] && truth.layout.edges == [.init(2, 0)])
      #expect(truth.layout.deviations == nil)
      #expect(data.problems.contains { $0.text == "'r_a' is not in the list of keypoints" })
      let moved = try [set].keypoints(split: "all", layoutNames: ["n", "r_a", "l_a"])
      #expect(moved.samples[0].target.layout.deviations == [0.3, 0.2, 0.1])
      #expect(moved.samples[0].target.layout.partners == [0, 2, 1])
      #expect(
        message { _ = try [set].keypoints(split: "all", layoutNames: ["q"]) }?
          .contains("the keypoints l_a, r_a, n, where q are needed") == true)
    }
  }

  @Test func leavesOutWhomNobodyLabelledInTraining() throws {
    try withTemporaryFolder { folder in
      try folder.writePicture("a.jpg")
      try folder.write(
        "k.json",
        #"{"names": ["a"], "images": [{"file": "a.jpg", "split": "train", "persons": "#
          + #"[{"keypoints": [null]}, {"keypoints": [[1, 2]]}]}]}"#)
      let set = try recognized(folder, "k.json")
      let train = try [set].keypoints(split: "trainval")
      #expect(train.samples.map(\.id) == ["a#2"])
      #expect(train.problems.map(\.kind) == [.noKeypoints])
      #expect(try [set].keypoints(split: "all").samples.map(\.id) == ["a#1", "a#2"])
    }
  }

  /// Whatever is cut off or changed: a result, or an error of one line.
  @Test func neverTraps() throws {
    let texts = [
      "x.json":
        #"{"names": ["a", "b"], "flip": [[0, 1]], "images": [{"file": "a.jpg", "width": 20, "height": 16, "persons": [{"keypoints": [[1, 2, 2], null], "box": [1, 2, 3, 4]}]}]}"#,
      "y.json":
        #"{"images": [{"id": 3, "file_name": "a.jpg"}], "categories": [{"id": 1, "keypoints": ["n", "m"], "skeleton": [[1, 2]]}], "annotations": [{"image_id": 3, "category_id": 1, "keypoints": [1, 2, 2, 3, 4, 0], "bbox": [1, 2, 3, 4]}]}"#,
      "a.csv": "scorer,S,S,S,S\nbodyparts,a,a,b,b\ncoords,x,y,x,y\na.jpg,1,2,,\n",
      "b.csv": "name,a_x,a_y,b_x,b_y\na.jpg,1,2,3.5,-4\n",
      "c.csv": "image,x,y,class\na.jpg,1,2,q\n",
    ]
    try withTemporaryFolder { folder in
      try folder.writePicture("a.jpg")
      for (name, text) in texts {
        var (good, bad) = (0, 0)
        func read(_ bytes: [UInt8]) throws {
          try Data(bytes).write(to: folder.appending(path: name))
          do {
            _ = try [recognized(folder, name)].keypoints(split: "all")
            good += 1
          } catch {
            bad += 1
            #expect(!"\(error)".contains("\n") && "\(error)".contains(folder.path), "\(error)")
          }
        }
        let bytes = Array(text.utf8)
        for count in 0..<bytes.count { try read(Array(bytes[..<count])) }
        for place in bytes.indices {
          for value in [UInt8(ascii: "0"), UInt8(ascii: "-"), UInt8(ascii: ","), 0xFF] {
            var changed = bytes
            changed[place] = value
            try read(changed)
          }
        }
        #expect(good > 0 && bad > bytes.count / 4, "\(name): \(good) read, \(bad) refused")
      }
    }
  }
}
