import Compute
import Files
import Foundation
import Geometry
import Keypoints
import TestSupport
import Testing

@testable import Datasets

@Suite struct LeedsTests {
  @Test(.needsShared("datasets/lspet-mini/joints.mat")) func readsLSPET() throws {
    let url = try sharedData("datasets/lspet-mini/joints.mat")
    let joints = try LeedsJoints(MATLABFile(contentsOf: url), file: url.path)
    #expect(joints.isExtension && joints.persons.count == 10_000 && joints.invalid.isEmpty)
    #expect(joints.persons.reduce(0) { $0 + $1.points.count } == 123_213)
    #expect(joints.persons.count { $0.points.count == 14 } == 3945)
    #expect(joints.persons.prefix(600).count { $0.points.count == 14 } == 215)
    // Both ends of the torso: left shoulder and right hip.
    let torsos = joints.persons.compactMap { person -> Double? in
      guard let shoulder = person[9]?.position, let hip = person[2]?.position else { return nil }
      return hypot(shoulder.x - hip.x, shoulder.y - hip.y)
    }.sorted()
    #expect(torsos.count == 7179)
    #expect(abs(torsos[0] - 0.74) < 0.005 && abs((torsos.last ?? 0) - 117) < 0.5)
    #expect(abs(torsos[torsos.count / 2] - 48.5) < 0.05)
    // The second picture's right ankle: SciPy reads 75.71063741, 49.4939424, counted from 1.
    let ankle = try #require(joints.persons[1][0]?.position)
    #expect(abs(ankle.x - 75.21063741) < 1e-8 && abs(ankle.y - 48.9939424) < 1e-7)
    #expect(joints.persons.allSatisfy { $0.points.allSatisfy { !$0.isOccluded } })
  }

  @Test(.needsShared("datasets/lspet-mini")) func dividesLSPETByNames() throws {
    let set = try recognized(try sharedData("datasets/lspet-mini"))
    #expect(set.format == .leedsExtension && set.hasKeypoints && !set.hasCenters)
    func samples(_ split: String) throws -> SampleSet<KeypointTruth> {
      try [set].keypoints(split: split)
    }
    let (train, val, test) = (try samples("train"), try samples("val"), try samples("test"))
    let all = try samples("all")
    #expect(all.samples.count == 600)
    #expect(train.samples.count + val.samples.count + test.samples.count == 600)
    #expect((40...80).contains(val.samples.count) && (40...80).contains(test.samples.count))
    #expect(all.problems.count { $0.kind == .missingImage } == 9400)
    #expect(train.classNames.first == "right_ankle" && train.classNames.count == 14)
    let splits = KeypointSet.hashedSplits((1...10_000).map { "im" + String(format: "%05d", $0) })
    #expect(splits.count { $0 == "train" } == 8000 && splits.count { $0 == "val" } == 1000)
    // The names alone say where a picture belongs.
    #expect(
      val.samples.map(\.id)
        == (1...600).map { "im" + String(format: "%05d", $0) }.filter {
          splits[(Int($0.dropFirst(2)) ?? 1) - 1] == "val"
        })
    let person = try #require(all.samples.first { $0.id == "im00002" }?.target)
    let region = try #require(person.region)
    // Of the labelled joints: x 54.66...123.72, y 34.77...154.31.
    #expect(abs(region.width - 1.25 * (154.30775942 - 34.77022278)) < 1e-3)
    #expect(region.width == region.height || abs(region.width - region.height) < 1e-3)
    #expect(abs(region.centerX - ((54.65783687 + 123.72161524) / 2 - 0.5)) < 1e-3)
    #expect(
      try set.summary().hasSuffix("14 keypoints in 6 flip pairs, 14 lines"))
  }

  /// The same hash in Python; trained networks depend on it.
  @Test func dividesLSPETAlwaysAlike() {
    let names = (1...10_000).map { "im" + String(format: "%05d", $0) }
    let splits = KeypointSet.hashedSplits(names)
    func first(_ split: String) -> [String] {
      zip(names, splits).filter { $0.1 == split }.prefix(5).map(\.0)
    }
    #expect(first("val") == ["im00006", "im00022", "im00036", "im00047", "im00086"])
    #expect(first("test") == ["im00003", "im00008", "im00010", "im00013", "im00019"])
  }

  @Test(.needsShared("datasets/pose-oracle/lsp")) func readsLSP() throws {
    let url = try sharedData("datasets/pose-oracle/lsp/lsp-joints-PC.mat")
    let joints = try LeedsJoints(MATLABFile(contentsOf: url), file: url.path)
    #expect(!joints.isExtension && joints.persons.count == 2000)
    #expect(joints.persons.allSatisfy { $0.points.count == 14 && $0.region == nil })
    let torsos = joints.persons.dropFirst(1000).compactMap { person -> Double? in
      guard let shoulder = person[9]?.position, let hip = person[2]?.position else { return nil }
      return hypot(shoulder.x - hip.x, shoulder.y - hip.y)
    }
    #expect(abs((torsos.min() ?? 0) - 2.55) < 0.01)
    #expect(joints.persons.contains { $0.points.contains(where: \.isOccluded) })
  }

  @Test func dividesLSPAsItsAuthorsDo() throws {
    try withTemporaryFolder { folder in
      try FileManager.default.copyItem(
        at: golden("lsp.mat"), to: folder.appending(path: "joints.mat"))
      for index in 1...3 {
        try folder.writePicture("images/im000\(index).jpg", seed: UInt64(index))
      }
      let set = try recognized(folder)
      #expect(set.format == .leeds)
      let data = try [set].keypoints(split: "train", rules: shares(0.1))
      let all = try [set].keypoints(split: "all")
      #expect(all.samples.map(\.id) == ["im0001", "im0002", "im0003"] && data.samples.count == 2)
      // Person 1, joint j: (10 + j, 20 + j), every second one occluded; of person 2 joint 3 is NaN.
      let first = all.samples[0].target
      #expect(first.region == nil && first[4]?.position == Point(13.5, 23.5))
      #expect(first[4]?.isOccluded == false && first[5]?.isOccluded == true)
      #expect(all.samples[1].target[3] == nil && all.samples[1].target.points.count == 13)
      #expect(
        all.problems.map(\.description) == [
          "\(folder.path)/joints.mat: invalid keypoint: person 2: 'left_hip' is no pair of numbers"
        ])
    }
  }

  @Test(arguments: [
    ("lsp.mat", ["no pictures"]), ("shape.mat", ["'joints' is 2 x 14 x 3; LSP has 3 x 14 x N"]),
    ("cells.mat", ["'joints' is 1 x 2 and no numbers"]),
    ("other.mat", ["no variable 'joints'; there is x"]),
  ])
  func refusesOtherFiles(name: String, texts: [String]) throws {
    try withTemporaryFolder { folder in
      try FileManager.default.copyItem(at: golden(name), to: folder.appending(path: "joints.mat"))
      let found = message { _ = try recognized(folder) }
      if name == "lsp.mat" {
        #expect(
          found
            == "\(folder.path)/joints.mat: its images are not found: looked for 'im0001.jpg' in "
            + "images, .")
      } else {
        #expect(found?.contains(texts[0]) == true, "\(found ?? "")")
      }
    }
  }

  private func golden(_ name: String) -> URL {
    packageRoot.appending(path: "Tests/Golden/matlab/leeds/\(name)")
  }
}
