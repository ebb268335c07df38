import Compute
import Files
import Foundation
import Geometry
import Keypoints
import TestSupport
import Testing

@testable import Datasets

@Suite struct KeypointCheckTests {
  private let names = ["l_eye", "r_eye", "l_ear", "r_ear", "l_arm", "r_arm", "l_leg", "r_leg"]

  private func layout() throws -> KeypointLayout {
    try KeypointLayout(names: names, pairs: SideNames.pairs(of: names))
  }

  private func check(_ url: URL, _ path: String = "") throws -> KeypointCheck {
    try KeypointCheck(
      recognized(url, path), split: "all", pool: ThreadPool(threadCount: 2))
  }

  /// A person in a picture of 20 x 16: left keypoints at x 12, right ones at 6; the pairs of `turned` the
  /// other way round.
  private func person(_ layout: KeypointLayout, turned: Set<Int> = [], shift: Double = 0)
    -> KeypointTruth
  {
    KeypointTruth(
      layout: layout,
      points: layout.names.indices.map { index in
        let isLeft = (index % 2 == 0) != turned.contains(index / 2)
        return LabelledKeypoint(
          index: index, position: Point((isLeft ? 12 : 6) + shift, Double(index) + 2))
      })
  }

  private func write(_ persons: [[KeypointTruth]], to folder: URL) throws {
    var rows: [KeypointFile.Row] = []
    for (index, truths) in persons.enumerated() {
      try folder.writePicture("\(index).jpg", seed: UInt64(index + 1))
      rows.append(.init(path: "\(index).jpg", size: nil, split: nil, truths: truths))
    }
    try KeypointFile.write(
      rows, layout: layout(), areCenters: false, to: folder.appending(path: "k.json").path)
  }

  @Test func findsPairsThatAreExchanged() throws {
    let layout = try layout()
    try withTemporaryFolder { folder in
      // Half of the people are seen from behind; of all but one the ears are exchanged.
      let people = (0..<12).map { index in
        [person(layout, turned: index == 5 ? [] : index % 2 == 0 ? [1] : [0, 2, 3])]
      }
      try write(people, to: folder)
      let found = try check(folder).findings
      #expect(
        found.filter { $0.kind == .exchangedSides }.map(\.text) == [
          "'l_ear' and 'r_ear' lie against the other pairs in 92 % of 12 persons"
        ])
    }
    try withTemporaryFolder { folder in
      // Of two pairs nobody knows which one it is.
      let people = (0..<10).map { _ in
        var two = person(layout, turned: [1])
        two.points.removeLast(4)
        return [two]
      }
      try write(people, to: folder)
      #expect(try check(folder).findings.count { $0.kind == .exchangedSides } == 2)
    }
    try withTemporaryFolder { folder in
      // Four of ten are what crossed legs do.
      let people = (0..<10).map { index in
        [person(layout, turned: index < 4 ? [3] : index < 7 ? [0, 1, 2, 3] : [])]
      }
      try write(people, to: folder)
      #expect(try !check(folder).findings.contains { $0.kind == .exchangedSides })
    }
  }

  @Test func notesPersonsAndSetsOfUnusualSides() throws {
    let layout = try layout()
    try withTemporaryFolder { folder in
      let behind = person(layout, turned: [0, 1, 2, 3])
      try write((0..<10).map { [$0 == 3 ? person(layout, turned: [0, 1]) : behind] }, to: folder)
      let notes = try check(folder).findings.filter { $0.kind == .unusualSides }
      #expect(
        notes.map(\.text) == [
          "left lies on the right in 5 % of the pairs alone: most are seen from behind, or the sides are "
            + "the viewer's",
          "'3': of 4 pairs 2 lie the other way round",
        ])
    }
  }

  @Test func findsWhatIsWrongWithPersonsAndPictures() throws {
    let layout = try layout()
    try withTemporaryFolder { folder in
      var outside = person(layout)
      outside.points[1].position = Point(-2.5, 3)
      outside.points[2].position = Point(3, 16.5)
      outside.points.removeLast(3)
      outside.points[0].isOccluded = true
      let nobody = KeypointTruth(layout: layout, points: [])
      try write(
        [
          [person(layout), person(layout, shift: 0.5), person(layout, shift: 3)], [outside],
          [nobody],
          [person(layout)], [person(layout)],
        ], to: folder)
      try folder.writePicture("3.jpg", seed: 1)
      try folder.write("4.jpg", "no picture")
      var text = try String(contentsOf: folder.appending(path: "k.json"), encoding: .utf8)
      text = text.replacing(
        "\"file\" : \"2.jpg\"", with: #""width": 9, "height": 9, "file" : "2.jpg""#)
      try folder.write("k.json", text)
      let check = try check(folder)
      #expect(check.sampleCount == 7 && check.imageCount == 4)
      #expect(check.labelledCounts == [6, 6, 6, 6, 6, 5, 5, 5])
      #expect(check.occludedCounts == [1, 0, 0, 0, 0, 0, 0, 0])
      #expect(
        check.findings.map { $0.description.replacing(folder.path + "/", with: "") }.map {
          $0.hasPrefix("4.jpg") ? String($0.prefix(24)) : $0
        } == [
          "1.jpg: keypoint outside the image: '1': 'r_eye' at (-2.5, 3.0) and 1 more, the image has 20x16",
          "2.jpg: no labelled keypoint: '2': nothing is labelled",
          "2.jpg: wrong image size: '2': 9x9 annotated, the image has 20x16",
          "0.jpg: the same person twice: '0#2': all keypoints lie where those of '0#1' do",
          "3.jpg: duplicate image: the same pixels as 0.jpg",
          "4.jpg: unreadable image:",
        ])
      let summary = check.summary
      #expect(
        summary.hasPrefix(
          "7 persons, 4 readable images, keypoints and how many persons they are labelled in:\n"
            + "  l_eye  6 (85.7 %), 1 hidden\n  r_eye  6 (85.7 %)\n"))
      #expect(summary.contains("\n1 note:\n  1 × no labelled keypoint ("))
      #expect(summary.contains("\n5 problems:\n"))
    }
  }

  @Test func findsRegionsWithoutTheirKeypoints() throws {
    let layout = try layout()
    try withTemporaryFolder { folder in
      // Keypoints at x 6 and 12: the first region has none of them, the second some on its edge.
      var elsewhere = person(layout)
      elsewhere.region = Box(left: 13, top: 0, right: 20, bottom: 16)
      var onEdge = person(layout)
      onEdge.region = Box(left: 12, top: 0, right: 20, bottom: 16)
      try write([[elsewhere], [onEdge]], to: folder)
      let findings = try check(folder).findings
      #expect(findings.allSatisfy { !$0.kind.isNote && $0.kind.isUsed })
      #expect(
        findings.map { $0.description.replacing(folder.path + "/", with: "") } == [
          "0.jpg: region without its keypoints: '0': none of the 8 labelled lies in what is looked at, "
            + "(13.0, 0.0) to (20.0, 16.0): 'l_eye' is at (12.0, 2.0)"
        ])
    }
  }

  @Test func checksCentres() throws {
    try withTemporaryFolder { folder in
      for name in ["a", "b"] { try folder.writePicture("\(name).png", seed: UInt64(name.count)) }
      try folder.write("d.csv", "image,x,y\na.png,1,2\na.png,1,2\na.png,30,2\nb.png,,\n")
      let check = try check(folder, "d.csv")
      #expect(check.hasCenters && check.labelledCounts == [3])
      #expect(
        check.findings.map(\.kind) == [
          .keypointOutside, .noObjects, .duplicateObject, .duplicateImage,
        ])
      #expect(check.summary.hasPrefix("2 annotated images, 2 readable, 3 centres:\n  object  3\n"))
    }
  }

  /// Of the eight keypoints of LSPET that lie outside, two are in the first 600 pictures.
  @Test(.needsShared("datasets/lspet-mini")) func checksLSPET() throws {
    let check = try check(try sharedData("datasets/lspet-mini"))
    #expect(check.imageCount == 600 && check.labelledCounts.reduce(0, +) == 7338)
    let kinds = Set(check.findings.map(\.kind))
    #expect(check.findings.count { $0.kind == .keypointOutside } == 2)
    #expect(!kinds.contains(.exchangedSides) && !kinds.contains(.unreadableImage))
  }
}
