package import Detection

extension MatchedDetections {
  /// The verdicts as decisions, class after class, in the order of ``pooled``.
  ///
  /// A decision's unit is the detection's index in its image, its quality the IoU.
  package var decisions: Decisions { decisions(measures: []) { _ in [] } }

  /// The verdicts as decisions with the uncertainties that every detection has.
  ///
  /// - Parameter images: The images that were matched.
  /// - Returns: As many as detections, in the order of ``pooled``.
  package func decisions(in images: [EvaluatedImage]) -> Decisions {
    func detection(_ match: DetectionMatch) -> Detection {
      images[match.imageIndex].detections[match.detectionIndex]
    }
    let sources: [[UncertaintyScore]] = [
      [.bald, .entropy, .objectnessMean, .objectnessVariance], [.expectedIoU],
      [.probability],
    ]
    // What only some detections have would judge others.
    let measures = sources.filter { scores in
      classes.allSatisfy { entry in
        entry.matches.allSatisfy { detection($0).value(of: scores[0]) != nil }
      }
    }.flatMap(\.self)
    return decisions(measures: measures) { match in
      measures.compactMap { detection(match).value(of: $0) }
    }
  }

  private func decisions(
    measures: [UncertaintyScore], _ uncertainties: (DetectionMatch) -> [Double]
  ) -> Decisions {
    let entries = classes.enumerated().flatMap { index, entry in
      entry.matches.map {
        Decision(
          image: $0.imageIndex, unit: $0.detectionIndex, group: index, score: $0.confidence,
          uncertainties: uncertainties($0), isRight: !$0.isWrong, quality: $0.overlap)
      }
    }
    return Decisions(
      entries, imageCount: imageCount, groupNames: classes.map(\.name), measures: measures)
  }
}

extension Detection {
  /// A score as a number that is larger for a less certain detection; nil for one that it does not have, or
  /// that is combined of others.
  package func value(of score: UncertaintyScore) -> Double? {
    switch score {
    case .expectedIoU: expectedIoU.map { 1 - Double($0) }
    case .probability: probability.map { 1 - Double($0.right) }
    default: uncertainty?.value(of: score)
    }
  }
}

extension DetectionUncertainty {
  /// A score as a number that is larger for a less certain detection; nil for scores that take more
  /// than the uncertainty.
  package func value(of score: UncertaintyScore) -> Double? {
    switch score {
    case .bald: Double(bald)
    case .entropy: Double(entropy)
    case .objectnessMean: 1 - Double(objectnessMean)
    case .objectnessVariance: Double(objectnessVariance)
    default: nil
    }
  }
}
