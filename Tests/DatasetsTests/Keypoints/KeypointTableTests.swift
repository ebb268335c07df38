import Foundation
import Geometry
import Images
import Keypoints
import TestSupport
import Testing

@testable import Datasets

/// CSV files of keypoints and of dots, and pictures of dots.
@Suite struct KeypointTableTests {
  private func samples(_ url: URL, _ path: String = "", split: String = "all") throws -> SampleSet<
    KeypointTruth
  > {
    try [recognized(url, path)].keypoints(split: split, rules: shares(0.1))
  }

  private func reason(_ folder: URL, _ text: String) throws -> String? {
    try folder.write("x.csv", text)
    let found = message { _ = try samples(folder, "x.csv") }
    return found.map { $0.replacing(folder.path + "/x.csv", with: "") }
  }

  @Test func readsDeepLabCut() throws {
    try withTemporaryFolder { folder in
      for name in ["1", "2"] { try folder.writePicture("labeled-data/v/img\(name).png") }
      try folder.write(
        "labeled-data/v/CollectedData_S.csv",
        "scorer,S,S,S,S,S,S\nbodyparts,snout,snout,leftear,leftear,L_paw,L_paw\ncoords,x,y,x,y,x,y\n"
          + "labeled-data/v/img1.png,1,2,,,5,6\nlabeled-data/v/img2.png,1.5,2,3,4,nan,\n")
      for path in ["", "labeled-data/v", "labeled-data/v/CollectedData_S.csv"] {
        let data = try samples(folder, path)
        #expect(data.samples.map(\.id) == ["img1", "img2"])
        #expect(data.classNames == ["snout", "leftear", "L_paw"])
        #expect(
          data.samples[0].target.points == [
            LabelledKeypoint(index: 0, position: Point(1.5, 2.5)),
            LabelledKeypoint(index: 2, position: Point(5.5, 6.5)),
          ])
        #expect(data.samples[1].target.points.map(\.index) == [0, 1])
        #expect(data.samples[0].target.region == nil && data.problems.isEmpty)
      }
      #expect(try recognized(folder).format == .deepLabCut)
    }
  }

  @Test func readsSeveralIndividualsInThreeColumns() throws {
    try withTemporaryFolder { folder in
      try folder.writePicture("labeled-data/v/img1.png")
      try folder.write(
        "labeled-data/v/CollectedData_S.csv",
        "scorer,,,S,S,S,S,S,S,S,S,S,S\nindividuals,,,m1,m1,m1,m1,m2,m2,m2,m2,single,single\n"
          + "bodyparts,,,ear_l,ear_l,ear_r,ear_r,ear_l,ear_l,ear_r,ear_r,corner,corner\n"
          + "coords,,,x,y,x,y,x,y,x,y,x,y\nlabeled-data,v,img1.png,1,2,5,2,,,7,8,9,9\n"
          + "labeled-data,v,img2.png,,,,,,,,,,\n")
      let data = try samples(folder)
      #expect(data.samples.map(\.id) == ["img1#1", "img1#2"])
      #expect(data.classNames == ["ear_l", "ear_r"])
      #expect(data.samples[0].target.layout.partners == [1, 0])
      #expect(data.samples[0].target.region == Box(left: 1, top: 0, right: 6, bottom: 5))
      #expect(
        data.samples[1].target.points == [LabelledKeypoint(index: 1, position: Point(7.5, 8.5))])
      #expect(data.problems.map(\.kind) == [.unknownClass, .guessedPairs])
    }
  }

  @Test func refusesBrokenTables() throws {
    try withTemporaryFolder { folder in
      try folder.writePicture("a.png")
      let head = "scorer,S,S\nbodyparts,a,a\ncoords,x,y\n"
      #expect(try reason(folder, head + "a.png,1,2,3\n") == ":4: 4 fields, the first line has 3")
      #expect(try reason(folder, head + "a.png,1,two\n") == ":4: 'a': 'two' is not a number")
      #expect(try reason(folder, head + ",1,2\n") == ":4: no picture is named")
      #expect(
        try reason(folder, "scorer,S,S\nbodyparts,a,b\ncoords,x,y\n")
          == ":3: column 2 is no x with its y behind it")
      #expect(
        try reason(folder, "scorer,S,S\nbodyparts,a,a\ncoords,x,z\n")
          == ":3: column 2 is no x with its y behind it")
      #expect(
        try reason(
          folder,
          "scorer,S,S,S,S\nindividuals,m,m,n,n\nbodyparts,a,a,b,b\ncoords,x,y,x,y\na.png,1,2,3,4\n")
          == ":4: individuals 'm' and 'n' have different body parts")
      #expect(try reason(folder, "name,a_x,a_y\na.png,1\n") == ":2: 2 fields, the first line has 3")
      #expect(try reason(folder, "image,x,y\na.png,1,2,3\n") == ":2: 4 fields, the header has 3")
      #expect(
        try reason(folder, "image,x,y,class\na.png,1,2,\n") == ":2: an object without class")
      #expect(
        try reason(folder, "left_eye_center_x,left_eye_center_y,Image\n1,2,0 0 0\n")
          == ": pictures inside a CSV (Kaggle's faces) are not read; write them to files and name them in "
          + "the first column")
      #expect(
        try reason(folder, "name,a_x,a_y,a_x,a_y\na.png,1,2,3,4\n")
          == ": names of keypoints: 'a' is there twice")
    }
  }

  @Test func readsTables() throws {
    try withTemporaryFolder { folder in
      for name in ["a", "b", "c"] { try folder.writePicture("images/\(name).jpg") }
      let header = "image,left eye_x,left eye_y,right eye.x,right eye.y,split\n"
      try folder.write("faces.csv", header + "a.jpg,1,2,3,4,train\nb.jpg,,,NaN,4,test\n")
      let data = try samples(folder)
      #expect(data.classNames == ["left eye", "right eye"])
      #expect(data.samples.map(\.id) == ["a", "b"])
      #expect(data.samples[0].target.points.map(\.position) == [Point(1.5, 2.5), Point(3.5, 4.5)])
      #expect(data.samples[0].target.layout.partners == [1, 0])
      #expect(data.samples[1].target.points.isEmpty)
      #expect(data.problems.map(\.kind) == [.invalidKeypoint, .guessedPairs])
      #expect(try samples(folder, split: "test").samples.map(\.id) == ["b"])
      try folder.write("faces.csv", "a.jpg,1,2,3,4\nb.jpg,,,5,6\n")
      let bare = try samples(folder, "faces.csv")
      #expect(bare.classNames == ["0", "1"])
      #expect(
        bare.samples[1].target.points == [LabelledKeypoint(index: 1, position: Point(5.5, 6.5))])
      try folder.write("faces.csv", "name,x0,y0,x1,y1\na.jpg,1,2,3,4\n")
      #expect(try samples(folder).classNames == ["0", "1"])
    }
  }

  @Test func readsTablesOfSplits() throws {
    try withTemporaryFolder { folder in
      try folder.writePicture("training/a.jpg")
      try folder.writePicture("test/b.jpg")
      try folder.write("training_frames_keypoints.csv", ",0,1,2,3\na.jpg,1.0,2.0,3.0,4.0\n")
      try folder.write("test_frames_keypoints.csv", ",0,1,2,3\nb.jpg,1.0,2.0,3.0,4.0\n")
      let set = try recognized(folder)
      #expect(set.format == .keypointTable)
      #expect(try [set].keypoints(split: "test").samples.map(\.id) == ["b"])
      #expect(try [set].keypoints(split: "trainval").samples.map(\.id) == ["a"])
    }
  }

  @Test func readsListsOfDots() throws {
    try withTemporaryFolder { folder in
      for name in ["a", "b"] { try folder.writePicture("\(name).png") }
      try folder.write("dots.csv", "image,x,y,class\na.png,1,2,nut\na.png,3,4,bolt\nb.png,,,\n")
      for path in ["", "dots.csv"] {
        let set = try recognized(folder, path)
        #expect(set.format == .dotList && set.hasCenters)
        let data = try [set].keypoints(split: "all")
        #expect(data.classNames == ["bolt", "nut"] && data.samples.map(\.id) == ["a", "b"])
        #expect(
          data.samples[0].target.points == [
            LabelledKeypoint(index: 1, position: Point(1.5, 2.5)),
            LabelledKeypoint(index: 0, position: Point(3.5, 4.5)),
          ])
        #expect(data.samples[1].target.points.isEmpty)
      }
      // A picture of nothing is trained on.
      #expect(
        try [recognized(folder, "dots.csv")].keypoints(split: "train", rules: shares(0)).samples
          .count == 2)
      try folder.write("dots.csv", "image,x,y\na.png,1,2\n")
      #expect(try samples(folder, "dots.csv").classNames == ["object"])
      // A table of classes stays one.
      try folder.write("dots.csv", "path,label\na.png,nut\nb.png,bolt\n")
      #expect(try recognized(folder, "dots.csv").format == .classTable)
    }
  }

  @Test func findsDots() throws {
    var image = Image(width: 12, height: 9)
    func mark(_ x: Int, _ y: Int, _ value: UInt8 = 255) { image.pixels[3 * (y * 12 + x)] = value }
    mark(0, 0)
    mark(5, 2)
    mark(6, 3)
    mark(11, 8)
    mark(9, 5, 128)
    mark(3, 7, 127)
    #expect(
      DotImage(image).points.map(\.position) == [
        Point(0.5, 0.5), Point(6, 3), Point(9.5, 5.5), Point(11.5, 8.5),
      ])
    // Dark dots on a light ground.
    var inverse = image
    inverse.pixels = image.pixels.indices.map { 255 - image.pixels[$0 - $0 % 3] }
    #expect(DotImage(inverse).points.map(\.position) == DotImage(image).points.map(\.position))
    #expect(DotImage(Image(width: 4, height: 4)).points.isEmpty)
    #expect(DotImage(Image(width: 4, height: 4, red: 255, green: 255, blue: 255)).points.isEmpty)
    #expect(DotImage(Image(width: 4, height: 4, red: 40)).points.isEmpty)
  }

  @Test func readsPicturesOfDots() throws {
    try withTemporaryFolder { folder in
      var dots = Image(width: 20, height: 16)
      dots.pixels[3 * (4 * 20 + 7)] = 255
      for (picture, mark) in [
        ("001cell.png", "001dots.png"), ("B_1.png", "B_1_dots.png"), ("g-2.jpg", "g-2_dots.png"),
      ] {
        try folder.writePicture(picture)
        try dots.writePNG(to: folder.appending(path: mark))
      }
      try folder.writePicture("lonely.png")
      try folder.writePicture("small.png", width: 10)
      try dots.writePNG(to: folder.appending(path: "smalldots.png"))
      try dots.writePNG(to: folder.appending(path: "nobodydots.png"))
      let set = try recognized(folder)
      #expect(set.format == .dotImages && set.hasCenters)
      #expect(
        try set.summary(shares: SplitShares(test: 0))
          == "data: dot images, 4 images, centres of object; "
          + "no lists: 90 % train, 10 % val of the images, chosen by seed 1")
      let data = try [set].keypoints(split: "all")
      #expect(data.samples.map(\.id) == ["001cell", "B_1", "g-2"])
      #expect(
        data.samples.allSatisfy {
          $0.target.points == [LabelledKeypoint(index: 0, position: Point(7.5, 4.5))]
        })
      #expect(
        Set(data.problems.map(\.kind)) == [.missingImage, .missingAnnotation, .unreadableImage])
      #expect(
        data.problems.contains { $0.text.contains("20x16 pixels, the picture has 10x16") })
    }
  }

  @Test func readsDotsThatJPEGHasBlurred() throws {
    try withTemporaryFolder { folder in
      var dots = Image(width: 64, height: 64)
      let places = [(8, 8), (30, 12), (13, 40), (50, 50)]
      for (x, y) in places {
        for channel in 0..<3 { dots.pixels[3 * (y * 64 + x) + channel] = 255 }
      }
      try dots.writeJPEG(to: folder.appending(path: "1_dots.jpg"))
      try folder.writePicture("1.jpg", width: 64, height: 64)
      let points = try samples(folder).samples[0].target.points.map(\.position)
      #expect(points == [Point(8.5, 8.5), Point(30.5, 12.5), Point(13.5, 40.5), Point(50.5, 50.5)])
    }
  }

  @Test func keepsThePersonsOfAPictureTogether() throws {
    try withTemporaryFolder { folder in
      var rows = "image,x,y\n"
      for index in 0..<20 {
        try folder.writePicture("\(index).png", seed: UInt64(index))
        rows += "\(index).png,1,2\n\(index).png,3,4\n"
      }
      try folder.write("dots.csv", rows)
      let set = try recognized(folder, "dots.csv")
      func ids(_ split: String) throws -> Set<String> {
        Set(
          try [set].keypoints(split: split, rules: shares(0.2, test: 0.1)).samples.map(\.id))
      }
      let (train, val, test) = (try ids("train"), try ids("val"), try ids("test"))
      #expect(train.count == 14 && val.count == 4 && test.count == 2)
      #expect(train.union(val).union(test).count == 20)
    }
  }
}
