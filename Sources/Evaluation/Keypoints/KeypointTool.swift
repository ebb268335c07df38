import Keypoints

/// Other tools' ways to compute PCK, so that their numbers can be had for the same keypoints.
///
/// What is copied are the rules, not the tools.
package enum KeypointTool: String, Sendable, CaseIterable {
  /// MPII's own evaluation.
  case mpii
  /// bearpaw's PyTorch hourglass.
  case bearpaw
  /// HRNet and what came from it.
  case hrnet
  /// The Leeds sports poses' evaluation.
  case lsp

  /// The rules in one line.
  package var difference: String {
    switch self {
    case .mpii:
      "PCKh ≤ .5; head is the mean of neck and head top; total is of all keypoints together but pelvis"
        + " and thorax"
    case .bearpaw:
      "PCKh < .5; head is the head top alone; mean is that of the joints but pelvis and thorax"
    case .hrnet:
      "PCKh ≤ .5; head is the head top alone; mean counts joints by how often they are annotated,"
        + " without pelvis and thorax; its Mean@0.1 is that at .11"
    case .lsp:
      "PCK ≤ .2 of left shoulder to right hip, however short; head is the mean of neck and head top"
    }
  }

  /// What the tool gives.
  package struct Result: Sendable {
    /// The tool.
    package let tool: KeypointTool
    /// Its numbers in 0...1 by name, in its order; nil without annotated keypoints.
    package let values: [(name: String, value: Double?)]

    /// One of the numbers; nil if there is none of that name.
    package subscript(_ name: String) -> Double? {
      values.first { $0.name == name }.flatMap { $0.value }
    }
  }

  private var reference: KeypointReference { self == .lsp ? .torso : .head }
  private var threshold: Double { self == .lsp ? 0.2 : 0.5 }
  private var bound: KeypointBound { self == .bearpaw ? .below : .atMost }

  /// Judges persons by the tool's rules.
  ///
  /// - Parameter samples: Persons, at least one, all with one layout.
  /// - Returns: The tool's numbers.
  /// - Throws: As ``KeypointErrors/init(_:reference:minimumLength:leavingOut:)``, and
  ///   ``EvaluationError/noReference(_:reason:)`` if no person has the reference length.
  package func evaluate(_ samples: [JudgedKeypoints]) throws -> Result {
    let errors = try KeypointErrors(samples, reference: reference)
    let layout = errors.layout
    let excluded: [BodyPart] = self == .lsp ? [] : [.pelvis, .thorax]
    let leftOut = excluded.compactMap { $0.index(in: layout) }
    var table = JointTable(jointCount: layout.count)
    for entry in errors.entries where !leftOut.contains(entry.joint) {
      if let relative = entry.relative { table.append(relative, joint: entry.joint) }
    }
    guard table.total > 0 else {
      throw EvaluationError.noReference(
        reference.title, reason: "no annotated person has this length")
    }
    func pooled(_ threshold: Double) -> Double? { table.pooled(threshold, bound) }
    var values = parts(layout, table, leftOut)
    switch self {
    case .mpii, .lsp:
      values.append((self == .lsp ? "mean" : "total", pooled(threshold)))
      values.append(("AUC", table.area(to: threshold)))
    case .bearpaw:
      let joints = layout.names.indices.map { table.share($0, threshold, bound) }
      values.append(("mean", mean(joints)))
    case .hrnet:
      values.append(("mean", pooled(threshold)))
      // Its table of thresholds starts at 0, and 0.1 is looked up one entry too late.
      values.append(("mean@0.1", pooled(0.11)))
    }
    return Result(tool: self, values: values)
  }

  /// Head first, then pairs of limbs.
  private func parts(
    _ layout: KeypointLayout, _ table: JointTable, _ leftOut: [Int]
  ) -> [(name: String, value: Double?)] {
    let whole: [BodyPart] = self == .mpii || self == .lsp ? [.neck, .headTop] : [.headTop]
    let head = whole.compactMap { $0.index(in: layout) }
    let trunk = [BodyPart.neck, .headTop].compactMap { $0.index(in: layout) } + leftOut
    let groups = layout.groups.filter { group in !group.members.contains(where: trunk.contains) }
    func value(_ members: [Int]) -> Double? {
      mean(members.map { table.share($0, threshold, bound) })
    }
    return [("head", value(head))] + groups.map { ($0.name, value($0.members)) }
  }
}

/// Errors by joint.
private struct JointTable {
  private var errors: [[Double]]

  init(jointCount: Int) { errors = Array(repeating: [], count: jointCount) }

  var total: Int { errors.reduce(0) { $0 + $1.count } }

  mutating func append(_ error: Double, joint: Int) { errors[joint].append(error) }

  /// The share of right ones of a joint; nil without any.
  func share(_ joint: Int, _ threshold: Double, _ bound: KeypointBound) -> Double? {
    let own = errors[joint]
    return own.isEmpty
      ? nil : Double(own.count { bound.holds($0, threshold) }) / Double(own.count)
  }

  /// The share of right ones of all joints; nil without any.
  func pooled(_ threshold: Double, _ bound: KeypointBound) -> Double? {
    let right = errors.reduce(0) { sum, own in sum + own.count { bound.holds($0, threshold) } }
    return total > 0 ? Double(right) / Double(total) : nil
  }

  /// The area under the straight lines between PCK at 0, .01, …, the limit, over the limit.
  func area(to limit: Double) -> Double? {
    let steps = Int((limit / 0.01).rounded())
    let shares = (0...steps).compactMap { pooled(Double($0) * 0.01, .atMost) }
    guard shares.count == steps + 1 else { return nil }
    let ends = (shares[0] + shares[steps]) / 2
    return (shares[1..<steps].reduce(0, +) + ends) / Double(steps)
  }
}

extension KeypointTool.Result {
  /// Two lines for people, in per cent.
  package var text: String {
    let numbers = values.map { "\($0.name) \(EvaluationReport.percent($0.value))" }
    return "as \(tool.rawValue) counts: " + numbers.joined(separator: ", ")
      + "\n  \(tool.difference)\n"
  }

  var json: JSONValue {
    .object([
      "tool": .text(tool.rawValue), "difference": .text(tool.difference),
      "values": .object(
        Dictionary(values.map { ($0.name, .number($0.value)) }, uniquingKeysWith: { $1 })),
    ])
  }
}
