/// Writes cfgs of the structures that Darknet's classifiers have, with the keys that theirs use.
struct ClassifierZoo {
  /// The sections so far.
  private(set) var text: String
  /// Layers so far.
  private(set) var layers = 0

  /// An input, trained as Darknet trains on ImageNet.
  init(size: Int) {
    text = """
      [net]
      batch=1
      subdivisions=1
      height=\(size)
      width=\(size)
      channels=3
      min_crop=\(size / 2)
      max_crop=\(2 * size)
      momentum=0.9
      decay=0.0005
      burn_in=1000
      learning_rate=0.1
      policy=poly
      power=4
      max_batches=800000
      angle=7
      hue=.1
      saturation=.75
      exposure=.75
      aspect=.75

      """
  }

  mutating func add(_ section: String, _ keys: String...) {
    text += "[\(section)]\n" + keys.map { $0 + "\n" }.joined() + "\n"
    layers += 1
  }

  mutating func convolution(
    _ filters: Int, size: Int = 1, stride: Int = 1, groups: Int = 1, normalizes: Bool = true,
    _ activation: String = "leaky"
  ) {
    add(
      "convolutional", "batch_normalize=\(normalizes ? 1 : 0)", "filters=\(filters)",
      "size=\(size)", "stride=\(stride)", "pad=1", "groups=\(groups)",
      "activation=\(activation)")
  }

  private mutating func halve() { add("maxpool", "size=2", "stride=2") }

  private mutating func classify(_ classes: Int) {
    add("avgpool")
    convolution(classes, normalizes: false, "linear")
    add("softmax", "groups=1")
  }

  /// ResNets and ResNeXts of bottlenecks: 1x1, 3x3 in groups, 1x1 to `expansion` times the width.
  static func residual(
    blocks: [Int], width: Int, expansion: Int, groups: Int = 1, stem: Int = 64, size: Int = 256,
    classes: Int = 1000
  ) -> ClassifierZoo {
    var zoo = ClassifierZoo(size: size)
    zoo.convolution(stem, size: 7, stride: 2)
    zoo.halve()
    for (stage, count) in blocks.enumerated() {
      let width = width << stage
      for block in 0..<count {
        zoo.convolution(width)
        zoo.convolution(
          width, size: 3, stride: stage > 0 && block == 0 ? 2 : 1, groups: groups)
        zoo.convolution(expansion * width, "linear")
        zoo.add("shortcut", "from=-4", "activation=leaky")
      }
    }
    zoo.classify(classes)
    return zoo
  }

  /// DenseNets: every block adds `growth` channels to what it reads, and stages are joined by 1x1
  /// convolutions to `joints`; `isPreactivated` ones normalise what they read in layers of its own.
  static func dense(
    blocks: [Int], joints: [Int], growth: Int, stem: Int = 64, size: Int = 256, classes: Int = 1000,
    isPreactivated: Bool = false
  ) -> ClassifierZoo {
    var zoo = ClassifierZoo(size: size)
    zoo.convolution(stem, size: 7, stride: 2)
    zoo.halve()
    for (stage, count) in blocks.enumerated() {
      for _ in 0..<count {
        if isPreactivated {
          zoo.add("batchnorm")
          zoo.add("activation", "activation=relu")
          zoo.convolution(4 * growth, "relu")
          zoo.convolution(growth, size: 3, normalizes: false, "linear")
          zoo.add("route", "layers=-1,-5")
        } else {
          zoo.convolution(4 * growth)
          zoo.convolution(growth, size: 3)
          zoo.add("route", "layers=-1,-3")
        }
      }
      guard stage < joints.count else { continue }
      zoo.convolution(joints[stage])
      zoo.halve()
    }
    zoo.convolution(classes, normalizes: false, "linear")
    zoo.add("avgpool")
    zoo.add("softmax", "groups=1")
    return zoo
  }

  /// VGG-16: five stages of 3x3 convolutions on a crop of the input, three connected layers.
  static func vgg(width: Int, hidden: Int, size: Int, crop: Int, classes: Int) -> ClassifierZoo {
    var zoo = ClassifierZoo(size: size)
    zoo.add(
      "crop", "crop_height=\(crop)", "crop_width=\(crop)", "flip=1", "exposure=1",
      "saturation=1", "angle=0")
    for (stage, count) in [2, 2, 3, 3, 3].enumerated() {
      for _ in 0..<count {
        zoo.convolution(
          min(width << stage, 8 * width), size: 3, normalizes: false, "relu")
      }
      zoo.halve()
    }
    for _ in 0..<2 {
      zoo.add("connected", "output=\(hidden)", "activation=relu")
      zoo.add("dropout", "probability=.5")
    }
    zoo.add("connected", "output=\(classes)", "activation=linear")
    zoo.add("softmax", "groups=1")
    zoo.add("cost", "type=sse")
    return zoo
  }

  /// EfficientNets: depthwise convolutions with gates between two 1x1, a sum with what was read.
  static func efficient(
    _ stages: [(filters: Int, size: Int, stride: Int, count: Int)], stem: Int, size: Int,
    classes: Int
  ) -> ClassifierZoo {
    var zoo = ClassifierZoo(size: size)
    zoo.convolution(stem, size: 3, stride: 2, "swish")
    var channels = stem
    for stage in stages {
      for block in 0..<stage.count {
        let wide = 6 * channels
        zoo.convolution(wide, "swish")
        zoo.convolution(
          wide, size: stage.size, stride: block == 0 ? stage.stride : 1, groups: wide, "swish")
        zoo.add("avgpool")
        zoo.convolution(max(1, channels / 4), normalizes: false, "swish")
        zoo.convolution(wide, normalizes: false, "logistic")
        zoo.add("scale_channels", "from=-4")
        zoo.convolution(stage.filters, "linear")
        if block > 0 {
          zoo.add("dropout", "probability=.2")
          zoo.add("shortcut", "from=-9", "activation=linear")
        }
        channels = stage.filters
      }
    }
    zoo.convolution(4 * channels, "swish")
    zoo.add("avgpool")
    zoo.add("dropout", "probability=.2")
    zoo.convolution(classes, normalizes: false, "linear")
    zoo.add("softmax", "groups=1")
    return zoo
  }
}
