import ArgumentParser
import Evaluation
import Experiments
import Tasks

/// How keypoints are found and judged.
struct KeypointOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Of keypoints: what PCK divides distances by: torso, head, box, box-diagonal, image-diagonal, a \
      number of pixels, or two names, A:B. (default: head sizes if the data have them, torso if the \
      skeleton has one, box, image-diagonal)
      """, valueName: "length"))
  var pckReference: String?

  @Option(
    help: ArgumentHelp(
      """
      Of keypoints: thresholds of PCK, separated by commas; the first one decides what is right. \
      (default: 0.5 of heads, 0.2 of anything else)
      """, valueName: "shares"))
  var pck: String?

  @Option(
    help: ArgumentHelp(
      """
      Of centres: how far a peak may be from its object, in pixels of the network's input, separated by \
      commas; the first one decides. (default: 4,2,8)
      """, valueName: "pixels"))
  var peakRadius: String?

  @Option(
    help: ArgumentHelp(
      "Of centres: the height that peaks must have. (default: the run's, or 0.3)",
      valueName: "number"))
  var peakThreshold: Float?

  @Flag(help: "Of keypoints and centres: look at the mirrored image, too, and take the mean.")
  var flipTest = false

  /// The given options by name.
  var given: [GivenOption] { givenForJoints + givenForCenters + [("--flip-test", flipTest)] }
  /// How joints are judged.
  private var givenForJoints: [GivenOption] {
    [("--pck-reference", pckReference != nil), ("--pck", pck != nil)]
  }
  /// How centres are found and judged.
  private var givenForCenters: [GivenOption] {
    [("--peak-radius", peakRadius != nil), ("--peak-threshold", peakThreshold != nil)]
  }

  /// Refuses what means something for the other kind of keypoints alone.
  func check(for model: ModelChoice) throws {
    if try model.task() == CenterTask.self {
      try detector.check(givenForJoints, areFor: "centres of objects")
    } else {
      try detector.check(givenForCenters, areFor: "joints")
    }
  }

  func validate() throws { _ = try rules() }

  /// What was asked for.
  func rules() throws -> KeypointRules {
    var rules = KeypointRules()
    if let pckReference {
      guard let reference = KeypointReference(pckReference) else {
        throw ValidationError(
          "--pck-reference \(pckReference) is none of torso, head, box, box-diagonal, image-diagonal, "
            + "a number of pixels, A:B")
      }
      rules.reference = reference
    }
    if let pck { rules.thresholds = try Self.positive(pck, of: "--pck") }
    if let peakRadius { rules.radii = try Self.positive(peakRadius, of: "--peak-radius") }
    rules.peakThreshold = peakThreshold
    rules.mirrors = flipTest
    return rules
  }

  private static func positive(_ text: String, of option: String) throws -> [Double] {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Double($0) }.filter { $0 > 0 && $0.isFinite }
    guard numbers.count == parts.count, !numbers.isEmpty else {
      throw ValidationError("\(option) \(text): numbers above 0, separated by commas, are needed")
    }
    return numbers
  }
}
