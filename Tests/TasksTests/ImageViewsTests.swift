import Compute
import Darknet
import Datasets
import Detection
import Evaluation
import Foundation
import Geometry
import Images
import Layers
import Networks
import TestSupport
import Testing

@testable import Tasks

/// Several views of one image: which there are, and what they say together.
@Suite struct ImageViewsTests {
  private static let text = """
    [net]
    width=64
    height=64
    channels=3
    [convolutional]
    filters=12
    size=4
    stride=4
    activation=leaky
    [convolutional]
    filters=16
    size=2
    stride=2
    activation=leaky
    [convolutional]
    filters=21
    size=1
    activation=linear
    [yolo]
    mask=0,1,2
    anchors=10,14, 24,20, 40,44
    classes=2
    num=3
    """

  /// A network with random weights; a symmetric one says of a mirrored input the mirror image of what
  /// it says of the input: its kernels are symmetric, and its boxes lie in the middle of their cells.
  ///
  /// A quiet one finds nothing where a picture has one colour: nothing there is equally likely.
  private func network(
    isSymmetric: Bool = false, isBayesian: Bool = false, isQuiet: Bool = false
  ) throws -> Network {
    var file = try ConfigurationFile(text: Self.text, fileName: "views.cfg")
    if isBayesian { file = try file.adding(.replacing(relativeVariance: 0.25)) }
    let network = try Network(file, backend: CPUBackend(pool: try ThreadPool(threadCount: 2)))
    network.initializeWeights(RandomStream(seed: 21))
    if isSymmetric {
      for (number, node) in network.nodes.enumerated() {
        guard let layer = node.layer as? Convolution else { continue }
        let shape = layer.weights.values.shape
        let row = shape.width * shape.channels
        layer.weights.values.withMutableHostValues { values in
          for y in 0..<shape.batch {
            for x in 0..<shape.height / 2 {
              for i in 0..<row {
                let start = y * shape.height
                values[(start + shape.height - 1 - x) * row + i] = values[(start + x) * row + i]
              }
            }
          }
          if number == 2 {
            for i in values.indices where i % shape.channels % 7 == 0 { values[i] = 0 }
          }
        }
      }
    }
    if isQuiet {
      let layers = network.nodes.compactMap { $0.layer as? Convolution }
      let filters = layers[0].weights.values.shape.channels
      layers[0].weights.values.withMutableHostValues { values in
        for filter in 0..<filters {
          let own = stride(from: filter, to: values.count, by: filters)
          let mean = own.reduce(0) { $0 + values[$1] } / Float(values.count / filters)
          for i in own { values[i] -= mean }
        }
      }
      layers[2].weights.values.withMutableHostValues { values in
        for i in values.indices { values[i] *= 5 }
      }
      layers[2].biases.values.withMutableHostValues { values in
        for anchor in 0..<3 { values[7 * anchor + 4] = -6 }
      }
    }
    network.parametersDidChange()
    return network
  }

  private func settings(
    _ mode: ResizeMode = .letterbox, confidence: Float = 0.05, clips: Bool = false,
    keepsUncertainty: Bool = false, classes: BoxDecoder.ClassRule = .all
  ) -> PredictionSettings {
    var settings = PredictionSettings(
      inputWidth: 64, inputHeight: 64, resizeMode: mode, confidenceThreshold: confidence)
    settings.detection.clipsBoxes = clips
    settings.detection.keepsUncertainty = keepsUncertainty
    settings.detection.classes = classes
    settings.input.fill = 0.5
    return settings
  }

  private func expectSame(
    _ found: [Detection], _ expected: [Detection], _ label: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    func numbers(_ detection: Detection) -> [Float] {
      let box = detection.box
      return [
        Float(detection.classIndex), detection.confidence, detection.objectness, box.left / 100,
        box.top / 100, box.right / 100, box.bottom / 100,
      ]
    }
    // Nearly equal confidences may change places.
    func ordered(_ list: [Detection]) -> [Float] {
      list.map(numbers).sorted {
        for (a, b) in zip($0, $1) where abs(a - b) > 1e-4 { return a > b }
        return false
      }.flatMap(\.self)
    }
    expectClose(
      ordered(found), ordered(expected), relative: 1e-4, absolute: 1e-4, label,
      sourceLocation: sourceLocation)
  }

  @Test func sizesAreRoundedToTheStride() throws {
    func sizes(_ side: Int, _ views: ImageViews, stride: Int = 32) -> [Int] {
      let input = InputSettings(width: side, height: side, resizeMode: .letterbox)
      return views.views(of: input, stride: stride).map(\.input.width)
    }
    let standard = ImageViews(scales: ImageViews.standardScales, isMirrored: false)
    // 416: 345.28 is 10.79 strides, 486.72 is 15.21.
    #expect(sizes(416, standard) == [416, 352, 480])
    #expect(sizes(320, standard) == [320, 256, 384])
    // Halves up; never less than a stride; each size once.
    #expect(sizes(64, ImageViews(scales: [0.75, 0.25, 1.75], isMirrored: false)) == [64, 32, 128])
    #expect(sizes(64, ImageViews(scales: [0.25], isMirrored: false)) == [64, 32])
    #expect(sizes(416, ImageViews(scales: [1.01, 1], isMirrored: false)) == [416])
    let input = InputSettings(width: 320, height: 224, resizeMode: .stretch)
    let views = ImageViews(scales: [0.5], isMirrored: true).views(of: input, stride: 32)
    #expect(views.map(\.isMirrored) == [false, true, false, true])
    #expect(views[2].input.width == 160 && views[2].input.height == 128)
    #expect(views.text == "320x224, 160x128, each also mirrored")
    #expect(abs(views.cost - 2 * (1 + 160.0 * 128 / 320 / 224)) < 1e-12)
    #expect(
      ImageViews(isMirrored: true).views(of: input, stride: 32).text == "320x224 and mirrored")
    #expect(try network().stride == 8)
  }

  @Test(arguments: [(90, 50), (51, 90), (64, 64), (33, 7)], [ResizeMode.letterbox, .stretch])
  func boxesComeBackToTheirPlace(_ size: (Int, Int), _ mode: ResizeMode) {
    let picture = PixelSize(width: size.0, height: size.1)
    let own = settings(mode).input
    let box = Box(left: 5, top: 2, right: 21.5, bottom: 6)
    for view in ImageViews(scales: [0.5, 1.25], isMirrored: true).views(of: own, stride: 8) {
      let shown = view.isMirrored ? box.mirrored(width: Float(size.0)) : box
      let seen = view.input.placement(width: size.0, height: size.1).toInput(shown)
      let back = own.placement(width: size.0, height: size.1)
        .toImage(view.box(seen, in: own, size: picture))
      expectClose(
        [back.left, back.top, back.right, back.bottom], [5, 2, 21.5, 6], absolute: 1e-4, "\(view)")
    }
  }

  /// A mirrored view of a symmetric network shows what the plain one shows, so that both together do;
  /// sizes whose letterbox has as many pixels on either side.
  @Test(arguments: [(96, 48), (48, 96), (64, 64), (80, 50)], [ResizeMode.letterbox, .stretch])
  func aSymmetricNetworkSeesTheSameMirrored(_ size: (Int, Int), _ mode: ResizeMode) throws {
    let network = try network(isSymmetric: true)
    let image = noise(size.0, size.1, seed: 5)
    let plain = try Predictor(network: network, settings: settings(mode)).prediction(of: image)
    let both = try ViewPredictor(
      ImageViews(isMirrored: true), network: network, settings: settings(mode))
    #expect(both.views.count == 2 && plain.count > 10)
    expectSame(try both.detections(in: image), plain, "\(size) \(mode)")
    let mirrored = try Predictor(network: network, settings: settings(mode))
      .prediction(of: image.mirrored)
    expectSame(
      mirrored.map {
        var found = $0
        found.box = $0.box.mirrored(width: Float(size.0))
        return found
      }, plain, "the network itself")
  }

  /// Of any network: the mirrored picture has the mirrored objects, unless some are equally likely.
  @Test(arguments: [(91, 50), (50, 91), (64, 64), (37, 80)], [ResizeMode.letterbox, .stretch])
  func theMirroredPictureHasTheMirroredObjects(_ size: (Int, Int), _ mode: ResizeMode) throws {
    let network = try network(isQuiet: true)
    let views = try ViewPredictor(
      ImageViews(scales: [0.75, 1.25], isMirrored: true), network: network,
      settings: settings(mode, confidence: 0.01))
    #expect(views.views.count == 6)
    let image = noise(size.0, size.1, seed: 6)
    let found = try views.detections(in: image)
    #expect(found.count > 2)
    expectSame(
      try views.detections(in: image.mirrored).map {
        var detection = $0
        detection.box = $0.box.mirrored(width: Float(size.0))
        return detection
      }, found, "\(size) \(mode)")
    // Without mirrored views it has not.
    let plain = try Predictor(network: network, settings: settings(mode))
    let (a, b) = (try plain.prediction(of: image), try plain.prediction(of: image.mirrored))
    #expect(a.map(\.confidence) != b.map(\.confidence))
  }

  @Test func everyConfidenceIsTheMeanOfTheViews() throws {
    let network = try network()
    let image = noise(80, 60, seed: 9)
    let low = try ViewPredictor(
      ImageViews(isMirrored: true), network: network, settings: settings(confidence: 0.005))
    let high = try ViewPredictor(
      ImageViews(isMirrored: true), network: network, settings: settings(confidence: 0.3))
    let all = try low.detections(in: image)
    // What is asked for does not change what is joined, as long as nothing is suppressed by less.
    let kept = try high.detections(in: image)
    #expect(!kept.isEmpty && kept.count < all.count)
    #expect(kept == all.filter { $0.confidence > 0.3 })
    #expect(zip(all, all.dropFirst()).allSatisfy { $0.confidence >= $1.confidence })
    let best = try ViewPredictor(
      ImageViews(isMirrored: true), network: network,
      settings: settings(confidence: 0.005, classes: .best))
    let few = try best.detections(in: image)
    #expect(few.count < all.count && few.allSatisfy { $0.confidence <= 1 && $0.confidence > 0.005 })
  }

  @Test func uncertaintyIsThatOfOneView() throws {
    let network = try network(isBayesian: true)
    let settings = settings(keepsUncertainty: true)
    let image = noise(80, 60, seed: 9)
    let plain = Set(
      try Predictor(network: network, settings: settings).prediction(of: image)
        .map(\.uncertainty))
    let mirrored = Set(
      try Predictor(network: network, settings: settings).prediction(of: image.mirrored)
        .map(\.uncertainty))
    let views = try ViewPredictor(
      ImageViews(isMirrored: true), network: network, settings: settings)
    let found = try views.detections(in: image)
    #expect(!found.isEmpty && found.allSatisfy { $0.uncertainty != nil })
    // Nothing is averaged: the numbers are those of a detection in a view.
    #expect(found.allSatisfy { plain.union(mirrored).contains($0.uncertainty) })
    #expect(found.contains { !plain.contains($0.uncertainty) })
  }

  @Test func dataSetsAndSingleImagesAgree() throws {
    try withTemporaryFolder { folder in
      var samples: [Sample<[GroundTruth]>] = []
      for (number, size) in [(80, 60), (40, 70), (64, 64)].enumerated() {
        let file = folder.appending(path: "\(number).png")
        try noise(size.0, size.1, seed: UInt64(number)).writePNG(to: file)
        samples.append(Sample(id: "\(number)", image: .file(file), target: []))
      }
      try folder.write("bad.png", "no picture")
      let bad = Sample<[GroundTruth]>(
        id: "bad", image: .file(folder.appending(path: "bad.png")), target: [])
      samples.insert(bad, at: 1)
      let views = try ViewPredictor(
        ImageViews(scales: [1.5], isMirrored: true), network: network(),
        settings: settings(clips: true))
      var progress: [Int] = []
      let judged = try views.evaluatedImages(samples, batchSize: 2) { progress.append($0) }
      #expect(judged.images.map(\.id) == ["0", "1", "2"])
      #expect(judged.indices == [0, 2, 3] && judged.leftOut.count == 1)
      #expect(zip(progress, progress.dropFirst()).allSatisfy { $0 <= $1 })
      #expect((progress.last ?? 9) <= samples.count)
      for (index, image) in zip(judged.indices, judged.images) {
        let alone = try views.detections(in: samples[index].image.read())
        #expect(!alone.isEmpty)
        expectSame(image.detections, alone, image.id)
      }
    }
  }
}
