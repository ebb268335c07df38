import Compute
import Datasets
import Detection
import Evaluation
import Files
import Foundation
import Geometry
import TestSupport
import Testing
import Training

@testable import Darknet

/// A reader of files.
struct FuzzTarget: Sendable, CustomTestStringConvertible {
  typealias Reader = (URL) throws -> Void

  let name: String
  /// The name of the file that is changed.
  let file: String
  /// Puts what stands around the file into a folder and gives what reads it.
  let prepare: @Sendable (URL) throws -> Reader

  var testDescription: String { name }

  /// The files in the target's folder of `Corpus`, in order of name.
  func corpus() throws -> [[UInt8]] {
    let folder = packageRoot.appending(path: "Tests/FuzzTests/Corpus/\(name)")
    return try FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil
    ).sorted { $0.lastPathComponent < $1.lastPathComponent }.map {
      [UInt8](try Data(contentsOf: $0))
    }
  }

  static let all: [FuzzTarget] = [
    FuzzTarget(name: "cfg", file: "x.cfg") { _ in
      { url in
        for lenient in [true, false] {
          let file = try ConfigurationFile(contentsOf: url, lenient: lenient)
          let again = try ConfigurationFile(
            text: file.serialized(), fileName: "again.cfg", lenient: true)
          #expect(again == file)
          _ = try NetworkBuilder.build(
            file, limits: LayerLimits(parameters: 1 << 20), on: HostMemory())
          _ = try file.settingClassCount(3)
        }
      }
    },
    FuzzTarget(name: "weights", file: "x.weights") { _ in
      let cfg = try ConfigurationFile(
        contentsOf: packageRoot.appending(path: "Tests/FuzzTests/Corpus/cfg/tiny.cfg"))
      let network = try NetworkBuilder.build(cfg)
      return { url in
        _ = try WeightsFile.read(
          url, into: network.nodes, outputs: network.outputs, allowPartial: true)
      }
    },
    FuzzTarget(name: "safetensors", file: "x.safetensors") { _ in
      { url in
        let file = try SafetensorsReader(path: url.path)
        for entry in file.entries where entry.type == .float32 { _ = try file.floats(entry.name) }
      }
    },
    FuzzTarget(name: "checkpoint", file: "x.safetensors") { _ in
      { url in _ = try Checkpoint.metadata(of: url.path) }
    },
    FuzzTarget(name: "detectionsJSON", file: "x.json") { _ in
      { url in
        _ = try DetectionFiles.joining(url, to: images, classNames: classNames)
      }
    },
    FuzzTarget(name: "detectionsCOCO", file: "x.json") { _ in
      let results = COCOResultFile(
        imageIndices: [.number(1): 0, .text("a2"): 1],
        classIndices: [.number(1): 0, .number(3): 1])
      return { url in
        _ = try DetectionFiles.joining(url, to: images, classNames: classNames, results: results)
      }
    },
    FuzzTarget(name: "detectionsText", file: "texts/a1.txt") { folder in
      try make(folder.appending(path: "texts"))
      return { url in
        _ = try DetectionFiles.joining(
          url.deletingLastPathComponent(), to: images, classNames: classNames)
      }
    },
    FuzzTarget(name: "detectionsVOC", file: "comp4_det_test_nut.txt") { _ in
      { url in _ = try DetectionFiles.joining(url, to: images, classNames: classNames) }
    },
    FuzzTarget(name: "annotationsCOCO", file: "x.json") { _ in
      { url in
        let data = try Data(contentsOf: url)
        _ = try COCOAnnotations(data, file: "x.json", isStrict: false)
        _ = try COCOAnnotations(data, file: "x.json")
      }
    },
    FuzzTarget(name: "labelsYOLO", file: "labels/a1.txt") { folder in
      try make(folder.appending(path: "labels"))
      return { url in
        _ = try YOLOLabels.read(in: url.deletingLastPathComponent(), classCount: 3) { _ in
          PixelSize(width: 64, height: 48)
        }
      }
    },
    FuzzTarget(name: "yaml", file: "data.yaml") { folder in
      try dataset(folder)
      return { url in try read(url) }
    },
    FuzzTarget(name: "lists", file: "train.txt") { folder in
      try dataset(folder)
      let yaml = folder.appending(path: "data.yaml")
      try Data("train: train.txt\nnames: [bolt, nut]\n".utf8).write(to: yaml)
      return { _ in try read(yaml) }
    },
    FuzzTarget(name: "matlab", file: "x.mat") { _ in
      { url in
        let file = try MATLABFile(contentsOf: url)
        for name in file.names { _ = try file.require(name, file: url.path) }
      }
    },
    FuzzTarget(name: "keypointJSON", file: "x.json") { folder in
      try picture(in: folder)
      return { url in try readKeypoints(url) }
    },
    FuzzTarget(name: "keypointCSV", file: "x.csv") { folder in
      try picture(in: folder)
      return { url in try readKeypoints(url) }
    },
    FuzzTarget(name: "names", file: "x.names") { _ in
      { url in _ = try TrainedModel.readNames(url) }
    },
  ]

  private static let classNames = ["bolt", "nut"]
  private static let images = ["a1", "a2"].map { id in
    let object = GroundTruth(box: Box(left: 4, top: 4, right: 30, bottom: 30), classIndex: 0)
    return EvaluatedImage(id: id, objects: [object], size: PixelSize(width: 64, height: 48))
  }

  private static func make(_ folder: URL) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  /// `images` with two pictures, `labels` for one of them.
  private static func dataset(_ folder: URL) throws {
    for name in ["images", "labels"] { try make(folder.appending(path: name)) }
    let picture = try Data(
      contentsOf: packageRoot.appending(path: "Tests/FuzzTests/Corpus/picture.png"))
    for id in ["a1", "a2"] { try picture.write(to: folder.appending(path: "images/\(id).png")) }
    try Data("0 .5 .5 .25 .25\n".utf8).write(to: folder.appending(path: "labels/a1.txt"))
  }

  private static func picture(in folder: URL) throws {
    let picture = packageRoot.appending(path: "Tests/FuzzTests/Corpus/picture.png")
    try Data(contentsOf: picture).write(to: folder.appending(path: "a1.png"))
  }

  private static func readKeypoints(_ url: URL) throws {
    for sample in try [RecognizedDataset(recognizing: DataArgument(url))].keypoints(split: "all")
      .samples
    {
      #expect(sample.target.region.map { $0.width > 0 && $0.height > 0 } ?? true)
    }
  }

  private static func read(_ yaml: URL) throws {
    let set = try RecognizedDataset(recognizing: DataArgument(yaml))
    _ = try [set].objects(split: "train")
  }
}
