import Compute
import Darknet
import Geometry
import Layers
import Networks
import TestSupport
import Testing

/// The keys of `[net]` that are for classifiers: crops, padding, and how weights begin.
@Suite struct ClassifierNetTests {
  private func text(_ keys: String, size: Int = 32, end: String = "[softmax]") -> String {
    """
    [net]
    width=\(size)
    height=\(size)
    channels=3
    \(keys)
    [avgpool]
    [convolutional]
    filters=14
    size=1
    activation=linear
    \(end)
    """
  }

  private func net(_ keys: String, size: Int = 32) throws -> NetConfiguration {
    try NetConfiguration(parse(text(keys, size: size)))
  }

  @Test func viewHasDarknetsDefaults() throws {
    let named = try #require(try net("max_crop=48").view)
    #expect(named.smallestSide == 32 && named.largestSide == 48)
    #expect(named.angle == 0 && named.aspect == 1)
    let turned = try #require(try net("angle=7\naspect=.75").view)
    #expect(turned.smallestSide == 32 && turned.largestSide == 64)
    #expect(turned.angle == 7 && turned.aspect == 0.75)
    let small = try #require(try net("min_crop=16\nmax_crop=56").view)
    #expect(small.smallestSide == 16 && small.largestSide == 56)
    // What says nothing, or that nothing is to be done, leaves pictures as they are.
    for keys in ["", "angle=0", "angle=0\naspect=1", "max_crop=48\ncenter=1"] {
      #expect(try net(keys).view == nil, "\(keys)")
    }
    #expect(
      try parse(text("min_crop=16\nmax_crop=56\nangle=7\naspect=.75\npad=0")).ignoredKeys.isEmpty)
  }

  @Test(arguments: [
    (
      "max_crop=28", "x.cfg:5: max_crop=28 is less than the input's 32x32: no picture would fill it"
    ),
    (
      "min_crop=60\nmax_crop=48",
      "x.cfg:5: min_crop=60 is more than max_crop=48"
    ),
    (
      "min_crop=70",
      "x.cfg:5: min_crop=70 is more than max_crop=64, twice the width where it is not given"
    ),
    ("max_crop=44.5", "x.cfg:5: max_crop=44.5 in [net]"),
    ("min_crop=0", "x.cfg:5: min_crop=0 in [net]"),
    ("aspect=0", "x.cfg:5: aspect=0 in [net]"),
    ("pad=32", "x.cfg:5: pad=32 can move all of a picture out of an input of 32x32"),
    ("pad=-1", "x.cfg:5: pad=-1 in [net]"),
    (
      "pad=4\nmax_crop=48",
      "x.cfg:5: pad= and max_crop= both say what is cut of a picture; keep one of them"
    ),
    ("init=normal", "x.cfg:5: init=normal in [net]: unknown; use one of fan_in, fan_out"),
  ])
  func refusals(_ keys: String, _ reason: String) {
    #expect(message { try net(keys) }.hasPrefix(reason), "\(message { try net(keys) })")
  }

  /// A detector has other keys for it, and says so.
  @Test func detectorsDoNotCropSo() throws {
    let end = "[yolo]\nmask=0,1\nanchors=1,2, 3,4\nnum=2\nclasses=2"
    let file = try parse(
      text("max_crop=16\nangle=7\naspect=.75\npad=40", end: end).with("[avgpool]\n", ""))
    #expect(file.ignoredKeys.map(\.key) == ["max_crop", "angle", "aspect", "pad"])
    let net = try NetConfiguration(file)
    #expect(net.view == nil && net.pad == 0 && net.resizeMode == nil)
    #expect(
      file.ignoredKeysSummary[3]
        == "x.cfg: pad=40 in [net] (line 8) has no effect: it is for classifiers; [yolo] has jitter="
    )
  }

  @Test func howPicturesAreBroughtToTheInput() throws {
    #expect(try net("").resizeMode == .crop && net("pad=4").pad == 4)
    #expect(try net("letter_box=1").resizeMode == .letterbox)
    #expect(try net("letter_box=0").resizeMode == .stretch)
  }

  /// Kernels of 3x3, 4 to 64 channels in two groups: fan in 9 · 2, fan out 9 · 64.
  @Test func fans() throws {
    let cfg = """
      [net]
      width=8
      height=8
      channels=3
      init=fan_out
      [convolutional]
      filters=4
      activation=linear
      [convolutional]
      filters=64
      size=3
      groups=2
      activation=linear
      [connected]
      output=50
      activation=linear
      """
    let net = try NetConfiguration(parse(cfg))
    #expect(net.initialization == .fanOut)
    #expect(try NetConfiguration(parse(cfg.with("init=fan_out", ""))).initialization == .fanIn)
    for (initialization, variance) in [
      (WeightInitialization.fanIn, 2.0 / 18), (.fanOut, 2.0 / 576),
    ] {
      let network = try Network(
        parse(cfg), backend: CPUBackend(pool: try ThreadPool(threadCount: 1)))
      network.initializeWeights(RandomStream(seed: 3), as: initialization)
      func meanSquare(_ layer: Int) -> Double {
        let values =
          network.parameters.filter { $0.name.hasPrefix("\(layer).") }
          .first { $0.parameter.decays }?.parameter.values.values ?? []
        return values.reduce(0) { $0 + Double($1) * Double($1) } / Double(values.count)
      }
      #expect(abs(meanSquare(1) / variance - 1) < 0.15)
      // The inputs of [connected] count either way.
      #expect(abs(meanSquare(2) / (2.0 / (36 * 64)) - 1) < 0.05)
    }
  }
}
