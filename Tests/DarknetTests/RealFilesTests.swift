import Darknet
import Foundation
import TestSupport
import Testing

@Suite struct RealFilesTests {
  // Floats and file sizes as computed elsewhere from the cfg files.
  private static let sizes: [(String, floats: Int, bytes: Int, minor: Int32, layers: Int)] = [
    ("yolov3", 62_001_757, 248_007_048, 2, 107), ("yolov3-spp", 63_052_381, 252_209_544, 2, 114),
    ("yolov3-tiny", 8_858_734, 35_434_956, 2, 24), ("yolov3-voc", 61_678_657, 246_714_648, 2, 107),
    ("yolov3-openimages", 64_807_342, 259_229_388, 2, 107),
    ("darknet53", 41_645_640, 166_582_580, 2, 78), ("resnet50", 22_825_896, 91_303_604, 2, 69),
    ("yolov2-tiny-voc", 15_867_885, 63_471_556, 1, 16),
    ("yolov2-voc", 50_676_061, 202_704_260, 1, 32),
  ]

  @Test(.needsShared("datasets/darknet-samples"), arguments: sizes)
  func sizesOfKnownNetworks(
    _ name: String, _ floats: Int, _ bytes: Int, _ minor: Int32, _ layers: Int
  ) throws {
    let url = try sharedData("datasets/darknet-samples/cfg/\(name).cfg")
    let file = try ConfigurationFile(contentsOf: url)
    #expect(file.warnings.count == (name == "yolov3-openimages" ? 2 : 0))
    let network = try NetworkBuilder.build(file)
    #expect(network.nodes.count == layers)
    #expect(network.parameterCount == floats)
    #expect(
      WeightsFile.byteCount(of: network.nodes, header: WeightsHeader(minor: minor)) == bytes)
    let partial = ["darknet53": (74, 162_482_580), "yolov3-tiny": (15, 30_973_396)][name]
    if let (cutoff, bytes) = partial {
      #expect(WeightsFile.byteCount(of: network.nodes, cutoff: cutoff) == bytes)
    }
  }

  @Test(.needsShared("datasets/darknet-samples")) func allSampleFilesParseOrSayWhy() throws {
    let folder = try sharedData("datasets/darknet-samples/cfg")
    let refused = [
      "cifar.test": "temperature=3 in [softmax] is not supported (logits are not divided); "
        + "only temperature=1 is",
      "darknet9000": "tree=data/9k.tree in [softmax] is not supported (class hierarchies are not "
        + "built)",
      "yolo9000":
        "tree=data/9k.tree in [region] is not supported (class hierarchies are not built)",
      "yolov1": "[local] is not supported: locally connected layers are not built",
      "yolov1-tiny": "[detection] is not supported: YOLOv1's head is not built; use a [yolo] or "
        + "[region] network",
    ]
    let files = try FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil
    ).filter { $0.pathExtension == "cfg" }
    #expect(files.count == 26)
    for url in files {
      let name = url.deletingPathExtension().lastPathComponent
      do {
        let file = try ConfigurationFile(contentsOf: url)
        let network = try NetworkBuilder.build(file)
        #expect(network.nodes.count + network.notes.count + 1 == file.sections.count)
        #expect(try parse(file.serialized()) == file)
        #expect(refused[name] == nil, "\(name)")
      } catch DarknetError.configuration(_, _, let reason) {
        #expect(reason == refused[name], "\(name)")
      }
    }
  }

  @Test(
    .needsShared("datasets/weights"),
    arguments: [
      ("yolov3-tiny/yolov3-tiny", 32_013_312),
      ("mobilenet-yolo/MobileNetV2-YOLOv3-Nano/VOC/MobileNetV2-YOLOv3-Nano-voc", nil),
      ("mobilenet-yolo/MobileNetV2-YOLO-Fastest/v1/MobileNetV2-YOLO-Fastest-voc", nil),
      ("yolo-fastest/history-911ac63/Yolo-Fastest/VOC/yolo-fastest", nil),
      ("yolo-lite/tiny-yolov2-trial3-noBatch", nil),
    ])
  func weights(_ path: String, _ seen: UInt64?) throws {
    let cfg = try sharedData("datasets/weights/\(path).cfg")
    let url = try sharedData("datasets/weights/\(path).weights")
    let network = try NetworkBuilder.build(ConfigurationFile(contentsOf: cfg))
    let report = try WeightsFile.read(url, into: network.nodes)
    #expect(report.isComplete && report.layerCount == network.nodes.count)
    if let seen { #expect(report.header == WeightsHeader(revision: 0, seen: seen)) }
    try withTemporaryFolder { folder in
      let copy = folder.appending(path: "copy.weights")
      try WeightsFile.write(network.nodes, to: copy, header: report.header)
      #expect(try Data(contentsOf: copy) == Data(contentsOf: url))
    }
  }

  @Test(
    .needsShared("datasets/weights"),
    arguments: [
      (
        "MobileNetV2-YOLOv3-Nano/VOC/MobileNetV2-YOLOv3-Nano-voc",
        "MobileNetV2-YOLOv3-Nano/MobileNetV2-Nano.57"
      ),
      (
        "MobileNetV2-YOLO-Fastest/v1/MobileNetV2-YOLO-Fastest-voc",
        "MobileNetV2-YOLO-Fastest/v1/MobileNetV2-YOLO-Fastest.conv.57"
      ),
    ])
  func backbones(_ cfg: String, _ weights: String) throws {
    let cfg = try sharedData("datasets/weights/mobilenet-yolo/\(cfg).cfg")
    let url = try sharedData("datasets/weights/mobilenet-yolo/\(weights)")
    let network = try NetworkBuilder.build(ConfigurationFile(contentsOf: cfg))
    #expect(throws: DarknetError.self) { try WeightsFile.read(url, into: network.nodes) }
    let report = try WeightsFile.read(url, into: network.nodes, allowPartial: true)
    #expect(!report.isComplete)
    // Layers 57...63 have no weights.
    #expect(report.layerCount == 64)
  }

  @Test(.needsShared("datasets/weights")) func weightsThatDoNotFitAreRefused() throws {
    let cfg = try sharedData("datasets/weights/yolo-lite/tiny-yolov2-trial8.cfg")
    let url = try sharedData("datasets/weights/yolo-lite/tiny-yolov2-trial8.weights")
    let network = try NetworkBuilder.build(ConfigurationFile(contentsOf: cfg))
    #expect(
      message { try WeightsFile.read(url, into: network.nodes, allowPartial: true) }
        == "\(url.relativePath): ends inside layer 14 ([convolutional], line 106 of the cfg), which "
        + "needs 128500 bytes where 121012 are left (2289284 bytes; the cfg asks for 2296772): the "
        + "file is truncated or belongs to another cfg")
  }
}
