package import Compute
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

  /// Input, plan, and of the parameters values, gradients and what the optimiser remembers.
  ///
  /// - Parameter slots: Values that it remembers of each.
  /// - Returns: The sum.
  package func trainingBytes(slots: Int) -> Int {
    inputBytes + (2 + slots) * parameterBytes + trainingPlanBytes
  }

  /// Plans layers at an input size.
  ///
  /// - Parameters:
  ///   - nodes: The layers.
  ///   - outputs: What is read of them.
  ///   - input: The batch, [N, H, W, C].
  ///   - saving: How training keeps activations for backward.
  /// - Throws: `LayerError` if the size does not go through the layers.
  package init(
    _ nodes: [LayerNode], outputs: [Output], input: Shape, saving: SavedPrecision = .float32
  ) throws {
    func planBytes(_ mode: Mode) throws -> Int {
      try NetworkPlan.arenaBytes(
        nodes: nodes, outputs: outputs, input: input, mode: mode, saving: saving)
    }
    batch = input.batch
    inputBytes = 4 * input.count
    parameterBytes =
      4 * nodes.reduce(0) { $0 + $1.layer.parameters.reduce(0) { $0 + $1.values.count } }
    inferencePlanBytes = try planBytes(.inference)
    trainingPlanBytes = try planBytes(.training)
  }
}
