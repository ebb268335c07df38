package import Compute
import Darknet
package import Datasets
package import Detection
package import Evaluation
package import Geometry
import Losses
package import Networks

/// Objects in boxes: the task of networks with `[yolo]` or `[region]` heads.
package struct DetectionTask: LearningTask {
  /// Of `detection`.
  package static let name = "detection"
  /// mAP by VOC2010's rule, which decides, and by VOC2007's; precision and recall of all detections
  /// together at the confidence where F1 is largest; COCO's AP over ten thresholds and at IoU .5.
  package static let measure = ScoreMeasure(
    name: "mAP", key: "MeanAveragePrecision", rules: ["voc12", "voc07"],
    details: [
      .init("precision", said: "precision"), .init("recall", said: "recall"),
      .init("AP50to95", said: "AP50:95"), .init("AP50", said: nil),
    ])

  /// Which boxes are detections.
  package let settings: DetectionSettings
  let scales: [DetectionScale]

  /// The task of a network with heads.
  package init(_ network: Network, settings: DetectionSettings) throws {
    let heads = network.heads
    guard !heads.isEmpty else { throw TaskError.noTask(network: network.name) }
    self.settings = settings
    scales = heads.map { DetectionScale($0, of: network) }
  }

  /// The task of a network with heads, predicting as validation needs it.
  package init(_ network: Network) throws { try self.init(network, settings: DetectionSettings()) }

  /// Objects of any format that has them.
  package static func read(
    _ sets: [RecognizedDataset], split: String, classNames: [String]?, rules: ReadingRules
  ) throws -> SampleSet<[GroundTruth]> {
    try sets.objects(split: split, classNames: classNames, rules: rules)
  }

  /// Boxes, objectness, classes, and what Bayesian branches and those for the expected IoU add.
  package var lossParts: [String] {
    ["box", "objectness", "class"] + (hasBranches ? ["auxiliary"] : [])
      + (hasPlaces ? ["place"] : [])
  }

  private var hasBranches: Bool { scales.contains { $0.branch != nil } }
  private var hasPlaces: Bool { scales.contains { $0.expectedIoU != nil || $0.boxVariance != nil } }

  /// Heads.
  package var lossCount: Int { scales.count }

  /// Those of the first head; all have as many.
  package var classCount: Int { scales[0].head.classCount }

  /// Where detections shall carry what a branch says.
  package var needsMoments: Bool {
    settings.keepsUncertainty && hasBranches || settings.keepsPlace && hasPlaces
  }

  /// Sums of every head's loss.
  package func loss(
    _ plan: NetworkPlan, targets: [[GroundTruth]], step: LossStep
  ) throws -> LossValue {
    let parts = lossParts
    return LossValue(
      parts: parts,
      outputs: try scales.map { scale in
        let value = try scale.loss(plan, truths: targets, step: step)
        return [value.box, value.objectness, value.classification]
          + (hasBranches ? [value.auxiliary] : []) + (hasPlaces ? [value.place] : [])
      })
  }

  /// Detections by falling confidence, boxes in pixels of the image.
  package func predictions(
    _ plan: NetworkPlan, placements: [ImagePlacement]
  ) throws -> [[Detection]] {
    func decoded(_ classes: BoxDecoder.ClassRule) throws -> [[Detection]] {
      try self.decoded(plan, confidence: settings.confidenceThreshold, classes: classes)
    }
    let found = try decoded(settings.classes)
    // What is merged does not depend on which classes are reported.
    let all =
      (settings.keepsMerged || settings.votesBoxes) && settings.classes != .all
      ? try decoded(.all) : found
    return placements.indices.map { placed(found[$0], among: all[$0], placements[$0]) }
  }

  /// What is found in each image of a batch above a confidence before suppression, head after head,
  /// boxes as fractions of the input.
  ///
  /// - Throws: `DetectionError`, `UncertaintyError` for outputs that are not finite.
  func decoded(
    _ plan: NetworkPlan, confidence: Float, classes: BoxDecoder.ClassRule
  ) throws -> [[Detection]] {
    let knowledge = try scales.map { scale in
      (
        uncertainty: settings.keepsUncertainty ? try scale.uncertainties(plan) : nil,
        place: settings.keepsPlace ? try scale.places(plan) : nil
      )
    }
    return try (0..<plan.input.shape.batch).map { image in
      var found: [Detection] = []
      for (scale, known) in zip(scales, knowledge) {
        found += try scale.decoder(plan).decode(
          plan.output(of: scale.layer), image: image, confidenceThreshold: confidence,
          classes: classes, uncertainty: { known.uncertainty?(image, $0) },
          place: { known.place?(image, $0) ?? PlaceKnowledge() })
      }
      return settings.ranking.ranked(found).filter { $0.confidence > confidence }
    }
  }

  /// The detections that repeat no more confident one, with what was merged into them of `all` if that is to
  /// be known.
  func suppressed(_ found: [Detection], among all: [Detection]) -> [Detection] {
    // Of the last head, as in Darknet.
    let measure = scales[scales.count - 1].head.suppression
    let kept = NonMaximumSuppression.suppressed(
      found, threshold: settings.suppressionThreshold, measure: measure)
    let threshold = settings.suppressionThreshold
    let told =
      settings.keepsMerged
      ? NonMaximumSuppression.withMerged(kept, among: all, threshold: threshold, measure: measure)
      : kept
    return settings.votesBoxes
      ? NonMaximumSuppression.withVotedBoxes(
        told, among: all, threshold: threshold, measure: measure) : told
  }

  /// The detections after suppression, in pixels of the image.
  func placed(
    _ found: [Detection], among all: [Detection], _ placement: ImagePlacement
  ) -> [Detection] {
    suppressed(found, among: all).compactMap {
      var detection = $0
      detection.box = placement.toImage($0.box)
      detection.edges = $0.edges.map {
        $0.scaled(
          x: Float(Double(placement.inputWidth) / placement.scale.x),
          y: Float(Double(placement.inputHeight) / placement.scale.y))
      }
      guard settings.clipsBoxes else { return detection }
      detection.box = detection.box.clipped(
        width: Float(placement.imageWidth), height: Float(placement.imageHeight))
      // A box that lies in the letterbox's margin alone finds nothing in the image.
      return detection.box.area > 0 ? detection : nil
    }
  }

  /// mAP over the images.
  package func scores(
    _ judged: [JudgedImage<[GroundTruth], [Detection]>], classNames: [String]
  ) throws -> Scores {
    let images = judged.map(EvaluatedImage.init)
    let report = try EvaluationReport(
      images: images, classNames: classNames, metrics: [.voc12, .voc07, .coco])
    let matched = try MatchedDetections(images, classNames: classNames)
    return Scores(
      report, balance: BalancedThreshold(matched.decisions, targets: matched.objectCount))
  }

  /// One to six boxes.
  package func randomTarget(_ random: inout RandomStream) -> [GroundTruth] {
    (0..<random.integer(in: 1...6)).map { _ in
      let width = random.uniform(0.05...0.5)
      let height = random.uniform(0.05...0.5)
      return GroundTruth(
        box: Box(
          centerX: random.uniform(width / 2...1 - width / 2),
          centerY: random.uniform(height / 2...1 - height / 2), width: width, height: height),
        classIndex: random.integer(in: 0...classCount - 1))
    }
  }
}

extension Scores {
  /// The numbers of a report that has both of VOC's and COCO's.
  ///
  /// - Parameters:
  ///   - report: Has both.
  ///   - balance: Where precision and recall are taken; nil if nothing was found.
  init(_ report: EvaluationReport, balance: BalancedThreshold?) {
    var coco: COCOEvaluation.Summary?
    for case (.coco, .coco(let evaluation)) in report.results { coco = evaluation.summary }
    self.init(
      DetectionTask.measure,
      values: [EvaluationMetric.voc12, .voc07].map { report.meanAveragePrecision($0) },
      details: [balance?.precision, balance?.recall, coco?.ap, coco?.ap50])
  }
}

extension EvaluatedImage {
  /// An image as evaluation takes it.
  package init(_ judged: JudgedImage<[GroundTruth], [Detection]>) {
    self.init(id: judged.id, objects: judged.target, detections: judged.prediction)
  }
}
