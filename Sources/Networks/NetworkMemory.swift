import Compute
import Layers

/// The memory that a network's plans take, found by planning alone.
///
/// Besides it there are the images that are being loaded and the backend's workspace for
/// convolutions, a few MiB each.
package struct NetworkMemory: Sendable, Equatable, Encodable {
  /// Images of a pass.
  package let batch: Int
  /// The input of a pass.
  package let inputBytes: Int
  /// All weights, biases, scales and statistics.
  package let parameterBytes: Int
  /// Activations in inference, memory shared between layers whose outputs are not needed together.
  package let inferencePlanBytes: Int
  /// Activations, what backward needs, and gradients of activations, shared likewise.
  package let trainingPlanBytes: Int

  /// Input, plan, and the parameters twice: as they are and with batch normalisation folded in.
  package var inferenceBytes: Int { inputBytes + 2 * parameterBytes + inferencePlanBytes }

  /// Input, plan, and the parameters three times: values, gradients, momentum.
  package var trainingBytes: Int { inputBytes + 3 * parameterBytes + trainingPlanBytes }

  /// Plans a network at its cfg's size.
  ///
  /// - Throws: ``LayerError`` never for a network that was built.
  package init(_ network: NetworkDefinition, batch: Int) throws {
    precondition(batch > 0, "an empty batch")
    let one = network.inputShape
    let input = Shape(batch: batch, height: one.height, width: one.width, channels: one.channels)
    func planBytes(_ mode: Mode) throws -> Int {
      try NetworkPlan.arenaBytes(nodes: network.nodes, input: input, mode: mode)
    }
    self.batch = batch
    inputBytes = 4 * input.count
    parameterBytes = 4 * network.allParameterCount
    inferencePlanBytes = try planBytes(.inference)
    trainingPlanBytes = try planBytes(.training)
  }
}
