import Foundation
import ObjectDetection
import TestSupport
import Testing

@Suite struct ObjectDetectorTests {
  /// A network of one layer and a head, with weights that are seeded numbers.
  private func withModel(_ body: (_ folder: URL, _ cfg: String, _ weights: String) throws -> Void)
    throws
  {
    try withTemporaryFolder { folder in
      let cfg = """
        [net]
        width=32
        height=32
        channels=3

        [convolutional]
        filters=14
        size=8
        stride=8
        activation=linear

        [yolo]
        mask=0,1
        anchors=8,8, 16,16
        classes=2
        num=2
        """
      try folder.write("net.cfg", cfg)
      try folder.write("net.names", "cat\ndog\n")
      // Version 0.2, no pictures seen; biases, then weights.
      var bytes: [UInt8] = [0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 8)
      for value in randomValues(14 + 14 * 3 * 64, in: -0.2...0.2, seed: 9) {
        withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
      }
      try Data(bytes).write(to: folder.appending(path: "net.weights"))
      try body(
        folder, folder.appending(path: "net.cfg").path, folder.appending(path: "net.weights").path)
    }
  }

  @Test func findsObjectsInFilesAndInMemory() throws {
    try withModel { folder, cfg, weights in
      let detector = try ObjectDetector(
        configuration: cfg, weights: weights, confidence: 0.3, threads: 1)
      #expect(detector.classNames == ["cat", "dog"])
      #expect(detector.origin == "net.weights (version 0.2, 0 images seen)")
      try folder.writePicture("photo.png", seed: 4, width: 32, height: 32)
      let objects = try detector.objects(inFile: folder.appending(path: "photo.png").path)
      #expect(!objects.isEmpty && objects.allSatisfy { $0.confidence > 0.3 })
      #expect(objects.map(\.confidence) == objects.map(\.confidence).sorted(by: >))
      #expect(objects.allSatisfy { $0.objectness >= $0.confidence && $0.uncertainty == nil })
      let grey = try detector.objects(
        inPixels: [UInt8](repeating: 128, count: 32 * 32 * 3), width: 32, height: 32)
      #expect(grey != objects)
    }
  }

  @Test func whatIsWrongIsOneLine() throws {
    try withModel { folder, cfg, weights in
      let missing = folder.appending(path: "none.weights").path
      let error = #expect(throws: DetectorError.self) {
        try ObjectDetector(configuration: cfg, weights: missing)
      }
      #expect(error?.description.contains("none.weights") == true)
      #expect(error?.description.contains("\n") == false)
      #expect(throws: DetectorError.self) { try ObjectDetector(run: folder.path) }
      let detector = try ObjectDetector(configuration: cfg, weights: weights)
      #expect(throws: DetectorError.self) { try detector.objects(inFile: cfg) }
      let bytes = #expect(throws: DetectorError.self) {
        try detector.objects(inPixels: [1, 2], width: 3, height: 4)
      }
      #expect(bytes?.description == "2 bytes are no picture of 3x4 pixels")
    }
  }

  /// The example of the documentation, as it stands there, on a model of its own.
  @Test func theExampleIsWhatIsTested() throws {
    let article = try String(
      contentsOf: packageRoot.appending(
        path: "Sources/detector/Documentation.docc/Library.md"), encoding: .utf8)
    let match = try #require(article.firstMatch(of: /```swift\n((?s).*?)```/))
    let example = String(match.1)
    #expect(example.split(separator: "\n").count <= 15)
    let own = try String(contentsOf: URL(filePath: #filePath), encoding: .utf8)
    let begin = try #require(own.range(of: "// The loop of the example.\n"))
    let tested = own[begin.upperBound...].prefix { $0 != "§" }
    func lines(_ text: some StringProtocol) -> [String] {
      text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    }
    let loop = lines(example).drop { !$0.hasPrefix("for ") }
    #expect(loop.map { $0.replacing("\"photo.jpg\"", with: "photo") } == lines(tested).dropLast())
    try withModel { folder, cfg, weights in
      try folder.writePicture("photo.jpg", seed: 4, width: 32, height: 32)
      let photo = folder.appending(path: "photo.jpg").path
      let detector = try ObjectDetector(configuration: cfg, weights: weights, confidence: 0.3)
      var printed: [String] = []
      func print(_ line: String) { printed.append(line) }
      // The loop of the example.
      for object in try detector.objects(inFile: photo) {
        var line = "\(object.className) \(object.confidence)"
        line += " at \(object.left), \(object.top), \(object.width) x \(object.height)"
        if let uncertainty = object.uncertainty {
          line += ", \(uncertainty.bald) bits would be learned of a label here"
        }
        print(line)
      }
      // §
      let found = try detector.objects(inFile: photo)
      #expect(printed.count == found.count)
      #expect(printed.first?.contains(" at ") == true)
    }
  }
}
