import Compute
import Detection
import Geometry

/// Reads a `[yolo]`, `[Gaussian_yolo]` or `[region]` section.
struct HeadReader {
  /// The sections that are heads.
  static let kinds: Set = ["yolo", "Gaussian_yolo", "region"]

  let section: ConfigurationSection

  init(_ section: ConfigurationSection) { self.section = section }

  func head() throws(DarknetError) -> DetectionHead {
    switch section.name {
    case "yolo": .yolo(try yolo())
    case "Gaussian_yolo": .gaussian(try gaussian())
    default: .region(try region())
    }
  }

  /// `anchors`, whose count must be that of `num`.
  func anchors() throws(DarknetError) -> [AnchorBox] {
    let sizes = try section.numbers("anchors", in: 1e-3...1e6)
    let line = section["anchors"]?.line
    guard !sizes.isEmpty else { throw section.error("[\(section.name)] has no anchors=") }
    guard sizes.count.isMultiple(of: 2) else {
      throw section.error(
        "anchors= has \(sizes.count) numbers; widths and heights come in pairs", line: line)
    }
    let count = try section.integer("num", default: sizes.count / 2, in: 1...1000)
    guard sizes.count == 2 * count else {
      throw section.error(
        "anchors= has \(sizes.count) numbers, num=\(count) needs \(2 * count)", line: line)
    }
    return stride(from: 0, to: sizes.count, by: 2).map {
      AnchorBox(width: sizes[$0], height: sizes[$0 + 1])
    }
  }

  private func classCount() throws(DarknetError) -> Int {
    try section.integer("classes", default: 20, in: 1...100_000)
  }

  private func yolo() throws(DarknetError) -> YOLOHead {
    let anchors = try anchors()
    var mask = try section.integers("mask")
    if mask.isEmpty { mask = Array(anchors.indices) }
    if let outside = mask.first(where: { !anchors.indices.contains($0) }) {
      throw section.error(
        "mask= names anchor \(outside); num=\(anchors.count) anchors are 0...\(anchors.count - 1)",
        line: section["mask"]?.line)
    }
    guard Set(mask).count == mask.count else {
      throw section.error("mask= names an anchor twice", line: section["mask"]?.line)
    }
    var head = YOLOHead(
      anchors: anchors, mask: mask, classCount: try classCount(),
      ignoreThreshold: try section.number("ignore_thresh", default: 0.5, in: 0...1),
      truthThreshold: try section.number("truth_thresh", default: 1, in: 0...1),
      scaleXY: try section.number("scale_x_y", default: 1, in: 1...2))
    head.sizeCode = try readsProbabilities() ? .squared : .exponential
    head.shapeThreshold = try section.number("iou_thresh", default: 1, in: 0...1)
    head.shapeMeasure = try section.choice("iou_thresh_kind", default: .iou)
    head.smoothsObjectness = try section.flag("objectness_smooth", default: false)
    if try section.choice("objectness_target", default: ObjectnessTarget.object) == .iou {
      guard !head.smoothsObjectness else {
        throw section.error(
          "objectness_target=iou and objectness_smooth=1 in [yolo] are two targets of the objectness; "
            + "leave one of them out", line: section["objectness_target"]?.line)
      }
      head.expectsOverlap = true
    }
    head.suppression = try suppression()
    return head
  }

  /// What is said of training is looked at, so that a wrong value shows, and has no use.
  private func gaussian() throws(DarknetError) -> GaussianHead {
    var head = GaussianHead(boxes: try yolo())
    head.point = try section.choice("yolo_point", default: .center)
    _ = try terms(classCount: head.boxes.classCount)
    for key in ["obj_normalizer", "uc_normalizer"] {
      _ = try section.number(key, default: 1, in: 0...1e6)
    }
    return head
  }

  /// `new_coords`: whether the head is written to read the logistic function of its logits.
  func readsProbabilities() throws(DarknetError) -> Bool {
    try section.flag("new_coords", default: false)
  }

  /// Whether a head has the logistic function of the convolution before it for its own.
  ///
  /// With `new_coords=1` the cfg puts `activation=logistic` before the head. Then the convolution is
  /// built linear and the head applies the function, as it does without the key: the boxes are the
  /// same, and losses get logits, whose gradients do not vanish where a probability is wrong. Darknet
  /// hands the gradient of its losses through the function once more, which makes cross-entropy half
  /// the squared error.
  static func takesActivation(
    of convolution: ConfigurationSection?, _ head: ConfigurationSection?
  ) throws(DarknetError) -> Bool {
    guard let head, head.name == "yolo", try HeadReader(head).readsProbabilities(),
      let convolution, convolution.name == "convolutional"
    else { return false }
    return try convolution.choice("activation", default: Activation.logistic) == .logistic
  }

  private func region() throws(DarknetError) -> RegionHead {
    let coords = try section.integer("coords", default: 4, in: 4...4)
    return RegionHead(
      anchors: try anchors(), classCount: try classCount(), coords: coords,
      softmax: try section.flag("softmax", default: false),
      biasMatch: try section.flag("bias_match", default: false),
      rescore: try section.flag("rescore", default: false),
      objectScale: try section.number("object_scale", default: 1),
      noObjectScale: try section.number("noobject_scale", default: 1),
      classScale: try section.number("class_scale", default: 1),
      coordScale: try section.number("coord_scale", default: 1),
      threshold: try section.number("thresh", default: 0.5, in: 0...1),
      absolute: try section.flag("absolute", default: false))
  }
}
