import Foundation
import TestSupport
import Testing

/// Darknet's files give the detections that OpenCV's DNN module finds with them.
@Suite struct OpenCVTests {
  private struct Found {
    let name: String
    let confidence: Double
    /// Left, top, width, height in pixels of the image.
    let box: [Double]
  }

  /// What `detect` finds in images, one list an image, by falling confidence.
  private func detect(
    _ images: [URL], _ cfg: URL, _ weights: URL, names: URL, _ options: String...
  ) throws -> [[Found]] {
    try withTemporaryFolder { folder in
      let program = Program(folder: folder)
      let outcome = try program.run(
        ["detect"] + images.map(\.path) + [
          "--model", cfg.path, "--weights", weights.path, "--names", names.path,
          "--resize", "stretch", "--confidence", "0.25", "--quiet", "--json", "found.json",
        ] + options)
      try #require(outcome.status == 0, "\(outcome.errors)")
      let entries = try #require(try program.json("found.json")["images"] as? [[String: Any]])
      return try entries.map { entry in
        try #require(entry["detections"] as? [[String: Any]]).map {
          Found(
            name: try #require($0["class"] as? String),
            confidence: try #require($0["confidence"] as? Double),
            box: try #require($0["box"] as? [Double]))
        }
      }
    }
  }

  /// Seeded weights and a picture of the network's size: nothing is resized, nothing rounded.
  @Test(arguments: ["yolo", "region", "csp"]) func committedFilesToFourDigits(_ name: String) throws
  {
    let golden = try #require(try goldenCases("opencv").first { $0.name == name })
    let files = packageRoot.appending(path: "Tests/Golden/opencv")
    let found = try withTemporaryFolder { folder in
      try folder.write("x.names", "0\n1\n2\n")
      return try detect(
        [files.appending(path: "picture.png")], files.appending(path: "\(name).cfg"),
        files.appending(path: "\(name).weights"), names: folder.appending(path: "x.names"),
        "--all-classes", "--nms", "\(try #require(golden.numbers["overlap"]))")
    }[0]
    #expect(golden.numbers["confidence"] == 0.25)
    let values = try golden.array("detections").map(Double.init)
    // Class, confidence, objectness, left, top, right, bottom as fractions of the picture.
    let expected = stride(from: 0, to: values.count, by: 7).map { Array(values[$0..<$0 + 7]) }
    try #require(found.count == expected.count && found.count > 30)
    for (index, (one, v)) in zip(found, expected).enumerated() {
      #expect(Double(one.name) == v[0] && abs(one.confidence - v[1]) < 1e-4, "detection \(index)")
      let wanted = [v[3], v[4], v[5] - v[3], v[6] - v[4]]
      for (a, b) in zip(one.box, wanted) { #expect(abs(a / 96 - b) < 4e-4, "detection \(index)") }
    }
  }

  private static let voc = "datasets/weights/mobilenet-yolo/voc.names"

  /// Photos are decoded and resized by two programs, so confidences agree to two digits.
  @Test(
    .needsShared("datasets/weights", "datasets/darknet-samples"),
    arguments: [
      (
        "yolov3-tiny", "datasets/weights/yolov3-tiny/yolov3-tiny",
        "datasets/weights/yolov3-tiny/coco.names"
      ),
      (
        "MobileNetV2-YOLOv3-Nano-voc",
        "datasets/weights/mobilenet-yolo/MobileNetV2-YOLOv3-Nano/VOC/MobileNetV2-YOLOv3-Nano-voc",
        voc
      ),
      (
        "yolo-fastest-1.0-voc",
        "datasets/weights/yolo-fastest/history-911ac63/Yolo-Fastest/VOC/yolo-fastest", voc
      ),
    ])
  func publishedWeights(_ key: String, _ path: String, _ names: String) throws {
    let samples = "datasets/darknet-samples"
    let cfg = try sharedData(path + ".cfg")
    let weights = try sharedData(path + ".weights")
    let lists = try #require(
      try JSONSerialization.jsonObject(
        with: Data(contentsOf: sharedData("\(samples)/opencv-dnn-detections.json")))
        as? [String: Any])
    let network = try #require(lists[key] as? [String: [[Any]]])
    let photos = network.keys.sorted()
    let images = try photos.map { try sharedData("\(samples)/data/\($0).jpg") }
    let found = try detect(images, cfg, weights, names: sharedData(names))
    try #require(found.count == photos.count && photos.count == 7)
    for (photo, found) in zip(photos, found) {
      let expected = try #require(network[photo])
      #expect(found.count == expected.count, "\(photo)")
      for entry in expected {
        let confidence = try #require(entry[1] as? Double)
        let box = try #require(entry[2] as? [Double])
        let same = found.contains {
          $0.name == entry[0] as? String && abs($0.confidence - confidence) < 0.02
            && zip($0.box, box).allSatisfy { abs($0 - $1) < 1.5 }
        }
        #expect(same, "\(photo): \(entry)")
      }
    }
  }
}
