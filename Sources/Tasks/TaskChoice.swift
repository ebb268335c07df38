import Darknet
package import Networks

/// Which task a network is for, told by its outputs.
///
/// No other place asks.
package enum TaskChoice {
  /// The task of a network.
  ///
  /// - Throws: ``TaskError/noTask(network:)`` if its outputs mean nothing that could be trained.
  package static func task(of network: Network) throws -> any LearningTask {
    try type(of: network.outputs, named: network.name).init(network)
  }

  /// The kind of task that outputs are for.
  ///
  /// - Throws: ``TaskError/noTask(network:)``.
  package static func type(
    of outputs: [Output], named network: String
  ) throws -> any LearningTask.Type {
    if !outputs.heads.isEmpty { return DetectionTask.self }
    if let map = outputs.heatmaps.last {
      return map.kind == .joints ? KeypointTask.self : CenterTask.self
    }
    if outputs.classifier != nil { return ClassificationTask.self }
    throw TaskError.noTask(network: network)
  }

  /// Makes sure that a network is for a kind of task.
  ///
  /// - Throws: ``TaskError``.
  package static func check(
    _ network: Network, isFor kind: any LearningTask.Type
  ) throws {
    try check(network.outputs, named: network.name, areFor: kind)
  }

  /// The same for the outputs of a network that need not be there.
  ///
  /// - Throws: ``TaskError``.
  package static func check(
    _ outputs: [Output], named network: String, areFor kind: any LearningTask.Type
  ) throws {
    let found = try type(of: outputs, named: network)
    guard found == kind else {
      throw TaskError.otherTask(network: network, task: found.name, needed: kind.name)
    }
  }
}
